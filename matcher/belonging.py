"""Which groups learners belong to: sending partner, school, country, trade, fewer-opportunities reason.

What goals and metrics of fairness compare. As arrays, for solvers and for whatever is counted in columns; the audit's
face of a goal reads the tables' cells by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from models.round import Array, IntArray, Round


@dataclass(frozen=True)
class Membership:
    """Who is in which group: learner ``learner[i]`` (a row number) in the group number ``group[i]``, by learner.

    ``names`` are the groups' names, sorted; None, last, is the group of those whom the attribute says nothing of.
    """

    names: tuple[str | None, ...]
    learner: IntArray
    group: IntArray

    @property
    def sizes(self) -> IntArray:
        """How many learners each group has."""
        return np.bincount(self.group, minlength=len(self.names))

    def count(self, which: Array) -> IntArray:
        """How many of the learners of a mask each group has."""
        return np.bincount(self.group[which[self.learner]], minlength=len(self.names))

    def total(self, amount: IntArray) -> IntArray:
        """The sum of an amount per learner over each group (exact: far below 2**53)."""
        return np.bincount(self.group, amount[self.learner], len(self.names)).astype(np.int64)

    def named(self) -> Membership:
        """The same without the group None."""
        if None not in self.names:
            return self
        inside = self.group < len(self.names) - 1
        return Membership(self.names[:-1], self.learner[inside], self.group[inside])


def membership(rnd: Round, attribute: str) -> Membership:
    """Who belongs where by an attribute (one of ``ATTRIBUTES``), made once per round."""
    return rnd.once(ATTRIBUTES[attribute])


def _of_cells(cells: Array) -> Membership:
    """One group per learner: the cell's."""
    names = sorted({cell for cell in cells.tolist() if cell is not None})
    at: dict[str | None, int] = {name: number for number, name in enumerate(names)}
    if any(cell is None for cell in cells.tolist()):
        at[None] = len(names)
    group = np.fromiter((at[cell] for cell in cells.tolist()), np.int64, len(cells))
    return Membership(tuple(at), np.arange(len(cells)), group)


def by_partner(rnd: Round) -> Membership:
    """By sending partner; those that have no learner are no group."""
    return _of_cells(rnd.learners["partner_id"])


def by_school(rnd: Round) -> Membership:
    """By school."""
    return _of_cells(rnd.learners["school_id"])


def by_country(rnd: Round) -> Membership:
    """By the sending partner's country."""
    return _of_cells(rnd.sending_partners["country"][rnd.ref("learners", "partner_id")])


def by_field(rnd: Round) -> Membership:
    """By trade: the field of study as given, an ISCED-F code of three or four digits."""
    return _of_cells(rnd.learners["field"])


def by_reason(rnd: Round) -> Membership:
    """By fewer-opportunities reason: a learner who has several counts for each of them."""
    cells = rnd.learners["fewer_opportunities"].tolist()
    distinct = [tuple(dict.fromkeys(cell)) or (None,) for cell in cells]
    often = np.array([len(cell) for cell in distinct], np.int64)
    flat = np.empty(int(often.sum()), object)
    flat[:] = list(chain.from_iterable(distinct))
    found = _of_cells(flat)
    return Membership(found.names, np.repeat(np.arange(len(cells)), often), found.group)


ATTRIBUTES: Mapping[str, Callable[[Round], Membership]] = {
    "partner": by_partner,
    "school": by_school,
    "country": by_country,
    "field": by_field,
    "fewer_opportunities": by_reason,
}
"""What learners can be grouped by."""
