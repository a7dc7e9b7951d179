"""How agents' own sets of options and the rows meet, and how both part into two families of nested sets.

There are as many agents as learners, and their meetings with rows are as many as options: these are counted
part by part and never kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from models.problem import IntArray, Problem
from solvers.counting import BoolArray, Extras, NotANetworkError, Rows, meetings_with_agents
from solvers.nesting import NO_LIMIT, Meetings, Sets


@dataclass(frozen=True)
class Agents:
    """The agents' own sets of options: how many, and between how many and how many are chosen.

    ``live`` are those whose limits say something. Of the rows, ``whole`` are unions of agents' sets, ``owner``
    says to which agent all of a row's options belong (−1: to several), and ``crosses`` which rows some live agent
    is partly in and partly not.
    """

    size: IntArray
    lower: IntArray
    upper: IntArray
    whole: BoolArray
    owner: IntArray
    crosses: BoolArray

    @property
    def live(self) -> BoolArray:
        """Whose limits say something."""
        found: BoolArray = (self.lower > 0) | (self.upper < self.size)
        return found


def _meetings(problem: Problem, sets: Sets) -> Iterator[tuple[IntArray, IntArray, IntArray]]:
    """Agents and rows that share options, part by part: agent, row, how many options. Rule by rule, for one rule's
    rows mostly have no options in common, and that is quicker to tell.
    """
    none = np.zeros(0, np.int64)
    for number in np.unique(sets.number):
        own = sets.number[sets.row] == number
        row, atom = sets.row[own], sets.atom[own]
        extras = Extras(none, none, none)
        one = np.ones_like(row)
        yield from meetings_with_agents(
            problem, Rows("", row, atom, one, sets.lower, sets.upper, sets.of_option, None, extras)
        )


def with_agents(problem: Problem, sets: Sets) -> tuple[Sets, Agents]:
    """How rows and agents meet; rows that are an agent's own set become its limits, and what follows is left out."""
    size = np.bincount(problem.agent, minlength=problem.agents)
    meets, owner = np.zeros(len(sets), np.int64), np.full(len(sets), -1)
    whole, within = np.ones(len(sets), bool), [np.zeros((2, 0), np.int64)]
    for agent, row, shared in _meetings(problem, sets):
        meets += np.bincount(row, minlength=len(sets))
        partly = shared < size[agent]
        whole[row[partly]] = False
        within.append(np.stack([agent[~partly], row[~partly]]))
        owner[row] = agent
    owner[meets != 1] = -1
    inner, outer = np.concatenate(within, axis=1)
    upper = np.where(sets.upper < meets, sets.upper, NO_LIMIT)  # no more than one option of each agent
    limits = _Limits(sets.lower.copy(), upper, np.zeros_like(size), np.minimum(size, 1))
    limits.take_own(np.flatnonzero(whole & (owner >= 0)), owner)
    limits.leave_out_inside(np.flatnonzero(~whole & (owner >= 0)), owner)
    limits.leave_out_around(inner[owner[outer] < 0], outer[owner[outer] < 0])
    kept = (limits.row_lower > 0) | (limits.row_upper < sets.size)
    tidy = sets.limited(limits.row_lower, limits.row_upper)
    agents = Agents(size, limits.lower, np.minimum(limits.upper, size), whole[kept], owner[kept], whole[kept])
    return tidy, replace(agents, crosses=_crossed(problem, tidy, agents))


@dataclass
class _Limits:
    """Limits of rows and of agents, while those that follow from others are left out."""

    row_lower: IntArray
    row_upper: IntArray
    lower: IntArray
    upper: IntArray

    def take_own(self, own: IntArray, owner: IntArray) -> None:
        """Rows that are an agent's own set."""
        np.maximum.at(self.lower, owner[own], self.row_lower[own])
        np.minimum.at(self.upper, owner[own], self.row_upper[own])
        self.row_lower[own], self.row_upper[own] = 0, NO_LIMIT

    def leave_out_inside(self, inside: IntArray, owner: IntArray) -> None:
        """Rows within one agent's set: their upper limits follow from the agent's, its lower one from theirs."""
        agent, low = owner[inside], self.row_lower[inside]
        self.row_upper[inside[self.row_upper[inside] >= self.upper[agent]]] = NO_LIMIT
        self.lower[agent[self.lower[agent] <= low]] = 0

    def leave_out_around(self, inner: IntArray, outer: IntArray) -> None:
        """Agents within rows: agents' upper limits follow from the rows', the rows' lower ones from the agents'."""
        tightest, needed = np.full(len(self.upper), NO_LIMIT), np.zeros(len(self.row_lower), np.int64)
        np.minimum.at(tightest, inner, self.row_upper[outer])
        np.maximum.at(needed, outer, self.lower[inner])
        self.row_lower[self.row_lower <= needed] = 0
        self.upper[self.upper >= tightest] = NO_LIMIT


