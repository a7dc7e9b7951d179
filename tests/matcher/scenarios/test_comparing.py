"""Scenarios side by side: what each gives, how it differs from the round as it is, and that it can be trusted."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from matcher import load, match
from matcher.auditing import audit
from matcher.cli.app import run
from matcher.reporting.exports import as_csv
from matcher.scenarios import Comparison, compare, save_comparison, scenarios_of, sheet
from models.errors import UnknownName
from models.outcome import Placement, Status
from models.policy import Policy
from models.round import Round
from tests.conftest import ROOT
from tests.strategies import random_round
from tests.tiny import company, learner, offer, tiny

CONTENT = {
    "more": {"title": "One seat more", "offers": {"where": {"id": "o1"}, "seats": {"add": 1}}},
    "none": {"offers": {"seats": 0}},
    "impossible": {"quotas": {"new": {"min_learners": 9}}},
}


def world() -> Round:
    """Three learners for the one seat at o1 and the one at o2 (other trades, 72 points and not 96)."""
    return tiny(
        learner("L1"),
        learner("L2"),
        learner("L3", field="0714"),
        company("c1"),
        company("c2", working_languages=(("en", 3),)),
        offer("o1", seats=1),
        offer("o2", company_id="c2", fields=("0714",), seats=1),
    )


@pytest.fixture(scope="module")
def found() -> Comparison:
    """Three scenarios of it."""
    return compare(world(), scenarios_of({"scenarios": CONTENT}, world()))


def test_the_base_is_always_there(found: Comparison) -> None:
    """First, as the round is solved by itself, and compared with nothing."""
    alone = match(world())
    assert [line.name for line in found.lines] == ["base", "more", "none", "impossible"]
    assert found.base is not None
    assert found.base.goals == alone.goals
    assert (found.base.placed, found.base.against_base) == (2, None)


def test_what_a_seat_more_gives(found: Comparison) -> None:
    """Three placed instead of two: one gains a place, nobody loses one; partners and hosts add up."""
    more = found.lines[1]
    assert (more.status, more.proven, more.placed, more.changes) == (
        Status.OPTIMAL,
        True,
        3,
        ("offers, 1 of 2 rows: seats from 1 to 2",),
    )
    gap = more.against_base
    assert gap is not None
    assert (gap.placed, gap.cost_eur, len(gap.gained), gap.lost) == (1, 2754, 1, ())
    assert len(gap.gained) + len(gap.moved) + gap.kept == 3
    assert more.partners is not None
    assert more.hosts is not None
    assert (more.partners["ccis"].placed, more.hosts["zni"].placed) == (3, 3)
    assert more.partners["ccis"].cost_eur == more.hosts["zni"].cost_eur == more.cost_eur == 3 * 2754


def test_a_scenario_without_places_is_valid_and_empty(found: Comparison) -> None:
    """Everybody loses."""
    none = found.lines[2]
    assert (none.status, none.placed, none.cost_eur) == (Status.OPTIMAL, 0, 0)
    assert none.against_base is not None
    assert len(none.against_base.lost) == 2


def test_an_impossible_scenario_is_a_result_with_its_conflict(found: Comparison) -> None:
    """Nine of three learners: the quota is named, and no number is invented."""
    line = found.lines[3]
    assert (line.status, line.proven, line.placed, line.values, line.against_base) == (
        Status.INFEASIBLE,
        True,
        None,
        None,
        None,
    )
    assert any("quotas" in sentence for sentence in line.conflict)


def test_any_number_of_workers_gives_the_same_bytes(found: Comparison, tmp_path: Path) -> None:
    """All three files, with one process and with two."""
    again = compare(world(), scenarios_of({"scenarios": CONTENT}, world()), workers=2)
    save_comparison(found, tmp_path / "one")
    save_comparison(again, tmp_path / "two")
    names = ["scenarios.csv", "scenarios.html", "scenarios.json"]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_table_has_a_row_per_scenario(found: Comparison) -> None:
    """Whole numbers stay whole; what there is not is blank."""
    rows = list(csv.DictReader(io.StringIO(as_csv(found.as_frame()).decode())))
    assert [row["placed"] for row in rows] == ["2", "3", "0", ""]
    assert [row["more_cost_eur"] for row in rows] == ["", "2754", str(-2 * 2754), ""]
    assert rows[1]["proven_placed"] == "yes"
    assert json.loads(json.dumps(found.as_dict()))["scenarios"][1]["against_base"]["gained"]


def test_learners_who_come_and_go_neither_gain_nor_lose() -> None:
    """L1 drops out and L9 is new: they joined and left."""
    new = {
        "id": "L9",
        "partner_id": "ccis",
        "field": "0713",
        "eqf_level": 4,
        "stay": "short",
        "languages": "en:B2",
    }
    new |= {"available_from": "2022-09-01", "available_to": "2022-12-20", "priority": 50}
    rnd = tiny(learner("L1", priority=9), learner("L2"), offer("o1", seats=1))
    content = {"scenarios": {"s": {"learners": [{"where": {"id": "L1"}, "remove": True}, {"new": new}]}}}
    gap = compare(rnd, scenarios_of(content, rnd)).lines[1].against_base
    assert gap is not None
    assert (gap.joined, gap.left, gap.gained, gap.lost, gap.moved, gap.kept) == (
        ("L9",),
        ("L1",),
        (),
        (),
        (),
        0,
    )


def test_what_is_kept_verifies(tmp_path: Path) -> None:
    """Each scenario's files are those of a solve of its round."""
    rnd = load(ROOT / "sample_data" / "tiny")
    content = {"scenarios": {"more": {"offers": {"where": {"id": "works-1"}, "seats": {"add": 1}}}}}
    (scenario,) = scenarios_of(content, rnd)
    line = compare(rnd, (scenario,), keep=tmp_path).lines[1]
    with (tmp_path / "more" / "placements.csv").open(encoding="utf-8") as stream:
        rows = [(row["learner_id"], row["offer_id"], row["flow_id"]) for row in csv.DictReader(stream)]
    assert tuple(rows) == line.places
    assert (tmp_path / "base" / "report.json").is_file()


