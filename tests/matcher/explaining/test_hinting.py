"""What is counted for learners who are not searched is true."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from matcher import barring, match
from matcher.explaining import unplaced, working
from matcher.explaining.changes import Change, edit
from matcher.explaining.hinting import _best, hints, hints_without_options
from matcher.explaining.probing import Probe
from matcher.explaining.relieving import relief
from matcher.explaining.standing import Standing
from matcher.explaining.tallying import Tally
from matcher.explaining.verifying import verified
from matcher.placements import Placements
from models.outcome import Placement
from models.tables import Group, Pair, Row
from tests.matcher.explaining.small import company, flow, host, learner, offer, partner, solved
from tests.strategies import random_round


def with_place(tally: Tally, option: int) -> list[Placement]:
    """The allocation with one option added."""
    rnd, options = tally.standing.rnd, tally.options
    row = (
        rnd.learners["id"][options.learner[option]],
        rnd.offers["id"][options.offer[option]],
        rnd.flows["id"][options.flow[option]],
    )
    return [*tally.standing.placements, Placement(*row)]


def given_way(tally: Tally, option: int, limit: int) -> Change | None:
    """The change that a counted sentence names, made by the searches' own means."""
    short, rnd = tally.shorts[limit].limit, tally.standing.rnd
    if short.rule == "groups":
        return Change(0, "", edit("learners", int(tally.options.learner[option]), group_id=None))
    return relief(rnd, Placements(rnd, with_place(tally, option)), short)


@pytest.mark.slow
def test_what_is_counted_passes_the_audit() -> None:
    """In 150 random rounds the counted change, made, opens the place that the sentence names, and nobody moves."""
    seen: Counter[str] = Counter()
    for seed in range(150):
        result = match(random_round(seed), method="greedy" if seed % 2 else "cpsat")
        if result.audit is None:
            continue
        standing = Standing.of(result)
        tally = Tally(standing, standing.unplaced[standing.option_counts[standing.unplaced] > 0])
        found, told = _best(tally), hints(tally)
        for number, who in enumerate(tally.learners.tolist()):
            if number not in found:
                assert told[who].startswith("no one limit given way would do")
                continue
            option, limit, _ = found[number]
            change = None if limit < 0 else given_way(tally, option, limit)
            assert (change is None) == (limit < 0), told[who]
            assert verified(standing, who, change, with_place(tally, option)), told[who]
            seen["free" if limit < 0 else tally.shorts[limit].limit.rule] += 1
    assert len(seen) >= 5
    assert seen["free"]
    assert seen["seats"] > 5


def test_bars_are_counted_for_who_has_no_option() -> None:
    """The rule that alone bars most; where two bar everywhere, no one rule."""
    for seed in range(60):
        result = match(random_round(seed), method="greedy")
        if result.audit is None:
            continue
        standing = Standing.of(result)
        probe = Probe.of(standing, standing.unplaced)
        without = standing.unplaced[standing.option_counts[standing.unplaced] == 0]
        for who, told in hints_without_options(standing, without).items():
            own = probe.own(who)
            alone = {
                name: int((mask[own] & (probe.bars[own] == 1)).sum()) for name, mask in probe.masks.items()
            }
            most = max(alone.values(), default=0)
            if not len(own):
                assert told.startswith("a flow and an offer for the stay of ")
            elif most:
                rule = told.split()[0]
                assert alone[rule] == most
                assert f" alone bars {most} of {len(own)} candidate place" in told
            else:
                assert told.startswith("no one rule given way would do")


def test_the_work_does_not_grow_with_the_learners_asked_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """One place asks for Italian, one for an age of 30: rules are asked as often about sixty as about six."""
    asked = []

    def sets(*given: Any) -> Any:
        asked.append(len(given[1]))
        return found(*given)

    found = barring._sets
    monkeypatch.setattr(barring, "_sets", sets)
    monkeypatch.setattr("matcher.explaining.helping.MOST_SEARCHED", 0)
    places = [
        company(working_languages=(("it", 3),)),
        company("c2", min_age=30),
        offer(),
        offer("o2", company_id="c2"),
    ]
    times = []
    for people in (6, 60):
        result = solved(*(learner(f"B{number}") for number in range(people)), *places)
        asked.clear()
        assert unplaced(result)["reason"].tolist() == ["no_option"] * people
        times.append(len(asked))
    assert times[0] == times[1]


B = learner("B", priority=2)
HINTS: dict[str, tuple[list[Row], str]] = {
    "head": ([flow(max_heads=1)], "room for 1 head more in flow f"),
    "escort": ([flow(max_heads=2, learners_per_escort=1)], "room for 2 heads more in flow f"),
    "budget": ([partner(budget_eur=4000)], "2498 EUR more for the budget of p"),
    "apart": ([Pair(learner_a="A", learner_b="B", kind="apart")], "lift the pair of A and B"),
}


@pytest.mark.parametrize("case", sorted(HINTS))
def test_the_words_of_a_counted_change(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A has the place, and one thing keeps B out; two seats."""
    monkeypatch.setattr("matcher.explaining.helping.MOST_SEARCHED", 0)
    rows, change = HINTS[case]
    frame = unplaced(solved(learner("A", priority=9), B, offer(seats=2), *rows))
    assert frame.attrs["searched"] == 0
    assert frame["nearest_fix"].tolist() == [
        f"{change}: then B fits at offer o in flow f (counted, not searched)"
    ]


def test_two_limits_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """One seat and one head."""
    monkeypatch.setattr("matcher.explaining.helping.MOST_SEARCHED", 0)
    frame = unplaced(solved(learner("A", priority=9), B, flow(max_heads=1)))
    told = "no one limit given way would do: two or more stand in the way of each of 1 option (counted, not searched)"
    assert frame["nearest_fix"].tolist() == [told]


def test_a_member_may_travel_without_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mate has no option."""
    monkeypatch.setattr("matcher.explaining.helping.MOST_SEARCHED", 0)
    group = Group(id="g", partner_id="p", mode="all_or_none")
    mate = learner("A", group_id="g", languages=())
    frame = unplaced(solved(mate, learner("B", group_id="g"), group, host(), company()))
    assert frame["nearest_fix"].tolist() == [
        "language given way at one place: it alone bars 1 of 1 candidate place (counted, not searched)",
        "B travels without group g: then B fits at offer o in flow f (counted, not searched)",
    ]


def test_searches_end_after_so_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step is spent by the first search: the second learner is told what is counted, and so is the third."""
    monkeypatch.setattr(working.Work.__init__, "__defaults__", (6,))
    people = [learner(name, priority=9 - place) for place, name in enumerate("ABCD")]
    frame = unplaced(solved(*people))
    assert frame.attrs["searched"] == 1
    assert [text.endswith("(counted, not searched)") for text in frame["nearest_fix"]] == [False, True, True]


def test_nothing_is_cut_in_the_dark() -> None:
    """With the steps as they are, four learners are all searched."""
    frame = unplaced(solved(*(learner(name) for name in "ABCD")))
    assert frame.attrs["searched"] == 3
    assert not np.any([text.endswith("(counted, not searched)") for text in frame["nearest_fix"]])
