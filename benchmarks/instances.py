"""What can be solved in a benchmark: instances, the families that make them, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchmarks.discovery import discover
from matcher.generating import Spec, generate
from models.errors import UnknownName
from models.outcome import Status
from models.problem import Problem
from models.round import Round
from models.vocabulary import hint

Made = Round | Problem | Path
"""What an instance is: a round, the folder of one that is there already, or the bare numbers."""


@dataclass(frozen=True)
class Known:
    """What is known beforehand: ``status``, the best ``goals`` (by name, all or none), and ``source``: from where."""

    status: Status | None = None
    goals: Mapping[str, int] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True)
class Instance:
    """One instance. ``size`` counts learners (or jobs); the same family, size and seed make the same instance."""

    family: str
    name: str
    size: int
    seed: int
    make: Callable[[], Made]
    known: Known = Known()


@dataclass(frozen=True)
class Wish:
    """Which instances of a family: ``sizes`` (none: its own), ``seeds``, and a ``folder`` of files that do not ship."""

    sizes: tuple[int, ...] = ()
    seeds: tuple[int, ...] = (0,)
    folder: Path | None = None


class Family(Protocol):
    """A family of instances: a file in ``families/`` that sets ``FAMILY``."""

    name: str
    about: str

    def instances(self, wish: Wish) -> Iterator[Instance]:
        """The instances asked for."""
        ...


@dataclass(frozen=True)
class Generated:
    """A family of generated rounds: ``variants`` maps a variant's name ("" for the only one) to shape and knobs."""

    name: str
    about: str
    sizes: tuple[int, ...]
    variants: Mapping[str, tuple[str, Mapping[str, Any]]]
    plants: tuple[str, ...] = ()
    known: Known = Known()

    def instances(self, wish: Wish) -> Iterator[Instance]:
        """Every variant in every size, for every seed."""
        for size in wish.sizes or self.sizes:
            for variant in self.variants:
                for seed in wish.seeds:
                    yield self.one(variant, size, seed)

    def one(self, variant: str, size: int, seed: int) -> Instance:
        """One instance; the round is made when it is asked for."""
        shape, knobs = self.variants[variant]
        name = "-".join(filter(None, (self.name, variant, str(size), str(seed))))
        return Instance(
            self.name,
            name,
            size,
            seed,
            lambda: generate(Spec.of_shape(shape, size, **knobs), seed, self.plants),
            self.known,
        )


def families() -> Mapping[str, Family]:
    """Every family by name."""
    return discover("benchmarks.families", "FAMILY")


def family(name: str) -> Family:
    """A family by name. Raises ``UnknownName``."""
    known = families()
    if name not in known:
        raise UnknownName(f"no family {name!r}{hint(name, known)}; there are {', '.join(known)}")
    return known[name]


def find(of: str, name: str, wish: Wish) -> Instance:
    """The instance of that name. Raises ``UnknownName``."""
    found: Sequence[Instance] = [each for each in family(of).instances(wish) if each.name == name]
    if not found:
        raise UnknownName(f"the family {of} has no instance {name!r}")
    return found[0]