def first_options(problem: Problem) -> IntArray:
    """One option of each agent; −1 where it has none."""
    found = np.full(problem.agents, -1)
    found[problem.agent[::-1]] = np.arange(problem.options)[::-1]
    return found


def _crossed(problem: Problem, sets: Sets, agents: Agents) -> BoolArray:
    """Which rows of several agents some live agent is partly in and partly not."""
    if np.all(agents.live | (agents.size <= 1)):
        return ~agents.whole & (agents.owner < 0)
    crosses = np.zeros(len(sets), bool)
    crosses[_crossings(problem, sets, agents)[1]] = True
    return crosses


def _crossings(problem: Problem, sets: Sets, agents: Agents) -> tuple[IntArray, IntArray]:
    """Live agents, and rows that they cross."""
    live, found = agents.live, [np.zeros((2, 0), np.int64)]
    for agent, row, shared in _meetings(problem, sets):
        cross = (shared < agents.size[agent]) & live[agent] & (agents.owner[row] < 0)
        found.append(np.stack([agent[cross], row[cross]]))
    agent, row = np.concatenate(found, axis=1)
    return agent, row


def two_families(
    problem: Problem, sets: Sets, meetings: Meetings, agents: Agents
) -> tuple[BoolArray, BoolArray]:
    """Which rows and which agents are in the second family: a colouring in two colours, so that sets that cross
    differ.

    All agents in the first is tried first: that is quick to tell. What crosses nothing goes with the rows.
    """
    one, two = meetings.crossing(sets)
    crossed = np.flatnonzero(agents.crosses)
    colour, clash = two_colours(
        1 + len(sets), np.append(1 + one, np.zeros_like(crossed)), np.append(1 + two, 1 + crossed)
    )
    if not len(clash):
        return colour[1:] != 0, np.zeros(problem.agents, bool)
    agent, row = _crossings(problem, sets, agents)
    start, end = np.append(one, len(sets) + agent), np.append(two, row)
    colour, clash = two_colours(len(sets) + problem.agents, start, end)
    if len(clash):
        owners = [*(sets.rule[number] for number in sets.number), "one_placement"]
        both = (owners[min(int(side[clash[0]]), len(sets))] for side in (start, end))
        raise NotANetworkError(f"rows of {' and '.join(dict.fromkeys(both))} overlap and do not nest")
    return colour[: len(sets)] != 0, colour[len(sets) :] == 1


def two_colours(nodes: int, start: IntArray, end: IntArray) -> tuple[IntArray, IntArray]:
    """A colour (0 or 1) per node so that edges join different ones, −1 where there is no edge; and the edges for
    which that cannot be.

    The nodes that are joined by an even and by an odd number of edges are kept as one label each.
    """
    label = np.arange(2 * nodes)
    _unite(label, np.append(start, start + nodes), np.append(end + nodes, end))
    colour = (label[:nodes] > label[nodes:]).astype(np.int64)
    lonely = np.ones(nodes, bool)
    lonely[start] = lonely[end] = False
    colour[lonely] = -1
    return colour, np.flatnonzero(label[start] == label[start + nodes])


def _unite(label: IntArray, start: IntArray, end: IntArray) -> None:
    """Give nodes that are joined the same label, the smallest of theirs."""
    while True:
        one, two = label[start], label[end]
        differ = np.flatnonzero(one != two)
        if not len(differ):
            return
        start, end, one, two = start[differ], end[differ], one[differ], two[differ]
        np.minimum.at(label, np.maximum(one, two), np.minimum(one, two))
        while not np.array_equal(up := label[label], label):
            label[:] = up
