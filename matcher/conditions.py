"""Conditions: what a rule bars, stated by classes of learners and classes of slots.

A round has billions of candidates, but few kinds of them. A condition names the columns that it reads; learners
whose cells are equal there are of one class, and slots likewise. It is asked once per pair of classes, with one
learner and one slot of each, so the answer is the same as pair by pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.options import Options
from matcher.slots import Slots
from models.round import Array, IntArray, Round

Mask = npt.NDArray[np.bool_]
Reads = tuple[str | Callable[[Round], Array], ...]
"""Columns of a table by name, or functions that make a cell for every row of it."""

LARGEST = 2**27
"""A condition with more pairs of classes than this is asked candidate by candidate instead: bounds memory."""

ASKED_AT_ONCE = 1_000_000
"""How many pairs of classes are asked about together: bounds memory, changes no result."""


@dataclass(frozen=True)
class Condition:
    """``bars`` tells of options, in any order, which are barred; it may depend on the named cells alone."""

    bars: Callable[[Round, Options], Mask]
    learners: Reads = ()
    flows: Reads = ()
    offers: Reads = ()
    companies: Reads = ()
    hosting_partners: Reads = ()

    def classes(self, slots: Slots) -> tuple[IntArray, IntArray]:
        """The class of each learner and of each slot: whole numbers from 0, each of which occurs."""
        rnd = slots.rnd
        tables = ("flows", "offers", "companies", "hosting_partners")
        read = [(name, reads) for name in tables if (reads := getattr(self, name))]
        cells = [_codes(rnd, name, reads)[slots.rows(name)] for name, reads in read]
        nothing = np.zeros(len(slots), np.int64)
        return joint(_codes(rnd, "learners", self.learners)), joint(*cells, nothing)


@dataclass(frozen=True)
class Named:
    """Pairs of a learner and a slot that a rule names, each once, sorted by learner, then slot.

    ``rest`` says of each learner whether the rule bars all slots that it does not name for the learner, or none.
    """

    learner: IntArray
    slot: IntArray
    rest: Mask


@dataclass(frozen=True)
class Table:
    """A condition's answers: ``allowed[learner[i], slot[j]]`` for learner i in slot j.

    Classes that are treated alike are one. ``rule`` is the rule whose condition it is.
    """

    rule: str
    learner: IntArray
    slot: IntArray
    allowed: Mask

    @property
    def bars_nothing(self) -> bool:
        """Whether every pair of classes is allowed."""
        return bool(self.allowed.all())

    def take(self, learners: IntArray, slots: IntArray) -> Table:
        """The table for some learners and some slots (row numbers)."""
        return Table(self.rule, self.learner[learners], self.slot[slots], self.allowed)


def table(rule: str, condition: Condition, slots: Slots) -> Table | None:
    """Ask a condition about every pair of classes; ``None`` where there are too many of them."""
    learner, slot = condition.classes(slots)
    shape = (_count(learner), _count(slot))
    if shape[0] * shape[1] > LARGEST:
        return None
    who, where = _first(learner, shape[0]), _first(slot, shape[1])
    allowed = np.empty(shape, bool)
    for part in _blocks(*shape):
        asked = Options(
            slots.rnd,
            np.repeat(who[part], shape[1]),
            np.tile(slots.offer[where], len(who[part])),
            np.tile(slots.flow[where], len(who[part])),
        )
        allowed[part] = ~condition.bars(slots.rnd, asked).reshape(len(who[part]), shape[1])
    return _merged(Table(rule, learner, slot, allowed))


def joint(*codes: IntArray) -> IntArray:
    """A number for every combination of parallel arrays of small whole numbers, from 0, each of which occurs."""
    key = np.zeros(len(codes[0]), np.int64)
    for code in codes:
        key = pd.factorize(key * (int(code.max(initial=0)) + 1) + code)[0]
    return key.astype(np.int32)


def _codes(rnd: Round, name: str, reads: Reads) -> IntArray:
    """A number for every row of a table: equal where the cells that are read are equal."""
    rows = rnd.tables[name]
    codes = np.zeros(len(rows), np.int64)
    for read in reads:
        cells: Any = rows[read] if isinstance(read, str) else read(rnd)
        code = pd.factorize(cells, use_na_sentinel=False)[0]
        codes = pd.factorize(codes * (int(code.max(initial=0)) + 1) + code)[0]
    return codes


def _count(classes: IntArray) -> int:
    return int(classes.max(initial=-1)) + 1


def _first(classes: IntArray, count: int) -> IntArray:
    """One row of each class."""
    first = np.empty(count, np.int64)
    first[classes] = np.arange(len(classes))
    return first


def _blocks(rows: int, columns: int) -> Iterator[slice]:
    """Consecutive rows of a table, so many that their cells stay within bounds (one row at least)."""
    step = max(1, ASKED_AT_ONCE // max(1, columns))
    for begin in range(0, rows, step):
        yield slice(begin, begin + step)


def _merged(found: Table) -> Table:
    """The same with equal rows as one class of learners and equal columns as one class of slots."""
    rows, of_learner = _distinct(found.allowed)
    columns, of_slot = _distinct(found.allowed[rows].T)
    allowed = np.ascontiguousarray(found.allowed[np.ix_(rows, columns)])
    return Table(found.rule, of_learner[found.learner], of_slot[found.slot], allowed)


def _distinct(rows: Mask) -> tuple[IntArray, IntArray]:
    """The first of each kind of equal rows, and the kind of each row."""
    if not rows.size:
        return np.arange(min(1, len(rows))), np.zeros(len(rows), np.int32)
    packed = np.ascontiguousarray(np.packbits(rows, axis=1))
    whole = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, kind = np.unique(whole, return_index=True, return_inverse=True)
    return first, kind.astype(np.int32)
