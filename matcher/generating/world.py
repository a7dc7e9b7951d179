"""A round while it is being made: plain arrays by table, with row numbers instead of ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from matcher.generating.drawing import BoolArray, Draws, FloatArray, IntArray
from matcher.generating.spec import Spec
from models.rates import Rates
from models.round import Array, Table, column_array
from models.tables import TABLES, Row, columns_of, default_of

SHORT, LONG, BOTH = 0, 1, -1
STAY_NAMES = ("short", "long", None)
"""Names by stay number; the last one serves -1."""


@dataclass
class Senders:
    """Sending partners and their schools. ``weight`` is how large a partner is."""

    country: list[str]
    city: list[str]
    weight: FloatArray
    school_partner: IntArray
    school_city: list[str]
    first_school: IntArray
    """Schools of partner p are first_school[p] … first_school[p + 1] − 1."""


@dataclass
class Hosts:
    """Hosting partners. ``agreed`` has a row per sending partner; ``bound``: who has agreements at all."""

    country: list[str]
    city: list[str]
    weight: FloatArray
    provides: list[tuple[str, ...]]
    agreed: BoolArray
    bound: BoolArray


@dataclass
class Flows:
    """Flows sorted by host, days since 1970; ``planned``: the learners if everybody travelled."""

    host: IntArray
    stay: IntArray
    start: IntArray
    end: IntArray
    planned: FloatArray
    max_heads: FloatArray
    min_group: IntArray
    per_escort: FloatArray


@dataclass
class Companies:
    """Companies sorted by host, and their offers sorted by host as well."""

    host: IntArray
    languages: list[tuple[tuple[str, int], ...]]
    min_age: FloatArray
    provides: list[tuple[str, ...]]
    max_same_school: FloatArray
    offer_company: IntArray
    offer_fields: list[tuple[str, ...]]
    seats: IntArray
    offer_stay: IntArray
    opens: IntArray
    closes: IntArray
    min_eqf: FloatArray
    max_eqf: FloatArray

    @cached_property
    def offer_host(self) -> IntArray:
        """The host of each offer."""
        return self.host[self.offer_company]


@dataclass
class Learners:
    """Learners; ``flow`` is the one around which the days away were drawn, ``group`` −1 for who travels alone."""

    partner: IntArray
    school: IntArray
    stay: IntArray
    flow: IntArray
    opens: IntArray
    closes: IntArray
    birth: IntArray
    known_birth: BoolArray
    eqf: IntArray
    priority: IntArray
    green: BoolArray
    group: IntArray
    fields: list[str]
    languages: list[dict[str, int]]
    reasons: list[tuple[str, ...]]
    needs: list[tuple[str, ...]]
    preferences: list[tuple[str, ...]]


@dataclass
class World:
    """Everything of the round so far. ``rows`` collects the small tables, row by row."""

    spec: Spec
    draws: Draws
    rates: Rates
    senders: Senders = field(init=False)
    hosts: Hosts = field(init=False)
    flows: Flows = field(init=False)
    companies: Companies = field(init=False)
    learners: Learners = field(init=False)
    groups: list[tuple[int, str]] = field(default_factory=list)
    """Sending partner and mode of each group."""
    anchors: list[tuple[int, int, int]] = field(default_factory=list)
    """Learners made to fit an offer in a flow (row numbers): alone and all together they can be placed there."""
    spare: list[tuple[int, int, int]] = field(default_factory=list)
    """Anchors that no lock has used yet."""
    rows: list[Row] = field(default_factory=list)
    broke: list[int] = field(default_factory=list)
    """Sending partners without any money."""

    def partner_id(self, number: int) -> str:
        """The id of a sending partner."""
        return named("p", number, len(self.senders.country))

    def host_id(self, number: int) -> str:
        """The id of a hosting partner."""
        return named("h", number, len(self.hosts.country))

    def school_id(self, number: int) -> str:
        """The id of a school."""
        return named("s", number, len(self.senders.school_city))

    def flow_id(self, number: int) -> str:
        """The id of a flow."""
        return named("f", number, len(self.flows.host))

    def company_id(self, number: int) -> str:
        """The id of a company."""
        return named("c", number, len(self.companies.host))

    def offer_id(self, number: int) -> str:
        """The id of an offer."""
        return named("o", number, len(self.companies.seats))

    def learner_id(self, number: int) -> str:
        """The id of a learner."""
        return named("L", number, self.spec.learners)

    def group_id(self, number: int) -> str:
        """The id of a group."""
        return named("g", number, len(self.groups))


def named(letter: str, number: int, count: int) -> str:
    """An id that sorts as its number does."""
    return f"{letter}{number + 1:0{max(2, len(str(count)))}d}"


def table(name: str, length: int, /, **columns: Sequence[object] | Array) -> Table:
    """A table of given columns (arrays as stored, or lists of natural values); others hold their defaults."""
    row = TABLES[name]
    filled: dict[str, Array] = {}
    for column in columns_of(row):
        given = columns.get(column)
        if given is None:
            filled[column] = column_array(row, column, [default_of(row, column)] * length)
        else:
            filled[column] = (
                given if isinstance(given, np.ndarray) else column_array(row, column, list(given))
            )
    return Table(row, filled)


def dates(days: IntArray) -> Array:
    """Days since 1970 as dates."""
    return days.astype("datetime64[D]")


def picked(values: Sequence[Any], index: Iterable[int]) -> list[Any]:
    """``values`` at each position."""
    return [values[position] for position in index]
