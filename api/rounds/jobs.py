"""What child processes do for rounds: examine an upload, check what is loaded, freeze it, write workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from api.rounds.ownership import OF_HOSTS, OF_SENDERS
from api.rounds.packing import Packed, empty, pack_table, records
from api.rounds.parts import Loaded, Part, Places, listed, write_parts
from api.rounds.snapshots import pack
from matcher.intake import (
    Examination,
    examine,
    examine_own,
    examine_settings,
    examine_table,
    read_csv_table,
    workbook_of,
)
from matcher.intake.loading import uncollected
from models.errors import InputProblem

BESIDE: Final = ("sending_partners", "hosting_partners", "companies")
"""Tables of others to which a partner's rows refer: a learner to its partner, and to the places that it prefers."""


WITHIN: Final = {
    "offers": (("company_id", "companies"),),
    "learners": (("school_id", "schools"), ("group_id", "groups")),
    "micro_credentials": (("learner_id", "learners"),),
    "pairs": (("learner_a", "learners"), ("learner_b", "learners")),
}
"""Columns that refer to rows of the same owner, with the tables of those, by table."""


@dataclass(frozen=True)
class UploadOrder:
    """A file to be examined: ``name`` is the table's with the format's ending; ``known`` the owner's other parts."""

    name: str
    table: str
    owner: str
    known: tuple[Part, ...]
    erased: frozenset[str]


@dataclass(frozen=True)
class Examined:
    """What was found, and the rows to be stored where there is no error."""

    packed: Packed | None
    errors: tuple[InputProblem, ...]
    warnings: tuple[InputProblem, ...]


@dataclass(frozen=True)
class Checked:
    """Everything that is wrong with what is loaded; problems name the part (``OWNER/TABLE.csv``) and its row."""

    errors: tuple[InputProblem, ...]
    warnings: tuple[InputProblem, ...]


@dataclass(frozen=True)
class Frozen:
    """A snapshot to be stored, or what is wrong with it."""

    content: bytes
    digest: str
    counts: dict[str, Any]
    errors: tuple[InputProblem, ...] = ()
    warnings: tuple[InputProblem, ...] = ()


def examine_upload(folder: Path, order: UploadOrder) -> Examined:
    """Examine the file in ``folder`` as the owner's rows of a table."""
    beside = folder / "known"
    beside.mkdir(exist_ok=True)
    found = examine_table(
        folder / order.name,
        order.table,
        owner=order.owner or None,
        known=write_parts(beside, order.known),
        erased=order.erased,
    )
    packed = None if found.errors else pack_table(found.tables[order.table])
    return Examined(packed, listed(found.errors), listed(found.warnings))


def check_all(folder: Path, loaded: Loaded) -> Checked:
    """Check everything that is loaded, as the coordinator sees it."""
    _, checked = _assembled(folder, loaded)
    return Checked(listed(checked.errors), listed(checked.warnings))


def check_own(folder: Path, order: tuple[Loaded, str]) -> Checked:
    """Check what one partner has loaded, as the partner sees it: nothing in the answer is of anybody else."""
    loaded, owner = order
    checked = _own(folder, loaded, owner)
    return Checked(listed(checked.errors), listed(checked.warnings))


def freeze(folder: Path, loaded: Loaded) -> Frozen:
    """The snapshot of what is loaded, or everything that is wrong with it."""
    with uncollected():
        found, checked = _assembled(folder, loaded)
        if checked.errors or found.round is None:
            return Frozen(b"", "", {}, listed(checked.errors), listed(checked.warnings))
        counts = {name: len(table) for name, table in found.round.tables.items()}
        return Frozen(pack(found.round), found.round.digest, counts, (), listed(checked.warnings))


def workbook(folder: Path, order: tuple[str, tuple[Part, ...]]) -> bytes:
    """The rows of a table as a workbook."""
    name, parts = order
    return workbook_of({name: read_csv_table(write_parts(folder, parts)[name], name)})


def _assembled(folder: Path, loaded: Loaded) -> tuple[Examination, Checked]:
    """The whole round, and what is wrong with it as a whole, or with an owner's part of it."""
    whole = folder / "round"
    whole.mkdir()
    (whole / "round.toml").write_text(loaded.settings, encoding="utf-8")
    if loaded.rates is not None:
        (whole / "rates.toml").write_text(loaded.rates, encoding="utf-8")
    write_parts(whole, loaded.parts)
    found = examine(whole)
    trace = Places(loaded.parts).traced
    errors, warnings = [*map(trace, found.errors)], [*map(trace, found.warnings)]
    said = {_place(one) for one in errors}
    errors += [one for one in strays(loaded.parts) if _place(one) not in said]
    return found, Checked(tuple(errors), tuple(warnings))


def _own(folder: Path, loaded: Loaded, owner: str) -> Checked:
    """What is wrong with one owner's tables, in the owner's own words: files and rows are the owner's.

    A table that the owner has not loaded has no rows: references to it are wrong.
    """
    own = with_empty_tables(loaded.of(owner), owner)
    held = {part.table for part in own}
    place = folder / "own"
    place.mkdir(exist_ok=True)
    others = [part for part in loaded.parts if part.table in BESIDE and part.table not in held]
    rates = examine_settings(
        loaded.settings.encode(), None if loaded.rates is None else loaded.rates.encode()
    ).rates
    files = write_parts(place, own)
    found = examine_own(files, owner, write_parts(place, others), rates)
    return Checked(found.errors, found.warnings)


def with_empty_tables(own: tuple[Part, ...], owner: str) -> tuple[Part, ...]:
    """An owner's parts, and one without rows for each table of the same kind of partner that is not among them."""
    held = {part.table for part in own}
    kinds = [kind for kind in (OF_HOSTS, OF_SENDERS) if held & set(kind)]
    absent = [table for kind in kinds for table in kind if table not in held]
    return own + tuple(Part(table, owner, 0, empty(table).content) for table in absent)


def strays(parts: tuple[Part, ...]) -> Iterator[InputProblem]:
    """References to rows of another owner where they must be the own (an offer of another's company).

    As part of the whole they are right, and wrong all the same: whoever loaded them may not speak of those rows.
    """
    own = {(part.table, part.owner): part for part in parts if part.owner}
    ids = cache(lambda table, owner: _column(own.get((table, owner)), "id"))
    for (table, owner), part in own.items():
        for column, target in WITHIN.get(table, ()):
            for row, key in enumerate(_column(part, column), start=2):
                if key and key not in ids(target, owner):
                    text = f"there is no such id in {target} of {owner}"
                    yield InputProblem(part.label, row, column, key, text)


def _column(part: Part | None, column: str) -> dict[str, None] | list[str]:
    """A column's cells; of ids a mapping, in which they are found at once. None where an older version had no such."""
    if part is None:
        return {}
    lines = records(part.content)
    headings = next(lines)
    if column not in headings:
        return {}
    at = headings.index(column)
    cells = [cells[at] for cells in lines]
    return dict.fromkeys(cells) if column == "id" else cells


def _place(problem: InputProblem) -> tuple[object, ...]:
    return problem.file, problem.row, problem.column
