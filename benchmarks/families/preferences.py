"""Wishes and seats, nothing else (the hospital/residents game, ten choices each); and rounds in which wishes weigh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.instances import Instance, Wish
from matcher.generating import Spec, generate
from models.problem import FREE_BELOW, Block, Goal, Problem

CHOICES = 10
PLACES_PER_LEARNER = 1.1


@dataclass(frozen=True)
class Preferences:
    """``plain``: placed first, then the sum of ranks as small as can be. ``full``: a round with all rules."""

    name: str = "preferences"
    about: str = "plain: ten ranked choices each and seats, nothing else; full: rounds in which wishes weigh"

    def instances(self, wish: Wish) -> Iterator[Instance]:
        """Both variants in every size, for every seed; the full one up to 1,000 learners."""
        for size in wish.sizes or (1000, 10_000):
            for seed in wish.seeds:
                yield self.plain(size, seed)
                if size <= 1000:
                    yield self.full(size, seed)

    def plain(self, size: int, seed: int) -> Instance:
        """Popular hosts (Zipf-like), capacities that add up to 1.1 places a learner."""
        return Instance(self.name, f"{self.name}-plain-{size}-{seed}", size, seed, lambda: plain(size, seed))

    def full(self, size: int, seed: int) -> Instance:
        """The generator's shape."""
        name = f"{self.name}-full-{size}-{seed}"
        return Instance(
            self.name, name, size, seed, lambda: generate(Spec.of_shape("preferences", size), seed)
        )


def plain(size: int, seed: int) -> Problem:
    """Learners with ten different choices out of size / 5 places."""
    draws = np.random.Generator(np.random.PCG64([size, seed]))
    places = max(CHOICES, size // 5)
    weight = 1 / np.sqrt(np.arange(1, places + 1))
    edges = np.cumsum(weight)
    drawn = np.searchsorted(edges, draws.random((size, 4 * CHOICES)) * edges[-1], side="right")
    agent, place, rank = _first_different(np.minimum(drawn, places - 1))
    seats = np.full(places, int(size * PLACES_PER_LEARNER) // places)
    seats[: int(size * PLACES_PER_LEARNER) % places] += 1
    return hospital(size, agent, place, rank, np.maximum(seats, 1))


def _first_different(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first ten different places of each row: learner, place and rank, learner by learner."""
    learner = np.repeat(np.arange(len(drawn)), drawn.shape[1])
    _, first = np.unique(learner * (drawn.max() + 1) + drawn.ravel(), return_index=True)
    kept = np.sort(first)
    start = np.searchsorted(learner[kept], learner[kept], side="left")
    rank = np.arange(len(kept)) - start
    near = rank < CHOICES
    return learner[kept][near], drawn.ravel()[kept][near], rank[near]


def hospital(size: int, agent: np.ndarray, place: np.ndarray, rank: np.ndarray, seats: np.ndarray) -> Problem:
    """The game as numbers: one place each, seats, as many placed as can be, then the smallest sum of ranks (from 1)."""
    option = np.arange(len(agent))
    one = np.ones(len(agent), np.int64)

    def at_most(rule: str, row: np.ndarray, upper: np.ndarray, text: str) -> Block:
        return Block(rule, row, option, one, np.full(len(upper), FREE_BELOW), upper, text)

    return Problem(
        options=len(agent),
        agents=size,
        agent=agent,
        rank=rank,
        bundle=np.arange(size),
        blocks=(
            at_most("one_placement", agent, np.ones(size, np.int64), "one place each"),
            at_most("seats", place, seats, "seats"),
        ),
        auxiliaries=(),
        goals=(Goal("placed", 1, option, one), Goal("rank", -1, option, rank + 1)),
    )


FAMILY = Preferences()
