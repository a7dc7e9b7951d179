"""Deferred acceptance (Gale and Shapley 1962), learners proposing: wishes against seats, everything else unseen.

The first half of our method ``stable`` (``solvers/proposing.py``), without what makes it keep the other rows: what
people mean by a stable matching, to be measured against.
"""

from __future__ import annotations

from models.errors import UnsuitableMethod
from models.outcome import GoalValue, Outcome, Status, Stop
from models.problem import Problem
from solvers.blocking import Market
from solvers.interface import Cancel, Limits, Report
from solvers.proposing import accepted


class DeferredAcceptance:
    """Linear in the options but for the heaps."""

    name = "deferred_acceptance"
    about = "deferred acceptance (Gale and Shapley): wishes against seats"
    blind = (
        "beds",
        "flow_heads",
        "min_group",
        "quotas",
        "budget",
        "groups",
        "pairs",
        "same_school",
        "locks",
        "inclusion",
    )

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Propose until nobody is refused any more. Raises ``UnsuitableMethod`` where the problem has no seats."""
        market = Market.of(problem, limits.seed)
        if not len(market.seats.capacity):
            raise UnsuitableMethod("the problem has no seats to defer acceptance of")
        chosen = accepted(market)
        values = problem.complete(chosen)
        goals = tuple(GoalValue(goal.name, goal.of(values), None, proven=False) for goal in problem.goals)
        return Outcome(Status.FEASIBLE, chosen, goals, self.name, stopped_by=Stop.METHOD)


PEER = DeferredAcceptance()
"""Found because it is here."""
