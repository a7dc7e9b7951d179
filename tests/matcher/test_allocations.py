"""Reading an allocation that anybody wrote, and holding what it states beside the tables."""

from datetime import date
from pathlib import Path

import pytest

from matcher import allocations
from matcher.auditing import audit
from models.errors import InputErrors
from models.outcome import Placement
from models.rates import Rates
from models.round import Round
from models.tables import Company, Flow, HostingPartner, Learner, Offer, SendingPartner

SEPTEMBER = (date(2022, 9, 1), date(2022, 9, 30))


@pytest.fixture
def rnd() -> Round:
    """Two learners, one offer, one flow of 30 days; the second learner's id is a formula to a spreadsheet."""
    first, last = SEPTEMBER
    return Round.of(
        [
            SendingPartner(id="p", name="P", country="RS", lat=44.8, lon=20.5),
            HostingPartner(id="h", name="H", country="IT", lat=44.5, lon=11.3),
            Flow(id="f", host_id="h", stay="short", start=first, end=last),
            Company(id="c", host_id="h", name="C", working_languages=(("en", 3),)),
            Offer(id="o", company_id="c", fields=("0715",), seats=2, available_from=first, available_to=last),
            *(
                Learner(
                    id=name,
                    partner_id="p",
                    field="0715",
                    eqf_level=4,
                    stay="short",
                    available_from=first,
                    available_to=last,
                    languages=(("en", 3),),
                )
                for name in ("a", "=b")
            ),
        ],
        rates=Rates.shipped(2022),
    )


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A placements file with this text."""
    path = folder / "placements.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("learner_id,offer_id,flow_id\na,o,f\n", "utf-8"),
        ("learner_id,offer_id,flow_id\r\na,o,f\r\n\r\n", "utf-8-sig"),
        ("flow_id;note;offer_id;learner_id\nf;café;o;a\n", "cp1252"),
        ("learner_id\toffer_id\tflow_id\na \t o\tf\n", "utf-16"),
    ],
    ids=["as written", "BOM and Windows lines", "semicolons in another order", "UTF-16 with tabs"],
)
def test_it_reads_what_spreadsheets_write(rnd: Round, tmp_path: Path, text: str, encoding: str) -> None:
    """Encodings, separators, the order of columns, blanks and further columns make no difference."""
    (line,) = allocations.read(written(tmp_path, text, encoding), rnd)
    assert (line.row, line.placement) == (2, Placement("a", "o", "f"))


def test_an_exports_apostrophe_is_undone(rnd: Round, tmp_path: Path) -> None:
    """The export writes '=b so that no spreadsheet computes it; the learner is =b."""
    (line,) = allocations.read(written(tmp_path, "learner_id,offer_id,flow_id\n'=b,o,f\n"), rnd)
    assert line.placement.learner_id == "=b"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("learner,offer_id,flow_id\na,o,f\n", (1, "learner_id"), "missing"),
        ("", (1, "learner_id"), "missing"),
        ("learner_id,offer_id,flow_id,flow_id\na,o,f,f\n", (1, "flow_id"), "more than once"),
        ("learner_id,offer_id,flow_id\na,o\n", (2, None), "2 cells, the header has 3"),
        ("learner_id,offer_id,flow_id\na,o,f\n=b, ,f\n", (3, "offer_id"), "an id is needed"),
        ('learner_id,offer_id,flow_id\n"a,o,f\n', (2, None), "never closed"),
    ],
)
def test_what_is_no_placements_file_is_said(
    rnd: Round, tmp_path: Path, text: str, place: tuple[int, str | None], message: str
) -> None:
    """Each fault is named with its row and column."""
    with pytest.raises(InputErrors) as raised:
        allocations.read(written(tmp_path, text), rnd)
    problem = raised.value.problems[0]
    assert (problem.file, problem.row, problem.column) == ("placements.csv", *place)
    assert message in problem.message


def test_a_missing_file_is_an_input_error(rnd: Round, tmp_path: Path) -> None:
    """No traceback for a name that does not exist."""
    with pytest.raises(InputErrors, match="no such file"):
        allocations.read(tmp_path / "nothing.csv", rnd)


def test_what_the_file_states_has_to_be_right(rnd: Round, tmp_path: Path) -> None:
    """Dates, fit and cost that do not follow from the tables are named with what does; right ones pass."""
    found = audit(rnd, [Placement("a", "o", "f")])
    (place,) = found.placed
    cost = found.placed.cost_eur(place)
    text = f"learner_id,offer_id,flow_id,start,end,cost_eur,fit\na,o,f,2022-09-01,2022-09-29,{cost},101\n"
    lines = allocations.read(written(tmp_path, text), rnd)
    messages = [breach.message for breach in allocations.misstatements(found.placed, lines)]
    # Profile 100, language exactly the level asked 60, no preferences 100: ⌊(5000 + 1200 + 3000) / 100⌋ = 92.
    assert messages == [
        "row 2, column end: states '2022-09-29', the tables say 2022-09-30",
        "row 2, column fit: states '101', the tables say 92",
    ]
