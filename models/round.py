"""The round: frozen, validated, columnar tables, the policy and the rates. What everything downstream reads.

Storage of a column, by its kind:

    text, id, code       object array of ``str`` (``None``: not given)
    whole number         ``int64``; where it may be missing without a default: ``float64`` with NaN
    decimal              ``float64`` (NaN: not given)
    date                 ``datetime64[D]`` (NaT: not given)
    yes/no               ``bool``
    languages            object array of ``((code, level), …)``, sorted by code, level 1 (A1) … 6 (C2)
    lists                object array of tuples of ``str``

Rows are sorted by the table's key (by all columns where it has none), so that nothing downstream can depend
on the order in which rows arrived.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.columns import Codes, Column, Day, Decimal, IscedList, Languages, Ref, RefList, Whole, YesNo
from models.errors import UnknownName
from models.policy import Policy
from models.rates import Rates
from models.tables import TABLES, Row, columns_of, default_of, header, is_required
from models.vocabulary import nearest

Array = npt.NDArray[Any]
IntArray = npt.NDArray[np.integer[Any]]
Made = TypeVar("Made")


class Table:
    """One table: a read-only array per column, rows in canonical order."""

    def __init__(self, row: type[Row], columns: Mapping[str, Array]) -> None:
        self.row = row
        order = _canonical_order(row, columns)
        self._columns = {name: _frozen(values[order]) for name, values in columns.items()}
        self._length = len(order)

    @classmethod
    def from_rows(cls, row: type[Row], rows: Iterable[Row]) -> Table:
        """A table of given rows (instances of ``row``)."""
        listed = list(rows)
        return cls(
            row, {name: column_array(row, name, [getattr(r, f) for r in listed]) for name, f in _fields(row)}
        )

    @classmethod
    def empty(cls, row: type[Row]) -> Table:
        """A table without rows."""
        return cls.from_rows(row, ())

    def edited(self, rows: Sequence[int], cells: Mapping[str, Any]) -> Table:
        """The table with new cells (by field) in some of its rows (numbers): the same values in each of them."""
        columns = dict(self._columns)
        for name, field_name in _fields(self.row):
            if field_name in cells:
                column, (cell,) = columns[name].copy(), column_array(self.row, name, [cells[field_name]])
                for number in rows:
                    column[number] = cell
                columns[name] = column
        if self.row.key and not set(self.row.key) & set(cells):
            return self._with(columns)
        return Table(self.row, columns)

    def _with(self, columns: Mapping[str, Array]) -> Table:
        """The same rows in the same order with other columns."""
        table = object.__new__(Table)
        table.row, table._length = self.row, self._length
        table._columns = {name: _frozen(values) for name, values in columns.items()}
        if "position" in vars(self):
            vars(table)["position"] = self.position
        return table

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, column: str) -> Array:
        return self._columns[column]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names as they stand in files, in contract order."""
        return tuple(self._columns)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """The row number of each id (tables with an ``id`` only)."""
        return {key: number for number, key in enumerate(self["id"])}

    @cached_property
    def records(self) -> tuple[Any, ...]:
        """The rows as frozen instances of the table's class, with natural Python types."""
        fields = dict(_fields(self.row))
        lists = [self.cells(name) for name in fields]
        return tuple(
            self.row.model_construct(**dict(zip(fields.values(), cells, strict=True)))
            for cells in zip(*lists, strict=True)
        )

    def record(self, number: int) -> Any:
        """One row, as in ``records``, without making the others."""
        if "records" in vars(self):
            return self.records[number]
        if number not in self._rows:
            cells = {
                field: self._natural(name, self._columns[name].item(number))
                for name, field in _fields(self.row)
            }
            self._rows[number] = self.row.model_construct(**cells)
        return self._rows[number]

    @cached_property
    def _rows(self) -> dict[int, Any]:
        """The rows that somebody has asked for: rounds that differ in other tables ask for the same ones."""
        return {}

    def cells(self, column: str) -> list[Any]:
        """A column's cells as natural Python values; what is not given is ``None``."""
        values = self._columns[column]
        listed: list[Any] = values.tolist()
        if values.dtype.kind != "f":
            return listed
        whole = column in self._wholes
        return [None if cell != cell else int(cell) if whole else cell for cell in listed]

    def _natural(self, column: str, cell: Any) -> Any:
        """A cell (a Python value) as it is in rows: ``None`` where nothing is given, whole numbers whole."""
        if not isinstance(cell, float):
            return cell
        return None if cell != cell else int(cell) if column in self._wholes else cell

    @cached_property
    def _wholes(self) -> frozenset[str]:
        """The columns of whole numbers."""
        notes = columns_of(self.row).items()
        return frozenset(name for name, note in notes if isinstance(note.kind, Whole))

    def frame(self) -> pd.DataFrame:
        """A pandas copy, with natural Python values in its cells."""
        return pd.DataFrame({name: pd.Series(self.cells(name), dtype=object) for name in self.names})


