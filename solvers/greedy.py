"""First come, first served, as coordinators do by hand: the honest baseline. It proves nothing.

Whoever is locked comes first, then those whom a minimum needs, then everyone in the order of
``Problem.bundle`` (a seed other than 0 shuffles the bundles). Each agent takes the best ranked option that
still fits; agents of one bundle are placed together, each where it least offends the rows that only this
bundle has. What then falls short (a group below its minimum, a share not kept) is dissolved from the last
placed on, smallest first, and whoever lost a place looks again. Where a minimum is missed at the end, its
candidates come first in another attempt.
"""

from __future__ import annotations

import numpy as np

from models.outcome import Outcome
from models.problem import IntArray, Problem
from solvers.interface import Cancel, Limits, Report
from solvers.lexicographic import Clock, Found, run
from solvers.seating import Care, Seating, bundles_of

ATTEMPTS = 6
"""How often the whole round is tried, each time with those first whom the last attempt failed to fit."""


class Greedy:
    """The method ``greedy``."""

    name = "greedy"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """An allocation that satisfies every row, if the method finds one; bounds only where they are plain to see."""
        return run(
            problem,
            limits,
            report,
            cancel,
            lambda task: Found(task.start),
            method=self.name,
            start=lambda clock: Coordinator(problem, limits.seed, clock).place(),
        )


class Coordinator:
    """Places everyone, mends what fell short, and tries again where a minimum was missed."""

    def __init__(self, problem: Problem, seed: int, clock: Clock, attempts: int = ATTEMPTS) -> None:
        self.problem = problem
        self.clock = clock
        self.attempts = attempts
        queue = np.arange(len(bundles_of(problem)))
        self.seating = Seating(
            problem, np.random.default_rng(seed).permutation(queue) if seed else queue, self.enough
        )
        self.ledger = self.seating.ledger
        self.lost: list[int] = []

    def place(self) -> IntArray | None:
        """The chosen options of the first attempt that satisfies every row; None when none does."""
        urgent: list[int] = []
        for attempt in range(self.attempts):
            self.clock.tell(f"attempt {attempt + 1}")
            self.attempt(urgent)
            if self.problem.allows(self.chosen):
                return self.chosen
            missed = self.ledger.violated().tolist()
            if not missed or self.enough():
                return None
            before, urgent = urgent, missed + [row for row in urgent if row not in missed]
            if not self.avoid(missed) and urgent == before:
                return None
        return None

    def enough(self) -> bool:
        """Whether time is up: asked before every place that is tried, as what hangs on one may be long to mend."""
        return self.clock.stop() is not None

    @property
    def chosen(self) -> IntArray:
        """The options of those who are placed now, which need not satisfy every row."""
        return np.sort(self.ledger.slots.option[self.ledger.taken])

    def attempt(self, urgent: list[int]) -> None:
        """Place everyone once, from nothing."""
        self.seating.clear()
        self.lost = []
        for row in [*urgent, *(row for row in self.needs() if row not in urgent)]:
            self.seating.fill(row, Care.FULL)
        self.everyone(Care.LOOSE)
        if self.settle():
            for row in self.needs():
                self.seating.fill(row, Care.FULL)
            self.everyone(Care.STRICT)

    def avoid(self, missed: list[int]) -> bool:
        """Keep agents whom a missed row needs from the places that they lost (not from all that they have);
        True if that changes anything.
        """
        needed = np.unique(np.concatenate([self.seating.positions(row, raising=True) for row in missed]))
        banned, agent = self.seating.banned, self.ledger.slots.agent
        before = banned.copy()
        banned[np.intersect1d(needed, np.array(self.lost, np.int64))] = True
        stuck = np.setdiff1d(agent[banned], agent[~banned])
        banned[np.isin(agent, stuck)] = False
        return not np.array_equal(banned, before)

    def needs(self) -> list[int]:
        """Rows that ask for more than nothing and have too little: those of one agent first, then by number
        of options.
        """
        rows = np.flatnonzero(self.ledger.sums < self.ledger.lower).tolist()
        agents, positions = self.ledger.slots.agent, self.seating.positions
        several = {row: len(np.unique(agents[positions(row)])) > 1 for row in rows}
        return sorted(rows, key=lambda row: (several[row], len(positions(row)), row))

    def everyone(self, care: Care) -> None:
        """Each bundle in its turn; stops when time is up."""
        for number, bundle in enumerate(self.seating.queue.tolist()):
            if number % 64 == 0 and self.enough():
                return
            self.seating.seat(bundle, care)

    def settle(self) -> bool:
        """Dissolve what falls short, smallest first; whoever lost a place looks again. True if anything was
        dissolved.
        """
        rounds, patience = 0, 2 * self.problem.agents
        while True:
            shrinkable = [(self.shrinking(row), row) for row in self.ledger.violated().tolist()]
            shrinkable = [(positions, row) for positions, row in shrinkable if positions]
            if not shrinkable:
                return rounds > 0
            positions, row = min(shrinkable, key=lambda pair: (len(pair[0]), pair[1]))
            lost = self.dissolve(row, positions)
            rounds += 1
            if rounds < patience and not self.enough():
                for bundle in dict.fromkeys(self.seating.bundle[lost].tolist()):
                    self.seating.seat(bundle, Care.STRICT)

    def shrinking(self, row: int) -> list[int]:
        """The taken positions that a broken row could do without, in the order in which they came."""
        raising = bool(self.ledger.sums[row] > self.ledger.upper[row])
        mine = set(self.seating.positions(row, raising=raising).tolist())
        return [position for position in self.seating.came if position in mine]

    def dissolve(self, row: int, positions: list[int]) -> list[int]:
        """Give positions back, the last that came first, until the row holds."""
        lost = []
        while positions and self.ledger.excess(np.array([row]))[0]:
            lost.append(positions.pop())
            self.seating.give_back(lost[-1])
        self.lost += lost
        return lost


SOLVER = Greedy()
