"""What a way out of an infeasible round is: changes, their price, and what was proven of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from matcher.explaining.changes import Change
from models.round import Round


@dataclass(frozen=True)
class Step:
    """One change of a way out: the rule that gives way, in words how, its effort in points (``changes.EFFORT``), and
    the euros that it takes (None: no money is meant).
    """

    rule: str
    text: str
    effort: int
    euros: int | None


@dataclass(frozen=True)
class Way:
    """Changes with which the round has an allocation.

    ``feasible``: the changed round was solved anew and its allocation audited. ``irreducible``: proven that the round
    has no allocation when any one of the changes is left out (False: a proof ran out of time). ``cheapest``: proven
    that no other set, of what was considered and of those not listed before, takes less effort.
    """

    steps: tuple[Step, ...]
    feasible: bool
    irreducible: bool
    cheapest: bool
    changes: tuple[Change, ...]

    def apply(self, rnd: Round) -> Round:
        """The round with the changes made."""
        for change in self.changes:
            rnd = change.apply(rnd)
        return rnd

    @property
    def effort(self) -> int:
        """The effort of all changes together, in points."""
        return sum(step.effort for step in self.steps)

    @property
    def euros(self) -> int | None:
        """The euros of all changes together; None where none of them means money."""
        given = [step.euros for step in self.steps if step.euros is not None]
        return sum(given) if given else None

    def as_dict(self) -> dict[str, Any]:
        """The way as JSON knows it."""
        return {
            "effort": self.effort,
            "euros": self.euros,
            "steps": [asdict(step) for step in self.steps],
            "feasible": self.feasible,
            "irreducible": self.irreducible,
            "cheapest": self.cheapest,
        }


@dataclass(frozen=True)
class Ways:
    """The ways that were found, the cheapest first; how many changes were considered; what cut the search short."""

    ways: tuple[Way, ...]
    considered: int
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The ways as JSON knows them."""
        return {
            "ways": [way.as_dict() for way in self.ways],
            "considered": self.considered,
            "notes": list(self.notes),
        }
