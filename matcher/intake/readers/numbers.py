"""Readers of whole and decimal numbers; a decimal comma is understood and reported."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from matcher.intake.findings import Bad
from matcher.intake.readers.base import Read, Reader, understood
from models.columns import Decimal, Kind, Whole

_PLAIN: Final = re.compile(r"[+-]?\d{1,18}")
_POINT_ZERO: Final = re.compile(r"([+-]?\d{1,18})[.,]0{1,2}")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[., '’\u00a0\u202f]\d{3})+")
_DECIMAL: Final = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?")
_COMMA: Final = re.compile(r"[+-]?\d{0,18},\d+")
_LEVEL: Final = re.compile(r"(?:EQF|EOK|MEC|ERK|level)[ -]*(?:level)?[ -]*(\d)", re.IGNORECASE)
_ANY_NUMBER: Final = re.compile(r"-?\d{1,18}(?:[.,]\d+)?")


def whole_reader(kind: Kind) -> Reader:
    """Whole numbers within the kind's bounds; ``4.0``, ``4,0`` and ``EQF 4`` are understood and reported."""
    assert isinstance(kind, Whole)
    return partial(_whole, kind)


def decimal_reader(kind: Kind) -> Reader:
    """Decimal numbers within the kind's bounds, with a point or a comma."""
    assert isinstance(kind, Decimal)
    return partial(_decimal, kind)


def _whole(kind: Whole, text: str) -> Read | Bad:
    if _PLAIN.fullmatch(text):
        return _within(kind, text)
    found = _POINT_ZERO.fullmatch(text) or (_LEVEL.fullmatch(text) if kind.high < 10 else None)
    if found is None:
        return Bad(f"not a whole number ({_bounds(kind)})", _nearest(kind, text))
    read = _within(kind, found[1])
    return (
        understood(read.value, found[1], "whole number in another form") if isinstance(read, Read) else read
    )


def _within(kind: Whole, digits: str) -> Read | Bad:
    number = int(digits)
    if kind.low <= number <= kind.high:
        return Read(number)
    return Bad(f"out of bounds: {_bounds(kind)}", str(min(max(number, kind.low), kind.high)))


def _decimal(kind: Decimal, text: str) -> Read | Bad:
    comma = _COMMA.fullmatch(text) is not None
    written = text.replace(",", ".") if comma else text
    if not _DECIMAL.fullmatch(written):
        return Bad(f"not a decimal number ({_bounds(kind)})", _nearest(kind, text))
    number = float(written) + 0.0  # no negative zero
    if not kind.low <= number <= kind.high:
        return Bad(f"out of bounds: {_bounds(kind)}", f"{min(max(number, kind.low), kind.high):g}")
    return understood(number, written, "decimal comma") if comma else Read(number)


def _bounds(kind: Whole | Decimal) -> str:
    return (
        f"{kind.low:,g} to {kind.high:,g}" if isinstance(kind, Decimal) else f"{kind.low:,} to {kind.high:,}"
    )


def _nearest(kind: Whole | Decimal, text: str) -> str | None:
    """The first number in the text, brought within bounds; signs between thousands are dropped."""
    thousands = _THOUSANDS.search(text) if isinstance(kind, Whole) else None
    if thousands:
        return _nearest(kind, re.sub(r"\D", "", thousands[0]))
    found = _ANY_NUMBER.search(text)
    if found is None:
        return None
    number = min(max(float(found[0].replace(",", ".")), float(kind.low)), float(kind.high))
    return str(round(number)) if isinstance(kind, Whole) else f"{number:g}"
