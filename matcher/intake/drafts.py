"""A round while it is being checked: typed columns beside what the file said, and which cells can be
trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.intake.findings import Bad, Findings, Weight
from models.columns import Kind, Ref
from models.policy import Policy
from models.rates import Rates
from models.round import Array, IntArray, Table
from models.tables import TABLES, Row, columns_of

Mask = npt.NDArray[np.bool_]


@dataclass
class Draft:
    """One table: ``values`` in the storage of ``models.round``; ``texts`` as in the file (given columns
    only).

    ``numbers`` are spreadsheet rows. ``good`` tells per column which cells hold what their row means to
    say; a cell that could not be read is not good, and neither is any cell of a row that has too many or
    too few cells. ``lost`` tells that the table's file could not be read, or that it has no ids, so that nothing can be
    said about references to it.
    """

    row: type[Row]
    file: str
    headings: Mapping[str, str]
    numbers: IntArray
    texts: Mapping[str, Array]
    values: dict[str, Array]
    good: dict[str, Mask]
    lost: bool = False

    def __len__(self) -> int:
        return len(self.numbers)

    def given(self, column: str) -> Mask:
        """Which rows have a readable value in the column."""
        return self.good[column] & ~pd.isna(self.values[column])

    def text(self, column: str, position: int) -> str | None:
        """What the file says in a cell; ``None`` where it does not have the column."""
        return str(self.texts[column][position]) if column in self.texts else None

    def fault(
        self, findings: Findings, column: str, position: int, bad: Bad, weight: Weight = Weight.PLACE
    ) -> None:
        """Report what is wrong with one cell."""
        findings.error(
            self.file,
            bad.message,
            row=int(self.numbers[position]),
            column=self.headings.get(column, column),
            value=self.text(column, position) if bad.shown else None,
            nearest=bad.nearest,
            weight=weight,
        )

    def caution(
        self, findings: Findings, column: str, position: int, message: str, nearest: str | None = None
    ) -> None:
        """Warn of one cell."""
        row, heading = int(self.numbers[position]), self.headings.get(column, column)
        findings.warn(
            self.file, message, row=row, column=heading, value=self.text(column, position), nearest=nearest
        )

    @property
    def table(self) -> Table:
        """The finished table."""
        return Table(self.row, self.values)


@dataclass
class DraftRound:
    """All tables of a round, its rates and policy (``None`` where they could not be read)."""

    tables: Mapping[str, Draft]
    rates: Rates | None = None
    policy: Policy | None = None
    _positions: dict[str, dict[str, int]] = field(default_factory=dict)
    _references: dict[tuple[str, str], IntArray] = field(default_factory=dict)

    def __getitem__(self, table: str) -> Draft:
        return self.tables[table]

    def position(self, table: str) -> Mapping[str, int]:
        """The first row of each id of a table, counted from 0."""
        if table not in self._positions:
            found: dict[str, int] = {}
            draft = self.tables[table]
            for place in np.flatnonzero(draft.given("id")).tolist():
                found.setdefault(draft.values["id"][place], place)
            self._positions[table] = found
        return self._positions[table]

    def ref(self, table: str, column: str) -> IntArray:
        """The rows that a column of references points to (−1: blank, unreadable or unknown)."""
        if (table, column) not in self._references:
            kind = kind_of(table, column)
            assert isinstance(kind, Ref)
            draft, position = self.tables[table], self.position(kind.table)
            good = draft.good[column].tolist()
            keys = draft.values[column].tolist()
            found = [position.get(key, -1) if fine else -1 for key, fine in zip(keys, good, strict=True)]
            self._references[table, column] = np.array(found, np.int64)
        return self._references[table, column]

    def through(self, table: str, column: str, wanted: str) -> Array:
        """For each row, the cell ``wanted`` of the row that its reference points to (``None``: there is
        none).
        """
        kind = kind_of(table, column)
        assert isinstance(kind, Ref)
        target = self.tables[kind.table]
        return picked(masked(target.values[wanted], target.good[wanted]), self.ref(table, column))


def kind_of(table: str, column: str) -> Kind:
    """The kind of a table's column."""
    return columns_of(TABLES[table])[column].kind


def where(mask: Mask | Sequence[bool]) -> Iterable[int]:
    """The positions at which a mask holds, as plain numbers."""
    found: list[int] = np.flatnonzero(np.asarray(mask, bool)).tolist()
    return found


def masked(cells: Array, mask: Mask) -> Array:
    """Cells where the mask holds, ``None`` elsewhere."""
    kept = np.full(len(cells), None, object)
    kept[mask] = cells[mask]
    return kept


def picked(cells: Array, rows: IntArray) -> Array:
    """The cell of each row; ``None`` where the row is -1."""
    found = np.full(len(rows), None, object)
    found[rows >= 0] = cells[rows[rows >= 0]]
    return found


def present(cells: Array) -> Mask:
    """Which cells are not ``None``."""
    return np.array([cell is not None for cell in cells.tolist()], bool)


def nothing(row: type[Row], file: str, *, lost: bool = False) -> Draft:
    """The draft of a table without rows."""
    table = Table.empty(row)
    columns: dict[str, Any] = {name: table[name] for name in table.names}
    good = {name: np.ones(0, bool) for name in columns}
    return Draft(row, file, {}, np.empty(0, np.int64), {}, columns, good, lost)
