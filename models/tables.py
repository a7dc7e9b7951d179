"""The input tables, one class each: the one source for intake, API schema and documentation.

A class is a row. Its fields are the columns in contract order; each carries a ``Column`` (how to read a cell
and what it means). A field without a default is a required column; a blank cell elsewhere means the field's
default. Contract: section "Tables". Money is whole euros; date ranges include both ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from models.columns import (
    Choice,
    Codes,
    Column,
    Country,
    Day,
    Decimal,
    Id,
    Isced,
    IscedList,
    Languages,
    Ref,
    RefList,
    Text,
    Whole,
    YesNo,
)

STAYS = ("short", "long")
GROUP_MODES = ("same_flow", "all_or_none", "same_company")
PAIR_KINDS = ("together", "apart")
LOCK_KINDS = ("pin", "forbid")

LanguageLevels = tuple[tuple[str, int], ...]
"""Language levels as ``((code, level), …)``, sorted by code; level 1 is A1 and 6 is C2."""


class Row(BaseModel):
    """A row of a table: what it is called, which columns make a row unique (none: rows may repeat)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]] = ()
    needed: ClassVar[bool] = False
    later: ClassVar[bool] = False
    """Added after the format's first version: without rows it leaves a round's digest as it was."""


_ID = Column(Id(), "1–64 characters, no blanks, commas or semicolons; unique in the table")
_LAT = Column(Decimal(-90.0, 90.0), "latitude in degrees; blank: the city's, from the gazetteer")
_LON = Column(Decimal(-180.0, 180.0), "longitude in degrees; blank: the city's, from the gazetteer")
_NAME = Column(Text(), "name, for people only")
_CITY = Column(Text(), "city; places the row on the map when it has no coordinates")


class SendingPartner(Row):
    """An organisation that sends learners: it fronts schools and pays from its own budget."""

    table: ClassVar[str] = "sending_partners"
    key: ClassVar[tuple[str, ...]] = ("id",)
    needed: ClassVar[bool] = True

    id: Annotated[str, _ID]
    name: Annotated[str, _NAME]
    country: Annotated[str, Column(Country(), "ISO 3166-1 alpha-2, and XK")]
    city: Annotated[str | None, _CITY] = None
    lat: Annotated[float | None, _LAT] = None
    lon: Annotated[float | None, _LON] = None
    budget_eur: Annotated[
        int | None, Column(Whole(), "whole euros for its learners and escorts; blank: no limit")
    ] = None
    rate_factor: Annotated[float, Column(Decimal(0.0, 10.0), "scales the learners' day rate; blank: 1.0")] = (
        1.0
    )
    staff_rate_factor: Annotated[
        float, Column(Decimal(0.0, 10.0), "scales the escorts' day rate; blank: 1.0")
    ] = 1.0


class School(Row):
    """A school that a sending partner fronts; travel is counted from here."""

    table: ClassVar[str] = "schools"
    key: ClassVar[tuple[str, ...]] = ("id",)

    id: Annotated[str, _ID]
    partner_id: Annotated[str, Column(Ref("sending_partners"), "the sending partner that fronts it")]
    name: Annotated[str, _NAME]
    city: Annotated[str | None, _CITY] = None
    lat: Annotated[float | None, _LAT] = None
    lon: Annotated[float | None, _LON] = None


