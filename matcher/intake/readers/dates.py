"""Reader of dates: ISO, ``DD/MM/YYYY``, ``DD.MM.YYYY``, and a workbook's day numbers; all but ISO are
reported.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import partial
from typing import Final

from matcher.intake.findings import Bad
from matcher.intake.readers.base import Read, Reader, understood
from models.columns import Kind

FIRST: Final = date(1900, 1, 1)
LAST: Final = date(2199, 12, 31)

_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_ISO_LOOSE: Final = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})\.?(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_DAY_FIRST: Final = re.compile(
    r"(\d{1,2})(?P<sign>[./])[ ]?(\d{1,2})(?P=sign)[ ]?(\d{4})\.?(?: 00:00(?::00)?)?"
)
_ANY: Final = re.compile(r"(\d{1,4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,4})")
_SERIAL: Final = re.compile(r"\d{5}")
_SERIAL_ZERO: Final = date(1899, 12, 30)
_EXPECTED: Final = "expected a date as YYYY-MM-DD, DD/MM/YYYY or DD.MM.YYYY"


def workbook_day_reader(_kind: Kind) -> Reader:
    """Dates of a workbook, where a number of five digits counts days."""
    return partial(_day, serials=True)


def day_reader(_kind: Kind) -> Reader:
    """Dates of a CSV file."""
    return partial(_day, serials=False)


def _day(text: str, *, serials: bool) -> Read | Bad:
    iso = _ISO.fullmatch(text)
    if iso:
        return _checked(text, *_numbers(iso[1], iso[2], iso[3]), how=None)
    loose = _ISO_LOOSE.fullmatch(text)
    if loose:
        return _checked(text, *_numbers(loose[1], loose[2], loose[3]), how="date with the year first")
    turned = _DAY_FIRST.fullmatch(text)
    if turned:
        how = "DD/MM/YYYY" if turned["sign"] == "/" else "DD.MM.YYYY"
        return _checked(text, *_numbers(turned[4], turned[3], turned[1]), how=how)
    if _SERIAL.fullmatch(text):
        return _from_serial(int(text), serials)
    return Bad(f"not a date: {_EXPECTED}", _guess(text))


def _from_serial(serial: int, serials: bool) -> Read | Bad:
    day = _SERIAL_ZERO + timedelta(days=serial)
    if not serials:
        return Bad(f"not a date: {_EXPECTED} (a spreadsheet's day number?)", day.isoformat())
    return understood(day, day.isoformat(), "spreadsheet's day number")


def _numbers(year: str, month: str, day: str) -> tuple[int, int, int]:
    return int(year), int(month), int(day)


def _checked(text: str, year: int, month: int, day: int, *, how: str | None) -> Read | Bad:
    if not FIRST.year <= year <= LAST.year:
        return Bad(f"the year is out of bounds: {FIRST.year} to {LAST.year}")
    if not (1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return Bad(f"there is no such day: {_EXPECTED}", _guess(text))
    found = date(year, month, day)
    return Read(found) if how is None else understood(found, found.isoformat(), how)


def _guess(text: str) -> str | None:
    """The date that was probably meant: numbers in another order, or a day beyond the end of its month."""
    found = _ANY.search(text)
    if found is None:
        return None
    first, second, third = (int(part) for part in found.groups())
    if len(found[1]) == 4:
        year, months = first, ((second, third), (third, second))
    elif len(found[3]) == 4:
        year, months = third, ((second, first), (first, second))
    else:
        return None
    if not FIRST.year <= year <= LAST.year:
        return None
    for month, day in months:
        if 1 <= month <= 12 and 1 <= day <= 31:
            return date(year, month, min(day, monthrange(year, month)[1])).isoformat()
    return None
