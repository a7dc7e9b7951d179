"""Where everybody stands after something happened: who still has a place that can be kept, and who has not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.auditing import audit
from matcher.barring import Barred
from matcher.compiling import compile_problem, options_of
from matcher.options import Options
from matcher.repairing.happening import Happened
from matcher.rules.base import Mask
from models.errors import InputErrors, InputProblem
from models.outcome import Breach, Placement
from models.problem import Problem
from models.round import IntArray, Round
from models.tables import Previous

KEPT = "kept"


@dataclass(frozen=True)
class Upset:
    """A round in which something happened to an allocation.

    ``rnd`` is the round as it is now: its table ``previous`` holds the placements as they were, and in an order of
    goals ``kept`` comes first. ``before`` are the placements as they were, all of them, sorted; ``notes`` say in
    sentences what else had to give way.
    """

    happened: Happened
    original: Round
    before: tuple[Placement, ...]
    rnd: Round
    options: Options
    barred: Barred
    notes: tuple[str, ...]

    @classmethod
    def of(cls, rnd: Round, placements: Iterable[Placement], happened: Happened) -> Upset:
        """Apply what happened.

        Raises ``UnknownName`` and ``InputErrors`` as ``Happened.apply`` does, and ``InputErrors`` for a placement that
        names an id that the round does not have, or a learner with two places. Whether the placements keep the rules is
        not asked: what breaks them is repaired too.
        """
        before = tuple(sorted(set(placements)))
        problems = list(_strange(rnd, before))
        if problems:
            raise InputErrors(problems)
        changed = _with_previous(happened.apply(rnd), before)
        options, barred = options_of(changed)
        had = {row.learner_id for row in before}
        void = [number for number in _void_pins(changed, options) if _whose(changed, number) in had]
        notes = (*_pins_gone(rnd, changed, happened), *(_note(changed, lock) for lock in void))
        if void:
            kept = [lock for number, lock in enumerate(changed.locks.records) if number not in void]
            changed = changed.replace(rows={"locks": kept})
            options, barred = options_of(changed)
        return cls(happened, rnd, before, changed, options, barred, notes)

    @cached_property
    def problem(self) -> Problem:
        """The round as numbers."""
        return compile_problem(self.rnd, self.options)

    @cached_property
    def current(self) -> Mask:
        """Which options are the places that people had: those that can be kept, one by one."""
        rnd, previous = self.rnd, self.rnd.previous
        rows = (rnd.ref("previous", f"{what}_id") for what in ("learner", "offer", "flow"))
        mask: Mask = np.isin(self.options.keys, Options(rnd, *rows).keys)
        assert mask.sum() <= len(previous)
        return mask

    @cached_property
    def settled(self) -> IntArray:
        """The learners (row numbers) whose place can be kept, ascending."""
        return self.options.learner[self.current]

    @cached_property
    def clashes(self) -> Sequence[Breach]:
        """What is broken when everybody stays who can, and nobody else is placed."""
        had = self.placements(np.flatnonzero(self.current))
        return audit(self.rnd, had).breaches

    def placements(self, chosen: IntArray) -> list[Placement]:
        """Options as placements by id, in the order of learners' ids."""
        rnd, some = self.rnd, self.options.take(chosen)
        ids = (rnd.learners["id"][some.learner], rnd.offers["id"][some.offer], rnd.flows["id"][some.flow])
        return list(map(Placement, *(column.tolist() for column in ids)))


def _with_previous(rnd: Round, before: Sequence[Placement]) -> Round:
    """The round with the placements that people had and whose ids there still are, and staying as the first goal."""
    known = (rnd.learners.position, rnd.offers.position)
    had = [row for row in before if row.learner_id in known[0] and row.offer_id in known[1]]
    previous = [
        Previous(learner_id=row.learner_id, offer_id=row.offer_id, flow_id=row.flow_id) for row in had
    ]
    goals = (KEPT, *(goal for goal in rnd.policy.goals if goal != KEPT))
    policy = rnd.policy if rnd.policy.weights else rnd.policy.model_copy(update={"goals": goals})
    return rnd.replace(rows={"previous": previous}, policy=policy)


def _strange(rnd: Round, before: Sequence[Placement]) -> Iterable[InputProblem]:
    for table in ("learner", "offer", "flow"):
        known = rnd.tables[f"{table}s"].position
        for row in before:
            if (one := getattr(row, f"{table}_id")) not in known:
                message = f"there is no such id in {table}s"
                yield InputProblem("placements", None, f"{table}_id", one, message)
    who = [row.learner_id for row in before]
    for one in sorted({one for one in who if who.count(one) > 1} if len(set(who)) < len(who) else ()):
        yield InputProblem("placements", None, "learner_id", one, "this learner has more than one place")


def _void_pins(rnd: Round, options: Options) -> list[int]:
    """The pins (row numbers of locks) of learners to whom nothing is left that agrees with them."""
    pins = np.flatnonzero(rnd.locks["kind"] == "pin")
    learner = rnd.ref("locks", "learner_id")
    lost = ~np.isin(learner[pins], options.learner)
    return [int(lock) for lock in pins[lost]]


def _whose(rnd: Round, lock: int) -> str:
    return str(rnd.locks["learner_id"][lock])


def _pins_gone(rnd: Round, changed: Round, happened: Happened) -> Iterable[str]:
    """Of pins that went with a withdrawn offer."""
    gone = happened.withdrawn(rnd)
    for number, lock in enumerate(rnd.locks.records):
        if lock.kind == "pin" and lock.offer_id in gone and lock.learner_id in changed.learners.position:
            yield _note(rnd, number)


def _note(rnd: Round, number: int) -> str:
    lock = rnd.locks.record(number)
    given = {"host": lock.host_id, "company": lock.company_id, "offer": lock.offer_id, "flow": lock.flow_id}
    where = ", ".join(f"{what} {one}" for what, one in given.items() if one is not None)
    return f"learner {lock.learner_id}: the pin to {where} can no longer be kept, and was lifted"