class Learner(Row):
    """A candidate for one placement."""

    table: ClassVar[str] = "learners"
    key: ClassVar[tuple[str, ...]] = ("id",)
    needed: ClassVar[bool] = True

    id: Annotated[str, _ID]
    partner_id: Annotated[str, Column(Ref("sending_partners"), "the sending partner")]
    school_id: Annotated[
        str | None, Column(Ref("schools"), "the school; blank: travels from the sending partner")
    ] = None
    field: Annotated[str, Column(Isced((3, 4)), "field of study, ISCED-F 2013, 3 or 4 digits")]
    eqf_level: Annotated[int, Column(Whole(1, 8), "EQF level, 1–8")]
    stay: Annotated[str, Column(Choice(STAYS), "short or long")]
    available_from: Annotated[date, Column(Day(), "first day the learner can be away")]
    available_to: Annotated[date, Column(Day(), "last day the learner can be away")]
    languages: Annotated[LanguageLevels, Column(Languages(), "en:B1;it:A2: ISO 639-1 and CEFR")]
    birth_date: Annotated[
        date | None, Column(Day(), "blank: not known, bars companies with a minimum age")
    ] = None
    group_id: Annotated[str | None, Column(Ref("groups"), "the group; blank: travels alone")] = None
    fewer_opportunities: Annotated[tuple[str, ...], Column(Codes(), "reason codes; blank: none")] = ()
    needs: Annotated[
        tuple[str, ...], Column(Codes(("stay:", "work:")), "derived needs of lodging or work; blank: none")
    ] = ()
    priority: Annotated[int, Column(Whole(1, 100), "weight in the goal `placed`; blank: 1")] = 1
    preferences: Annotated[
        tuple[str, ...], Column(RefList(("hosting_partners", "companies")), "hosts and companies, best first")
    ] = ()
    green_travel: Annotated[bool, Column(YesNo(), "travels green; blank: no")] = False


class MicroCredential(Row):
    """A micro-credential of a learner; its field counts for the profile, capped at 80."""

    table: ClassVar[str] = "micro_credentials"

    learner_id: Annotated[str, Column(Ref("learners"), "the learner")]
    title: Annotated[str, Column(Text(), "title")]
    field: Annotated[str, Column(Isced((3, 4)), "field, ISCED-F 2013, 3 or 4 digits")]
    eqf_level: Annotated[int | None, Column(Whole(1, 8), "EQF level; does not raise the learner's")] = None
    ects: Annotated[float | None, Column(Decimal(0.0, 300.0), "credits")] = None
    issuer: Annotated[str | None, Column(Text(), "who issued it")] = None
    issued: Annotated[date | None, Column(Day(), "when it was issued")] = None


class Group(Row):
    """Learners of one sending partner who travel together."""

    table: ClassVar[str] = "groups"
    key: ClassVar[tuple[str, ...]] = ("id",)

    id: Annotated[str, _ID]
    partner_id: Annotated[str, Column(Ref("sending_partners"), "the members' sending partner")]
    mode: Annotated[str, Column(Choice(GROUP_MODES), "how closely the members stay together")]


class HostingPartner(Row):
    """An organisation that receives learners: it lodges them and knows the companies."""

    table: ClassVar[str] = "hosting_partners"
    key: ClassVar[tuple[str, ...]] = ("id",)
    needed: ClassVar[bool] = True

    id: Annotated[str, _ID]
    name: Annotated[str, _NAME]
    country: Annotated[str, Column(Country(), "ISO 3166-1 alpha-2, and XK; sets the day rates")]
    city: Annotated[str | None, _CITY] = None
    lat: Annotated[float | None, _LAT] = None
    lon: Annotated[float | None, _LON] = None
    provides: Annotated[
        tuple[str, ...], Column(Codes(("stay:",)), "lodging needs that it meets; blank: none")
    ] = ()


class Beds(Row):
    """Beds of a hosting partner over a range of days; ranges of one host may not overlap."""

    table: ClassVar[str] = "beds"
    key: ClassVar[tuple[str, ...]] = ("host_id", "from")

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)
    host_id: Annotated[str, Column(Ref("hosting_partners"), "the hosting partner")]
    from_: Annotated[date, Column(Day(), "first day"), Field(alias="from")]
    to: Annotated[date, Column(Day(), "last day")]
    beds: Annotated[int, Column(Whole(), "beds on each of the days")]


