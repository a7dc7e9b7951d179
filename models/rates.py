"""The money of a call year: day rates, travel bands, organisation and inclusion amounts, with where each
comes from.

Whole euros are ``int``, shares are ``Decimal``: no amount ever passes through a binary float. A table ships
for each call year in ``models/data/rates``; a round's ``rates.toml`` overrides it key by key. Contract:
"Cost of a placement".
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from models.errors import InputErrors, InputProblem, UnknownName
from models.vocabulary import countries, nearest
from models.vocabulary.readings import data_file

SHIPPED_YEARS: Final = (2021, 2022, 2023, 2024, 2025, 2026)
"""The call years whose rate table ships."""

Euros = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Days = Annotated[int, Field(ge=0, le=366, strict=True)]
Group = Annotated[int, Field(ge=1, le=99, strict=True)]
GroupKey = Annotated[int, Field(ge=1, le=99)]  # TOML keys are text

Confidence = Literal["high", "medium", "low", "given"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TravelDays(_Part):
    """Paid travel days, for the whole round trip, by way of travelling."""

    standard: Days
    green: Days


class Organisation(_Part):
    """Organisational support per learner, in euros, by length of stay."""

    short: Euros
    long: Euros


class Band(_Part):
    """What a round trip pays, in euros, from a one-way distance of ``from_km`` on."""

    from_km: Annotated[int, Field(ge=0, le=20_038, strict=True)]  # half of the Earth's circumference
    standard: Euros
    green: Euros


class Source(_Part):
    """Where a figure comes from; ``verify`` asks the coordinator to check it before money is paid."""

    text: str
    confidence: Confidence
    verify: bool


class Figure(NamedTuple):
    """One figure of a rate table, such as ``learner_day.2``, with its source."""

    name: str
    value: int | Decimal
    source: str
    confidence: Confidence
    verify: bool


class Rates(_Part):
    """A complete rate table.

    ``learner_day`` and ``escort_day`` are euros per day by country group of the host, before the sending
    partner's ``rate_factor`` and ``staff_rate_factor``; ``full_rate_days`` days pay the day rate, later
    ones ``later_share`` of it; ``inclusion`` is paid per learner with fewer opportunities. ``source`` maps
    a key, or one figure of it (``organisation.short``), to where it comes from.
    """

    later_share: Annotated[Decimal, Field(ge=0, le=1)]
    full_rate_days: Days
    travel_days: TravelDays
    organisation: Organisation
    inclusion: Euros
    learner_day: Mapping[GroupKey, Euros]
    escort_day: Mapping[GroupKey, Euros]
    country_group: Mapping[str, Group]
    bands: tuple[Band, ...]
    source: Mapping[str, Source] = Field(default_factory=dict, repr=False)

    @field_validator("later_share", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        """Refuse binary floats and truth values: 0.7 as a float is not seven tenths."""
        if isinstance(value, bool | float):
            raise ValueError("must be a decimal number")  # noqa: TRY004 - pydantic collects ValueErrors only
        return value

    @field_validator("country_group")
    @classmethod
    def _countries_exist(cls, value: Mapping[str, int]) -> Mapping[str, int]:
        unknown = [code for code in value if not countries.exists(code)]
        if unknown:
            hints = (f"{code} (nearest: {countries.nearest_code(code)})" for code in unknown)
            raise ValueError(f"no such country: {', '.join(hints)}")
        return dict(sorted(value.items()))

    @field_validator("bands")
    @classmethod
    def _ascending(cls, value: tuple[Band, ...]) -> tuple[Band, ...]:
        ordered = tuple(sorted(value, key=lambda band: band.from_km))
        starts = [band.from_km for band in ordered]
        if not starts:
            raise ValueError("at least one band is needed")
        if len(set(starts)) < len(starts):
            raise ValueError("two bands begin at the same from_km")
        return ordered

    @model_validator(mode="after")
    def _every_group_has_a_rate(self) -> Rates:
        for key, table in (("learner_day", self.learner_day), ("escort_day", self.escort_day)):
            without = [code for code, group in self.country_group.items() if group not in table]
            if without:
                raise ValueError(f"{key} has no rate for the country group of {', '.join(without)}")
        return self

    @classmethod
    def shipped(cls, call_year: int) -> Rates:
        """Return the table that ships for ``call_year``; ``UnknownName`` when none does."""
        if call_year not in SHIPPED_YEARS:
            years = f"{SHIPPED_YEARS[0]} to {SHIPPED_YEARS[-1]}"
            raise UnknownName(f"no rate table ships for call year {call_year}; tables ship for {years}")
        return _shipped(call_year)

    @classmethod
    def from_toml(cls, source: Path | str, *, file: str = "rates.toml") -> Rates:
        """Read a complete table from a path or from TOML text.

        Raises ``InputErrors`` with everything that is wrong, each naming the file, the key and the value
        found.
        """
        return _validated(_parsed(source, file), file)

    @classmethod
    def for_round(
        cls, call_year: int, overrides: Path | str | None = None, *, file: str = "rates.toml"
    ) -> Rates:
        """Return the table of a round: what ships for its call year, overridden key by key by its
        ``rates.toml``.

        For a call year without a shipped table ``overrides`` must be complete. Raises ``InputErrors``.
        """
        if overrides is None:
            if call_year in SHIPPED_YEARS:
                return cls.shipped(call_year)
            problem = "no rate table ships for this call year, and the round has no rates.toml"
            raise InputErrors([InputProblem("round.toml", None, "call_year", str(call_year), problem)])
        given = _parsed(overrides, file)
        if call_year not in SHIPPED_YEARS:
            return _validated(given, file)
        return cls.shipped(call_year).merge(given, file=file)

    def merge(self, overrides: Mapping[str, Any], *, file: str = "rates.toml") -> Rates:
        """Return a copy in which every key of ``overrides`` replaces this table's key as a whole.

        So a ``country_group`` that is given lists every host country: one that it leaves out is missing,
        not taken from the shipped table. An overridden key loses the shipped source; it is "given" by the
        round.
        """
        own = self.model_dump(exclude={"source"})
        kept = {name: source for name, source in self.source.items() if name.split(".")[0] not in overrides}
        stated = overrides.get("source", {})
        sources = kept | stated if isinstance(stated, dict) else stated
        return _validated(own | dict(overrides) | {"source": sources}, file)

    def group_of(self, country: str) -> int | None:
        """Return the country group of a host in ``country``, or ``None`` when the table does not have it."""
        return self.country_group.get(country)

    def band_of(self, km: int) -> Band | None:
        """Return the travel band of a one-way distance in whole kilometres; ``None`` below the first band."""
        position = bisect_right(self.bands, km, key=lambda band: band.from_km)
        return self.bands[position - 1] if position else None

    def figures(self) -> tuple[Figure, ...]:
        """Return every figure with its source, in the order of the table."""
        return tuple(Figure(name, value, *self._source_of(name)) for name, value in self._leaves())

    def to_verify(self) -> tuple[Figure, ...]:
        """Return the figures that a coordinator has to check before money is paid."""
        return tuple(figure for figure in self.figures() if figure.verify)

    def canonical(self) -> dict[str, str]:
        """Return every figure as text, for digests: equal tables give equal answers, sources do not count."""
        return {name: str(value) for name, value in self._leaves()}

    def _leaves(self) -> Iterator[tuple[str, int | Decimal]]:
        yield "later_share", self.later_share.normalize()
        yield "full_rate_days", self.full_rate_days
        yield from ((f"travel_days.{way}", days) for way, days in self.travel_days)
        yield from ((f"organisation.{stay}", euros) for stay, euros in self.organisation)
        yield "inclusion", self.inclusion
        yield from ((f"learner_day.{group}", euros) for group, euros in sorted(self.learner_day.items()))
        yield from ((f"escort_day.{group}", euros) for group, euros in sorted(self.escort_day.items()))
        yield from ((f"country_group.{code}", group) for code, group in self.country_group.items())
        for band in self.bands:
            yield f"bands.{band.from_km}.standard", band.standard
            yield f"bands.{band.from_km}.green", band.green

    def _source_of(self, name: str) -> tuple[str, Confidence, bool]:
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            found = self.source.get(".".join(parts[:length]))
            if found is not None:
                return found.text, found.confidence, found.verify
        return "given by the round's rates.toml", "given", False


@cache
def _shipped(call_year: int) -> Rates:
    name = f"rates/{call_year}.toml"
    return Rates.from_toml(data_file(name).read_text(encoding="utf-8"), file=name)


def _parsed(source: Path | str, file: str) -> dict[str, Any]:
    """Parse TOML with exact decimals."""
    try:
        text = source.read_text(encoding="utf-8-sig") if isinstance(source, Path) else source
        return tomllib.loads(text.removeprefix("\ufeff"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputErrors([InputProblem(file, None, None, None, f"not valid TOML: {error}")]) from error
    except UnicodeDecodeError as error:
        raise InputErrors([InputProblem(file, None, None, None, "not UTF-8 text")]) from error


def _validated(table: Mapping[str, Any], file: str) -> Rates:
    try:
        return Rates.model_validate(table)
    except ValidationError as error:
        found = sorted(_problems(error, file), key=lambda problem: (problem.column or "", problem.message))
        raise InputErrors(found) from error


def _problems(error: ValidationError, file: str) -> Iterator[InputProblem]:
    for found in error.errors(include_url=False):
        place = [str(part) for part in found["loc"] if part != "[key]"]
        key = ".".join(place) or None
        match found["type"]:
            case "missing":
                yield InputProblem(file, None, key, None, "this figure is missing")
            case "extra_forbidden":
                known = nearest(place[-1], Rates.model_fields)
                yield InputProblem(file, None, key, _shown(found["input"]), "no such key", known)
            case "value_error":
                value = _shown(found["input"]) if place else None
                yield InputProblem(file, None, key, value, str(found["ctx"]["error"]))
            case _:
                message = found["msg"].removeprefix("Input ")
                yield InputProblem(file, None, key, _shown(found["input"]), message)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
