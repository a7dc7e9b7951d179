"""The smallest change that would place a learner, or bring a placed one to a better wish; audited before it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.explaining.helping import INVALID, Help
from matcher.explaining.probing import candidates
from matcher.explaining.standing import Standing
from matcher.explaining.ties import Ties
from matcher.explaining.verifying import Fix
from matcher.explaining.why.places import Where, probe_of, where_of, without
from matcher.explaining.why.words import say
from matcher.fitting import fit_points, preference_position
from matcher.options import Options
from matcher.rules.base import Mask

PLACE, IMPROVE = "place", "improve"


@dataclass(frozen=True)
class Smallest:
    """The smallest change that was found, with an audited allocation of the changed round that proves it.

    ``aim``: ``place`` (a place for who has none) or ``improve`` (a better wish, or a better fit where no wish is
    given). ``change`` is what to change (None: nothing need be changed), ``where`` the learner then is, ``moved`` how
    many others are then elsewhere; nobody loses a place. ``fix`` holds the allocation.
    """

    aim: str
    change: str | None
    effort: int
    where: Where
    wish: int | None
    moved: int
    fix: Fix

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        known = {name: value for name, value in vars(self).items() if name not in ("fix", "where")}
        return known | {"where": vars(self.where), "check": "audited"}


def smallest(standing: Standing, learner: int) -> tuple[Smallest | None, str]:
    """The smallest change, and where there is none what was tried, in a sentence."""
    if not standing.valid:
        return None, INVALID
    ties = Ties(standing.rnd)
    members = ties.of(learner).tolist()
    placed = bool((standing.chosen.learner == learner).any())
    alone = without(standing, members)
    every = candidates(standing.rnd, np.array(members))
    if placed:
        better = _better(standing, learner, every)
        if not (better & (every.learner == learner)).any():
            return None, say("nothing_better")
        every = every.take(better)
    helper = Help(probe_of(alone, every))
    fix, tried = helper.solved(learner) if placed and len(members) > 1 else helper.fix(learner)
    if fix is None:
        return None, tried
    return _told(standing, learner, fix, IMPROVE if placed else PLACE), ""


def _better(standing: Standing, learner: int, every: Options) -> Mask:
    """Which candidates of the learner stand higher in the wishes than where the learner is (without wishes: have more
    fit points); all candidates of others.
    """
    rnd, chosen = standing.rnd, standing.chosen
    now = chosen.take(chosen.learner == learner)
    if rnd.learners["preferences"][learner]:
        wish, (here,) = preference_position(rnd, every), preference_position(rnd, now)
        better = (wish >= 0) & ((wish < here) | (here < 0))
    else:
        better = fit_points(rnd, every) > fit_points(rnd, now)[0]
    found: Mask = better | (every.learner != learner)
    return found


def _told(standing: Standing, learner: int, fix: Fix, aim: str) -> Smallest:
    rnd = standing.rnd
    there = next(row for row in fix.placements if row.learner_id == fix.learner)
    offer, flow = rnd.offers.position[there.offer_id], rnd.flows.position[there.flow_id]
    place = Options(rnd, np.array([learner]), np.array([offer]), np.array([flow]))
    wish = int(preference_position(rnd, place)[0])
    before = {row.learner_id: row for row in standing.placements if row.learner_id != fix.learner}
    moved = sum(row.learner_id in before and before[row.learner_id] != row for row in fix.placements)
    change = fix.change.text if fix.change else None
    return Smallest(aim, change, fix.effort, where_of(place, 0), None if wish < 0 else wish + 1, moved, fix)
