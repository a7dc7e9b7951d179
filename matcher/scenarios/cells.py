"""New cells for a column: a value for all of them, or each moved by something or multiplied.

Seats, beds, quotas and money are whole numbers, dates move by days, languages by levels. A number that is blank has
no limit, and keeps none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from matcher.intake.findings import Bad
from matcher.intake.readers import reader_of
from matcher.intake.reading import clean
from matcher.scenarios.noting import Place, is_number, text_of
from models.columns import Column, Day, Id, Kind, Languages, Whole
from models.columns import Decimal as Decimals
from models.tables import Row, columns_of, default_of, is_required
from models.vocabulary import Cefr, languages

Change = Callable[[Any], Any]
"""An old cell in, the new one out; both as natural Python values."""

NUMBERS: Final = ("add", "factor")
LEVELS: Final = ("levels", "of")
MOST_DAYS: Final = 3660
"""A date moves by no more than ten years."""
MOST: Final = 1_000_000_000
"""A number is moved by, or multiplied with, no more than this."""


def change_of(row: type[Row], column: str, wanted: object, place: Place) -> Change | None:
    """What is to be done with a column's cells; None when something is wrong with it, which is taken down."""
    note = columns_of(row)[column]
    if isinstance(note.kind, Id):
        place.wrong("an id cannot be changed: remove the row and add a new one", wanted)
        return None
    if isinstance(wanted, dict):
        return _moved(note.kind, wanted, place)
    value = cell_of(row, column, note, wanted, place)
    return None if isinstance(value, Bad) else lambda _: value


def cell_of(row: type[Row], column: str, note: Column, wanted: object, place: Place) -> Any:
    """A value as a cell of the column; ``Bad`` when it cannot be one, which is taken down."""
    text = text_of(wanted)
    if text is None:
        fault = Bad("expected a value of this column, or what is to be done with what stands there")
    elif text := clean(text):
        read = reader_of(note.kind, workbook=False)(text)
        if not isinstance(read, Bad):
            return read.value
        fault = read
    elif not is_required(row, column):
        return default_of(row, column)
    else:
        fault = Bad("a value is required")
    place.bad(fault, wanted)
    return fault


def _moved(kind: Kind, wanted: Mapping[str, object], place: Place) -> Change | None:
    """Cells that are moved or multiplied."""
    if isinstance(kind, Languages):
        return _levels(wanted, place)
    if not isinstance(kind, Whole | Decimals | Day):
        place.wrong("expected a value: only numbers, days and languages can be moved", wanted)
        return None
    known = NUMBERS[:1] if isinstance(kind, Day) else NUMBERS
    if not _keys(wanted, known, place) or len(wanted) != 1:
        if set(wanted) <= set(known):
            place.wrong(f"expected one of {', '.join(known)}", wanted)
        return None
    ((key, by),) = wanted.items()
    whole = isinstance(kind, Whole | Day) and key == "add"
    if not is_number(by) or (whole and not isinstance(by, int)) or (key == "factor" and _decimal(by) < 0):
        expected = "a whole number" if whole else "a number" if key == "add" else "a number of 0 or more"
        place.at(key).wrong(f"expected {expected}", by)
        return None
    if abs(_decimal(by)) > MOST:
        place.at(key).wrong("out of bounds", by, str(MOST))
        return None
    if isinstance(kind, Day):
        return _days(int(_decimal(by)), place.at(key))
    return _number(kind, key, _decimal(by))


def _number(kind: Whole | Decimals, key: str, by: Decimal) -> Change:
    """Numbers moved or multiplied, half up to whole ones, and kept within the column's bounds."""

    def change(cell: Any) -> Any:
        if cell is None:
            return None
        old = Decimal(str(cell))
        new = min(max(old + by if key == "add" else old * by, _decimal(kind.low)), _decimal(kind.high))
        return half_up(new) if isinstance(kind, Whole) else float(new)

    return change


def _days(by: int, place: Place) -> Change | None:
    if abs(by) > MOST_DAYS:
        place.wrong(f"a date moves by at most {MOST_DAYS} days", by)
        return None

    def change(cell: date | None) -> date | None:
        return None if cell is None else min(max(cell, _FIRST), _LAST) + timedelta(by)

    return change


_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)


def _levels(wanted: Mapping[str, object], place: Place) -> Change | None:
    """Languages up or down by levels; A1 and C2 are the ends."""
    if not _keys(wanted, LEVELS, place):
        return None
    by, only = wanted.get("levels"), wanted.get("of")
    right = isinstance(by, int) and not isinstance(by, bool)
    if not right:
        place.at("levels").wrong("expected a whole number of levels, such as -1", by)
    codes = only if isinstance(only, list) else [] if only is None else [only]
    for code in codes:
        if not isinstance(code, str) or not languages.exists(code):
            place.at("of").wrong("there is no such language", code)
            right = False
    if not right:
        return None
    assert isinstance(by, int)

    def level(code: str, now: int) -> int:
        return now if codes and code not in codes else min(max(now + by, Cefr.A1), Cefr.C2)

    return lambda cell: tuple((code, int(level(code, now))) for code, now in cell)


def _keys(wanted: Mapping[str, object], known: tuple[str, ...], place: Place) -> bool:
    strange = [key for key in wanted if key not in known]
    for key in strange:
        place.unknown(key, known)
    return not strange


def half_up(value: Decimal) -> int:
    """A number rounded half up to a whole one."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def _decimal(value: object) -> Decimal:
    return Decimal(str(value))
