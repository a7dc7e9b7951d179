"""Tells whether a problem is a pure network, and makes one of it: two families of nested sets of options.

A problem is a network when its rows, after those that cannot bind, repeat or follow from others are left out,
count options and can be shared out into two families such that within a family any two rows are disjoint or
one contains the other: on one side agents and what nests around them, on the other seats within flows within
beds. Each option is then an arc from its smallest set in the one family to its smallest set in the other
(Edmonds 1970; Schrijver 2003, section 41.4).
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np

from models.problem import IntArray, Problem
from solvers.counting import BoolArray, NotANetworkError, counting_rows, doubtful, roughly, rows_of
from solvers.families import Agents, first_options, two_families, with_agents
from solvers.nesting import NO_LIMIT, Meetings, Sets, merged, sets_of, without_implied
from solvers.rows import Rows

LARGEST = 2**61
"""Costs times nodes stay below this: the method scales costs by the number of nodes, and works with twice
that.
"""


@dataclass(frozen=True)
class Network:
    """A circulation: arcs from ``tail`` to ``head`` that carry at least ``lower`` and at most ``upper``.

    The first arcs are the options, in order; arcs of sets follow, and one from the sink (node 1) to the
    source (node 0). Where an arc's ``lower`` is above its ``upper``, the problem has no solution. All are arrays
    of 4-byte numbers, one entry per arc.
    """

    nodes: int
    options: int
    tail: IntArray
    head: IntArray
    lower: IntArray
    upper: IntArray

    def costs(self, vector: IntArray) -> IntArray:
        """A cost per arc from one per option; the arcs of sets cost nothing."""
        return np.concatenate([vector, np.zeros(len(self.tail) - len(vector), np.int64)])


_LAST: dict[str, tuple[weakref.ref[Problem], Network | str]] = {}


def is_network(problem: Problem) -> Network | str:
    """The network, or a sentence that says why the problem is not one.

    The last answer is remembered: who chooses a method asks, and then the method does. Memory and time grow
    with the number of options and of entries over groups of options; nothing is spelled out.
    """
    known = _LAST.get("answer")
    if known is None or known[0]() is not problem:
        known = _LAST["answer"] = (weakref.ref(problem), _recognise(problem))
    return known[1]


def _recognise(problem: Problem) -> Network | str:
    try:
        _check_goals(problem)
        layers = counting_rows(problem)
        _check_definitions(problem)
        sets = merged(sets_of(problem, layers))
        sets = without_implied(sets, Meetings.of(sets))
        sets, agents = with_agents(problem, sets)
        meetings = Meetings.of(sets)
        second = two_families(problem, sets, meetings, agents)
        return _not_too_large(problem, _arcs(problem, sets, meetings, agents, *second))
    except NotANetworkError as reason:
        return str(reason)


def _check_goals(problem: Problem) -> None:
    """No goal may count an auxiliary."""
    for goal in problem.goals if problem.auxiliaries else ():
        if np.any(goal.value[goal.column >= problem.options]):
            raise NotANetworkError(f"goal {goal.name} counts more than options")


def _check_definitions(problem: Problem) -> None:
    """No definition may keep options from being chosen, with every auxiliary at the end that leaves most room:
    those that take their smallest value at their largest.
    """
    room = [family.upper * (family.towards < 0) for family in problem.auxiliaries]
    for family in problem.auxiliaries:
        rows = rows_of(problem, family.definition, np.concatenate(room))
        rows = rows.keep(rows.binds(*roughly(rows)))
        if any(binding.any() for _, binding in doubtful(problem, rows)):
            raise NotANetworkError(f"{family.name} restricts the options")


def _not_too_large(problem: Problem, network: Network) -> Network:
    """The network, where costs as large as the goals' (or the weighted objective's) fit into 64 bits."""
    weights = problem.weighted.weights if problem.weighted else None
    total = 0
    for number, goal in enumerate(problem.goals):
        largest = int(np.abs(goal.value).max(initial=0)) * (abs(weights[number]) if weights else 1)
        total = total + largest if weights else largest
        if total * (network.nodes + 1) >= LARGEST:
            raise NotANetworkError(f"goal {goal.name} has values too large for 64 bits")
    return network


def _arcs(
    problem: Problem,
    sets: Sets,
    meetings: Meetings,
    agents: Agents,
    second: BoolArray,
    agent_second: BoolArray,
) -> Network:
    """Source → sets of the first family, inwards → option → sets of the second, outwards → sink."""
    nodes = _Nodes(problem, sets, agents, second, agent_second)
    live = np.flatnonzero(agents.live)
    node = np.concatenate([nodes.of_agent[live], nodes.of_set])
    around = np.concatenate([nodes.around_agents(live), nodes.around_sets(meetings)])
    outwards = np.concatenate([agent_second[live], second])
    lower = np.concatenate([np.zeros(problem.options, np.int32), agents.lower[live], sets.lower, [0]])
    upper = np.concatenate(
        [np.ones(problem.options, np.int32), agents.upper[live], sets.upper, [problem.agents]]
    )
    tail = np.concatenate([nodes.leaves(family=False), np.where(outwards, node, around), [1]])
    head = np.concatenate([nodes.leaves(family=True), np.where(outwards, around, node), [0]])
    return Network(
        2 + len(node),
        problem.options,
        *(each.astype(np.int32, copy=False) for each in (tail, head, lower, upper)),
    )


class _Nodes:
    """Numbers of nodes: 0 the source, 1 the sink, then the live agents, then the sets."""

    def __init__(
        self, problem: Problem, sets: Sets, agents: Agents, second: BoolArray, agent_second: BoolArray
    ) -> None:
        live = agents.live
        self.problem, self.sets, self.agents = problem, sets, agents
        self.second, self.agent_second = second, agent_second
        self.of_agent = np.where(live, 1 + np.cumsum(live), -1).astype(np.int32)
        self.of_set = 2 + np.count_nonzero(live) + np.arange(len(sets), dtype=np.int32)

    def leaves(self, *, family: bool) -> IntArray:
        """For each option the node of the smallest set of a family around it, or the family's root."""
        sets, agents, agent = self.sets, self.agents, self.problem.agent
        mine = self.second[sets.row] == family
        leaf = smallest(sets.size, sets.atom[mine], sets.row[mine], len(sets.atoms))
        size = np.append(sets.size, NO_LIMIT)[leaf]
        node = np.append(self.of_set, np.int32(family))[leaf]
        theirs = np.where(agents.live & (self.agent_second == family), agents.size, NO_LIMIT + 1)
        if np.all(theirs > NO_LIMIT):
            return node[sets.of_option]
        return np.where(size[sets.of_option] < theirs[agent], node[sets.of_option], self.of_agent[agent])

    def around_sets(self, meetings: Meetings) -> IntArray:
        """For each set the node of the smallest one of its family around it, or the family's root."""
        sets, owner = self.sets, self.agents.owner
        inner, outer = meetings.nested(sets)
        same = self.second[inner] == self.second[outer]
        around = smallest(sets.size, inner[same], outer[same], len(sets))
        node = np.where(around < 0, self.second, self.of_set[around] if len(sets) else 0)
        held = (owner >= 0) & self.agents.live[owner] & (self.agent_second[owner] == self.second)
        held &= self.agents.size[owner] < np.append(sets.size, NO_LIMIT)[around]
        return np.where(held, self.of_agent[owner], node)

    def around_agents(self, live: IntArray) -> IntArray:
        """For each of these agents the node of the smallest set of its family around it, or the family's root."""
        sets, found = self.sets, self.agent_second.astype(np.int64)
        for family in (False, True):
            mine = (self.agents.owner[sets.row] < 0) & (self.second[sets.row] == family)
            leaf = smallest(sets.size, sets.atom[mine], sets.row[mine], len(sets.atoms))
            leaf = np.append(leaf, -1)[np.append(sets.of_option, len(leaf))[first_options(self.problem)]]
            inside = (leaf >= 0) & (self.agent_second == family)
            found[inside] = self.of_set[leaf[inside]]
        return found[live]