class Flow(Row):
    """Dates at a hosting partner on which people arrive and leave together."""

    table: ClassVar[str] = "flows"
    key: ClassVar[tuple[str, ...]] = ("id",)
    needed: ClassVar[bool] = True

    id: Annotated[str, _ID]
    host_id: Annotated[str, Column(Ref("hosting_partners"), "the hosting partner")]
    stay: Annotated[str, Column(Choice(STAYS), "short or long")]
    start: Annotated[date, Column(Day(), "first day")]
    end: Annotated[date, Column(Day(), "last day")]
    max_heads: Annotated[int | None, Column(Whole(), "most heads, escorts included; blank: no limit")] = None
    min_group: Annotated[
        int, Column(Whole(1), "fewest learners of one sending partner, if any; blank: 1")
    ] = 1
    learners_per_escort: Annotated[
        int | None, Column(Whole(1), "learners that one escort accompanies; blank: no escort travels")
    ] = None


class Company(Row):
    """A company of a hosting partner, where learners work."""

    table: ClassVar[str] = "companies"
    key: ClassVar[tuple[str, ...]] = ("id",)
    needed: ClassVar[bool] = True

    id: Annotated[str, _ID]
    host_id: Annotated[str, Column(Ref("hosting_partners"), "the hosting partner")]
    name: Annotated[str, _NAME]
    city: Annotated[str | None, _CITY] = None
    sector: Annotated[str | None, Column(Text(), "sector, for people only")] = None
    working_languages: Annotated[
        LanguageLevels, Column(Languages(), "en:B1;sl:A2: any one of them is enough")
    ]
    min_age: Annotated[
        int | None, Column(Whole(0, 120), "completed years on the flow's first day; blank: none")
    ] = None
    provides: Annotated[
        tuple[str, ...], Column(Codes(("work:",)), "work needs that it meets; blank: none")
    ] = ()
    max_same_school: Annotated[
        int | None, Column(Whole(), "most learners of one school on one day; blank: no limit")
    ] = None


class Offer(Row):
    """Seats at a company for some fields of study."""

    table: ClassVar[str] = "offers"
    key: ClassVar[tuple[str, ...]] = ("id",)
    needed: ClassVar[bool] = True

    id: Annotated[str, _ID]
    company_id: Annotated[str, Column(Ref("companies"), "the company")]
    fields: Annotated[tuple[str, ...], Column(IscedList((2, 3, 4)), "ISCED-F codes of 2, 3 or 4 digits")]
    seats: Annotated[int, Column(Whole(), "learners present on one day, at most")]
    available_from: Annotated[date, Column(Day(), "first day")]
    available_to: Annotated[date, Column(Day(), "last day")]
    stay: Annotated[str | None, Column(Choice(STAYS), "short or long; blank: both")] = None
    min_eqf: Annotated[int | None, Column(Whole(1, 8), "lowest EQF level; blank: any")] = None
    max_eqf: Annotated[int | None, Column(Whole(1, 8), "highest EQF level; blank: any")] = None
    tasks: Annotated[str | None, Column(Text(), "what the learner does, for people only")] = None


class Agreement(Row):
    """A sending partner with a row here sends only to the hosting partners that its rows name."""

    table: ClassVar[str] = "agreements"
    key: ClassVar[tuple[str, ...]] = ("partner_id", "host_id")

    partner_id: Annotated[str, Column(Ref("sending_partners"), "the sending partner")]
    host_id: Annotated[str, Column(Ref("hosting_partners"), "the hosting partner")]


class Quota(Row):
    """Bounds on the learners placed of a partner, at a host, with a stay; a blank takes all of them together."""

    table: ClassVar[str] = "quotas"

    partner_id: Annotated[str | None, Column(Ref("sending_partners"), "blank: all together")] = None
    host_id: Annotated[str | None, Column(Ref("hosting_partners"), "blank: all together")] = None
    stay: Annotated[str | None, Column(Choice(STAYS), "blank: both together")] = None
    min_learners: Annotated[int | None, Column(Whole(), "fewest learners; blank: no minimum")] = None
    max_learners: Annotated[int | None, Column(Whole(), "most learners; blank: no maximum")] = None


class Pair(Row):
    """Two learners who must be together, or must not."""

    table: ClassVar[str] = "pairs"

    learner_a: Annotated[str, Column(Ref("learners"), "one learner")]
    learner_b: Annotated[str, Column(Ref("learners"), "the other learner")]
    kind: Annotated[str, Column(Choice(PAIR_KINDS), "together or apart")]


