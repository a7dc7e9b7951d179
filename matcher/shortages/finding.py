"""Learners who compete for too few places: sets whose every option lies in limits that together take fewer of them.

Such a set is a Hall violator. The largest shortage that counting can show is one integer program: choose learners and
limits so that every option of a chosen learner lies in a chosen limit, and the learners exceed what the limits take by
as many as can be; then with as few learners and limits as can be. Its parts that share no limit are the shortages, each
as small as it can be without becoming a smaller shortage.

Who is left out for other reasons (groups, smallest groups, pairs, money together with beds) is looked for by solving
(``bounding``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matcher.options import Options
from matcher.rules.base import Mask
from matcher.shortages import words
from matcher.shortages.capacity import Capacities, Place
from models.outcome import Status
from models.problem import FREE_BELOW, Block, Goal, IntArray, Problem
from solvers import get
from solvers.interface import Cancel, Limits, never, silent

MOST_OPTIONS = 100_000
"""Options up to which shortages are looked for: beyond that it would take minutes."""


@dataclass(frozen=True)
class Counted:
    """A shortage that counting shows: learners (row numbers, ascending), the limits that hold all their options, and
    how many learners each of these takes.
    """

    learners: IntArray
    limits: tuple[Place, ...]
    takes: tuple[int, ...]

    @property
    def short(self) -> int:
        """How many of the learners stay without a place, whatever is done."""
        return len(self.learners) - sum(self.takes)


@dataclass(frozen=True)
class Search:
    """What counting finds: shortages, the largest first; ``proven``: together none are larger; ``note``: what was left
    out.
    """

    found: tuple[Counted, ...]
    proven: bool
    note: str = ""


def counted(problem: Problem, options: Options, cancel: Cancel = never) -> Search:
    """The shortages among learners with options."""
    if len(options) > MOST_OPTIONS:
        return Search((), False, words.NOT_LOOKED_FOR.format(options=len(options), most=MOST_OPTIONS))
    capacities = Capacities.of(problem, options)
    who, sets = _demands(capacities, options)
    if not len(who):
        return Search((), True)
    program, learners, limits = _program(capacities, who, sets)
    outcome = get("exact").solve(program, Limits(), silent, cancel)
    if outcome.chosen is None:
        return Search((), False, words.SEARCH_STOPPED)
    chosen = outcome.chosen
    picked = learners[chosen[chosen < len(learners)]]
    held = limits[chosen[chosen >= len(learners)] - len(learners)]
    parts = _apart(capacities, options, picked, held)
    found = sorted(parts, key=lambda each: (-each.short, len(each.learners), each.learners.tolist()))
    return Search(tuple(found), outcome.status is Status.OPTIMAL)


def _demands(capacities: Capacities, options: Options) -> tuple[IntArray, list[tuple[int, ...]]]:
    """For each (learner, option) the set of limits that the option lies in, each set once and none that holds another;
    only of learners all of whose options lie in some limit.

    Limits that more learners do not want than they take are left out, again and again.
    """
    owner = options.learner[capacities.option].astype(np.int64)
    alive, open_to = np.ones(len(capacities.places), bool), np.ones(len(options.rnd.learners), bool)
    while True:
        inside = alive[capacities.limit] & open_to[owner]
        held = np.zeros(len(options), bool)
        held[capacities.option[inside]] = True
        still_open, still_alive = open_to.copy(), alive.copy()
        still_open[options.learner[~held]] = False
        stays = inside & still_open[owner]
        pairs = np.unique(capacities.limit[stays].astype(np.int64) * len(open_to) + owner[stays])
        still_alive &= np.bincount(pairs // max(1, len(open_to)), minlength=len(alive)) > capacities.takes
        if np.array_equal(still_open, open_to) and np.array_equal(still_alive, alive):
            return _sets(capacities, options, inside)
        alive, open_to = still_alive, still_open


def _sets(capacities: Capacities, options: Options, inside: Mask) -> tuple[IntArray, list[tuple[int, ...]]]:
    by_option: dict[int, list[int]] = {}
    for option, limit in zip(
        capacities.option[inside].tolist(), capacities.limit[inside].tolist(), strict=True
    ):
        by_option.setdefault(option, []).append(limit)
    by_learner: dict[int, set[frozenset[int]]] = {}
    for option, limits in by_option.items():
        by_learner.setdefault(int(options.learner[option]), set()).add(frozenset(limits))
    pairs = [
        (learner, tuple(sorted(one)))
        for learner in sorted(by_learner)
        for one in sorted(_least(by_learner[learner]), key=sorted)
    ]
    return np.array([learner for learner, _ in pairs], np.int64), [limits for _, limits in pairs]


def _least(sets: set[frozenset[int]]) -> Iterator[frozenset[int]]:
    """The sets that hold no other: what is chosen from them is chosen from all."""
    kept: list[frozenset[int]] = []
    for one in sorted(sets, key=len):
        if not any(other <= one for other in kept):
            kept.append(one)
            yield one


def _program(
    capacities: Capacities, who: IntArray, sets: list[tuple[int, ...]]
) -> tuple[Problem, IntArray, IntArray]:
    """The integer program, and the learner or limit of each of its columns (learners first)."""
    learners, row_learner = np.unique(who, return_inverse=True)
    limits = np.unique(np.concatenate([np.array(one, np.int64) for one in sets]))
    size = np.array([len(one) for one in sets], np.int64)
    row = np.concatenate([np.arange(len(sets)), np.repeat(np.arange(len(sets)), size)])
    of_limit = len(learners) + np.searchsorted(limits, np.concatenate([np.array(one) for one in sets]))
    column = np.concatenate([row_learner, of_limit])
    value = np.concatenate([np.ones(len(sets), np.int64), np.full(len(of_limit), -1)])
    zero = np.zeros(len(sets), np.int64)
    covered = Block("covered", row, column, value, np.full(len(sets), FREE_BELOW), zero)
    every = np.arange(len(learners) + len(limits))
    people, held = every[: len(learners)], every[len(learners) :]
    takes = capacities.takes[limits]
    goals = (
        Goal("short", 1, every, np.concatenate([np.ones(len(people), np.int64), -takes])),
        Goal("learners", -1, people, np.ones(len(people), np.int64)),
        Goal("limits", -1, held, np.ones(len(held), np.int64)),
    )
    return Problem(len(every), len(every), every, 0 * every, every, (covered,), (), goals), learners, limits


def _apart(
    capacities: Capacities, options: Options, learners: IntArray, limits: IntArray
) -> Iterator[Counted]:
    """The parts that share no limit."""
    inside = np.isin(capacities.limit, limits) & np.isin(options.learner[capacities.option], learners)
    limit, learner = capacities.limit[inside], options.learner[capacities.option[inside]].astype(np.int64)
    part = np.arange(len(capacities.places))
    label = np.full(len(options.rnd.learners), len(part))
    while True:
        np.minimum.at(label, learner, part[limit])
        before = part.copy()
        np.minimum.at(part, limit, label[learner])
        if np.array_equal(before, part):
            break
    for number in np.unique(label[learners]).tolist():
        own = limits[part[limits] == number]
        own = sorted(own.tolist(), key=lambda each: capacities.places[each].key)
        places = tuple(capacities.places[each] for each in own)
        takes = tuple(int(capacities.takes[each]) for each in own)
        yield Counted(learners[label[learners] == number], places, takes)
