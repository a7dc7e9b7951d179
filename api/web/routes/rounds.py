"""Rounds: made, read, changed, moved through their life, checked; and their log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Self
from urllib.parse import quote

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.roles import Caller
from api.errors import Conflict, Stale
from api.rounds import drafting, freezing, registry
from api.rounds.life import State
from api.rounds.preconditions import tag_of
from api.rounds.visibility import known_to, the_round
from api.store.schema import AuditEntry, RoundRecord
from api.web import problems
from api.web.context import TheCaller, TheOnce, TheStore
from api.web.fields import A_DIGEST, Line, Reason, RoundId, TheMatch
from api.web.idempotency import Once
from api.web.layers.deadline import LONG
from api.web.paging import Page, TheWindow, page_by
from api.web.problems import Fault
from models.policy import Policy

router = APIRouter(prefix="/v1/rounds", tags=["rounds"])

TOML = 'format = 1\nid = "spring"\nname = "Spring"\ncall_year = 2022\n\n[policy]\ngoals = ["placed", "fit", "cost"]\n'
Toml = Annotated[str, Field(max_length=100_000, pattern=r"^[^\x00]*$", examples=[TOML])]
Rates = Annotated[str, Field(max_length=100_000, pattern=r"^[^\x00]*$", examples=["inclusion = 100\n"])]
Days = Annotated[int, Field(strict=True, ge=1, le=36_500, examples=[365])]
Year = Annotated[int, Field(strict=True, ge=2_014, le=2_100, examples=[2022])]
Euros = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000, examples=[900_000])]
PolicyTable = Annotated[
    dict[str, JsonValue],
    Field(
        description="The keys of `[policy]` in `round.toml`; what is not given has its usual value.",
        examples=[{"goals": ["placed", "fit", "cost"], "min_profile_fit": 30}],
    ),
]


class RoundChange(BaseModel):
    """What is to be changed; what is not given stays. `settings_toml` stands for all the typed settings."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Spring", "retention_days": 365}]}
    )
    name: Annotated[Line, Field(examples=["INTERVET WB, spring 2022"])] | None = None
    call_year: Year | None = None
    budget_eur: Euros | None = None
    policy: PolicyTable | None = None
    settings_toml: Toml | None = Field(None, description="The content of `round.toml`, instead of the above.")
    rates_toml: Rates | None = Field(
        None, description="The content of `rates.toml`; null: the rates that ship."
    )
    retention_days: Days | None = Field(
        None, description="Days after its end for which the round is kept; null: as the service is set."
    )

    @property
    def head(self) -> dict[str, Any]:
        """The typed settings that are given."""
        return self.model_dump(
            exclude_unset=True, include={"id", "name", "call_year", "budget_eur", "policy"}
        )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.settings_toml is not None and self.head:
            raise ValueError("give settings_toml or the typed settings, not both")
        return self


class NewRound(RoundChange):
    """A round to be made, by `settings_toml` or by the typed settings."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "spring-2022", "name": "Spring", "call_year": 2022, "budget_eur": 900_000}]
        }
    )
    id: Annotated[str, Field(min_length=1, max_length=64, examples=["intervet-spring-2022"])] | None = None


class Move(BaseModel):
    """A step through a round's life."""

    model_config = ConfigDict(extra="forbid")
    to: State = Field(examples=["collecting"])
    reason: Reason | None = Field(
        None,
        examples=["a partner asked for another week"],
        description="Needed for going back, and for giving up.",
    )


class RoundInfo(BaseModel):
    """A round, as everybody sees it who may know of it."""

    id: str = Field(examples=["intervet-spring-2022"])
    name: str = Field(examples=["INTERVET WB, spring 2022"])
    state: State
    revision: int = Field(examples=[3], description="The ETag's number.")
    created_at: datetime
    closed_at: datetime | None
    purged_at: datetime | None
    snapshot_id: str | None = Field(examples=["01k8m0c2q5h4v6w8x9y0z1a2b3"])
    published_run_id: str | None = Field(examples=["01k8m0c2q5h4v6w8x9y0z1a2b3"])


