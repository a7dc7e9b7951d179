"""What a comparison of scenarios holds: a line per scenario, and how it differs from the round as it is.

Numbers are the audit's. What was not computed, or does not exist, is None.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Final

import pandas as pd
from pydantic import TypeAdapter

from models.outcome import GoalValue, ObjectiveValue, Status

BASE: Final = "base"
"""The name of the round as it is."""


@dataclass(frozen=True)
class Share:
    """A sending or hosting partner's part: learners placed from or at it, and what they and their escorts cost."""

    placed: int
    cost_eur: int


@dataclass(frozen=True)
class Difference:
    """What becomes of the learners from the base to a scenario, by id, sorted.

    ``gained`` have a place only in the scenario, ``lost`` only in the base; ``moved`` have another offer or flow;
    ``kept`` counts those who have the same. Learners who are in one of the two rounds only are in none of these, but in
    ``joined`` (placed, only in the scenario) and ``left`` (placed in the base, no learner of the scenario).
    ``placed`` and ``cost_eur`` are scenario less base.
    """

    placed: int
    cost_eur: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    moved: tuple[str, ...]
    kept: int
    joined: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A scenario's result.

    ``goals`` are those of its policy, with bound and proof; ``values`` those of every goal there is, in alphabetical
    order, whether its policy asks for it or not. ``partners`` and ``hosts`` have all of the scenario's round.
    ``conflict`` says why there is no allocation. ``places`` are (learner, offer, flow) by id; not part of the JSON.
    """

    name: str
    title: str
    changes: tuple[str, ...]
    status: Status
    stopped_by: str | None
    method: str
    goals: tuple[GoalValue, ...]
    objective: ObjectiveValue | None
    learners: int
    placed: int | None
    escorts: int | None
    cost_eur: int | None
    values: Mapping[str, int] | None
    partners: Mapping[str, Share] | None
    hosts: Mapping[str, Share] | None
    conflict: tuple[str, ...] = ()
    against_base: Difference | None = None
    places: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)

    @property
    def proven(self) -> bool:
        """Whether what the status says is proven: best possible, or impossible."""
        return self.status in {Status.OPTIMAL, Status.INFEASIBLE}

    def goal(self, name: str) -> GoalValue | None:
        """A goal of the scenario's policy."""
        return next((goal for goal in self.goals if goal.name == name), None)

    def as_dict(self) -> dict[str, Any]:
        """The line as JSON can hold it."""
        content = asdict(self)
        del content["places"]
        return content | {"status": str(self.status), "proven": self.proven}


@dataclass(frozen=True)
class Comparison:
    """Scenarios side by side, in the order of their file, after the round as it is; fewer of them if cancelled.

    ``input_digest`` is the round's.
    """

    round_id: str
    round_name: str
    seed: int
    time_limit: float | None
    lines: tuple[Line, ...]
    input_digest: str = ""

    @property
    def base(self) -> Line | None:
        """The round as it is; None: it was not solved before somebody cancelled."""
        return next((line for line in self.lines if line.name == BASE), None)

    @property
    def others(self) -> tuple[Line, ...]:
        """The scenarios."""
        return tuple(line for line in self.lines if line.name != BASE)

    @property
    def by_priority(self) -> bool:
        """Whether the goal `placed` counts more than learners somewhere."""
        return any(line.values is not None and line.values["placed"] != line.placed for line in self.lines)

    @cached_property
    def goal_names(self) -> tuple[str, ...]:
        """Every goal that a policy asks for, those of the base first."""
        return tuple(dict.fromkeys(goal.name for line in self.lines for goal in line.goals))

    def parties(self, which: str) -> tuple[str, ...]:
        """The ids of the ``partners`` or ``hosts`` of all lines, sorted."""
        return tuple(sorted({id for line in self.lines for id in getattr(line, which) or ()}))

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Comparison:
        """A comparison from the content of ``scenarios.json``. Raises ``ValidationError`` for anything else."""
        rnd = content.get("round") or {}
        flat = {"round_id": rnd.get("id"), "round_name": rnd.get("name"), "lines": content.get("scenarios")}
        return TypeAdapter(cls).validate_python({**content, **flat})

    def as_dict(self) -> dict[str, Any]:
        """The content of ``scenarios.json``."""
        return {
            "format": 1,
            "round": {"id": self.round_id, "name": self.round_name},
            "input_digest": self.input_digest,
            "seed": self.seed,
            "time_limit": self.time_limit,
            "scenarios": [line.as_dict() for line in self.lines],
        }

    def as_frame(self) -> pd.DataFrame:
        """The content of ``scenarios.csv``: a row per scenario, the base first."""
        return pd.DataFrame([self._flat(line) for line in self.lines], dtype=object)

    def _flat(self, line: Line) -> dict[str, Any]:
        flat: dict[str, Any] = {
            "scenario": line.name,
            "title": line.title,
            "status": str(line.status),
            "proven": _yes(line.proven),
            "stopped_by": line.stopped_by,
            "method": line.method,
            "weighted_sum": line.objective.value if line.objective else None,
            "learners": line.learners,
        }
        flat |= {name: getattr(line, name) for name in ("placed", "escorts", "cost_eur")}
        for name in self.goal_names:
            goal = line.goal(name)
            flat[f"goal_{name}"] = None if line.values is None else line.values[name]
            flat[f"bound_{name}"] = goal.bound if goal else None
            flat[f"proven_{name}"] = _yes(goal.proven) if goal else None
        gap = line.against_base
        for name in ("placed", "cost_eur"):
            flat[f"more_{name}"] = None if gap is None else getattr(gap, name)
        for name in ("gained", "lost", "moved", "joined", "left"):
            flat[name] = None if gap is None else len(getattr(gap, name))
        flat["kept"] = None if gap is None else gap.kept
        for which in ("partners", "hosts"):
            for id in self.parties(which):
                share = (getattr(line, which) or {}).get(id)
                flat[f"placed_{'from' if which == 'partners' else 'at'}_{id}"] = (
                    share.placed if share else None
                )
        return flat | {
            "conflict": "; ".join(line.conflict) or None,
            "changes": "; ".join(line.changes) or None,
        }


def _yes(on: bool) -> str:
    return "yes" if on else "no"


def difference(base: Line, line: Line, before: Collection[str], now: Collection[str]) -> Difference | None:
    """How a scenario differs from the base; None where one of the two has no allocation.

    ``before`` are the ids of the base's learners, ``now`` those of the scenario's.
    """
    if base.placed is None or line.placed is None or base.cost_eur is None or line.cost_eur is None:
        return None
    had = {learner: (offer, flow) for learner, offer, flow in base.places}
    has = {learner: (offer, flow) for learner, offer, flow in line.places}
    both = had.keys() & has.keys()
    return Difference(
        placed=line.placed - base.placed,
        cost_eur=line.cost_eur - base.cost_eur,
        gained=tuple(sorted(one for one in has.keys() - had.keys() if one in before)),
        lost=tuple(sorted(one for one in had.keys() - has.keys() if one in now)),
        moved=tuple(sorted(learner for learner in both if had[learner] != has[learner])),
        kept=sum(had[learner] == has[learner] for learner in both),
        joined=tuple(sorted(one for one in has if one not in before)),
        left=tuple(sorted(one for one in had if one not in now)),
    )