def smallest(size: IntArray, thing: IntArray, around: IntArray, things: int) -> IntArray:
    """For each thing the smallest of the sets around it; −1 where there is none."""
    order = np.lexsort((size[around], thing))
    thing, first = np.unique(thing[order], return_index=True)
    found = np.full(things, -1)
    found[thing] = around[order][first]
    return found


def reach(problem: Problem, rows: Rows, auxiliaries_at: IntArray | None = None) -> tuple[IntArray, IntArray]:
    """The least and the most of each row when an agent chooses at most one option; auxiliaries take any
    value, or these.
    """
    chooser = np.concatenate([problem.agent, problem.agents + np.arange(problem.columns - problem.options)])
    share = rows.value * problem.upper[rows.column]
    choosers = int(chooser.max(initial=0)) + 1
    pair, inverse = np.unique(rows.row * choosers + chooser[rows.column], return_inverse=True)
    low, high = np.zeros(len(pair), np.int64), np.zeros(len(pair), np.int64)
    np.minimum.at(low, inverse, share)
    np.maximum.at(high, inverse, share)
    if auxiliaries_at is not None:
        fixed = rows.column >= problem.options
        low[inverse[fixed]] = high[inverse[fixed]] = (rows.value * auxiliaries_at[rows.column])[fixed]
    least, most = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    np.add.at(least, pair // choosers, low)
    np.add.at(most, pair // choosers, high)
    return least, most
