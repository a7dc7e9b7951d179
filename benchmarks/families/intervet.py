"""The INTERVET sample: 426 learners, five hosting partners, all rules, three goals in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.instances import Instance, Wish

FOLDER = Path(__file__).resolve().parents[2] / "sample_data" / "intervet"
LEARNERS = 426


@dataclass(frozen=True)
class Intervet:
    """The one sample; sizes and seeds do not apply."""

    name: str = "intervet"
    about: str = "the INTERVET sample: 426 learners, every rule, placed then fit then cost"

    def instances(self, wish: Wish) -> Iterator[Instance]:
        """The sample, where it has been asked for at its size or at none."""
        if not wish.sizes or LEARNERS in wish.sizes:
            yield Instance(self.name, self.name, LEARNERS, 0, lambda: FOLDER)


FAMILY = Intervet()
