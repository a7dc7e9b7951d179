"""The folder of a run: its page is made anew byte for byte, and takes in the studies of its own allocation only."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from matcher import Result, match
from matcher.allocations import adopted
from matcher.folders import FILES, Run, insist_on_allocation, read, rebuild, standing_in, studies_in
from matcher.metrics import judge, parity
from matcher.metrics.saving import save as save_metrics
from matcher.repairing import Assumptions, Happened, repair
from matcher.scenarios import compare, frontier, save_comparison, save_frontier, scenarios_of
from matcher.shortages import shortages
from matcher.shortages.asking import Asked
from matcher.shortages.writing import save as save_shortages
from models.errors import InputErrors
from models.round import Round
from tests.tiny import allocation, company, flow, learner, offer, tiny

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def scarce(budget_eur: int | None = None) -> Round:
    """Three learners, two of whom share two seats; the third, who begins like a formula, speaks too little English."""
    people = [learner(f"L{number}", preferences=("c1",)) for number in (1, 2, 3)]
    return tiny(
        *people,
        learner("=L4", languages=(("en", 1),)),
        company("c1"),
        company("c2", working_languages=(("it", 2),)),
        offer("o1", seats=2),
        offer("o2", company_id="c2", seats=1),
        flow(max_heads=9),
        budget_eur=budget_eur,
    )


def solved(folder: Path, rnd: Round | None = None, method: str = "auto") -> Result:
    """A run with its files."""
    result = match(rnd or scarce(), method=method)
    result.save(folder)
    return result


STUDIES: dict[str, Callable[[Result, Path], None]] = {
    "metrics.json": lambda result, folder: save_metrics(
        judge(
            result.round,
            {"placements": result.placements},
            ["best", "random_serial"],
            prices={"parity": parity(result.round)},
        ),
        folder,
        "r",
    ),
    "frontier.json": lambda result, folder: save_frontier(
        frontier(result.round, "placed", "cost", points=3, hold=()), folder
    ),
    "scenarios.json": lambda result, folder: save_comparison(
        compare(
            result.round,
            scenarios_of(
                {
                    "scenarios": {
                        "more": {"offers": {"seats": 9}},
                        "never": {"quotas": {"new": {"min_learners": 9}}},
                    }
                },
                result.round,
            ),
        ),
        folder,
    ),
    "shortages.json": lambda result, folder: save_shortages(
        shortages(result, Asked(top=4, places=2)), folder
    ),
}
"""Each kind of study of a result, in another order than that of the sections."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run with every study."""
    folder = tmp_path_factory.mktemp("run") / "out"
    result = solved(folder)
    for study in STUDIES.values():
        study(result, folder)
        assert rebuild(read(folder, scarce())) == ()
    return folder


def html(folder: Path) -> str:
    """The page in a folder."""
    return (folder / "report.html").read_text("utf-8")


def reasons(raised: pytest.ExceptionInfo[InputErrors]) -> str:
    """What was wrong."""
    return "; ".join(map(str, raised.value.problems))


def test_every_kind_has_a_test() -> None:
    """A new kind of study is tried here too."""
    assert set(STUDIES) == set(FILES)


def test_the_page_is_made_anew_byte_for_byte(tmp_path: Path) -> None:
    """From the tables and the other files alone, with formulas' apostrophes and all."""
    solved(tmp_path)
    before = html(tmp_path)
    assert "&#39;=L4" not in before
    (tmp_path / "report.html").unlink()
    assert rebuild(read(tmp_path, scarce())) == ()
    assert html(tmp_path) == before


def test_a_round_without_an_allocation_too(tmp_path: Path) -> None:
    """The report of an infeasible round is made anew, and takes in scenarios."""
    rnd = scarce()
    never = scenarios_of({"scenarios": {"never": {"quotas": {"new": {"min_learners": 9}}}}}, rnd)[0].round
    result = solved(tmp_path, never)
    before = html(tmp_path)
    rebuild(read(tmp_path, never))
    assert html(tmp_path) == before
    STUDIES["scenarios.json"](result, tmp_path)
    assert rebuild(read(tmp_path, never)) == ()
    assert '<section id="scenarios"' in html(tmp_path)


def test_sections_stand_in_their_order_whatever_came_first(whole: Path) -> None:
    """Whichever study was made last, the same bytes; the table of contents names each once, in the same order."""
    before = html(whole)
    rebuild(read(whole, scarce()))
    assert html(whole) == before
    wanted = ["shortages", "scenarios", "frontier", "metrics"]
    assert [id for id in re.findall(r'<section id="([\w-]+)"', before) if id in wanted] == wanted
    assert [id for id in re.findall(r'<li><a href="#([\w-]+)"', before) if id in wanted] == wanted


def test_no_id_stands_twice(whole: Path) -> None:
    """Sections of all studies together on one page: every link and every label has one target."""
    page = html(whole)
    counts = Counter(re.findall(r'\sid="([^"]+)"', page))
    assert [id for id, count in counts.items() if count > 1] == []
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(counts)
    labels = {id for text in re.findall(r'aria-labelledby="([^"]+)"', page) for id in text.split()}
    assert labels <= set(counts)


def test_nothing_is_fetched(whole: Path) -> None:
    """No address and no script comes with the studies."""
    page = html(whole)
    assert re.findall(r"(?:src|href)=\"(?!#|data:)", page) == []
    assert "<script" not in page
    assert "http-equiv" in page


