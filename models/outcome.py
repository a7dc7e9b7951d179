"""What a solver found and what it claims: status, values, bounds. What is absent is ``None``, never an
invented number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the command line knows these words, and `matcher --help` does not wait for numpy
    import numpy as np
    import numpy.typing as npt


class Status(StrEnum):
    """What is known of the allocation. The words are the contract's."""

    OPTIMAL = "optimal"
    """Every goal (or the weighted objective) is proven."""
    FEASIBLE = "feasible"
    """An allocation that satisfies every rule, not proven best."""
    INFEASIBLE = "infeasible"
    """Proven: no allocation satisfies the rules."""
    NO_SOLUTION = "no_solution"
    """None was found, and none was proven impossible."""


class Stop(StrEnum):
    """Why a solver stopped before it had proven everything."""

    TIME = "time_limit"
    CANCELLED = "cancelled"
    GAP = "gap_reached"
    METHOD = "method"
    """The method does not prove (a heuristic ended)."""


@dataclass(frozen=True)
class GoalValue:
    """A goal's value in the allocation and the best that any allocation could reach, given the goals before
    it.

    ``bound`` is at least the value for a goal that is maximised and at most the value for one that is
    minimised; ``proven`` holds when the two are equal.
    """

    name: str
    value: int | None
    bound: int | None
    proven: bool


@dataclass(frozen=True)
class ObjectiveValue:
    """The weighted objective of a weighted policy, in the units of its weights, and a bound on it from above."""

    value: float | None
    bound: float | None
    proven: bool


@dataclass(frozen=True)
class Stability:
    """What a method that heeds wishes and priorities publishes with its allocation.

    ``lottery`` holds the agents in the order in which the lottery drew them, shape (agents,). ``blocking`` counts the
    feasible blocking pairs that are left (None: nobody had the time to count them), ``rounds`` how often all agents
    were asked again after the first proposals.
    """

    lottery: npt.NDArray[np.integer[Any]]
    blocking: int | None
    rounds: int


@dataclass(frozen=True)
class Outcome:
    """What a solver returns.

    ``chosen`` holds the indices of the options that it chose, ascending (None: no allocation). ``goals`` are
    in policy order. ``why`` says in a sentence why the method was taken, where it was chosen automatically.
    ``stability`` is given by methods that seek it (None: not looked at).
    """

    status: Status
    chosen: npt.NDArray[np.integer[Any]] | None
    goals: tuple[GoalValue, ...]
    method: str
    objective: ObjectiveValue | None = None
    stopped_by: Stop | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    why: str | None = None
    stability: Stability | None = None

    def because(self, why: str) -> Outcome:
        """The same outcome with the reason for which its method was taken."""
        return replace(self, why=why)


@dataclass(frozen=True, order=True)
class Breach:
    """A rule that an allocation breaks: in a sentence that names witnesses and amounts, by id.

    ``learners`` are the learners whose placements together break it.
    """

    rule: str
    message: str
    learners: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Placement:
    """One learner's place."""

    learner_id: str
    offer_id: str
    flow_id: str
