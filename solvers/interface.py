"""What every solver looks like from outside: numbers in, numbers out, with limits, progress and cancel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the command line shows progress, and `matcher --help` does not wait for numpy
    from models.outcome import Outcome
    from models.problem import Problem


@dataclass(frozen=True)
class Progress:
    """Where a solver is: ``phase`` in words; for the goal at work its best value and bound so far (None: not
    yet known).
    """

    phase: str
    goal: str | None = None
    value: int | None = None
    bound: int | None = None
    seconds: float = 0.0


Report = Callable[[Progress], None]
"""Receives progress; must return quickly."""

Cancel = Callable[[], bool]
"""Says whether the caller wants the solver to stop; asked often, must be cheap."""


@dataclass(frozen=True)
class Limits:
    """What a solver may use: ``seconds`` of wall time (None: no limit), ``workers`` ≥ 1, a ``seed`` ≥ 0, the
    relative ``gap`` at which it may stop (0: only with a proof), and in place of ``workers`` here those of a
    Dask ``cluster``: its scheduler's address, such as tcp://host:8786. The address may hold a secret, and is not shown.

    ``starts`` says whether a method that proves may look for a first allocation beforehand. Where it is doubtful that
    there is any, it would try in vain for long what a proof settles soon.
    """

    seconds: float | None = None
    workers: int = 1
    seed: int = 0
    gap: float = 0.0
    cluster: str | None = field(default=None, repr=False)
    starts: bool = True

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ValueError(f"workers: at least 1, not {self.workers}")
        if not self.gap >= 0:
            raise ValueError(f"gap: 0 or more, not {self.gap}")


class Solver(Protocol):
    """A method. It returns the best allocation that it has when time runs out or it is cancelled, with its
    bounds.
    """

    name: str

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Solve; never raises for a problem without a solution."""
        ...


def silent(_: Progress) -> None:
    """Report to nobody."""


def never() -> bool:
    """Never cancel."""
    return False