class RoundDetail(RoundInfo):
    """A round; its settings are shown to coordinators and analysts, as JSON and as TOML."""

    call_year: int | None = Field(None, examples=[2022])
    budget_eur: int | None = Field(None, examples=[900_000])
    policy: Policy | None = None
    settings_toml: str | None = Field(None, examples=[TOML])
    rates_toml: str | None = Field(None, examples=["inclusion = 100\n"])
    retention_days: int | None = Field(None, examples=[365])

    @classmethod
    def of(cls, record: RoundRecord, caller: Caller) -> Self:
        """As the caller may see it."""
        shown = cls.model_validate(RoundInfo.model_validate(record, from_attributes=True).model_dump())
        if registry.sees_settings(caller):
            found = drafting.told(record.settings, record.rates).found.settings
            shown.call_year, shown.budget_eur, shown.policy = found.call_year, found.budget_eur, found.policy
            shown.settings_toml, shown.rates_toml = record.settings, record.rates
            shown.retention_days = record.retention_days
        return shown


class Absent(BaseModel):
    """A table that a participant has not loaded although no round is without it."""

    owner: str = Field(examples=["zni"])
    table: str = Field(examples=["flows"])


class CheckReport(BaseModel):
    """What is wrong with what is loaded so far; `valid` says that nothing is in the way of freezing it."""

    valid: bool
    errors: list[Fault]
    warnings: list[Fault]
    absent: list[Absent]


class LogEntry(BaseModel):
    """An entry of the audit log."""

    number: int = Field(examples=[17])
    at: datetime
    actor: str = Field(examples=["ana"])
    action: str = Field(examples=["table.upload"])
    subject: str = Field(examples=["ccis/learners"])
    details: dict[str, Any] = Field(examples=[{"revision": 2, "rows": 40}])
    digest: str = Field(examples=[A_DIGEST])


def shown(record: RoundRecord, caller: Caller, response: Response) -> RoundDetail:
    """The round as an answer, with its ETag."""
    response.headers["ETag"] = tag_of(record.revision)
    return RoundDetail.of(record, caller)


def answered(session: Session, once: Once, caller: Caller, record: RoundRecord) -> Response:
    """The answer to a change of a round, remembered for retries."""
    return once.answer(session, RoundDetail.of(record, caller), headers={"ETag": tag_of(record.revision)})


@router.get("", operation_id="list_rounds")
def list_rounds(caller: TheCaller, store: TheStore, window: TheWindow) -> Page[RoundInfo]:
    """The rounds that the caller may know of, by id."""
    with store.reading() as session:
        query = select(RoundRecord).where(known_to(caller))
        return page_by(
            session,
            query,
            RoundRecord.id,
            window,
            lambda record: RoundInfo.model_validate(record, from_attributes=True),
        )


@router.post(
    "",
    operation_id="create_round",
    status_code=status.HTTP_201_CREATED,
    response_model=RoundDetail,
    responses=problems.documented(409),
)
def create_round(wanted: NewRound, caller: TheCaller, once: TheOnce) -> object:
    """Make a round in its first state, `draft`; the caller is its coordinator."""
    told = drafting.told(_toml_of(wanted), wanted.rates_toml)
    drafting.insist_on_path(told.id)
    with once.writing() as session:
        record = registry.create(session, caller, told, wanted.retention_days)
        headers = {"Location": f"/v1/rounds/{quote(record.id)}", "ETag": tag_of(record.revision)}
        return once.answer(session, RoundDetail.of(record, caller), status.HTTP_201_CREATED, headers)


@router.get("/{round_id}", operation_id="get_round")
def get_round(round_id: RoundId, caller: TheCaller, store: TheStore, response: Response) -> RoundDetail:
    """A round; coordinators and analysts also see its settings."""
    with store.reading() as session:
        return shown(the_round(session, caller, round_id), caller, response)


