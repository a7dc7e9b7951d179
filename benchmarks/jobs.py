"""One run as it is handed to its process, and what comes back: plain data both ways."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.instances import Instance, Wish, find


@dataclass(frozen=True)
class Job:
    """One contestant on one instance. ``limit`` is in seconds of wall time for solving; ``round_folder`` is where the
    instance lies as files (None: bare numbers); ``repetition`` counts from 0 and is the solver's seed.
    """

    family: str
    instance: str
    size: int
    instance_seed: int
    contestant: str
    limit: float
    workers: int
    repetition: int
    gap: float = 0.0
    gap_folder: str | None = None
    round_folder: str | None = None

    def find(self) -> Instance:
        """The instance again, in another process."""
        folder = None if self.gap_folder is None else Path(self.gap_folder)
        return find(self.family, self.instance, Wish((self.size,), (self.instance_seed,), folder))


@dataclass
class Run:
    """What one run gave. A number that was not measured is None.

    ``status`` is the contract's word, or ``unsuitable``, ``unavailable``, ``rejected`` (the audit refused our own
    answer), ``killed`` (limit and grace were over), ``crashed``; ``note`` says why. ``goals`` hold name, sense, value
    (as recomputed by the judge), claimed bound and claimed proof; ``objective`` the same for a weighted policy.
    ``seconds`` are wall by phase, ``solve_cpu`` of solving alone (processes that it started included), ``cpu`` of the
    whole process, ``peak_mb`` of all its processes together; ``load`` is the machine's 1-minute load before.
    """

    family: str
    instance: str
    size: int
    contestant: str
    peer: bool
    repetition: int
    limit: float
    workers: int
    status: str
    note: str = ""
    goals: list[dict[str, Any]] = field(default_factory=list)
    objective: dict[str, Any] | None = None
    breaches: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    solve_cpu: float | None = None
    cpu: float | None = None
    peak_mb: float | None = None
    load: float | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """Instance, contestant, repetition."""
        return self.instance, self.contestant, self.repetition

    @property
    def valid(self) -> bool:
        """Whether there is an allocation that keeps every rule."""
        return self.status in {"optimal", "feasible"} and not self.breaches

    @property
    def settled(self) -> bool:
        """Whether it ended with a proof, of the best or of there being none."""
        return self.status == "infeasible" or (self.status == "optimal" and not self.breaches)

    @property
    def solve(self) -> float | None:
        """Seconds of solving."""
        return self.seconds.get("solve")

    @property
    def total(self) -> float | None:
        """Seconds from the files to the last phase."""
        return sum(self.seconds.values()) if self.seconds else None

    def plain(self) -> dict[str, Any]:
        """As it stands in the JSON."""
        return asdict(self)
