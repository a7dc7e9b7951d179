"""What analysts see of runs: whoever puts everything together that is shown still cannot tell a small count."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

from fastapi.testclient import TestClient

from api.access.roles import Role
from api.rounds.suppression import SMALLEST
from api.runs.comparing import Comparison
from api.runs.measuring import compared, measured, withheld_of
from tests.api.conftest import Service
from tests.api.rounds import member
from tests.api.test_results import cora, done

__all__ = ["cora"]  # a fixture


class Group(NamedTuple):
    """The learners of a partner, and how many of them two runs place."""

    learners: int
    placed: tuple[int, int]


World = tuple[Group, ...]
LEARNERS = 11
"""Of all partners together in the worlds that are tried: one may be small or both not, and either run may place any."""


def worlds() -> Iterator[World]:
    """Everything that two runs can do with the learners of two partners, both of whom have some."""
    for first in range(1, LEARNERS):
        yield from itertools.product(groups(first), groups(LEARNERS - first))


def groups(learners: int) -> list[Group]:
    """Everything that two runs can do with the learners of a partner."""
    placed = range(learners + 1)
    return [Group(learners, pair) for pair in itertools.product(placed, placed)]


def report(world: World, run: int, *, by_host: bool = False) -> dict[str, Any]:
    """The parts of a run's report that count learners; everybody at a host of their partner's, or at one in all."""
    partners = [
        {
            "id": str(number),
            "learners": one.learners,
            "placed": one.placed[run],
            "unplaced": one.learners - one.placed[run],
        }
        for number, one in enumerate(world)
    ]
    placed = sum(one.placed[run] for one in world)
    hosts = [{"id": one["id"], "learners": one["placed"]} for one in partners] if by_host else []
    return {
        "counts": {"learners": sum(one.learners for one in world), "placed": placed},
        "partners": partners,
        "hosts": hosts,
        "unplaced": None,
    }


def comparison(world: World) -> Comparison:
    """Both runs side by side, with as few learners elsewhere as can be."""
    shares: list[dict[str, Any]] = [
        {
            "id": str(number),
            "placed_a": one.placed[0],
            "placed_b": one.placed[1],
            "elsewhere": abs(one.placed[0] - one.placed[1]),
        }
        for number, one in enumerate(world)
    ]
    moved = sum(abs(one.placed[0] - one.placed[1]) for one in world)
    return Comparison([], {"moved": moved}, shares, [], [], [])


def seen(world: World) -> str:
    """Everything that an analyst can ask for."""
    reports = report(world, 0), report(world, 1)
    return json.dumps([*map(measured, reports), asdict(compared(comparison(world), *reports))])


def small(world: World) -> Iterator[tuple[Hashable, int]]:
    """The small counts of a world, with what they count."""
    for number, one in enumerate(world):
        yield (number, "learners"), one.learners
        for run, placed in enumerate(one.placed):
            yield (number, "placed", run), placed
            yield (number, "unplaced", run), one.learners - placed


def test_no_small_count_follows_from_all_that_is_shown() -> None:
    """Of all worlds of two partners that look the same to an analyst, no two agree on a small count.

    Both partners have learners: else the round's totals, which are exact, are those of one partner.
    """
    alike: dict[str, dict[Hashable, set[int]]] = defaultdict(lambda: defaultdict(set))
    for world in worlds():
        values = alike[seen(world)]
        for what, count in small(world):
            values[what].add(count)
    told = [
        (shown, what)
        for shown, values in alike.items()
        for what, counts in values.items()
        if len(counts) == 1 and 0 < min(counts) < SMALLEST
    ]
    assert told == []
    assert any('"withheld": []' in shown for shown in alike), "something is shown"


def test_a_part_is_shown_where_nothing_in_it_is_small() -> None:
    """Nobody and five are not small; one to four are, in any count of learners. Reasons and hosts are parts too."""
    fine = report((Group(5, (5, 0)), Group(10, (5, 10))), 0, by_host=True) | {"unplaced": {"language": 5}}
    assert withheld_of(fine) == []
    assert measured(fine) == fine | {"conflict": [], "withheld": []}
    rare = fine | {"unplaced": {"language": 5, "age": 4}}
    assert measured(rare)["unplaced"] is None
    assert measured(rare)["withheld"] == ["unplaced"]
    assert withheld_of(fine | {"hosts": [{"id": "h", "learners": 1}]}) == ["hosts"]
    assert withheld_of(report((Group(9, (5, 5)),), 0)) == ["partners"]  # 4 are left out
    assert withheld_of(fine | {"unplaced": None, "hosts": [{"id": "h", "learners": None}]}) == []


def test_what_is_withheld_is_said_nowhere_else() -> None:
    """Fairness counts the same learners once more; an offer's empty seats tell of one learner; sentences name them."""
    fine = report((Group(10, (5, 0)), Group(10, (5, 10))), 0, by_host=True)
    rates = [{"id": str(number), "learners": 10, "placed": 5} for number in range(2)]
    wishes = [{"wish": "1", "learners": 5}, {"wish": "2", "learners": 0}]
    told: dict[str, Any] = {
        "fairness": {"partners": rates, "wishes": wishes},
        "ways_out": {"ways": ["pin of L1"]},
    }
    shown = measured(fine | told | {"vacancies": {"offers": []}, "repair": {"advice": "L1 moves"}})
    assert shown["withheld"] == ["vacancies"]
    assert (shown["vacancies"], shown["ways_out"], shown["repair"]) == (None, None, None)
    assert shown["fairness"] == told["fairness"]
    left_over: list[dict[str, Any]] = [*rates, {"id": "2", "learners": 10, "placed": 9}]
    rare: list[dict[str, Any]] = [{"wish": "1", "learners": 4}]
    for part, rows in (("partners", left_over), ("wishes", rare)):
        assert withheld_of(fine | {"fairness": told["fairness"] | {part: rows}}) == ["fairness"]


def test_analysts_are_not_shown_small_groups(service: Service, cora: TestClient) -> None:
    """The tiny round has but small groups: analysts get its totals, coordinators all of it."""
    a, b = done(service, cora), done(service, cora, "cost")
    anna = member(service, "anna", Role.ANALYST, "tiny")
    whole, shown = (one.get(f"/v1/runs/{a}/report").json() for one in (cora, anna))
    assert shown["withheld"] == ["fairness", "hosts", "partners", "unplaced", "vacancies"]
    assert shown == whole | dict.fromkeys(shown["withheld"]) | {"withheld": shown["withheld"]}
    both = anna.get(f"/v1/runs/{a}/compare/{b}").json()
    assert (both["partners"], both["hosts"], both["learners"]) == (None, None, None)
    assert (both["counts"]["placed_a"], both["counts"]["only_a"]) == (4, None)
