"""Who is left out and why, grouped by reason: ids, details and what would open a place."""

from __future__ import annotations

from typing import Final, NamedTuple

import pandas as pd

from matcher.reporting.facts import Facts
from matcher.reporting.views import MOST_ROWS, Column, Table, table
from matcher.reporting.words import reason

FEWEST: Final = 20
"""How many of each reason are shown at least."""


class Left(NamedTuple):
    """The learners left out for one reason."""

    name: str
    words: str
    learners: int
    table: Table


def left_out(facts: Facts) -> list[Left]:
    """Return the reasons with their learners, those with most learners first."""
    frame = facts.unplaced
    groups = [(str(name), rows) for name, rows in frame.groupby("reason", sort=True)]
    groups.sort(key=lambda group: -len(group[1]))
    most = max(FEWEST, MOST_ROWS // max(1, len(groups)))
    columns = [
        Column("Learner"),
        Column("What stands in the way", wide=True),
        Column("Nearest fix", wide=True),
    ]
    return [Left(name, reason(name), len(rows), _table(name, rows, columns, most)) for name, rows in groups]


def _table(name: str, rows: pd.DataFrame, columns: list[Column], most: int) -> Table:
    told = rows[["learner_id", "detail", "nearest_fix"]]

    def cells(number: int) -> list[str]:
        return [_text(cell) for cell in told.iloc[number]]

    return table(f"Reason: {name}", columns, range(len(rows)), cells, most=most, rest="all in unplaced.csv")


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell)
