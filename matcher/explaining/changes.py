"""A change of a round that somebody could make, what it asks of them, and the round as it would then be.

Smallness is ``effort``, in points that make unlike changes comparable: what a phone call settles is small,
what changes a person or a promise is large. The table is a convention, written down so that it can be
argued with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.round import Round
from models.tables import Row

EFFORT: Mapping[str, int] = {
    "birth date": 2,  # a missing datum is given
    "day": 1,  # of availability, of a learner or an offer
    "50 euros": 1,  # of budget, begun
    "quota": 5,  # one learner more
    "same school": 5,  # one learner more
    "minimum group": 5,  # one learner fewer
    "head": 5,  # one more in a flow
    "bed": 8,  # for a week or part of it
    "seat": 10,
    "forbid": 15,  # a lock is lifted
    "agreement": 15,
    "need": 15,  # a code is provided
    "year of age": 15,
    "EQF level": 15,
    "level asked": 20,  # the company asks one language level less
    "level learnt": 25,  # the learner reaches one language level more
    "near field": 30,  # the offer takes a further field, of the same broad field
    "far field": 150,  # the offer takes a further field, of another broad field
    "credential": 90,  # the learner earns a micro-credential
    "leave group": 80,
    "lift pair": 80,
    "lift pin": 100,  # what was promised to a learner is taken back
    "policy point": 10,  # of a threshold in the policy, for everybody
}
"""Points per unit of each kind of change."""


@dataclass(frozen=True)
class Change:
    """One change: a sentence in the imperative, its effort, and the round that it makes."""

    effort: int
    text: str
    apply: Callable[[Round], Round]

    @property
    def order(self) -> tuple[int, str]:
        """Smallest first; equally small ones by their text."""
        return self.effort, self.text


def points(kind: str, amount: int = 1) -> int:
    """The effort of so many units of a kind."""
    return EFFORT[kind] * amount


def euros(amount: int) -> int:
    """The effort of so many euros."""
    return points("50 euros", -(-amount // 50))


def edit(table: str, row: int, **cells: Any) -> Callable[[Round], Round]:
    """Give cells of one row (by its number) new values; a field's name is the table class's."""
    return edit_all(table, [row], **cells)


def edit_all(table: str, rows: Sequence[int], **cells: Any) -> Callable[[Round], Round]:
    """Give the same cells of several rows new values."""
    return lambda rnd: rnd.edited(table, rows, **cells)


def without(table: str, rows: Sequence[int]) -> Callable[[Round], Round]:
    """Leave out rows, by their numbers."""

    def apply(rnd: Round) -> Round:
        kept = [record for number, record in enumerate(rnd.tables[table].records) if number not in rows]
        return rnd.replace(rows={table: kept})

    return apply


def with_row(table: str, row: Row) -> Callable[[Round], Round]:
    """Add a row."""
    return lambda rnd: rnd.replace(rows={table: [*rnd.tables[table].records, row]})


def with_policy(**fields: Any) -> Callable[[Round], Round]:
    """Change fields of the policy."""
    return lambda rnd: rnd.replace(policy=rnd.policy.model_copy(update=fields))


def with_budget(budget_eur: int) -> Callable[[Round], Round]:
    """Change the round's budget."""
    return lambda rnd: rnd.replace(budget_eur=budget_eur)
