"""What a sending partner may read: nothing that tells where others' learners are, even to who counts everything."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import date
from functools import cache

import numpy as np
import pytest

from matcher import allocations, match
from matcher.compiling import options_of
from matcher.explaining.standing import Standing
from matcher.explaining.why import learner_for, place_for, why_learner
from matcher.explaining.why.sharing import LearnerShared
from matcher.explaining.why.withholding import SMALLEST, others_at_hosts
from models.errors import UnknownName
from models.outcome import Placement
from models.round import Round
from models.tables import Beds, Quota, Row
from tests.matcher.explaining.small import a_round, company, flow, learner, offer, partner
from tests.strategies import random_round

SPRING = (date(2022, 3, 7), date(2022, 4, 3))
YEAR = {"available_from": date(2022, 1, 1), "available_to": date(2022, 12, 31)}
OWN = Placement("A", "o1", "f")
World = tuple[int, int, int, int]
"""How many learners of others are at o1 in f, o1 in spring, o2 in f, o2 in spring."""
SLOTS = (("o1", "f"), ("o1", "spring"), ("o2", "f"), ("o2", "spring"))


def a_world(one: int, two: int, *rows: Row, heads: int | None = None) -> Round:
    """Partner p with two learners, partner q with many; one host, two flows, two companies with so many seats."""
    many = [learner(f"q{number:02}", partner_id="q", **YEAR) for number in range(2 * (one + two))]
    return a_round(
        *(partner(), partner("q"), learner("A", **YEAR), learner("B", **YEAR), *many),
        *(
            company("c1"),
            company("c2"),
            flow(),
            flow("spring", start=SPRING[0], end=SPRING[1], max_heads=heads),
        ),
        offer("o1", company_id="c1", seats=one, **YEAR),
        offer("o2", company_id="c2", seats=two, **YEAR),
        offer("o", seats=0, **YEAR),
        *rows,
    )


ROUNDS = {
    "five seats and one": a_world(5, 1),
    "three and three": a_world(3, 3),
    "six and two": a_world(6, 2),
    "few beds": a_world(4, 3, Beds(host_id="h", from_=date(2022, 1, 1), to=date(2022, 12, 31), beds=5)),
    "few heads in spring": a_world(4, 3, heads=2),
    "a quota": a_world(4, 2, Quota(host_id="h", max_learners=6)),
}


def worlds(rnd: Round) -> Iterator[tuple[World, Standing]]:
    """Everywhere that others' learners can be, with A of partner p at o1 in f and B without a place."""
    seats = [rnd.offers.record(rnd.offers.position[key]).seats for key in ("o1", "o2")]
    beds = min((row.beds for row in rnd.beds.records), default=10**6)
    heads = rnd.flows.record(rnd.flows.position["spring"]).max_heads or 10**6
    most = min((row.max_learners or 10**6 for row in rnd.quotas.records), default=10**6)
    options, barred = options_of(rnd)
    ranges = (range(seats[0]), range(seats[0] + 1), range(seats[1] + 1), range(seats[1] + 1))
    for world in itertools.product(*ranges):
        autumn, spring = 1 + world[0] + world[2], world[1] + world[3]
        if autumn > beds or spring > min(beds, heads) or autumn + spring > most:
            continue
        places = [place for place, number in zip(SLOTS, world, strict=True) for _ in range(number)]
        others = [Placement(f"q{number:02}", *place) for number, place in enumerate(places)]
        yield world, Standing(rnd, tuple(sorted([OWN, *others])), options, barred)


def parts(world: World) -> Iterator[tuple[Hashable, int]]:
    """Every number of others that there is, with what it counts."""
    yield from zip(SLOTS, world, strict=True)
    for name, at in (("o1", (0, 1)), ("o2", (2, 3)), ("f", (0, 2)), ("spring", (1, 3)), ("h", (0, 1, 2, 3))):
        yield name, sum(world[slot] for slot in at)


@cache
def shown_in(name: str) -> tuple[tuple[World, str], ...]:
    """What is shown in every world of a round."""
    return tuple((world, json.dumps(dict(others_at_hosts(one, 0)))) for world, one in worlds(ROUNDS[name]))


