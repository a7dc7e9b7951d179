"""Shortages as they are told: sets from counting and from solving, described, with limits by id."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matcher.options import Options
from matcher.result import Result
from matcher.shortages import words
from matcher.shortages.answer import LimitLine, Shortage
from matcher.shortages.binding import quota_name
from matcher.shortages.bounding import Bounded, Bounds, bounded
from matcher.shortages.capacity import Place
from matcher.shortages.describing import described
from matcher.shortages.finding import Counted, counted
from models.round import IntArray, Round
from solvers.interface import Cancel, never


class Shown(NamedTuple):
    """Shortages, the biggest first; learners without options; those left out whom no shortage explains; a note."""

    shortages: tuple[Shortage, ...]
    without_options: tuple[str, ...]
    unexplained: tuple[str, ...]
    note: str


def shown(result: Result, cancel: Cancel = never) -> Shown:
    """What is short in a result's round, for all, and for those whom its allocation leaves out."""
    assert result.audit is not None
    rnd, options = result.round, result.options
    every = np.arange(len(rnd.learners))
    able = np.isin(every, options.learner)
    seated = result.audit.placed.seated.learner
    left = every[able & ~np.isin(every, seated)]
    left = left[np.lexsort((left, -rnd.learners["priority"][left]))]
    search = counted(result.problem, options, cancel)
    told = [_counted(rnd, options, one, smallest=search.proven) for one in search.found]
    missing = left.tolist()
    if not search.note:
        known = np.concatenate([left[:0], *(one.learners for one in search.found)])
        solved, missing = bounded(Bounds(result.problem, options, cancel=cancel), left, known)
        told += [_solved(rnd, options, one) for one in solved]
    told.sort(key=lambda one: (-one.short, len(one.learners), one.learners))
    ids = rnd.learners["id"]
    return Shown(
        tuple(told),
        tuple(ids[~able].tolist()),
        tuple(sorted(ids[missing].tolist())) if not search.note else (),
        search.note,
    )


def _counted(rnd: Round, options: Options, found: Counted, *, smallest: bool) -> Shortage:
    limits = tuple(_limit(rnd, place, takes) for place, takes in zip(found.limits, found.takes, strict=True))
    return _shortage(rnd, options, found.learners, sum(found.takes), "counted", limits, smallest=smallest)


def _solved(rnd: Round, options: Options, found: Bounded) -> Shortage:
    limits = tuple(
        LimitLine(rule, which, -1, "", "", None, words.held(rule, _named(rnd, rule, which)))
        for rule, which in found.limits
    )
    return _shortage(rnd, options, found.learners, found.most, "solved", limits, smallest=found.smallest)


def _named(rnd: Round, rule: str, which: str) -> str:
    return quota_name(rnd, int(which)) if rule == "quotas" else which


def _limit(rnd: Round, place: Place, takes: int) -> LimitLine:
    row = place.which if isinstance(place.which, int) else -1
    which = quota_name(rnd, row) if row >= 0 else str(place.which)
    day, school = "" if place.day is None else str(place.day), place.school or ""
    text = words.limit(place.rule, which, day, school, takes)
    return LimitLine(place.rule, which, row, day, school, takes, text)


def _shortage(
    rnd: Round,
    options: Options,
    learners: IntArray,
    most: int,
    proof: str,
    limits: tuple[LimitLine, ...],
    *,
    smallest: bool,
) -> Shortage:
    description = described(rnd, learners)
    flows = np.unique(options.flow[np.isin(options.learner, learners)])
    when = words.weeks(rnd.flows["start"][flows].min(), rnd.flows["end"][flows].max())
    return Shortage(
        learners=tuple(rnd.learners["id"][learners].tolist()),
        places=most,
        proof=proof,
        smallest=smallest,
        limits=limits,
        shared=description.shared,
        others=description.others,
        apart=description.apart,
        when=when,
    )
