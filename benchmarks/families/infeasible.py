"""Rounds without a solution, because a conflict was planted in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.instances import Instance, Known, Wish
from matcher.generating import PLANTS, Spec, generate
from models.outcome import Status


@dataclass(frozen=True)
class Infeasible:
    """One instance for every conflict that can be planted."""

    name: str = "infeasible"
    about: str = "one conflict planted in each; what is asked for is the proof that there is no allocation"

    def instances(self, wish: Wish) -> Iterator[Instance]:
        """Every conflict in every size, for every seed."""
        for size in wish.sizes or (200,):
            for seed in wish.seeds:
                for conflict in PLANTS:
                    yield self.one(conflict, size, seed)

    def one(self, conflict: str, size: int, seed: int) -> Instance:
        """A round with one conflict."""
        spec = Spec.of_shape("intervet", size)
        known = Known(Status.INFEASIBLE, source="a conflict was planted")
        name = f"{self.name}-{conflict}-{size}-{seed}"
        return Instance(self.name, name, size, seed, lambda: generate(spec, seed, (conflict,)), known)


FAMILY = Infeasible()
