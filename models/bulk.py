"""Tens of millions of options in little memory: narrow whole numbers, and spans to work through one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.integer[Any]]

MOST = np.iinfo(np.int32).max

AT_ONCE = 500_000
"""How many options are worked on together: bounds memory beside the result, changes no result."""


def narrow(values: IntArray) -> IntArray:
    """The same numbers as ``int32`` where all lie within ±``MOST``, else as they are. Widen before multiplying two."""
    fits = int(values.min(initial=0)) >= -MOST and int(values.max(initial=0)) <= MOST
    return values.astype(np.int32, copy=False) if fits else values


def width(count: int) -> np.dtype[np.signedinteger[Any]]:
    """What holds the numbers −1 … ``count``: ``int32`` where they fit."""
    return np.dtype(np.int32 if count <= MOST else np.int64)


def numbers(count: int) -> IntArray:
    """The numbers 0 … ``count`` − 1, as ``int32`` where they fit."""
    return np.arange(count, dtype=width(count))


def spans(begin: int, end: int) -> Iterator[slice]:
    """Consecutive spans of at most ``AT_ONCE`` from ``begin`` to before ``end``."""
    for first in range(begin, end, AT_ONCE):
        yield slice(first, min(first + AT_ONCE, end))


def whole_spans(owner: IntArray) -> Iterator[slice]:
    """Consecutive spans of about ``AT_ONCE`` entries; the entries of one owner (ascending) lie in one span."""
    begin = 0
    while begin < len(owner):
        last = owner[min(begin + AT_ONCE, len(owner)) - 1]
        end = int(np.searchsorted(owner, last, "right"))
        yield slice(begin, end)
        begin = end


def in_order(group: IntArray, groups: int) -> tuple[IntArray, IntArray]:
    """All entries in order of their groups (0 … ``groups`` − 1), within one as they stand, and where each group begins,
    and one end more: a stable counting sort, span by span.
    """
    few = group.astype(np.uint16) if groups <= 2**16 else group  # what numpy sorts by digits
    count = np.bincount(group, minlength=groups)
    first = np.concatenate([[0], np.cumsum(count)])
    order, free = np.empty(len(group), width(len(group))), first[:-1].copy()
    for span in spans(0, len(group)):
        entry = np.argsort(few[span], kind="stable")
        here = np.bincount(group[span], minlength=groups)
        order[np.repeat(free - (np.cumsum(here) - here), here) + np.arange(len(entry))] = span.start + entry
        free += here
    return order, first
