"""What the service answers, typed. A field that a newer service adds is left aside, so that old clients go on."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any, Literal

import pandas as pd
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


# --- rounds --------------------------------------------------------------------------------------------------------

RoundState = Literal["draft", "collecting", "frozen", "published", "closed"]


class RoundInfo(Answer):
    """A round: where it is in its life. ``revision`` is the version that a change of it is for."""

    id: str
    name: str
    state: RoundState
    revision: int
    created_at: datetime
    closed_at: datetime | None = None
    purged_at: datetime | None = None
    snapshot_id: str | None = None
    published_run_id: str | None = None


class RoundDetail(RoundInfo):
    """A round with its settings; coordinators and analysts see them."""

    call_year: int | None = None
    budget_eur: int | None = None
    policy: dict[str, Any] | None = None
    settings_toml: str | None = None
    rates_toml: str | None = None
    retention_days: int | None = None


class ParticipantInfo(Answer):
    """An organisation that takes part in a round."""

    id: str
    kind: OrganisationKind
    name: str


class MemberInfo(Answer):
    """A coordinator or analyst of a round."""

    login: str
    role: Role


class Fault(Answer):
    """One thing wrong with what was loaded: where, and what would be right."""

    file: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    message: str
    nearest: str | None = None


class Absent(Answer):
    """A table that a participant has not loaded although no round is without it."""

    owner: str
    table: str


class CheckReport(Answer):
    """What is wrong with what is loaded so far; ``valid`` says that nothing is in the way of freezing it."""

    valid: bool
    errors: list[Fault]
    warnings: list[Fault]
    absent: list[Absent]

    def frame(self) -> pd.DataFrame:
        """Everything that was found, a row each; absent tables too."""
        absent = [Fault(file=f"{one.owner}/{one.table}.csv", message="not loaded yet") for one in self.absent]
        kinds = {"error": [*self.errors, *absent], "warning": self.warnings}
        rows = [{"kind": kind, **fault.model_dump()} for kind, faults in kinds.items() for fault in faults]
        return pd.DataFrame(rows, columns=["kind", *Fault.model_fields])

    def _repr_html_(self) -> str:
        return f"<p>valid: {self.valid}</p>{self.frame().to_html(index=False)}"


class LogEntry(Answer):
    """An entry of a round's audit log."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    digest: str


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
