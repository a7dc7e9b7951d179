"""What a frontier holds: its points in order, what lies between two of them, what is proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from models.outcome import Status


@dataclass(frozen=True)
class Point:
    """An audited allocation: ``first`` and ``second`` are its values on the axes, ``values`` those of every goal.

    ``proven``: no allocation is at least as good on both axes and better on one. Where it is not, ``first_bound`` is
    what no allocation passes on the first axis that is as good on the second, and ``second_bound`` the other way round
    (None: not known, or not needed). ``placed`` counts learners. ``places`` are (learner, offer, flow) by id; they are
    not part of the JSON.
    """

    number: int
    first: int
    second: int
    proven: bool
    first_bound: int | None
    second_bound: int | None
    placed: int
    values: Mapping[str, int]
    places: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Step:
    """From a point to the next: the differences on both axes.

    ``nothing_between``: it is proven that there is no point between the two; otherwise ``per_unit`` is a mean over a
    stretch in which further points may lie.
    """

    start: int
    end: int
    first: int
    second: int
    nothing_between: bool

    @property
    def per_unit(self) -> float:
        """How much the second changes with one unit more of the first."""
        return self.second / self.first

    @property
    def exact(self) -> bool:
        """Whether it is the price of a single unit, and not a mean."""
        return abs(self.first) == 1

    def as_dict(self) -> dict[str, Any]:
        """The step as JSON can hold it."""
        return asdict(self) | {"per_unit": round(self.per_unit, 4), "exact": self.exact}


@dataclass(frozen=True)
class Frontier:
    """The trade of one goal for another.

    ``points`` go from the least of the first goal to the most. ``held`` are the goals that were held at their best,
    with the value (``held_proven``: proven best); ``ties`` those that decide among equals. ``status`` is ``optimal``
    when both ends and all points are proven; ``complete`` says that there are no further points. ``asked`` is how many
    were asked for; ``stopped``: somebody ended the search before it was done. ``input_digest`` is the round's.
    """

    round_id: str
    round_name: str
    axes: tuple[str, str]
    held: Mapping[str, int]
    held_proven: bool
    ties: tuple[str, ...]
    asked: int
    status: Status
    complete: bool
    points: tuple[Point, ...]
    steps: tuple[Step, ...]
    conflict: tuple[str, ...]
    by_priority: bool
    learners: int
    time_limit: float | None
    seed: int
    stopped: bool = False
    input_digest: str = ""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Frontier:
        """A frontier from the content of ``frontier.json``. Raises ``ValidationError`` for anything else."""
        rnd = content.get("round") or {}
        flat = {"round_id": rnd.get("id"), "round_name": rnd.get("name")}
        return TypeAdapter(cls).validate_python({**content, **flat})

    def as_dict(self) -> dict[str, Any]:
        """The content of ``frontier.json``."""
        head = {
            name: getattr(self, name)
            for name in (
                "axes",
                "held",
                "held_proven",
                "ties",
                "asked",
                "complete",
                "by_priority",
                "learners",
                "time_limit",
                "seed",
                "stopped",
            )
        }
        return {
            "format": 1,
            "round": {"id": self.round_id, "name": self.round_name},
            "input_digest": self.input_digest,
            "status": str(self.status),
            **{name: list(value) if isinstance(value, tuple) else value for name, value in head.items()},
            "points": [_without(asdict(point), "places") for point in self.points],
            "steps": [step.as_dict() for step in self.steps],
            "conflict": list(self.conflict),
        }

    def as_frame(self) -> pd.DataFrame:
        """The content of ``frontier.csv``: a row per point, with the step that leads to the next."""
        first, second = self.axes
        steps = {step.start: step for step in self.steps}
        rows: list[dict[str, Any]] = []
        for point in self.points:
            step = steps.get(point.number)
            row: dict[str, Any] = {"point": point.number, first: point.first, second: point.second}
            row |= {"proven": "yes" if point.proven else "no"}
            row |= {f"bound_{first}": point.first_bound, f"bound_{second}": point.second_bound}
            row |= {"learners_placed": point.placed}
            row |= {name: value for name, value in point.values.items() if name not in self.axes}
            row |= {
                f"next_{first}": step.first if step else None,
                f"next_{second}": step.second if step else None,
            }
            row |= {"per_unit": round(step.per_unit, 4) if step else None}
            row |= {"exact": ("yes" if step.exact else "no") if step else None}
            rows.append(row)
        return pd.DataFrame(rows, dtype=object)


def _without(content: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key != name}