@pytest.mark.parametrize("name", ROUNDS)
def test_no_small_number_of_others_follows_from_what_is_shown(name: str) -> None:
    """Of all worlds that look the same to the partner, no two agree on a small number that is not zero.

    What does not follow from the number that is shown, but from seats and rules alone, is nobody's secret.
    """
    alike: dict[str, dict[Hashable, set[int]]] = defaultdict(lambda: defaultdict(set))
    ever: dict[Hashable, set[int]] = defaultdict(set)
    for world, shown in shown_in(name):
        for what, number in parts(world):
            alike[shown][what].add(number)
            ever[what].add(number)
    told = [
        (shown, what, numbers)
        for shown, of in alike.items()
        for what, numbers in of.items()
        if len(numbers) == 1 < len(ever[what]) and 0 < min(numbers) < SMALLEST
    ]
    assert told == []
    assert "{}" in alike


def test_something_is_shown() -> None:
    """Where there is room enough elsewhere, the number is told; eleven fill all seats of five and one, and are not."""
    shown = {name: {text for _, text in shown_in(name)} for name in ROUNDS}
    assert '{"0": 5}' in shown["six and two"]
    assert '{"0": 5}' in shown["five seats and one"]
    assert '{"0": 11}' not in shown["five seats and one"]
    assert all(json.loads(text).get("0", SMALLEST) >= SMALLEST for told in shown.values() for text in told)


def test_all_that_is_shown_hangs_on_that_number_alone() -> None:
    """Answers about a learner, an offer, a company and the host are the same in worlds with the same number shown."""
    rnd = ROUNDS["six and two"]
    some = [one for at, one in enumerate(worlds(rnd)) if at % 29 == 0]
    seen: dict[str, set[str]] = defaultdict(set)
    for _, standing in some:
        result = allocations.adopted(rnd, standing.placements)
        answers = [learner_for(result, "p", key).as_dict() for key in ("A", "B")]
        answers += [
            place_for(result, "p", what, key).as_dict()
            for what, key in (("offer", "o1"), ("offer", "o2"), ("company", "c1"), ("host", "h"))
        ]
        seen[json.dumps(dict(others_at_hosts(standing, 0)))].add(json.dumps(answers))
    assert len(some) > 10
    assert all(len(answers) == 1 for answers in seen.values())
    assert not any("q0" in answer for answers in seen.values() for answer in answers)


def test_of_others_learners_it_is_not_even_said_that_they_are_there() -> None:
    """An id of another partner's learner is refused like one that nobody bears; the nearest is one of the own."""
    result = match(ROUNDS["three and three"], method="exact")
    messages = []
    for key in ("q01", "x01"):
        with pytest.raises(UnknownName) as error:
            learner_for(result, "p", key)
        messages.append(str(error.value).replace(key, "_"))
    assert messages[0] == messages[1]


def test_no_id_of_others_is_in_any_answer() -> None:
    """On random rounds none is in what a partner reads; the rest is what everybody reads."""
    for seed in range(6):
        result = match(random_round(seed), method="exact")
        rnd = result.round
        for whose in rnd.sending_partners["id"].tolist():
            own = rnd.learners["partner_id"] == whose
            others = rnd.learners["id"][~own].tolist()
            for key in rnd.learners["id"][own].tolist():
                shared = learner_for(result, whose, key)
                assert not any(f'"{other}"' in json.dumps(shared.as_dict()) for other in others)
                _agrees(shared, why_learner(result, key, resolved=0, helped=False).as_dict())


def _agrees(shared: LearnerShared, whole: dict[str, object]) -> None:
    """What a partner reads of the rules is what everybody reads."""
    told = shared.as_dict()
    assert (told["places"], told["barred"]) == (whole["places"], whole["barred"])
    assert json.dumps(told["bars"]) == json.dumps(whole["bars"])
    assert told["placed"] == whole["placed"]


def test_the_smallest_change_by_the_rules_alone() -> None:
    """Where nothing is open to a learner: counted from the rules, whoever else is there."""
    rnd = a_round(learner("B", languages=(("en", 2),)), learner("A"))
    shared = learner_for(match(rnd, method="exact"), "p", "B")
    assert shared.opened_by is not None
    assert shared.opened_by.change == "company c asks en A2 (now B1)"
    assert shared.open == ()
    assert np.isclose(shared.opened_by.effort, 20)