def test_a_study_of_another_allocation_is_not_taken_in(tmp_path: Path) -> None:
    """A study that stands on an allocation is refused in the folder of another one, with why; rounds' are not."""
    solved(tmp_path)
    other = adopted(scarce(), allocation("L1 o1 f1"))
    for name in ("shortages.json", "scenarios.json", "metrics.json"):
        STUDIES[name](other, tmp_path)
    refused = rebuild(read(tmp_path, scarce()))
    assert refused == (
        "shortages.json is of another allocation than placements.csv.",
        "metrics.json compares allocations among which the one in placements.csv is not the first.",
    )
    page = html(tmp_path)
    assert '<section id="shortages"' not in page
    assert '<section id="scenarios"' in page
    assert "Not taken in" in page


def test_a_run_over_old_studies_keeps_those_that_are_still_of_it(tmp_path: Path) -> None:
    """Solved again, the same allocation keeps its studies; another round keeps none, and says so."""
    STUDIES["shortages.json"](solved(tmp_path), tmp_path)
    solved(tmp_path)
    assert '<section id="shortages"' in html(tmp_path)
    solved(tmp_path, scarce(budget_eur=10**6))
    assert '<section id="shortages"' not in html(tmp_path)
    assert "shortages.json is of another round" in html(tmp_path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"input_digest": ""}', "does not say of which round it is"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_what_is_no_study_is_said(tmp_path: Path, content: str, why: str) -> None:
    """Files that an earlier version, or somebody else, wrote."""
    solved(tmp_path)
    (tmp_path / "shortages.json").write_text(content)
    assert why in rebuild(read(tmp_path, scarce()))[0]


def test_what_a_study_file_says_is_text(tmp_path: Path) -> None:
    """Nothing in a file becomes markup; half a study is refused as a whole."""
    result = solved(tmp_path)
    STUDIES["scenarios.json"](result, tmp_path)
    content = json.loads((tmp_path / "scenarios.json").read_text())
    content["scenarios"][1]["title"] = "<img src=x>"
    (tmp_path / "scenarios.json").write_text(json.dumps(content))
    rebuild(read(tmp_path, scarce()))
    assert "<img" not in html(tmp_path)
    del content["scenarios"][1]["method"]
    (tmp_path / "scenarios.json").write_text(json.dumps(content))
    assert studies_in(tmp_path, read(tmp_path, scarce())).sections == ()


def test_the_folder_of_another_round_is_refused(tmp_path: Path) -> None:
    """Before anything long begins, with what to do."""
    solved(tmp_path)
    with pytest.raises(InputErrors) as raised:
        standing_in(tmp_path, scarce(budget_eur=7))
    assert "with other tables, rates or policy: give the round that was solved" in reasons(raised)
    assert standing_in(tmp_path / "nothing", scarce()) is None
    assert standing_in(None, scarce()) is None


def test_files_that_were_not_written_together_are_refused(tmp_path: Path) -> None:
    """Placements that somebody edited, reasons that are gone, a report that is none: all at once."""
    solved(tmp_path)
    (tmp_path / "placements.csv").write_bytes(b"learner_id,offer_id,flow_id\n")
    (tmp_path / "unplaced.csv").unlink()
    with pytest.raises(InputErrors) as raised:
        read(tmp_path, scarce())
    assert {problem.file for problem in raised.value.problems} == {"placements.csv", "unplaced.csv"}
    (tmp_path / "report.json").write_text('{"status": "optimal"}')
    with pytest.raises(InputErrors, match="1 input problem"):
        read(tmp_path, scarce())
    with pytest.raises(InputErrors) as raised:
        read(tmp_path / "none", scarce())
    assert "not the folder of a solved run" in reasons(raised)


def test_another_allocation_is_refused_before_the_work(tmp_path: Path) -> None:
    """Whoever asks about other placements than the folder's is told at once."""
    solved(tmp_path)
    run = read(tmp_path, scarce())
    insist_on_allocation(run, reversed(run.placed), "p.csv")
    insist_on_allocation(None, [], "p.csv")
    with pytest.raises(InputErrors) as raised:
        insist_on_allocation(run, run.placed[1:], "p.csv")
    assert "another allocation" in reasons(raised)


def test_a_repair_is_a_section_of_its_report(tmp_path: Path) -> None:
    """What happened, what was changed and why, what further changes buy, drop-outs to come; made anew like the rest."""
    before = match(scarce()).placements
    gone = str(before["learner_id"].iloc[0])
    found = repair(scarce(), before, Happened(dropped=(gone,)), assumptions=Assumptions())
    found.save(tmp_path)
    page = html(tmp_path)
    for wanted in ('<section id="repair"', "1 drop-out", "dropped out", "Drop-outs to come", gone):
        assert wanted in page
    (tmp_path / "report.html").unlink()
    rebuild(read(tmp_path, found.upset.rnd))
    assert html(tmp_path) == page


def test_a_run_reads_as_its_result(tmp_path: Path) -> None:
    """Placements, escorts, reasons and report are what the result has."""
    result = solved(tmp_path)
    run: Run = read(tmp_path, scarce())
    assert run.placements.equals(result.placements)
    assert run.escorts.equals(result.escorts)
    assert run.unplaced["learner_id"].tolist() == result.unplaced["learner_id"].tolist()
    assert run.report == result.report


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 420, 800, 1200])
def test_it_fits_and_axe_finds_nothing(chromium: Browser, whole: Path, width: int) -> None:
    """With every study: no width makes a person scroll sideways, axe-core's rules hold, nothing is complained about."""
    said: list[str] = []
    window = chromium.new_page(
        viewport={"width": width, "height": 800}, color_scheme="dark" if width == 420 else "light"
    )
    window.on("console", lambda message: said.append(message.text))
    window.goto((whole / "report.html").as_uri())
    assert window.evaluate(OVERFLOW) == 0
    assert Axe().run(window).response["violations"] == []
    assert said == []
