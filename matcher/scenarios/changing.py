"""Changes to a round's tables: cells of the rows that are meant, rows that go, rows that are new.

A round is never changed in place: what is not touched is shared with the round before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from matcher.intake.checks import CHECKS
from matcher.intake.drafts import Draft, DraftRound
from matcher.intake.findings import Findings
from matcher.intake.grids import Grid
from matcher.intake.reading import read_table
from matcher.rules.base import Mask
from matcher.scenarios import words
from matcher.scenarios.cells import Change, change_of
from matcher.scenarios.noting import Place, text_of
from matcher.scenarios.selecting import select
from models.columns import Ref, RefList
from models.errors import InputProblem
from models.round import Round, Table, column_array
from models.tables import TABLES, columns_of, is_required

WHERE: Final = "where"
REMOVE: Final = "remove"
NEW: Final = "new"


def change_table(rnd: Round, table: str, entry: object, place: Place) -> tuple[Round, str]:
    """The round after one entry of a scenario, and what was done in a sentence; mistakes are taken down.

    An entry either has ``new`` rows (one or a list), or says with ``where`` which rows it means (all, if it says
    nothing) and then ``remove = true`` or new cells by column.
    """
    if not isinstance(entry, dict):
        place.wrong(f"expected an entry: [[{place.key.split('[')[0]}]]", entry)
        return rnd, ""
    if NEW in entry:
        return _with_new(rnd, table, entry, place)
    mask = select(rnd, table, entry.get(WHERE, {}), place.at(WHERE))
    if REMOVE in entry:
        return _removing(rnd, table, entry, mask, place)
    changes = _changes(table, {key: value for key, value in entry.items() if key != WHERE}, place)
    if mask is None or not changes:
        return rnd, ""
    return _edited(rnd, table, mask, changes)


def _changes(table: str, cells: Mapping[str, object], place: Place) -> dict[str, Change]:
    """What is to be done with each column."""
    row, found = TABLES[table], {}
    if not cells:
        place.wrong(f"this changes nothing: name a column, {REMOVE} or {NEW}")
    for column, wanted in cells.items():
        if column not in columns_of(row):
            place.unknown(column, [*columns_of(row), WHERE, REMOVE, NEW])
            continue
        change = change_of(row, column, wanted, place.at(column))
        if change is not None:
            found[column] = change
    return found


def _edited(rnd: Round, table: str, mask: Mask, changes: Mapping[str, Change]) -> tuple[Round, str]:
    old = rnd.tables[table]
    columns = {name: old[name] for name in old.names}
    said = []
    for column, change in changes.items():
        before = old.cells(column)
        made = {cell: change(cell) for cell in {before[number] for number in np.flatnonzero(mask).tolist()}}
        after = [made[cell] if on else cell for cell, on in zip(before, mask.tolist(), strict=True)]
        columns[column] = column_array(old.row, column, after)
        said.append(
            words.edited(column, [(was, now) for was, now in zip(before, after, strict=True) if was != now])
        )
    sentence = words.changed(table, int(mask.sum()), len(old), said)
    return with_tables(rnd, {table: Table(old.row, columns)}), sentence


def _removing(
    rnd: Round, table: str, entry: Mapping[str, object], mask: Mask | None, place: Place
) -> tuple[Round, str]:
    for key in entry:
        if key not in {WHERE, REMOVE}:
            place.at(key).wrong("rows that go have no new cells")
    if entry[REMOVE] is not True:
        place.at(REMOVE).wrong("expected true", entry[REMOVE])
    if mask is None:
        return rnd, ""
    gone: dict[str, int] = {}
    return _without(rnd, table, mask, gone), words.removed(table, int(mask.sum()), gone)


def _without(rnd: Round, table: str, mask: Mask, gone: dict[str, int]) -> Round:
    """The round without some rows, nor what is about them: learners merely lose their wishes, group or school there.

    ``gone`` counts the rows of other tables that went with them.
    """
    old = rnd.tables[table]
    ids = set(old["id"][mask].tolist()) if "id" in old.names else set()
    rnd = with_tables(rnd, {table: _kept(old, ~mask)})
    for other, row in TABLES.items():
        for column, note in columns_of(row).items():
            kind = note.kind
            if isinstance(kind, RefList) and table in kind.tables:
                rnd = _forgetting(rnd, other, column, ids)
            elif kind == Ref(table):
                named = np.array([cell in ids for cell in rnd.tables[other].cells(column)], bool)
                if not named.any():
                    continue
                if other == "learners" and not is_required(row, column):
                    rnd = _blanked(rnd, other, column, named)
                else:
                    gone[other] = gone.get(other, 0) + int(named.sum())
                    rnd = _without(rnd, other, named, gone)
    return rnd


def _kept(table: Table, mask: Mask) -> Table:
    return Table(table.row, {name: table[name][mask] for name in table.names})


def _blanked(rnd: Round, table: str, column: str, mask: Mask) -> Round:
    old = rnd.tables[table]
    cells = old[column].copy()
    cells[mask] = None
    return with_tables(
        rnd, {table: Table(old.row, {name: old[name] for name in old.names} | {column: cells})}
    )


def _forgetting(rnd: Round, table: str, column: str, ids: set[str]) -> Round:
    """Lists of ids without those that are gone."""
    old = rnd.tables[table]
    cells = old.cells(column)
    if not any(ids.intersection(cell) for cell in cells):
        return rnd
    kept = column_array(old.row, column, [tuple(one for one in cell if one not in ids) for cell in cells])
    return with_tables(rnd, {table: Table(old.row, {name: old[name] for name in old.names} | {column: kept})})


def _with_new(rnd: Round, table: str, entry: Mapping[str, object], place: Place) -> tuple[Round, str]:
    """The round with further rows, read as if they stood in the table's file."""
    for key in entry:
        if key != NEW:
            place.at(key).wrong(f"{NEW} rows stand alone in their entry")
    listed = entry[NEW]
    rows = listed if isinstance(listed, list) else [listed]
    here = place.at(NEW)
    if not rows or not all(isinstance(one, dict) and one for one in rows):
        here.wrong("expected a row, or a list of rows: { column = value, … }", listed)
        return rnd, ""
    draft = _read(table, rows, here)
    if draft is None:
        return rnd, ""
    old, more = rnd.tables[table], draft.table
    joined = Table(old.row, {name: np.concatenate([old[name], more[name]]) for name in old.names})
    return with_tables(rnd, {table: joined}), words.added(table, len(more))


