"""What happened, read from files: everything that is wrong at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from matcher.repairing import Happened, Moved
from matcher.repairing.reading import moved_by, read_happened, read_late
from models.errors import InputErrors
from tests.matcher.explaining.small import a_round, learner

HEADER = "id,partner_id,field,eqf_level,stay,available_from,available_to,languages"
LATE = f"{HEADER}\nL,p,0713,4,short,2022-09-05,2022-10-02,en:B1\n"


def written(folder: Path, text: str, name: str = "happened.toml") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    """What is said of a file."""
    with pytest.raises(InputErrors) as wrong:
        read_happened(written(folder, text), a_round(learner("A")))
    return [f"{problem.column}: {problem.message}" for problem in wrong.value.problems]


def test_every_key_is_read(tmp_path: Path) -> None:
    """Lists of ids, late arrivals from a file beside it, moves with days as TOML or as text."""
    written(tmp_path, LATE, "late.csv")
    text = """
        drop_outs = ["A"]
        companies = ["c"]
        offers = ["o"]
        late = "late.csv"
        moved = [{ flow = "f", start = 2022-09-12, end = "2022-10-09" }]
    """
    found = read_happened(written(tmp_path, text), a_round(learner("A")))
    moved = (Moved("f", date(2022, 9, 12), date(2022, 10, 9)),)
    assert (found.dropped, found.companies, found.offers, found.moved) == (("A",), ("c",), ("o",), moved)
    assert [one.id for one in found.late] == ["L"]


def test_nothing_may_have_happened(tmp_path: Path) -> None:
    """An empty file says so."""
    assert read_happened(written(tmp_path, ""), a_round(learner("A"))) == Happened()


def test_mistakes_are_told_together(tmp_path: Path) -> None:
    """An unknown key with the nearest, ids that are no list, a move without an end."""
    found = problems(tmp_path, 'drop_out = ["A"]\noffers = "o"\nlate = 3\nmoved = [{ flow = "f" }]')
    assert [text.partition(":")[0] for text in found] == ["drop_out", "offers", "late", "moved"]


@pytest.mark.parametrize(
    "text", ["= 3", 'moved = { flow = "f" }', 'moved = [{ flow = "f", start = "x", end = "y" }]']
)
def test_what_cannot_be_read_is_an_input_error(tmp_path: Path, text: str) -> None:
    """No TOML, a move that is no list, days that are none."""
    assert len(problems(tmp_path, text)) == 1


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    """Of what happened, or of late arrivals."""
    for read in (read_happened, read_late):
        with pytest.raises(InputErrors):
            read(tmp_path / "none", a_round(learner("A")))


def test_late_arrivals_are_checked_as_the_rounds_own(tmp_path: Path) -> None:
    """An unknown partner, a stay that is none, an id that is taken: with rows and columns."""
    rows = [
        "A,p,0713,4,short,2022-09-05,2022-10-02,en:B1",
        "L,q,0713,4,shrt,2022-09-05,2022-10-02,en:B1",
    ]
    path = written(tmp_path, "\n".join([HEADER, *rows]), "late.csv")
    with pytest.raises(InputErrors) as wrong:
        read_late(path, a_round(learner("A")))
    assert [(problem.row, problem.column) for problem in wrong.value.problems] == [
        (2, "id"),
        (3, "partner_id"),
        (3, "stay"),
    ]


def test_a_move_on_the_command_line() -> None:
    """Flow, first day and last day with colons between; anything else says how it is written."""
    assert moved_by("f:2022-09-12:2022-10-09") == Moved("f", date(2022, 9, 12), date(2022, 10, 9))
    for text in ("f", "f:2022-09-12", "f:12.9.2022:9.10.2022"):
        with pytest.raises(InputErrors, match="1 input problem"):
            moved_by(text)
