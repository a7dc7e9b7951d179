"""Repairs by hand, with the arithmetic in the comments."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from matcher.auditing import audit
from matcher.repairing import Happened, Moved, Repair, repair
from models.errors import InputErrors, UnknownName
from models.outcome import Status
from models.round import Round
from models.tables import Group, Lock, Pair, Row
from tests.matcher.explaining.small import a_round, company, flow, learner, offer
from tests.tiny import allocation

NEAR, FAR = ("0713",), ("0721",)


def two_seats(*rows: Row) -> Round:
    """Offers o and far with a seat each; who comes from 0713 suits o at 100 profile points, far (07) at 30."""
    return a_round(offer(), offer("far", fields=("0714",)), *rows)


def fixed(rnd: Round, happened: Happened, *placements: str, **options: object) -> Repair:
    """The repair of an allocation in its short form, without an outlook."""
    return repair(rnd, allocation(*placements), happened, assumptions=None, **options)  # type: ignore[arg-type]


def told(found: Repair) -> dict[str, tuple[str, str, str]]:
    """Who changes: from, to, why."""
    return {row.learner_id: (row.before, row.after, row.why) for row in found.changes}


def test_a_free_seat_goes_to_who_waits() -> None:
    """A drops out, B had no place: B takes the seat, and nobody else is there to be moved."""
    rnd = a_round(learner("A"), learner("B"))
    found = fixed(rnd, Happened(dropped=("A",)), "A o f")
    assert told(found) == {
        "A": ("o f", "", "dropped out"),
        "B": ("", "o f", "had no place: placed rises by 1"),
    }
    assert found.result.status is Status.OPTIMAL


def test_one_more_change_buys_what_it_says() -> None:
    """A leaves o free. B, at far for want of a better place, stays there; one change buys 100 − 60 profile points (the
    first three digits agree), of which half count: 50 · 40 / 100 = 20 points of fit.
    """
    rnd = two_seats(learner("A"), learner("B"))
    found = fixed(rnd, Happened(dropped=("A",)), "A o f", "B far f")
    first, second = found.frontier.alternatives
    assert (first.kept, second.kept) == (1, 0)
    assert second.values["fit"] - first.values["fit"] == 20
    assert told(found) == {"A": ("o f", "", "dropped out")}
    taken = fixed(rnd, Happened(dropped=("A",)), "A o f", "B far f", changes=1)
    assert told(taken)["B"][:2] == ("far f", "o f")
    assert "could stay; the change buys fit" in told(taken)["B"][2]
    assert (
        taken.result.status is Status.FEASIBLE
    )  # not the best in order: it gives up a place that could be kept


def test_nobody_loses_a_place_for_somebody_dearer() -> None:
    """B counts 5 and could only go where A is: A keeps the seat, with any number of changes."""
    rnd = a_round(learner("A"), learner("B", priority=5))
    found = fixed(rnd, Happened(), "A o f", ideal=True)
    assert len(found.frontier.alternatives) == 1
    assert found.frontier.complete
    assert told(found) == {}
    assert "no number of changes buys anything" in json.dumps(found.report["repair"])


def test_a_withdrawn_company_moves_only_its_own() -> None:
    """Company d withdraws: A moves from its offer to the free seat of c, and B stays."""
    rnd = a_round(offer(seats=2), company("d"), offer("od", company_id="d"), learner("A"), learner("B"))
    found = fixed(rnd, Happened(companies=("d",)), "A od f", "B o f")
    assert told(found) == {"A": ("od f", "o f", "offer od is withdrawn")}


def test_a_pin_to_what_is_withdrawn_is_lifted_and_said() -> None:
    """A was pinned to company d, which withdraws: the pin can't be kept, and A goes elsewhere."""
    rnd = a_round(
        offer(),
        company("d"),
        offer("od", company_id="d"),
        learner("A"),
        Lock(learner_id="A", kind="pin", company_id="d"),
    )
    found = fixed(rnd, Happened(companies=("d",)), "A od f")
    assert found.upset.notes == ("learner A: the pin to company d can no longer be kept, and was lifted",)
    assert told(found)["A"][1] == "o f"


def test_a_moved_flow_keeps_whom_it_can_and_tells_them() -> None:
    """The flow moves by a week: A is away long enough and keeps the place, B is not and has none."""
    late = date(2022, 12, 1)
    rnd = a_round(offer(seats=2, available_to=late), learner("A", available_to=late), learner("B"))
    moved = Moved("f", date(2022, 9, 12), date(2022, 10, 9))
    found = fixed(rnd, Happened(moved=(moved,)), "A o f", "B o f")
    assert told(found)["A"] == ("o f", "o f", "flow f moves to 2022-09-12 – 2022-10-09; the place is kept")
    assert told(found)["B"][:2] == ("o f", "")
    assert "B" in told(found)["B"][2]


