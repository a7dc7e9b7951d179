"""OR-Tools' minimum-cost flow: exact where the round is a pure network; elsewhere the network that is left without
the rules that it cannot say, which is a bound on quality and a lower limit for time.
"""

from __future__ import annotations

import numpy as np
from ortools.graph.python import min_cost_flow

from models.errors import SolverFault, UnsuitableMethod
from models.outcome import GoalValue, ObjectiveValue, Outcome, Status
from models.problem import IntArray, Problem
from solvers.interface import Cancel, Limits, Report
from solvers.network import LARGEST, Network, is_network
from solvers.stage import targets_of


class MinCostFlow:
    """One call of ``SimpleMinCostFlow`` with all goals in one cost, an earlier goal outweighing the later ones."""

    name = "min_cost_flow"
    about = "OR-Tools SimpleMinCostFlow: one placement and seats alone, unless the round is a pure network"
    blind = (
        "beds",
        "flow_heads",
        "min_group",
        "quotas",
        "budget",
        "groups",
        "pairs",
        "same_school",
        "inclusion",
    )

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Solve at once; it knows neither a time limit nor how to stop."""
        network = is_network(problem)
        exact = isinstance(network, Network)
        arcs = network if isinstance(network, Network) else assignment(problem)
        cost, whole = one_cost(problem, arcs.nodes)
        chosen = cheapest(arcs, arcs.costs(cost))
        if chosen is None:
            return Outcome(Status.INFEASIBLE, None, (), self.name)
        chosen = chosen[chosen < problem.options]
        return told(problem, chosen, self.name, whole=whole, exact=exact)


def one_cost(problem: Problem, nodes: int) -> tuple[IntArray, bool]:
    """The goals as one cost per option, and whether that is their order to the last unit (else it is as near to it as
    64 bits allow, and proves nothing).
    """
    total = np.zeros(problem.options, np.int64)
    exact = True
    for goal in targets_of(problem):
        gain = goal.sense * goal.dense(problem.columns)[: problem.options]
        wanted = 1 + 2 * problem.agents * int(np.abs(gain).max(initial=0))
        room = LARGEST // (nodes + 1) // 2 - int(np.abs(gain).max(initial=0))
        factor = min(wanted, max(1, room // max(1, int(np.abs(total).max(initial=0)))))
        exact &= factor == wanted or not total.any()
        total = total * factor + gain
    return -total, exact


def assignment(problem: Problem) -> Network:
    """Agents to seats: each option in the first of its seat rows only, everything else left out.

    Raises
    ------
    UnsuitableMethod
        Where the problem has no seats.
    """
    seats = [block for block in problem.blocks if block.rule == "seats" and not block.redundant]
    if not seats:
        raise UnsuitableMethod("the problem has no seats, and is no pure network")
    sizes = np.concatenate([[0], *(block.upper for block in seats)]).astype(np.int64)
    cell = np.zeros(problem.options, np.int64)
    first = 1
    for block in seats:
        cell[block.column[::-1]] = block.row[::-1] + first
        first += len(block)
    sizes[0] = problem.agents
    sizes = np.minimum(sizes, problem.agents)
    agents = np.arange(problem.agents) + 2
    cells = np.arange(len(sizes)) + 2 + problem.agents
    tail = np.concatenate([agents[problem.agent], np.zeros(len(agents), np.int64), cells, [1]])
    head = np.concatenate([cells[cell], agents, np.ones(len(cells), np.int64), [0]])
    upper = np.concatenate(
        [np.ones(problem.options, np.int64), np.ones(len(agents), np.int64), sizes, [problem.agents]]
    )
    nodes = 2 + len(agents) + len(cells)
    return Network(nodes, problem.options, tail, head, np.zeros_like(upper), upper)


def cheapest(arcs: Network, cost: IntArray) -> IntArray | None:
    """The arcs that carry something in a cheapest circulation; None: there is none."""
    if np.any(arcs.lower > arcs.upper):
        return None
    supply = np.bincount(arcs.head, arcs.lower, arcs.nodes) - np.bincount(arcs.tail, arcs.lower, arcs.nodes)
    flow = min_cost_flow.SimpleMinCostFlow()
    added = flow.add_arcs_with_capacity_and_unit_cost(arcs.tail, arcs.head, arcs.upper - arcs.lower, cost)
    flow.set_nodes_supplies(np.arange(arcs.nodes), supply.astype(np.int64))
    status = flow.solve()
    if status == flow.INFEASIBLE:
        return None
    if status != flow.OPTIMAL:
        raise SolverFault(f"minimum-cost flow ended with status {status}")
    return np.flatnonzero(flow.flows(added) + arcs.lower)


def told(problem: Problem, chosen: IntArray, method: str, *, whole: bool, exact: bool) -> Outcome:
    """The outcome: a proof on a pure network; elsewhere the first goal's value is a bound that nothing can pass."""
    values = problem.complete(chosen)
    reached = [goal.of(values) for goal in targets_of(problem)]
    limited = [whole and (exact or number == 0) for number in range(len(reached))]
    if problem.weighted is not None:
        scale = problem.weighted.scale
        bound = reached[0] / scale if limited[0] else None
        goals = tuple(GoalValue(goal.name, goal.of(values), None, proven=False) for goal in problem.goals)
        objective = ObjectiveValue(reached[0] / scale, bound, proven=exact and whole)
    else:
        objective = None
        goals = tuple(
            GoalValue(goal.name, value, value if bounded else None, proven=exact and whole)
            for goal, value, bounded in zip(problem.goals, reached, limited, strict=True)
        )
    status = Status.OPTIMAL if exact and whole else Status.FEASIBLE
    return Outcome(status, chosen, goals, method, objective)


PEER = MinCostFlow()
"""Found because it is here."""
