"""Reads a file of scenarios: named sets of changes to a round, each of which makes a round of its own.

::

    [scenarios.more-seats]
    title = "Two seats more at every offer for electricians in Wroclaw"

    [[scenarios.more-seats.offers]]
    where = { host_id = "mode", fields = "0713" }
    seats = { add = 2 }

Everything is tried out while it is read, so that every mistake of the file is told at once. See docs/scenarios.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from matcher.intake import files
from matcher.intake.encodings import decode
from matcher.intake.findings import Unreadable
from matcher.scenarios import changing, terms
from matcher.scenarios.lines import BASE
from matcher.scenarios.noting import Place
from models.errors import InputErrors, InputProblem
from models.round import Round
from models.tables import TABLES

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
KEYS: Final = ("title", "budget_eur", "call_year", "rates", "policy")
"""The keys of a scenario beside the names of tables."""
FORMAT: Final = 1


@dataclass(frozen=True)
class Scenario:
    """A named set of changes: what it is called, what was changed in sentences, and the round that this makes."""

    name: str
    title: str
    changes: tuple[str, ...]
    round: Round


def read_scenarios(path: Path, rnd: Round) -> tuple[Scenario, ...]:
    """The scenarios of a file, in its order.

    Raises ``InputErrors`` with all that is wrong: file, key with the scenario's name, value, nearest valid thing.
    """
    return scenarios_of(_parsed(path), rnd, file=files.label(path), folder=path.parent)


def scenarios_of(
    content: Mapping[str, Any], rnd: Round, *, file: str = "scenarios", folder: Path | None = None
) -> tuple[Scenario, ...]:
    """The scenarios that a mapping of the file's form describes; ``folder``: where files of rates are (None: nowhere).

    Raises ``InputErrors`` as ``read_scenarios`` does.
    """
    place = Place(file)
    for key in content:
        if key not in {"format", "scenarios"}:
            place.unknown(key, ("format", "scenarios"))
    if content.get("format", FORMAT) != FORMAT or isinstance(content.get("format"), bool):
        place.at("format").wrong(f"this version reads format {FORMAT}", content["format"], str(FORMAT))
    listed = content.get("scenarios")
    if not isinstance(listed, dict) or not listed:
        place.at("scenarios").wrong("there is no scenario: begin one with [scenarios.NAME]")
        raise InputErrors(place.problems)
    names: set[str] = set()
    found = []
    for name, entry in listed.items():
        here = place.at(f"scenarios.{name}")
        _check_name(name, names, here)
        found.append(_scenario(name, entry, rnd, folder, here))
    if place.problems:
        raise InputErrors(place.problems)
    return tuple(found)


def _check_name(name: str, names: set[str], here: Place) -> None:
    """A scenario's name may become that of a folder."""
    if not NAME.fullmatch(name):
        here.wrong(
            "a name is 1 to 64 letters, digits, dots, hyphens and underlines, and begins with a letter or digit"
        )
    elif name.lower() == BASE:
        here.wrong(f"{BASE} is the round as it is, and always there")
    elif name.lower() in names:
        here.wrong("there is a scenario of this name, in other letters")
    names.add(name.lower())


def _scenario(name: str, entry: object, rnd: Round, folder: Path | None, here: Place) -> Scenario:
    """One scenario; what is wrong with it is taken down."""
    if not isinstance(entry, dict):
        here.wrong(f"expected a table: [scenarios.{name}]", entry)
        return Scenario(name, name, (), rnd)
    title = entry.get("title", name)
    if not isinstance(title, str) or not title.strip() or not title.isprintable():
        here.at("title").wrong("expected a text of one line", title)
    before, changed, said = len(here.problems), rnd, []
    if "call_year" in entry or "rates" in entry:
        changed, sentences = terms.change_rates(
            changed, entry.get("call_year"), entry.get("rates", {}), folder, here
        )
        said += sentences
    for key, wanted in entry.items():
        changed, sentences = _changed(changed, key, wanted, here)
        said += sentences
    said = [sentence for sentence in said if sentence]
    if len(here.problems) == before:
        if not said:
            here.wrong("this scenario changes nothing")
        changing.check(changed, here)
    return Scenario(name, str(title), tuple(said), changed)


def _changed(rnd: Round, key: str, wanted: object, here: Place) -> tuple[Round, list[str]]:
    """The round after one key of a scenario."""
    said: list[str] = []
    match key:
        case "title" | "call_year" | "rates":
            pass
        case "budget_eur":
            rnd, sentence = terms.change_budget(rnd, wanted, here.at(key))
            said.append(sentence)
        case "policy":
            rnd, sentence = terms.change_policy(rnd, wanted, here.at(key))
            said.append(sentence)
        case _ if key in TABLES:
            for number, entry in enumerate(wanted if isinstance(wanted, list) else [wanted], start=1):
                place = here.at(key).numbered(number) if isinstance(wanted, list) else here.at(key)
                rnd, sentence = changing.change_table(rnd, key, entry, place)
                said.append(sentence)
        case _:
            here.unknown(key, [*KEYS, *TABLES])
    return rnd, said


def _parsed(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(decode(files.read_bytes(path)).text.replace("\r\n", "\n"), parse_float=Decimal)
    except (Unreadable, tomllib.TOMLDecodeError) as wrong:
        message = f"not valid TOML: {wrong}" if isinstance(wrong, tomllib.TOMLDecodeError) else str(wrong)
        raise InputErrors([InputProblem(files.label(path), None, None, None, message)]) from wrong
    except (ValueError, RecursionError) as wrong:  # a number of thousands of digits, tables nested too deeply
        message = "not valid TOML: a number has too many digits, or tables are nested too deeply"
        raise InputErrors([InputProblem(files.label(path), None, None, None, message)]) from wrong
