"""Instance families: found by their files, repeatable, with what is known of them right."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks.families import gap, preferences
from benchmarks.instances import Wish, families, family, find
from models.errors import UnknownName
from models.outcome import Status
from models.problem import Problem
from models.round import Round
from solvers import get
from solvers.interface import Limits, never, silent

GAP = """
1
2 3
6 5 4
3 9 8
2 2 3
2 3 3
4 4
"""
"""Two agents with capacities of 4, three jobs. The second agent can do one job at most (2 + 3 > 4), the first jobs 1
and 2 alone of the pairs (2 + 2); so there is one way, worth 6 + 5 + 8 = 19."""


def test_every_file_is_a_family() -> None:
    """The families are there, each under its own name."""
    wanted = "intervet national continental pure_network gap preferences projects tight_budget groups_heavy every_rule"
    assert {*wanted.split(), "infeasible"} <= set(families())
    assert all(name == each.name and each.about for name, each in families().items())


def test_an_unknown_family_or_instance_names_the_nearest() -> None:
    """Errors that help."""
    with pytest.raises(UnknownName, match="nearest: national"):
        family("nationl")
    with pytest.raises(UnknownName, match="has no instance"):
        find("national", "national-9", Wish())


@pytest.mark.parametrize(
    "name",
    ["national", "continental", "pure_network", "tight_budget", "groups_heavy", "every_rule", "infeasible"],
)
def test_generated_instances_are_the_same_each_time(name: str) -> None:
    """An instance can be made again from its name, its size and its seed; another seed makes another one."""
    for one, other in product(
        family(name).instances(Wish((60,), (3,))), family(name).instances(Wish((60,), (4,)))
    ):
        made, again, different = one.make(), find(name, one.name, Wish((60,), (3,))).make(), other.make()
        assert isinstance(made, Round)
        assert isinstance(again, Round)
        assert isinstance(different, Round)
        assert made.digest == again.digest != different.digest


def test_large_rounds_have_a_weighted_policy() -> None:
    """A placement is worth a thousand points of fit."""
    for name in ("national", "continental"):
        for instance in family(name).instances(Wish((60,))):
            made = instance.make()
            assert isinstance(made, Round)
            assert made.policy.weights is not None
            assert made.policy.weights["placed"] == 1000


def best(problem: Problem) -> dict[str, int]:
    """The best values, by enumeration in `exact`'s place: the method that is simplest."""
    outcome = get("enumerate").solve(problem, Limits(), silent, never)
    assert outcome.status is Status.OPTIMAL
    return {goal.name: goal.value for goal in outcome.goals if goal.value is not None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the OR-Library's, with one problem under two names."""
    for name in ("gap1", "gapa"):
        (tmp_path / f"{name}.txt").write_text(GAP, encoding="utf-8")
    known = "instance,agents,jobs,min_cost_optimum,max_value_optimum\ngap1-0,2,3,19,19\ngapa-0,2,3,19,\n"
    (tmp_path / "known.csv").write_text(known, encoding="utf-8")
    return tmp_path


def test_gap_is_read_and_solved_to_the_known_optimum(folder: Path) -> None:
    """gap1 is maximised and gapa minimised, as published; there is one way only."""
    found = list(family("gap").instances(Wish(folder=folder)))
    assert [(each.name, each.size, dict(each.known.goals)) for each in found] == [
        ("gap1-0", 3, {"value": 19}),
        ("gapa-0", 3, {"cost": 19}),
    ]
    for each in found:
        made = each.make()
        assert isinstance(made, Problem)
        assert best(made) == dict(each.known.goals)


def test_gap_ranks_agents_by_worth(folder: Path) -> None:
    """Job 1 is worth 6 and 3: the first agent is its best as a maximum, its worst as a minimum."""
    (task,) = gap.read(folder / "gap1.txt")
    assert gap.problem_of(task, "value").ranks.tolist()[:2] == [0, 1]
    assert gap.problem_of(task, "cost").ranks.tolist()[:2] == [1, 0]


def test_gap_without_a_folder_says_what_to_do() -> None:
    """Its files do not ship."""
    with pytest.raises(UnknownName, match="--gap"):
        list(family("gap").instances(Wish()))


SOI = """# NUMBER VOTERS: 3
1: 1,2
2: 1,3
"""
"""Three students (of two orders) and three projects; the supervisor of projects 1 and 2 (0 and 1 in the other file)
takes one. So one of the three is left out: the best is project 1 for one and 3 for another, ranks 1 + 2 = 3."""


def test_projects_are_read_with_their_supervisors(tmp_path: Path) -> None:
    """Students share an order as often as its line says; a supervisor's capacity is a seat row, if there is a file."""
    (tmp_path / "00038-00000003.soi").write_text(SOI, encoding="utf-8")
    (free,) = family("projects").instances(Wish(folder=tmp_path))
    alone = free.make()
    assert isinstance(alone, Problem)
    assert (free.name, free.size, dict(free.known.goals)) == ("projects-3", 3, {})
    assert best(alone) == {"placed": 3, "rank": 2 + 1 + 2}
    teachers = "Supervisor,Capacity,Projects\nA,1,0 1\nB,3,2\n"
    (tmp_path / "00038-00000003.dat").write_text(teachers, encoding="utf-8")
    (bound,) = family("projects").instances(Wish(folder=tmp_path))
    tight = bound.make()
    assert isinstance(tight, Problem)
    assert best(tight) == {"placed": 2, "rank": 3}
    assert not list(family("projects").instances(Wish((99,), folder=tmp_path)))
    with pytest.raises(UnknownName, match="--files"):
        list(family("projects").instances(Wish()))


def test_sizes_choose_among_the_files(folder: Path) -> None:
    """No problem with 99 jobs is there."""
    assert not list(family("gap").instances(Wish((99,), folder=folder)))


def test_preferences_have_ten_different_choices() -> None:
    """Every learner ranks ten places 0 to 9, none twice; places for everybody and a tenth more."""
    problem = preferences.plain(200, 1)
    assert np.bincount(problem.agent).tolist() == [10] * 200
    assert (problem.ranks.reshape(200, 10) == np.arange(10)).all()
    place = problem.blocks[1].row.reshape(200, 10)
    assert all(len(set(row)) == 10 for row in place.tolist())
    assert problem.blocks[1].upper.sum() == 220
