"""What the service answers, typed. A field that a newer service adds is left aside, so that old clients go on."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Role = Literal["host", "sender", "coordinator", "analyst", "admin"]
OrganisationKind = Literal["host", "sender"]


class Answer(BaseModel):
    """The root: immutable, and a small table in a notebook."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def _repr_html_(self) -> str:
        rows = (
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left'>{escape(str(value))}</td></tr>"
            for name, value in self
            if value is not None
        )
        return f"<table>{''.join(rows)}</table>"


# --- people --------------------------------------------------------------------------------------------------------


class Me(Answer):
    """Whose key it is."""

    id: str
    login: str
    role: Role
    organisation: str | None = None


class KeyInfo(Answer):
    """A key, or a log-in, without its secret."""

    id: str
    label: str
    kind: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class ShownKey(KeyInfo):
    """A key that has just been made. ``secret`` is shown this once, and is no part of the repr."""

    secret: str

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        return [(name, value) for name, value in super().__repr_args__() if name != "secret"]

    def _repr_html_(self) -> str:
        return KeyInfo(**self.model_dump(exclude={"secret"}))._repr_html_()


class OrganisationInfo(Answer):
    """A hosting or sending partner."""

    id: str
    kind: OrganisationKind
    name: str
    created_at: datetime


class UserInfo(Answer):
    """A user, without what they log in with."""

    id: str
    login: str
    role: Role
    organisation: str | None = None
    has_password: bool
    subject: str | None = None
    created_at: datetime
    disabled_at: datetime | None = None


# --- runs ----------------------------------------------------------------------------------------------------------

RunState = Literal["queued", "running", "done", "failed", "cancelled"]
ENDED: frozenset[str] = frozenset({"done", "failed", "cancelled"})
"""The states that a run never leaves."""


class GoalInfo(Answer):
    """A goal of the policy: what it is worth, the best that any allocation could reach, whether that is proven."""

    name: str
    value: int | None = None
    bound: int | None = None
    proven: bool = False


class FailureInfo(Answer):
    """Why there is no result."""

    kind: str
    detail: str


class RunInfo(Answer):
    """A run: what was asked for, where it stands, what came out."""

    id: str
    round_id: str
    snapshot_id: str
    base_run_id: str | None = None
    name: str
    method: str
    time_limit: float | None = None
    gap: float | None = None
    seed: int
    policy_changes: dict[str, Any] | None = None
    state: RunState
    position: int | None = None
    phase: str | None = None
    status: str | None = None
    goals: list[GoalInfo]
    conflict: list[str] | None = None
    solved_by: str | None = None
    stopped_by: str | None = None
    attempts: int
    failure: FailureInfo | None = None
    seconds: float | None = None
    created_by: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED

    def __str__(self) -> str:
        values = ", ".join(f"{goal.name} {goal.value}" for goal in self.goals if goal.value is not None)
        place = f"number {self.position} in the queue" if self.position else None
        stands = self.status or (self.phase if not self.has_ended else None)
        return f"run {self.id}: {', '.join(word for word in (self.state, place, stands, values) if word)}"


class RunEvent(Answer):
    """Something that happened to a run, numbered from 1."""

    number: int
    kind: str
    data: dict[str, Any]

    def __str__(self) -> str:
        goals = [
            f"{goal.get('name')} {goal.get('value')}"
            for goal in self.data.get("goals", ())
            if goal.get("value") is not None
        ]
        return ", ".join([str(self.data.get("phase") or self.kind), *goals])