def test_who_falls_below_the_smallest_group_is_told_why() -> None:
    """Three are the least in a flow, and one of three drops out: two can't stay, and the rule is named."""
    rnd = a_round(flow(min_group=3), offer(seats=3), *map(learner, "ABC"))
    found = fixed(rnd, Happened(dropped=("C",)), "A o f", "B o f", "C o f")
    assert (found.frontier.most_kept, found.frontier.most_proven) == (0, True)
    assert "at least 3 learners" in told(found)["A"][2]


def test_a_group_goes_on_without_a_drop_out() -> None:
    """All or none of three: with one gone, the two others are all there are."""
    group = Group(id="g", partner_id="p", mode="all_or_none")
    rnd = a_round(group, offer(seats=3), *(learner(one, group_id="g") for one in "ABC"))
    found = fixed(rnd, Happened(dropped=("C",)), "A o f", "B o f", "C o f")
    assert list(told(found)) == ["C"]


def test_what_is_about_a_drop_out_goes_too() -> None:
    """Pairs and locks of a learner who is gone bind nobody."""
    rnd = a_round(
        offer(seats=2),
        learner("A"),
        learner("B"),
        Pair(learner_a="A", learner_b="B", kind="together"),
        Lock(learner_id="B", kind="pin", offer_id="o"),
    )
    found = fixed(rnd, Happened(dropped=("B",)), "A o f", "B o f")
    assert (len(found.upset.rnd.pairs), len(found.upset.rnd.locks)) == (0, 0)
    assert list(told(found)) == ["B"]


def test_a_late_arrival_is_placed_if_there_is_room() -> None:
    """Two seats, one taken: L gets the other."""
    rnd = a_round(offer(seats=2), learner("A"))
    found = fixed(rnd, Happened(late=(learner("L"),)), "A o f")
    assert told(found) == {"L": ("", "o f", "had no place (late arrival): placed rises by 1")}


def test_a_round_that_has_no_allocation_left_says_so() -> None:
    """A is pinned to the offer of one seat, and so is B who arrives with it: not a matter of changes."""
    pins = (Lock(learner_id="A", kind="pin", offer_id="o"), Lock(learner_id="B", kind="pin", offer_id="o"))
    found = fixed(a_round(learner("A"), learner("B"), *pins), Happened(), "A o f")
    assert found.result.status is Status.INFEASIBLE
    assert found.result.conflict


@pytest.mark.parametrize(
    "happened",
    [Happened(dropped=("nobody",)), Happened(offers=("A",)), Happened(companies=("o",)),
     Happened(moved=(Moved("x", date(2022, 1, 1), date(2022, 1, 2)),))],
    ids=["learner", "offer", "company", "flow"],
)  # fmt: skip
def test_what_is_not_there_cannot_happen(happened: Happened) -> None:
    """An unknown id is an error of the caller, whatever it is of."""
    with pytest.raises(UnknownName, match="there is no"):
        fixed(a_round(learner("A")), happened, "A o f")


@pytest.mark.parametrize("placements", [["A o x"], ["A o f", "A p f"]], ids=["unknown flow", "two places"])
def test_placements_that_are_none_are_refused(placements: list[str]) -> None:
    """An id that does not exist, and a learner with two places."""
    with pytest.raises(InputErrors):
        fixed(a_round(offer("p"), learner("A")), Happened(), *placements)


def test_a_learner_arrives_once_and_a_flow_ends_after_it_begins() -> None:
    """Both mistakes are told together."""
    moved = Moved("f", date(2022, 10, 9), date(2022, 9, 12))
    with pytest.raises(InputErrors) as wrong:
        fixed(a_round(learner("A")), Happened(late=(learner("A"),), moved=(moved,)), "A o f")
    assert [problem.value for problem in wrong.value.problems] == ["A", "f"]


def test_what_breaks_rules_is_repaired_too() -> None:
    """Two on one seat, by hand: one stays, and the sentence names the seat."""
    found = fixed(a_round(learner("A"), learner("B")), Happened(), "A o f", "B o f")
    assert audit(found.upset.rnd, found.upset.placements(found.frontier.alternatives[0].chosen)).valid
    assert found.frontier.most_kept == 1
    ((_, (before, after, why)),) = told(found).items()
    assert (before, after) == ("o f", "")
    assert "seats at offer o: 1" in why


def test_a_repair_writes_its_files(tmp_path: Path) -> None:
    """Changes, reserves and the key `repair` beside the contract's files; the digests are those of the files."""
    rnd = a_round(offer(seats=2), *map(learner, "ABC"))
    found = repair(rnd, allocation("A o f", "B o f"), Happened(dropped=("A",)))
    found.save(tmp_path)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert set(report["files"]) == {
        "placements.csv", "escorts.csv", "unplaced.csv", "changes.csv", "reserves.csv",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO((tmp_path / "changes.csv").read_text(encoding="utf-8"))))
    assert [(row["learner_id"], row["from"], row["to"]) for row in rows] == [
        ("A", "o f", ""),
        ("C", "", "o f"),
    ]
    assert report["repair"]["alternatives"][0]["kept"] == 1
    assert "assumption" in report["repair"]["expected"]["assumption"]
