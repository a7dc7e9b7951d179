"""Reads ``round.toml`` and ``rates.toml``: what the round is called, its budget, its policy, its rates.
Contract: ``round.toml``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from matcher import goals, rules
from matcher.goals.base import UNWEIGHABLE
from matcher.intake import encodings, files
from matcher.intake.findings import Bad, Findings, Unreadable
from matcher.intake.readers import Read
from matcher.intake.readers.texts import read_id
from models.errors import InputErrors, InputProblem
from models.policy import FitWeights, Policy
from models.rates import Rates
from models.vocabulary import nearest

KEYS: Final = ("format", "id", "name", "call_year", "budget_eur", "policy")
"""The keys of ``round.toml``."""

SETTINGS: Final = "round.toml"
RATES: Final = "rates.toml"
FORMAT: Final = 1
_YEARS: Final = (2014, 2100)
_MOST_EUROS: Final = 1_000_000_000

T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """What ``round.toml`` says; ``None`` for what is wrong or not given."""

    id: str | None = None
    name: str | None = None
    call_year: int | None = None
    budget_eur: int | None = None
    policy: Policy | None = None


@dataclass(frozen=True)
class _Toml:
    """A parsed TOML file; problems name the line at which a key stands."""

    file: str
    text: str
    content: Mapping[str, Any]
    findings: Findings

    def error(self, key: str, message: str, value: object = None, near: str | None = None) -> None:
        """Add an error of a key (with dots)."""
        self.findings.error(
            self.file, message, row=self.line(key), column=key, value=_shown(value), nearest=near
        )

    def line(self, key: str) -> int | None:
        """The number of the line at which the last part of a key stands."""
        found = re.search(
            rf'^.*?["\']?\b{re.escape(key.rsplit(".", maxsplit=1)[-1])}\b["\']?\s*[=\].]',
            self.text,
            re.MULTILINE,
        )
        return self.text.count("\n", 0, found.end()) + 1 if found else None


def read_settings(path: Path, file: str, findings: Findings) -> Settings:
    """Read ``round.toml``; everything that is wrong with it is reported."""
    return _settings(_read(path, file, findings))


def _settings(toml: _Toml | None) -> Settings:
    if toml is None:
        return Settings()
    _report_unknown(toml, toml.content, KEYS, "")
    _check_format(toml)
    return Settings(
        _checked(toml, "id", _id, required=True),
        _checked(toml, "name", _name),
        _checked(toml, "call_year", _whole(*_YEARS), required=True),
        _checked(toml, "budget_eur", _whole(0, _MOST_EUROS)),
        _policy(toml),
    )


def read_rates(path: Path | None, file: str, call_year: int | None, findings: Findings) -> Rates | None:
    """The round's rates: what ships for its call year, overridden by its ``rates.toml``; what is wrong is
    reported.
    """
    toml = None
    if path is not None:
        toml = _read(path, file, findings)
        if toml is None:
            return None
    return _rates(toml, file, call_year, findings)


def _rates(toml: _Toml | None, file: str, call_year: int | None, findings: Findings) -> Rates | None:
    if call_year is None:
        return None
    try:
        return Rates.for_round(call_year, None if toml is None else toml.text, file=file)
    except InputErrors as errors:
        for one in errors.problems:
            findings.error(
                one.file, one.message, row=one.row, column=one.column, value=one.value, nearest=one.nearest
            )
        return None


@dataclass(frozen=True)
class SettingsExamination:
    """What ``round.toml`` and ``rates.toml`` say, and everything that is wrong with them."""

    settings: Settings
    rates: Rates | None
    errors: tuple[InputProblem, ...]
    warnings: tuple[InputProblem, ...]


def examine_settings(settings: bytes, rates: bytes | None = None) -> SettingsExamination:
    """Read the content of ``round.toml`` and of ``rates.toml`` (``None``: there is none) and report everything."""
    findings = Findings()
    found = _settings(_parsed(settings, SETTINGS, findings))
    toml = None if rates is None else _parsed(rates, RATES, findings)
    wrong = rates is not None and toml is None
    table = None if wrong else _rates(toml, RATES, found.call_year, findings)
    return SettingsExamination(found, table, findings.errors, findings.warnings)


def _read(path: Path, file: str, findings: Findings) -> _Toml | None:
    if not os.path.lexists(path):
        findings.error(file, "this file is missing: it holds the round's format, id, call_year and policy")
        return None
    try:
        return _parsed(files.read_bytes(path), file, findings)
    except Unreadable as error:
        findings.unreadable(file, error)
    return None


def _parsed(data: bytes, file: str, findings: Findings) -> _Toml | None:
    try:
        decoded = encodings.decode(data)
        if decoded.encoding != "utf-8":
            findings.warn(file, f"read as {encodings.NAMES[decoded.encoding]}; UTF-8 is expected")
        text = decoded.text.replace("\r\n", "\n")
        return _Toml(file, text, tomllib.loads(text, parse_float=Decimal), findings)
    except Unreadable as error:
        findings.unreadable(file, error)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        findings.error(file, f"not valid TOML: {error}", row=int(line[1]) if line else None)
    except ValueError:  # Python reads no number of thousands of digits
        findings.error(file, "not valid TOML: a number has too many digits")
    except RecursionError:
        findings.error(file, "not valid TOML: lists or tables are nested too deeply")
    return None


def _report_unknown(toml: _Toml, table: Mapping[str, Any], known: Iterable[str], prefix: str) -> None:
    for key in table:
        if key not in known:
            near = nearest(key, known)
            toml.error(f"{prefix}{key}", "no such key", near=f"{prefix}{near}" if near else None)


def _check_format(toml: _Toml) -> None:
    stated = toml.content.get("format")
    if stated is None:
        toml.error("format", "this key is missing", near=f"format = {FORMAT}")
    elif isinstance(stated, bool) or stated != FORMAT:
        toml.error("format", f"this version reads format {FORMAT}", stated, str(FORMAT))


def _checked(
    toml: _Toml, key: str, check: Callable[[object], T | Bad], *, required: bool = False
) -> T | None:
    if key not in toml.content:
        if required:
            toml.error(key, "this key is missing")
        return None
    found = check(toml.content[key])
    if isinstance(found, Bad):
        toml.error(key, found.message, toml.content[key], found.nearest)
        return None
    return found


def _id(value: object) -> str | Bad:
    if not isinstance(value, str) or not value:
        return Bad("expected a text of 1 to 64 characters")
    read = read_id(value)
    return str(read.value) if isinstance(read, Read) else read


def _name(value: object) -> str | Bad:
    return value if isinstance(value, str) else Bad("expected a text")


def _whole(low: int, high: int) -> Callable[[object], int | Bad]:
    def check(value: object) -> int | Bad:
        if isinstance(value, bool) or not isinstance(value, int):
            return Bad(f"expected a whole number, {low} to {high}")
        if not low <= value <= high:
            return Bad(f"out of bounds: {low} to {high}", str(min(max(value, low), high)))
        return value

    return check


@cache
def _goal_names() -> tuple[str, ...]:
    return tuple(goal.name for goal in goals.discover())


@cache
def _rule_names() -> tuple[str, ...]:
    return tuple(rule.name for rule in rules.discover())


def _policy(toml: _Toml) -> Policy | None:
    table = toml.content.get("policy", {})
    if not isinstance(table, dict):
        toml.error("policy", "expected a table: [policy]")
        return None
    before = len(toml.findings.errors)
    _report_unknown(toml, table, Policy.model_fields, "policy.")
    _check_names(toml, table)
    if "weights" in table and "goals" in table:
        text = "goals and weights are both given: the weights decide, and the goals are not used"
        toml.findings.warn(toml.file, text, row=toml.line("goals"), column="policy.goals")
    known = {key: value for key, value in table.items() if key in Policy.model_fields}
    try:
        policy = Policy.model_validate(known)
    except ValidationError as error:
        for key, bad, value in _policy_problems(error):
            toml.error(key, bad.message, value, bad.nearest)
        return None
    return policy if len(toml.findings.errors) == before else None


def _check_names(toml: _Toml, table: Mapping[str, Any]) -> None:
    """Names of goals and rules must be known, switches must be true or false, weights numbers."""
    for key, names in (("goals", _goal_names()), ("weights", _goal_names()), ("rules", _rule_names())):
        for name in table.get(key, ()) if isinstance(table.get(key), list | dict) else ():
            if isinstance(name, str) and name not in names:
                toml.error(
                    f"policy.{key}",
                    f"there is no {key[:-1].replace('weight', 'goal')} of this name",
                    name,
                    _near(name, names),
                )
    for key, kinds, expected in (("rules", bool, "true or false"), ("weights", int | Decimal, "a number")):
        stated = table.get(key)
        for name, value in stated.items() if isinstance(stated, dict) else ():
            if not isinstance(value, kinds) or (key == "weights" and isinstance(value, bool)):
                toml.error(f"policy.{key}.{name}", f"expected {expected}", value)
    for name in table["weights"] if isinstance(table.get("weights"), dict) else ():
        if any(goal.name == name and not goal.weighable for goal in goals.discover()):
            toml.error(f"policy.weights.{name}", UNWEIGHABLE, near="goals")


def _near(name: str, names: Iterable[str]) -> str | None:
    """The nearest known name; where none is near, all of them."""
    return nearest(name, names) or ", ".join(names) or None


def _policy_problems(error: ValidationError) -> Iterator[tuple[str, Bad, object]]:
    for found in error.errors(include_url=False):
        key = ".".join(["policy", *(str(part) for part in found["loc"])])
        value = found["input"] if found["loc"] and not isinstance(found["input"], dict) else None
        match found["type"]:
            case "value_error":
                yield key, Bad(str(found["ctx"]["error"])), value
            case "extra_forbidden":
                near = nearest(str(found["loc"][-1]), FitWeights.model_fields)
                yield key, Bad("no such key", near), value
            case "bool_type" | "bool_parsing" | "decimal_type" | "decimal_parsing":
                continue  # said already, in plainer words
            case _:
                bounds = found.get("ctx", {})
                near = bounds.get("le", bounds.get("ge"))
                yield key, Bad(found["msg"].removeprefix("Input "), _shown(near)), value


def _shown(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
