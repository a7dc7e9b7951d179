"""The PyPI package `matching` (extra ``bench``), where the instance is the plain hospital/residents game."""

from __future__ import annotations

import numpy as np

from benchmarks.contestants import Unavailable
from models.errors import UnsuitableMethod
from models.outcome import GoalValue, Outcome, Status, Stop
from models.problem import IntArray, Problem
from solvers.blocking import Market
from solvers.interface import Cancel, Limits, Report


class Matching:
    """Its algorithm is called on its players directly: its game object copies them deeply, which recurses to death."""

    name = "matching"
    about = "the package matching: stable matching of hospitals and residents"
    blind: tuple[str, ...] = ()

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """The residents' best stable matching.

        Raises
        ------
        Unavailable
            Where the package is not installed.
        UnsuitableMethod
            Where the problem is not the plain game.
        """
        place, seats = game(problem)
        chosen = matched(problem, place, seats, Market.of(problem, limits.seed).priority)
        values = problem.complete(chosen)
        goals = tuple(GoalValue(goal.name, goal.of(values), None, proven=False) for goal in problem.goals)
        return Outcome(Status.FEASIBLE, chosen, goals, self.name, stopped_by=Stop.METHOD)


def game(problem: Problem) -> tuple[IntArray, IntArray]:
    """The hospital of each option and the hospitals' seats. Raises ``UnsuitableMethod``."""
    rules = {block.rule for block in problem.blocks if not block.redundant}
    if rules != {"one_placement", "seats"} or problem.auxiliaries:
        other = ", ".join(sorted(rules - {"one_placement", "seats"})) or "no seats"
        raise UnsuitableMethod(f"not the plain game of hospitals and residents: {other}")
    blocks = [block for block in problem.blocks if block.rule == "seats" and not block.redundant]
    place = np.full(problem.options, -1)
    if len(blocks) > 1 or len(blocks[0].column) != problem.options:
        raise UnsuitableMethod(
            "not the plain game of hospitals and residents: an option is not at one hospital"
        )
    place[blocks[0].column] = blocks[0].row
    both = place * problem.agents + problem.agent
    if (place < 0).any() or len(np.unique(both)) < len(both):
        raise UnsuitableMethod("not the plain game of hospitals and residents: two options at one hospital")
    return place, blocks[0].upper


def matched(problem: Problem, place: IntArray, seats: IntArray, priority: IntArray) -> IntArray:
    """The options of the stable matching, ascending; hospitals rank residents by ``priority``, the higher first."""
    try:
        from matching import Player  # noqa: PLC0415 - an extra
        from matching.algorithms.hospital_resident import hospital_resident  # noqa: PLC0415
        from matching.players import Hospital  # noqa: PLC0415
    except ImportError as missing:
        raise Unavailable("not available here: the package matching is not installed") from missing
    residents = {agent: Player(agent) for agent in np.unique(problem.agent).tolist()}
    hospitals = {number: Hospital(number, int(seats[number])) for number in np.unique(place).tolist()}
    for order, own, other, mine, theirs in (
        (problem.ranks, residents, hospitals, problem.agent, place),
        (-priority, hospitals, residents, place, problem.agent),
    ):
        wishes: dict[int, list[object]] = {number: [] for number in own}
        for option in np.lexsort((order, mine)).tolist():
            wishes[int(mine[option])].append(other[int(theirs[option])])
        for number, player in own.items():
            player.set_prefs(wishes[number])
    hospital_resident(list(residents.values()), list(hospitals.values()))
    pairs = {(each.name, number) for number, hospital in hospitals.items() for each in hospital.matching}
    keys = zip(problem.agent.tolist(), place.tolist(), strict=True)
    return np.array([option for option, key in enumerate(keys) if key in pairs], np.int64)


PEER = Matching()
"""Found because it is here."""