def test_on_random_rounds_every_line_is_a_solve_of_its_round() -> None:
    """Values are the audit's and another method's; gains and losses add up to the difference."""
    for seed in range(12):
        rnd = random_round(seed, most_learners=6)
        content = {
            "dear": {"rates": {"factor": {"learner_day": 2, "travel": 0}}},
            "seats": {"offers": {"seats": {"add": 1}}},
            "free": {"policy": {"rules": {"language": False, "budget": False}}},
        }
        scenarios = scenarios_of({"scenarios": content}, rnd)
        result = compare(rnd, scenarios)
        for scenario, line in zip(scenarios, result.lines[1:], strict=True):
            other = match(scenario.round, method="cpsat")
            assert [goal.value for goal in line.goals] == [goal.value for goal in other.goals]
            if line.placed is None:
                assert line.status is Status.INFEASIBLE
                continue
            audited = audit(scenario.round, [Placement(*place) for place in line.places])
            assert audited.valid
            assert line.values is not None
            assert {name: line.values[name] for name in audited.goals} == dict(audited.goals)
            if (gap := line.against_base) is not None:
                assert gap.placed == len(gap.gained) - len(gap.lost)


def test_the_page_names_everything(found: Comparison) -> None:
    """Every scenario, its status, its conflict and what it changes; and nothing from elsewhere."""
    page = sheet.page(found)
    for line in found.lines:
        assert line.name in page
        assert all(sentence.replace("'", "&#39;") in page for sentence in (*line.changes, *line.conflict))
    assert "impossible, proven" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")


def test_weighted_and_other_policies_stand_side_by_side() -> None:
    """A column for each goal that any of them asks for, with the value also where it is not asked for."""
    content = {
        "weighted": {"policy": {"weights": {"placed": 1000, "kept": 1}}},
        "fair": {"policy": {"goals": ["equity"]}},
    }
    rnd = world().replace(policy=Policy(goals=("placed", "cost")))
    result = compare(rnd, scenarios_of({"scenarios": content}, rnd))
    assert result.goal_names == ("placed", "cost", "kept", "equity")
    assert "Share placed of the partner served worst" in sheet.page(result)
    assert result.lines[1].objective is not None


def test_a_method_that_does_not_exist_is_an_error() -> None:
    """As in a solve."""
    with pytest.raises(UnknownName):
        compare(world(), (), method="magic")


def test_the_command_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table, the conflict of what is impossible, exit code 0; --json prints what scenarios.json holds."""
    file = tmp_path / "s.toml"
    file.write_text(
        '[scenarios.more]\noffers = { where = { id = "works-1" }, seats = { add = 1 } }\n'
        "[scenarios.never]\nquotas = { new = { min_learners = 99 } }\n",
        encoding="utf-8",
    )
    command = [
        "scenario",
        str(ROOT / "sample_data" / "tiny"),
        str(file),
        "--out",
        str(tmp_path / "o"),
        "--workers",
        "1",
    ]
    assert run(command) == 0
    said = capsys.readouterr().out
    assert "5 (+1)" in said
    assert "never: quotas" in said
    assert run([*command, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "o" / "scenarios.json").read_text(encoding="utf-8"))
    file.write_text("[scenarios.more]\nofers = 3\n", encoding="utf-8")
    assert run(command) == 1
    assert "scenarios.more.ofers" in capsys.readouterr().err


def test_the_frontier_command_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Points, prices, files; an unknown goal is an input error."""
    command = [
        "frontier",
        str(ROOT / "sample_data" / "tiny"),
        "placed",
        "cost",
        "--out",
        str(tmp_path),
        "--workers",
        "1",
    ]
    assert run([*command, "--keep"]) == 0
    said = capsys.readouterr().out
    assert "One learner placed more costs from" in said
    assert "Every point is proven" in said
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {"frontier.json", "frontier.csv", "frontier.html", "placements-05.csv"}
    tiny_round = str(ROOT / "sample_data" / "tiny")
    assert run(["verify", tiny_round, str(tmp_path / "placements-05.csv"), "--quiet"]) == 0
    assert run(["frontier", tiny_round, "placed", "csot", "--out", str(tmp_path)]) == 1


def test_what_is_cancelled_is_left_out() -> None:
    """Cancelled at once: no line, no base, and a page all the same."""
    stopped = compare(world(), scenarios_of({"scenarios": CONTENT}, world()), cancel=lambda: True)
    assert (stopped.lines, stopped.base) == ((), None)
    assert "How the scenarios were made" in sheet.page(stopped)


def test_priorities_are_no_learners() -> None:
    """Where priorities count in a scenario, the table says so and has the learners beside it."""
    rnd = world()
    view = sheet.overview(
        compare(rnd, scenarios_of({"scenarios": {"s": {"learners": {"priority": 5}}}}, rnd))
    )
    labels = [column.label for column in view.columns]
    assert view.rows[1][labels.index("Learners placed, counted by priority")] == "10 (+8)"
    assert view.rows[1][labels.index("Learners placed")] == "2"