def _read(table: str, rows: list[Any], place: Place) -> Draft | None:
    """New rows as a draft of their table; None when something is wrong with them."""
    row, named = TABLES[table], list(dict.fromkeys(key for one in rows for key in one))
    before = len(place.problems)
    for key in named:
        if key not in columns_of(row):
            place.unknown(key, columns_of(row))
    headings = [key for key in named if key in columns_of(row)]
    grid = Grid(table, [headings])
    for one in rows:
        texts = [text_of(one.get(key, "")) for key in headings]
        for key, text in zip(headings, texts, strict=True):
            if text is None:
                place.at(key).wrong("no cell can hold this", one[key])
        grid.rows.append([text or "" for text in texts])
    findings = Findings()
    draft = read_table(grid, row, findings)
    for found in findings.errors:
        at = place.at(found.column) if found.column else place
        at.wrong(found.message, found.value, found.nearest)
    return None if len(place.problems) > before else draft


def with_tables(rnd: Round, tables: Mapping[str, Table]) -> Round:
    """The round with other tables in place of its own; nothing that was worked out from these is carried over."""
    return replace(rnd, tables={**rnd.tables, **tables}, _references={})


def check(rnd: Round, place: Place) -> None:
    """Take down what does not fit together in a changed round: the checks of any round that is read."""
    drafts = {name: _draft(rnd, name) for name in TABLES}
    findings = Findings()
    for one in CHECKS:
        one(DraftRound(drafts, rnd.rates, rnd.policy), findings)
    for found in findings.errors:
        at = place.at(found.file) if found.file in TABLES else place
        at = at.at(found.column) if found.column else at
        at.wrong(f"{_whose(rnd, found)}{found.message}", found.value, found.nearest)


def _draft(rnd: Round, name: str) -> Draft:
    """A table of the round as a draft of which every cell could be read."""
    table = rnd.tables[name]
    columns = {column: table[column] for column in table.names}
    good = {column: np.ones(len(table), bool) for column in table.names}
    return Draft(
        table.row,
        name,
        {column: column for column in columns},
        np.arange(len(table)),
        columns,
        dict(columns),
        good,
    )


def _whose(rnd: Round, found: InputProblem) -> str:
    """Which row a problem is about, by the columns that make a row unique."""
    if found.row is None or found.file not in TABLES:
        return ""
    table = rnd.tables[found.file]
    keys = table.row.key or table.names[:2]
    return f"after these changes, {' '.join(words.cell(table.cells(key)[found.row]) for key in keys)}: "
