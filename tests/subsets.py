"""Subsets of options, as the solver's side and as the audit see them: what holds the faces to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations

import numpy as np

from matcher.auditing import audit, breaches
from matcher.compiling import compile_problem
from matcher.joining import find_options
from matcher.options import Options
from matcher.placements import Placements
from matcher.rules import discover
from matcher.rules.base import Mask
from models.outcome import Breach, Placement
from models.problem import Block, Problem
from models.round import IntArray, Round

ALL_SUBSETS_UP_TO = 12
"""So many candidates are tried in all their subsets; of more, random subsets."""


@dataclass(frozen=True)
class Faces:
    """Some candidates of a round: what ``bars`` and ``rows`` allow, and what ``audit`` finds."""

    rnd: Round
    candidates: Options

    @classmethod
    def of(cls, rnd: Round, most: int, seed: int) -> Faces:
        """At most so many candidates, taken at random: what no rule has looked at."""
        every, _ = find_options(rnd, ())
        some = np.random.default_rng(seed).permutation(len(every))[:most]
        return cls(rnd, every.take(np.sort(some)))

    def __len__(self) -> int:
        return len(self.candidates)

    @cached_property
    def barred(self) -> Mask:
        """Which candidates a rule in force bars."""
        barred = np.zeros(len(self.candidates), bool)
        for rule in discover():
            if self.rnd.policy.holds(rule.name):
                barred |= rule.bars(self.rnd, self.candidates)
        return barred

    @cached_property
    def problem(self) -> Problem:
        """The rows over the candidates that remain."""
        return compile_problem(self.rnd, self.candidates.take(~self.barred))

    @cached_property
    def free(self) -> Faces:
        """The candidates that no rule bars, with the rows that are stated over them."""
        free = Faces(self.rnd, self.candidates.take(~self.barred))
        vars(free)["problem"] = self.problem
        return free

    @cached_property
    def redundant(self) -> tuple[Block, ...]:
        """The rows that are said to follow from the others."""
        return tuple(block.spelled_out() for block in self.problem.blocks if block.redundant)

    @cached_property
    def number(self) -> list[int]:
        """The problem's number of each candidate that no rule bars."""
        numbers: list[int] = (np.cumsum(~self.barred) - 1).tolist()
        return numbers

    def option(self, subset: Sequence[int]) -> IntArray:
        """The problem's numbers of the chosen candidates, none of them barred."""
        return np.array([self.number[candidate] for candidate in subset], np.int64)

    def allows(self, subset: Sequence[int]) -> bool:
        """The solver's side; what it allows, redundant rows allow too."""
        if any(self.barred[candidate] for candidate in subset):
            return False
        values = self.problem.complete(self.option(subset))
        allowed = self.problem.holds(values)
        if allowed:
            for block in self.redundant:
                activity = block.activity(values)
                holds = (block.lower <= activity) & (activity <= block.upper)
                assert holds.all(), f"{block.rule} is not redundant: {subset}"
        return allowed

    @cached_property
    def every(self) -> list[Placement]:
        """All candidates by ids."""
        rnd, options = self.rnd, self.candidates
        ids = (
            rnd.learners["id"][options.learner],
            rnd.offers["id"][options.offer],
            rnd.flows["id"][options.flow],
        )
        return list(map(Placement, *(column.tolist() for column in ids)))

    def placements(self, subset: Sequence[int]) -> list[Placement]:
        """The chosen candidates by ids."""
        return [self.every[candidate] for candidate in subset]

    @cached_property
    def audited(self) -> dict[tuple[int, ...], tuple[Breach, ...]]:
        """What has been audited: a walk asks of each place twice, and comes back."""
        return {}

    def breaches(self, subset: Sequence[int]) -> tuple[Breach, ...]:
        """The audit's side."""
        key = tuple(subset)
        if key not in self.audited:
            self.audited[key] = tuple(breaches(self.rnd, Placements(self.rnd, self.placements(key))))
        return self.audited[key]

    def goals(self, subset: Sequence[int]) -> Mapping[str, int]:
        """What the audit says of the goals."""
        return audit(self.rnd, self.placements(subset)).goals

    def subsets(self, seed: int, random: int = 200) -> Iterator[tuple[int, ...]]:
        """All subsets of few candidates, random ones of many (at most one per learner in most of them)."""
        count = len(self.candidates)
        if count <= ALL_SUBSETS_UP_TO:
            return chain.from_iterable(combinations(range(count), size) for size in range(count + 1))
        return (self.random_subset(seed + number) for number in range(random))

    def one_each(self, subset: Sequence[int]) -> bool:
        """Whether no learner is in it twice; if one is, the first rule forbids it whatever the others say."""
        return len({self.learners[candidate] for candidate in subset}) == len(subset)

    @cached_property
    def learners(self) -> list[int]:
        """Whose the candidates are."""
        learners: list[int] = self.candidates.learner.tolist()
        return learners

    def walk(self, seed: int, steps: int) -> Iterator[tuple[int, ...]]:
        """A walk towards fuller valid allocations, one learner moved at a time; every place that it visits, once.

        A step to fewer breaches, or to as many with more placed, is taken; any other seldom.
        """
        random = np.random.default_rng(seed)
        here: tuple[int, ...] = ()
        worth, visited = self._worth(here), {here}
        yield here
        for _ in range(steps if len(self.candidates) else 0):
            there = self.moved(here, int(random.integers(len(self.candidates))))
            if there not in visited:
                visited.add(there)
                yield there
            gain = self._worth(there) - worth
            if gain >= 0 or random.random() < 0.1:
                here, worth = there, worth + gain

    def moved(self, subset: Sequence[int], candidate: int) -> tuple[int, ...]:
        """The subset with a learner moved to a candidate, or taken out of it."""
        learner = self.learners
        others = {chosen for chosen in subset if learner[chosen] != learner[candidate]}
        return tuple(sorted(others if candidate in subset else {*others, candidate}))

    def _worth(self, subset: Sequence[int]) -> float:
        return 0.3 * len(subset) - len(self.breaches(subset))

    def random_subset(self, seed: int) -> tuple[int, ...]:
        """A random subset of any density, in three of four cases with one candidate per learner."""
        random = np.random.default_rng(seed)
        order = random.permutation(np.flatnonzero(random.random(len(self.candidates)) < random.random()))
        if random.random() < 0.75:
            _, first = np.unique(self.candidates.learner[order], return_index=True)
            order = order[first]
        return tuple(sorted(order.tolist()))
