"""What comes back as tables: CSV as data frames with each column's own type, lists of answers as data frames."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd
from pydantic import BaseModel

from matcher.spreadsheets import restore
from models.columns import Day, Decimal, Whole, YesNo
from models.tables import TABLES, columns_of

WHOLE: Final = {"fit", "cost_eur", "learners", "escorts", "min_group", "rows"}
"""Columns of results that hold whole numbers, beside those of the input tables."""
DAYS: Final = {"start", "end"}
"""Columns of results that hold days."""


def of_csv(content: bytes, table: str | None = None) -> pd.DataFrame:
    """A CSV of the service as a data frame: codes stay text (``0413``), days are dates, numbers are numbers.

    ``table`` names the input table whose columns these are; None: a file of results. A column that was made coarse for
    analysts (levels ``4-5``, months) stays text.
    """
    cells = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False, na_values=[""])
    kinds = columns_of(TABLES[table]) if table in TABLES else {}
    for name in cells.columns:
        kind = kinds[name].kind if name in kinds else _of_results(str(name))
        cells[name] = _typed_or_text(cells[name], kind)
    return cells


def _of_results(name: str) -> object:
    return Whole() if name in WHOLE else Day() if name in DAYS else None


def _typed_or_text(column: pd.Series[Any], kind: object) -> pd.Series[Any]:
    try:
        return _typed(column, kind)
    except ValueError:
        return column


def _typed(column: pd.Series[Any], kind: object) -> pd.Series[Any]:
    match kind:
        case Whole():
            return column.astype("Int64")
        case Decimal():
            return column.astype("Float64")
        case Day():
            return pd.to_datetime(column, format="%Y-%m-%d")
        case YesNo():
            return column.map({"yes": True, "no": False}).astype("boolean")
        case _:
            return column.map(restore, na_action="ignore")


def of_answers(answers: Iterable[BaseModel]) -> pd.DataFrame:
    """A row for each answer, a column for each of its fields."""
    return pd.DataFrame([answer.model_dump() for answer in answers])