@dataclass(frozen=True)
class Round:
    """A mobility round. Build it with ``matcher.load`` or ``Round.of``; change it with ``replace``.

    ``budget_eur`` is the limit over all sending partners (None: none).
    """

    id: str
    name: str
    call_year: int
    policy: Policy
    rates: Rates
    tables: Mapping[str, Table]
    budget_eur: int | None = None
    _references: dict[tuple[str, str], IntArray] = field(default_factory=dict, repr=False, compare=False)
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        rows: Iterable[Row],
        *,
        rates: Rates,
        policy: Policy | None = None,
        id: str = "round",
        name: str = "",
        call_year: int = 2022,
        budget_eur: int | None = None,
    ) -> Round:
        """A round from rows of any tables, in any order. The rows are taken as valid."""
        sorted_by_table: dict[str, list[Row]] = {table: [] for table in TABLES}
        for row in rows:
            sorted_by_table[row.table].append(row)
        tables = {table: Table.from_rows(TABLES[table], found) for table, found in sorted_by_table.items()}
        return cls(id, name, call_year, policy or Policy(), rates, tables, budget_eur)

    def __getattr__(self, name: str) -> Table:
        tables = self.__dict__.get("tables", {})
        if name in tables:
            return tables[name]  # type: ignore[no-any-return]  # __dict__ is untyped
        raise AttributeError(name)

    def __getstate__(self) -> dict[str, Any]:
        """Without what was made of it (``once``): that need not be fit to be sent to another process."""
        return {**self.__dict__, "_made": {}}

    def ref(self, table: str, column: str) -> IntArray:
        """The row numbers that a reference column points to in its table (−1: blank)."""
        if (table, column) not in self._references:
            position = self.tables[_target(table, column)].position
            found = [-1 if key is None else position[key] for key in self.tables[table][column]]
            self._references[table, column] = _frozen(np.array(found, np.int64))
        return self._references[table, column]

    def once(self, make: Callable[[Round], Made]) -> Made:
        """What a function makes of the round: made when first asked for, and kept as long as the round is."""
        if make not in self._made:
            self._made[make] = make(self)
        made: Made = self._made[make]
        return made

    def replace(self, rows: Mapping[str, Sequence[Row]] | None = None, **changes: Any) -> Round:
        """A changed copy: whole tables through ``rows`` (table name → its new rows), other attributes by
        name.
        """
        tables = dict(self.tables) | {
            table: Table.from_rows(TABLES[table], new) for table, new in (rows or {}).items()
        }
        return replace(self, tables=tables, _references=self._references_beside(set(rows or ())), **changes)

    def edited(self, table: str, rows: Sequence[int], **cells: Any) -> Round:
        """A copy with new cells (by field) in some rows (numbers) of a table, the same values in each of them."""
        tables = dict(self.tables) | {table: self.tables[table].edited(rows, cells)}
        return replace(self, tables=tables, _references=self._references_beside({table}))

    def _references_beside(self, changed: Collection[str]) -> dict[tuple[str, str], IntArray]:
        """The references that were worked out and have nothing to do with these tables."""
        return {
            (table, column): found
            for (table, column), found in self._references.items()
            if table not in changed and _target(table, column) not in changed
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the normalised tables, the rates and the policy: equal for equal rounds, however they
        arrived.
        """
        state = hashlib.sha256()
        head = {
            "format": 1,
            "id": self.id,
            "call_year": self.call_year,
            "budget_eur": self.budget_eur,
            "policy": self.policy.model_dump(mode="json"),
            "rates": self.rates.canonical(),
        }
        state.update(json.dumps(head, sort_keys=True).encode())
        for name, table in self.tables.items():
            for column in table.names if len(table) or not table.row.later else ():
                state.update(f"\n{name}.{column}\n".encode())
                state.update(json.dumps(table.cells(column), default=str, ensure_ascii=False).encode())
        return state.hexdigest()


def column_array(row: type[Row], column: str, cells: Sequence[object]) -> Array:
    """The cells of one column (natural Python values, ``None``: not given) in the column's storage."""
    note = columns_of(row)[column]
    dtype = storage(row, column, note)
    if dtype == np.dtype(object):
        array = np.empty(len(cells), object)
        array[:] = cells
        return array
    if dtype.kind == "f":
        return np.array([np.nan if cell is None else cell for cell in cells], np.float64)
    return np.array(cells, dtype)


def storage(row: type[Row], column: str, note: Column) -> np.dtype[Any]:
    """The numpy type that stores a column (see the head of this module)."""
    match note.kind:
        case Whole():
            filled = is_required(row, column) or default_of(row, column) is not None
            return np.dtype(np.int64) if filled else np.dtype(np.float64)
        case Decimal():
            return np.dtype(np.float64)
        case Day():
            return np.dtype("datetime64[D]")
        case YesNo():
            return np.dtype(bool)
        case _:
            return np.dtype(object)


@cache
def _target(table: str, column: str) -> str:
    """The table that a reference column points to."""
    kind = columns_of(TABLES[table])[column].kind
    assert isinstance(kind, Ref), f"{table}.{column} is not a reference"
    return kind.table


def is_list(note: Column) -> bool:
    """Whether a cell of the column holds several values."""
    return isinstance(note.kind, Codes | IscedList | Languages | RefList)


def days(first: date | np.datetime64, last: date | np.datetime64) -> int:
    """How many days a range has, both ends included."""
    begin, end = np.array([first, last], "datetime64[D]")
    return int((end - begin).astype(int)) + 1


@cache
def _fields(row: type[Row]) -> tuple[tuple[str, str], ...]:
    return tuple((header(name), name) for name in row.model_fields)


def _frozen(values: Array) -> Array:
    values = values.copy()
    values.setflags(write=False)
    return values


def _canonical_order(row: type[Row], columns: Mapping[str, Array]) -> IntArray:
    """Row numbers in canonical order: by key, or by all columns where the key is blank or missing."""
    names = list(row.key) or list(columns)
    length = len(next(iter(columns.values())))
    texts = [[_sortable(cell) for cell in columns[name].tolist()] for name in names]
    keys = list(zip(*texts, strict=True)) if length else []
    return np.array(sorted(range(length), key=keys.__getitem__), np.int64)


def _sortable(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell)


def insist_on_known(rnd: Round, table: str, wanted: str) -> None:
    """Raise ``UnknownName`` with the nearest id for one that the table does not have."""
    known = rnd.tables[table].position
    if wanted not in known:
        near = nearest(wanted, list(known))
        raise UnknownName(f"there is no {wanted} in {table}" + (f" (nearest: {near})" if near else ""))
