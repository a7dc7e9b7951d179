"""Recognises texts that are written as the contract asks, without a doubt: most of a large round's ids and names.

What is recognised here is what the column's reader would say; a test holds the two to each other. Everything else,
right or wrong, goes to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from models import columns as kinds

_ID: Final = r"[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,63}"
_IDS: Final = re.compile(_ID)


class Plain(NamedTuple):
    """Whether a text is plain, by ``fullmatch``, and the value of one that is."""

    pattern: re.Pattern[str]
    value: Callable[[str], object]


def _itself(text: str) -> str:
    return text


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(";"))


PLAIN: Final[Mapping[type[kinds.Kind], Plain]] = MappingProxyType(
    {
        kinds.Id: Plain(_IDS, _itself),
        kinds.Ref: Plain(_IDS, _itself),
        kinds.RefList: Plain(re.compile(f"{_ID}(?:;{_ID}){{0,9}}"), _listed),
        kinds.Text: Plain(re.compile(r"[A-Za-z0-9](?:[ -~]{0,200}[!-~])?"), _itself),
    }
)
"""What is plain, by the kind of column; ids in lists of ten at most, so that no list is too long."""