class Lock(Row):
    """What has been agreed for a learner, or ruled out; at least one of the four places is given."""

    table: ClassVar[str] = "locks"

    learner_id: Annotated[str, Column(Ref("learners"), "the learner")]
    kind: Annotated[str, Column(Choice(LOCK_KINDS), "pin or forbid")]
    host_id: Annotated[str | None, Column(Ref("hosting_partners"), "hosting partner")] = None
    company_id: Annotated[str | None, Column(Ref("companies"), "company")] = None
    offer_id: Annotated[str | None, Column(Ref("offers"), "offer")] = None
    flow_id: Annotated[str | None, Column(Ref("flows"), "flow")] = None


class Previous(Row):
    """Where a learner was placed before; what the goal `kept` keeps."""

    table: ClassVar[str] = "previous"
    key: ClassVar[tuple[str, ...]] = ("learner_id",)

    learner_id: Annotated[str, Column(Ref("learners"), "the learner")]
    offer_id: Annotated[str, Column(Ref("offers"), "the offer")]
    flow_id: Annotated[str, Column(Ref("flows"), "the flow")]


class Affinity(Row):
    """A score from outside, for instance a predicted outcome; of a learner with a company, or else with a
    host.
    """

    table: ClassVar[str] = "affinity"
    key: ClassVar[tuple[str, ...]] = ("learner_id", "company_id", "host_id")

    learner_id: Annotated[str, Column(Ref("learners"), "the learner")]
    company_id: Annotated[
        str | None, Column(Ref("companies"), "the company; blank: the row is for the host")
    ] = None
    host_id: Annotated[str | None, Column(Ref("hosting_partners"), "the hosting partner")] = None
    score: Annotated[int, Column(Whole(0, 100), "0–100")]


class PreviousRound(Row):
    """How a sending partner or a school was served in an earlier round; what the goal `owed` makes good."""

    table: ClassVar[str] = "previous_rounds"
    key: ClassVar[tuple[str, ...]] = ("round_id", "partner_id", "school_id")
    later: ClassVar[bool] = True

    round_id: Annotated[
        str, Column(Id(), "the earlier round; not looked up, it only says which rows compare")
    ]
    partner_id: Annotated[str, Column(Ref("sending_partners"), "the sending partner")]
    school_id: Annotated[
        str | None, Column(Ref("schools"), "a school of it; blank: the sending partner as a whole")
    ] = None
    asked: Annotated[int, Column(Whole(1, 1_000_000), "learners who asked for a place")]
    placed: Annotated[int, Column(Whole(0, 1_000_000), "those of them who had one; not above `asked`")]


TABLES: dict[str, type[Row]] = {
    row.table: row
    for row in (
        SendingPartner,
        School,
        Learner,
        MicroCredential,
        Group,
        HostingPartner,
        Beds,
        Flow,
        Company,
        Offer,
        Agreement,
        Quota,
        Pair,
        Lock,
        Previous,
        Affinity,
        PreviousRound,
    )
}
"""Every table by name, in contract order."""


@cache  # asked for every column of every table that is read or written
def columns_of(row: type[Row]) -> Mapping[str, Column]:
    """The columns of a table by the name that stands in files, in contract order."""
    return MappingProxyType({header(name): note_of(row, name) for name in row.model_fields})


def header(field: str) -> str:
    """A field's name in files (`from` cannot be a Python name)."""
    return field.removesuffix("_")


def note_of(row: type[Row], field: str) -> Column:
    """The ``Column`` that a field carries."""
    return next(note for note in row.model_fields[field].metadata if isinstance(note, Column))


def is_required(row: type[Row], column: str) -> bool:
    """Whether a file must have the column, with a value in every row."""
    return row.model_fields[field_of(row, column)].is_required()


def default_of(row: type[Row], column: str) -> object:
    """What a blank cell of an optional column means."""
    return row.model_fields[field_of(row, column)].default


def field_of(row: type[Row], column: str) -> str:
    """The field behind a column's name in files."""
    return column if column in row.model_fields else f"{column}_"
