"""What one more of something is: a unit of a limit or of a bar that a level controls, and the round with it.

Limits: a seat at an offer, a bed at a host from one day to another, a head in a flow, a learner in a quota (more at
most, fewer at least), some euros of a budget, a learner of one school at a company, one learner fewer in a smallest
group. Bars: a company asks one language level less, or one year of age less; an offer asks one EQF level less, or
allows one more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from matcher.explaining.changes import edit, with_budget
from matcher.explaining.relieving import KEYS, more_beds
from models.problem import Block, IntArray, Problem
from models.round import Round

EUROS = 1000
"""Euros that count as one unit of a budget."""


class Unit(NamedTuple):
    """One more of something: what kind, of which row (number) of its table, and for whom it is called ``which``.

    ``detail`` is a language's code, or the first and last day of a bed with a slash between; ``amount`` the seats,
    beds, heads, learners, euros, levels or years.
    """

    kind: str
    row: int
    which: str
    detail: str = ""
    amount: int = 1

    @property
    def days(self) -> tuple[date, date]:
        """A bed's first and last day."""
        first, last = self.detail.split("/")
        return date.fromisoformat(first), date.fromisoformat(last)

    def of(self, amount: int) -> Unit:
        """So many of the same."""
        return self._replace(amount=amount)


LIMITS: Mapping[str, str] = {
    "seat": "seats",
    "bed": "beds",
    "head": "flow_heads",
    "quota": "quotas",
    "quota minimum": "quotas",
    "partner budget": "budget",
    "round budget": "budget",
    "same school": "same_school",
    "smallest group": "min_group",
}
"""The rule that each kind of limit belongs to."""

BARS: Mapping[str, str] = {
    "language": "language",
    "lowest EQF": "profile",
    "highest EQF": "profile",
    "age": "age",
}
"""The rule that each kind of bar belongs to."""

RULES: Mapping[str, str] = {**LIMITS, **BARS}

LOWERS = ("quota minimum", "smallest group")
"""Kinds whose unit lowers the lower side of rows."""


def changed(rnd: Round, unit: Unit) -> Round:
    """The round with the unit."""
    return _CHANGES[unit.kind](rnd, unit)


def rows_of(problem: Problem, unit: Unit) -> Sequence[tuple[int, IntArray]]:
    """The rows in which a unit of a limit makes room: a block's number in the problem, and rows in it."""
    found = []
    for number, block in enumerate(problem.blocks):
        if not block.redundant and block.rule == LIMITS.get(unit.kind) and block.keys is not None:
            rows = np.flatnonzero(_own(block, unit))
            if len(rows):
                found.append((number, rows))
    return found


def _own(block: Block, unit: Unit) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which rows of a block of the unit's rule are about it."""
    keys, nothing = block.keys or {}, np.zeros(len(block), bool)
    if unit.kind in {"quota", "quota minimum"}:
        nothing[unit.row] = True
        return nothing
    if unit.kind == "round budget":
        return nothing if "partner" in keys else ~nothing
    name = KEYS[block.rule]
    if name not in keys:
        return nothing
    own = keys[name] == unit.which
    if unit.kind == "bed":
        first, last = (np.datetime64(day) for day in unit.days)
        own = own & (keys["day"] >= first) & (keys["day"] <= last)
    return np.asarray(own, bool)


def _seat(rnd: Round, unit: Unit) -> Round:
    seats = int(rnd.offers["seats"][unit.row]) + unit.amount
    return edit("offers", unit.row, seats=seats)(rnd)


def _bed(rnd: Round, unit: Unit) -> Round:
    return more_beds(unit.which, *unit.days, unit.amount)(rnd)


def _head(rnd: Round, unit: Unit) -> Round:
    heads = int(rnd.flows["max_heads"][unit.row]) + unit.amount
    return edit("flows", unit.row, max_heads=heads)(rnd)


def _quota(rnd: Round, unit: Unit) -> Round:
    most = int(rnd.quotas["max_learners"][unit.row]) + unit.amount
    return edit("quotas", unit.row, max_learners=most)(rnd)


def _quota_minimum(rnd: Round, unit: Unit) -> Round:
    least = int(rnd.quotas["min_learners"][unit.row]) - unit.amount
    return edit("quotas", unit.row, min_learners=least)(rnd)


def _partner_budget(rnd: Round, unit: Unit) -> Round:
    budget = int(rnd.sending_partners["budget_eur"][unit.row]) + unit.amount
    return edit("sending_partners", unit.row, budget_eur=budget)(rnd)


def _round_budget(rnd: Round, unit: Unit) -> Round:
    assert rnd.budget_eur is not None
    return with_budget(rnd.budget_eur + unit.amount)(rnd)


def _same_school(rnd: Round, unit: Unit) -> Round:
    most = int(rnd.companies["max_same_school"][unit.row]) + unit.amount
    return edit("companies", unit.row, max_same_school=most)(rnd)


def _smallest_group(rnd: Round, unit: Unit) -> Round:
    least = int(rnd.flows["min_group"][unit.row]) - unit.amount
    return edit("flows", unit.row, min_group=least)(rnd)


def _language(rnd: Round, unit: Unit) -> Round:
    asked = rnd.companies["working_languages"][unit.row]
    eased = tuple((code, level - unit.amount if code == unit.detail else level) for code, level in asked)
    return edit("companies", unit.row, working_languages=eased)(rnd)


def _lowest_eqf(rnd: Round, unit: Unit) -> Round:
    return edit("offers", unit.row, min_eqf=int(rnd.offers["min_eqf"][unit.row]) - unit.amount)(rnd)


def _highest_eqf(rnd: Round, unit: Unit) -> Round:
    return edit("offers", unit.row, max_eqf=int(rnd.offers["max_eqf"][unit.row]) + unit.amount)(rnd)


def _age(rnd: Round, unit: Unit) -> Round:
    return edit("companies", unit.row, min_age=int(rnd.companies["min_age"][unit.row]) - unit.amount)(rnd)


_CHANGES: Mapping[str, Callable[[Round, Unit], Round]] = {
    "seat": _seat,
    "bed": _bed,
    "head": _head,
    "quota": _quota,
    "quota minimum": _quota_minimum,
    "partner budget": _partner_budget,
    "round budget": _round_budget,
    "same school": _same_school,
    "smallest group": _smallest_group,
    "language": _language,
    "lowest EQF": _lowest_eqf,
    "highest EQF": _highest_eqf,
    "age": _age,
}
