"""Readers of ISCED-F codes, which spreadsheets rob of their leading zero; a zero that is put back is
reported.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from matcher.intake.findings import Bad
from matcher.intake.readers.base import Read, Reader, understood
from matcher.intake.readers.lists import pieces
from models.columns import Isced, IscedList, Kind
from models.vocabulary import isced

_POINT_ZERO: Final = re.compile(r"(\d{1,4})\.0")
_CODE_AND_WORDS: Final = re.compile(r"(\d{2,4})\b\D.*", re.DOTALL)
_ZERO: Final = "ISCED code with its zero restored"


def isced_reader(kind: Kind) -> Reader:
    """One code with an allowed number of digits."""
    assert isinstance(kind, Isced)
    return partial(_code, kind.digits)


def isced_list_reader(kind: Kind) -> Reader:
    """Codes separated by ``;``."""
    assert isinstance(kind, IscedList)
    return partial(_codes, kind.digits)


def _code(digits: tuple[int, ...], text: str) -> Read | Bad:
    if len(text) in digits and isced.exists(text):
        return Read(text)
    bare = _POINT_ZERO.sub(r"\1", text)
    if len(bare) in digits and isced.exists(bare):
        return understood(bare, bare, "ISCED code written as a number")
    restored = isced.restore_zero(bare, digits) if bare.isascii() and bare.isdigit() else None
    if restored is not None:
        return understood(restored, restored, _ZERO)
    return _fault(digits, bare)


def _fault(digits: tuple[int, ...], text: str) -> Bad:
    candidates = _candidates(digits, text)
    if len(candidates) > 1:
        return Bad(
            f"an ISCED code without its zeros may be {' or '.join(candidates)}: write it in full",
            candidates[0],
        )
    allowed = " or ".join(map(str, digits))
    coded = _CODE_AND_WORDS.fullmatch(text)
    return Bad(
        f"not an ISCED-F 2013 code of {allowed} digits", isced.nearest(coded[1] if coded else text, digits)
    )


def _candidates(digits: tuple[int, ...], text: str) -> list[str]:
    if not (text.isascii() and text.isdigit()) or isced.exists(text):
        return []
    return [text.zfill(width) for width in digits if width > len(text) and isced.exists(text.zfill(width))]


def _codes(digits: tuple[int, ...], text: str) -> Read | Bad:
    listed = pieces(text)
    read = [_code(digits, piece) for piece in listed.pieces]
    fault = next((one for one in read if isinstance(one, Bad)), None)
    if fault is not None:
        return fault
    values = tuple(str(one.value) for one in read if isinstance(one, Read))
    how = next((one.how for one in read if isinstance(one, Read) and one.how), listed.how)
    return understood(values, ";".join(values), how) if how else Read(values)