@router.patch(
    "/{round_id}",
    operation_id="update_round",
    response_model=RoundDetail,
    responses=problems.documented(409, 412, 428),
)
def update_round(
    round_id: RoundId, wanted: RoundChange, precondition: TheMatch, caller: TheCaller, once: TheOnce
) -> object:
    """Change a round's settings while it is being loaded, or how long it is kept."""
    with once.writing() as session:
        record = the_round(session, caller, round_id, lock=True)
        precondition.check(record.revision)
        told = _changed(record, wanted)
        kept = wanted.model_dump(exclude_unset=True, include={"retention_days"})
        if kept and record.purged_at is not None:
            raise Conflict("The round's retention has ended.")
        if told is not None or kept:
            registry.change(session, caller, record, told, kept)
        return answered(session, once, caller, record)


@router.post(
    "/{round_id}/transitions",
    operation_id="move_round",
    response_model=RoundDetail,
    openapi_extra=LONG,
    responses=problems.documented(409, 412, 413, 428),
)
def move_round(
    round_id: RoundId, wanted: Move, precondition: TheMatch, caller: TheCaller, store: TheStore, once: TheOnce
) -> object:
    """Take a round a step through its life. Freezing checks everything that is loaded, and makes the snapshot."""
    responses: list[Response] = []

    @contextmanager
    def answering() -> Iterator[Session]:
        """The transaction of the step, with the answer to it."""
        with once.writing() as session:
            yield session
            responses.append(answered(session, once, caller, the_round(session, caller, round_id)))

    try:
        freezing.move(store, caller, round_id, wanted.to, wanted.reason, precondition, answering)
    except (Conflict, Stale):
        once.look()  # a retry that came while the first was on its way finds the step that the first has made
        raise
    return responses[-1]


@router.get(
    "/{round_id}/check", operation_id="check_round", openapi_extra=LONG, responses=problems.documented(413)
)
def check_round(round_id: RoundId, caller: TheCaller, store: TheStore) -> CheckReport:
    """Everything that is wrong with what is loaded so far: of the caller's own tables, or for coordinators of all."""
    found = freezing.check(store, caller, round_id)
    with store.reading() as session:
        record = the_round(session, caller, round_id)
        absent = [
            Absent(owner=one.owner, table=one.table) for one in freezing.absences(session, caller, record)
        ]
    return CheckReport(
        valid=not found.errors and not absent,
        errors=[Fault.of(one) for one in found.errors],
        warnings=[Fault.of(one) for one in found.warnings],
        absent=absent,
    )


@router.get("/{round_id}/log", operation_id="round_log")
def round_log(round_id: RoundId, caller: TheCaller, store: TheStore, window: TheWindow) -> Page[LogEntry]:
    """What has been done in the round, newest first: who, when, what, by ids."""
    with store.reading() as session:
        record = the_round(session, caller, round_id)
        return page_by(
            session,
            select(AuditEntry).where(AuditEntry.round_id == record.id),
            AuditEntry.number,
            window,
            lambda entry: LogEntry.model_validate(entry, from_attributes=True),
            newest_first=True,
        )


def _toml_of(wanted: NewRound) -> str:
    if wanted.settings_toml is not None:
        return wanted.settings_toml
    head = wanted.head
    return drafting.as_toml({key: head.get(key) for key in drafting.HEAD}, head.get("policy") or {})


def _changed(record: RoundRecord, wanted: RoundChange) -> drafting.Told | None:
    """The settings as they are to be; ``None`` where they stay."""
    if not (wanted.head or wanted.model_fields_set & {"settings_toml", "rates_toml"}):
        return None
    settings = wanted.settings_toml
    if settings is None:
        settings = drafting.changed(record.settings, wanted.head) if wanted.head else record.settings
    rates = wanted.rates_toml if "rates_toml" in wanted.model_fields_set else record.rates
    return drafting.told(settings, rates)
