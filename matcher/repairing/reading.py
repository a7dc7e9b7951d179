"""Reads what happened: a small TOML file, and late arrivals from a CSV file of the form of the learners' table."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from matcher.intake import files
from matcher.intake.checks import CHECKS
from matcher.intake.drafts import Draft, DraftRound, nothing
from matcher.intake.encodings import decode
from matcher.intake.findings import Findings, Unreadable
from matcher.intake.reading import read_table
from matcher.intake.sources import read_csv
from matcher.repairing.happening import Happened, Moved
from models.errors import InputErrors, InputProblem
from models.round import Round
from models.tables import TABLES, Learner
from models.vocabulary import nearest

LISTS = {"drop_outs": "dropped", "companies": "companies", "offers": "offers"}
"""The keys that hold ids, and the fields that they fill."""
KEYS = (*LISTS, "late", "moved")
"""The keys of the file."""


def read_happened(path: Path, rnd: Round) -> Happened:
    """Read what a file says.

    An example, with every key; each may be left out::

        drop_outs = ["L0007", "L0143"]
        companies = ["c017"]
        offers = ["o021"]
        late = "late.csv"
        moved = [{ flow = "f12", start = 2022-05-09, end = 2022-06-05 }]

    ``late`` is a path beside the file. Raises ``InputErrors`` with everything that is wrong.
    """
    content = _parsed(path)
    problems = [InputProblem(files.label(path), None, *wrong) for wrong in _faults(content)]
    if problems:
        raise InputErrors(problems)
    lists = {field: tuple(content.get(key, ())) for key, field in LISTS.items()}
    moved = tuple(
        Moved(one["flow"], _day(one["start"]), _day(one["end"])) for one in content.get("moved", ())
    )
    late = read_late(path.parent / content["late"], rnd) if "late" in content else ()
    return Happened(late=late, moved=moved, **lists)


def moved_by(text: str) -> Moved:
    """A move written as ``FLOW:START:END``, days as YYYY-MM-DD. Raises ``InputErrors``."""
    flow, _, days = text.partition(":")
    start, _, end = days.partition(":")
    try:
        return Moved(flow, date.fromisoformat(start), date.fromisoformat(end))
    except ValueError:
        message = "a move is FLOW:START:END, such as f12:2022-05-09:2022-06-05"
        raise InputErrors([InputProblem("--moved", None, None, text, message)]) from None


def read_late(path: Path, rnd: Round) -> tuple[Learner, ...]:
    """The learners of a CSV file, read and checked as the round's own; their ids have to be new.

    Raises ``InputErrors`` with everything that is wrong in the file.
    """
    findings = Findings()
    try:
        draft = read_table(read_csv(path, Learner, findings), Learner, findings)
    except Unreadable as wrong:
        raise InputErrors([InputProblem(files.label(path), wrong.row, None, None, str(wrong))]) from wrong
    about_learners = {"learners": draft}
    drafts = {name: about_learners.get(name) or _draft_of(rnd, name) for name in TABLES}
    for check in CHECKS:
        check(DraftRound(drafts, rnd.rates, rnd.policy), findings)
    taken = set(rnd.learners["id"].tolist())
    for row, one in zip(draft.numbers.tolist(), draft.values["id"].tolist(), strict=True):
        if one in taken:
            message = "a learner with this id is in the round"
            findings.error(draft.file, message, row=row, column=draft.headings["id"], value=one)
    if findings.errors:
        raise InputErrors(findings.errors)
    return tuple(draft.table.records)


def _draft_of(rnd: Round, name: str) -> Draft:
    """A table of the round, known to be right; those that name learners are none of a late arrival's business."""
    table = rnd.tables[name]
    empty = nothing(TABLES[name], f"{name}.csv")
    if "learner_id" in table.names or name == "pairs":
        return empty
    good = {column: np.ones(len(table), bool) for column in table.names}
    values = {column: table[column] for column in table.names}
    return replace(empty, numbers=np.arange(len(table)) + 2, values=values, good=good)


def _parsed(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(decode(files.read_bytes(path)).text)
    except (Unreadable, tomllib.TOMLDecodeError) as wrong:
        raise InputErrors([InputProblem(files.label(path), None, None, None, str(wrong))]) from wrong


def _faults(content: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str, str | None]]:
    """Column, value, message and nearest of everything that is wrong."""
    for key in content:
        if key not in KEYS:
            yield key, None, f"this key is not known; there are {', '.join(KEYS)}", nearest(key, KEYS)
    for key in LISTS:
        ids = content.get(key, [])
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            yield key, str(ids), "a list of ids is expected", None
    if not isinstance(content.get("late", ""), str):
        yield "late", str(content["late"]), "the name of a CSV file is expected", None
    moved = content.get("moved", [])
    for one in moved if isinstance(moved, list) else [moved]:
        if not _is_move(one):
            yield "moved", str(one), "a move is { flow = id, start = YYYY-MM-DD, end = YYYY-MM-DD }", None


def _is_move(one: object) -> bool:
    if not isinstance(one, dict) or set(one) != {"flow", "start", "end"} or not isinstance(one["flow"], str):
        return False
    try:
        _day(one["start"]), _day(one["end"])
    except (TypeError, ValueError):
        return False
    return True


def _day(value: Any) -> date:
    """A day of a TOML file, as its own kind or as text."""
    return value if type(value) is date else date.fromisoformat(value)
