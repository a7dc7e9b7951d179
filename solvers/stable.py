"""Stable placement: learners propose, places hold the strongest claims (Gale and Shapley 1962), within all rows.

Agents rank their options; seats go by priority: by the goal ``fit`` where the problem has it, then by one lottery among
equals, drawn from the seed and published (``blocking.lottery``, ``Outcome.stability``). The policy's goals are not
sought otherwise.

What is promised depends on the rows:

- *Wishes and seats alone*, where the seat rows of an option are nested (it is in one, for instance) and an agent's
  claim is equally strong at all its options of a row (as at one offer's): no blocking pair, and of all such allocations
  the one that every agent likes best.
- *Other rows* (beds, groups, budgets, minima …): every row holds. The proposals' result is kept as far as the rows
  allow, those whom minima and groups need first; then whoever has a claim that can be granted gets it
  (``exchanging.Standing``), round by round, until nobody has one: then there is no feasible blocking pair. Neither need
  there be such an allocation, nor would this search always find one, as one claim may undo another without end
  (McDermid and Manlove 2010: with couples or sizes it is NP-hard to tell). So after ``ROUNDS`` rounds, or at the time
  limit, the allocation with the fewest feasible blocking pairs seen is returned, and ``Outcome.stability.blocking``
  says how many there are. It is the agents' best no more, and it need not be the one with the fewest of all.

Raising goals costs stability and the reverse: the price is the difference to what a proving method reaches.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.outcome import Outcome, Stability, Status
from models.problem import IntArray, Problem
from solvers.blocking import Market
from solvers.exact import SOLVER as EXACT
from solvers.exchanging import Standing
from solvers.greedy import Coordinator
from solvers.interface import Cancel, Limits, Report, silent
from solvers.lexicographic import Clock, Found, Task, run
from solvers.proposing import accepted, wished

ROUNDS = 30
"""How often all agents are asked for claims that can be granted."""

MOVES = 4
"""How many claims per agent are granted in a round at most: one may undo another without end."""


class Stable:
    """The method ``stable``."""

    name = "stable"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """An allocation that satisfies every row, as stable as the rows let it be; bounds only where plain to see."""
        search = Search(problem, limits)
        outcome = run(problem, limits, report, cancel, search.stage, method=self.name, start=search.found)
        return replace(outcome, stability=search.stability)


class Search:
    """Proposals, then a start within all rows, then claims granted round by round."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        self.problem, self.limits = problem, limits
        self.market = Market.of(problem, limits.seed)
        self.options_of = wished(problem)
        self.infeasible = False
        self.stability: Stability | None = None

    def stage(self, task: Task) -> Found:
        """Nothing is sought for any goal."""
        return Found(task.start, infeasible=self.infeasible)

    def found(self, clock: Clock) -> IntArray | None:
        """The allocation (None: none was found, or there is none)."""
        clock.tell("proposals")
        chosen = accepted(self.market)
        if not self.problem.allows(chosen):
            clock.tell("within all rows")
            start = self.within(chosen, clock)
            if start is None:
                return None
            chosen = start
        chosen, blocking, rounds = self.settled(chosen, clock)
        self.stability = Stability(self.market.drawn, blocking, rounds)
        return chosen

    def within(self, proposed: IntArray, clock: Clock) -> IntArray | None:
        """An allocation that satisfies every row: first come first served in the lottery's order, where everybody asks
        first for what the proposals gave; else whichever the exact method finds.
        """
        ranks, turn = self.problem.ranks.copy(), np.empty(self.problem.agents, np.int64)
        ranks[proposed] = -1
        turn[self.market.drawn] = np.arange(self.problem.agents)
        first = np.full(int(self.problem.bundle.max(initial=-1)) + 1, self.problem.agents)
        np.minimum.at(first, self.problem.bundle, turn)
        queue = replace(self.problem, rank=ranks, bundle=first[self.problem.bundle])
        found = Coordinator(queue, 0, clock).place()
        if found is not None or clock.stop() is not None:
            return found
        limits = replace(self.limits, seconds=clock.left(), gap=0.0, starts=False)
        outcome = EXACT.solve(replace(self.problem, goals=(), weighted=None), limits, silent, clock.cancel)
        self.infeasible = outcome.status is Status.INFEASIBLE
        return outcome.chosen

    def settled(self, chosen: IntArray, clock: Clock) -> tuple[IntArray, int | None, int]:
        """The allocation with the fewest feasible blocking pairs that the rounds come to, how many (None: not counted),
        and the rounds.
        """
        if not len(self.market.blocking(chosen)):
            return chosen, 0, 0
        standing, best, fewest = Standing(self.market, chosen), chosen, None
        for number in range(ROUNDS + 1):
            claims = self.claims(standing, clock)
            if claims is None:
                return best, fewest, number
            if fewest is None or len(claims) < fewest:
                best, fewest = standing.chosen, len(claims)
            clock.tell(f"round {number + 1}: {len(claims)} feasible blocking pairs")
            if not claims or number == ROUNDS:
                return best, fewest, number
            self.ask(standing, self.order(claims, number), clock)
        raise AssertionError("the last round returns")

    def claims(self, standing: Standing, clock: Clock) -> list[int] | None:
        """The options of all feasible blocking pairs; None where time is up before they are counted."""
        found = []
        for option in standing.claims():
            if clock.stop() is not None:
                return None
            if standing.can_grant(option):
                found.append(option)
        return found

    def order(self, claims: list[int], number: int) -> list[int]:
        """The agents with claims: first by the lottery, later by chance, so that no circle is walked for ever."""
        some = np.zeros(self.problem.agents, bool)
        some[self.problem.agent[claims]] = True
        chance = np.random.default_rng([self.limits.seed, number])
        queue = chance.permutation(self.problem.agents) if number else self.market.drawn
        asked: list[int] = queue[some[queue]].tolist()
        return asked

    def ask(self, standing: Standing, agents: list[int], clock: Clock) -> None:
        """Each agent takes the best that can be granted; whoever gave way asks next."""
        asking, moves = agents[::-1], MOVES * self.problem.agents
        while asking and moves and clock.stop() is None:
            gone = self.move(standing, asking.pop())
            asking += [standing.agent[option] for option in gone]
            moves -= 1

    def move(self, standing: Standing, agent: int) -> list[int]:
        """Grant an agent's best claim that can be granted; the options that gave way."""
        for option in standing.preferred(self.options_of[agent]):
            gone = standing.grant(option)
            if gone is not None:
                return gone
        return []


SOLVER = Stable()
"""Found because it is here."""
