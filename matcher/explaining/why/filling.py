"""The smallest change that would bring somebody without a place to a seat that stays empty, audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.explaining.fixing import Search
from matcher.explaining.standing import Standing
from matcher.explaining.ties import Ties
from matcher.explaining.verifying import Fix
from matcher.explaining.why.places import Where, places_at, probe_of, where_of
from matcher.explaining.working import Work
from matcher.options import Options
from models.round import IntArray, Round

MOST_ASKED = 100
"""So many learners without a place are looked at, by priority and id, as far as the work goes (``working``)."""

OWN_TABLES = frozenset({"offers", "companies", "hosting_partners", "beds", "flows"})
"""The tables in which the place itself can be changed: by the company, or by the host."""


@dataclass(frozen=True)
class Filled:
    """A change (None: nothing need be changed), its effort, and who then is where; nobody moves."""

    change: str | None
    effort: int
    learner_id: str
    where: Where
    fix: Fix

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        known = {name: value for name, value in vars(self).items() if name not in ("fix", "where")}
        return known | {"where": vars(self.where), "check": "audited"}


@dataclass(frozen=True)
class Filling:
    """The smallest change here, a smaller one elsewhere if there is one, and of how many learners without a place it
    was asked (``searched`` of ``waiting``; None: the allocation breaks rules, or there is none).
    """

    here: Filled | None
    elsewhere: Filled | None
    searched: int | None
    waiting: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        return vars(self) | {
            "here": self.here.as_dict() if self.here else None,
            "elsewhere": self.elsewhere.as_dict() if self.elsewhere else None,
        }


def filling(standing: Standing, offers: IntArray, *, known: bool) -> Filling:
    """Look for it at some offers (row numbers); ``known``: whether there is an allocation."""
    waiting = len(standing.unplaced)
    if not known or not standing.valid:
        return Filling(None, None, None, waiting)
    work, ties, asked = Work(), Ties(standing.rnd), 0
    best: dict[bool, Fix] = {}
    for learner in standing.by_priority[:MOST_ASKED].tolist():
        if work.done:
            break
        asked += 1
        (every,) = places_at(standing, offers, np.array([learner]))
        for fix in Search(probe_of(standing, every), ties, learner, work).all_in_place():
            own = concerns_place(standing.rnd, fix)
            if own not in best or fix.effort < best[own].effort:
                best[own] = fix
            if own:
                break  # the next ones ask more
    here, other = best.get(True), best.get(False)
    smaller = other if other and (here is None or other.effort < here.effort) else None
    return Filling(_told(standing, here), _told(standing, smaller), asked, waiting)


def concerns_place(rnd: Round, fix: Fix) -> bool:
    """Whether a change touches nothing but what the company or the host decide."""
    if fix.change is None:
        return True
    after = fix.change.apply(rnd)
    touched = {name for name, table in after.tables.items() if table is not rnd.tables[name]}
    same: Mapping[str, bool] = {
        "policy": after.policy == rnd.policy,
        "budget": after.budget_eur == rnd.budget_eur,
    }
    return touched <= OWN_TABLES and all(same.values())


def _told(standing: Standing, fix: Fix | None) -> Filled | None:
    if fix is None:
        return None
    rnd = standing.rnd
    there = next(row for row in fix.placements if row.learner_id == fix.learner)
    rows = (
        rnd.learners.position[there.learner_id],
        rnd.offers.position[there.offer_id],
        rnd.flows.position[there.flow_id],
    )
    place = Options(rnd, *(np.array([row]) for row in rows))
    return Filled(fix.change.text if fix.change else None, fix.effort, fix.learner, where_of(place, 0), fix)
