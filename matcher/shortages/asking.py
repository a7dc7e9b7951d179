"""The order of things: an allocation → its best → shortages → prices → changed rounds, solved side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from matcher.allocations import digest_of
from matcher.auditing import audit
from matcher.engine import placements_of
from matcher.result import Result
from matcher.shortages import words
from matcher.shortages.answer import Answer, PriceLine, SetLine
from matcher.shortages.errands import ONE_BY_ONE, SEATS, SET, UNIT, errand
from matcher.shortages.pricing import (
    MOST_RESOLVED,
    RESOLVED,
    UNPROVEN,
    Base,
    Price,
    base_of,
    estimates,
    of_sum,
    priced,
    ranked,
    reached_of,
    worth_of,
)
from matcher.shortages.resolving import Solved, chosen_of, solved
from matcher.shortages.showing import Shown, shown
from matcher.shortages.units import EUROS
from matcher.shortages.winning import Won
from models.outcome import Status
from solvers.crew import Crew, crew
from solvers.interface import Cancel, Limits, Progress, Report, never, silent
from solvers.stage import Clock

TOP = 8
"""Units whose worth is made exact by solving the changed round: a re-solve of the INTERVET sample takes 4 s."""

PLACES = 10
"""Added places whose best set is looked for."""


class Asked(NamedTuple):
    """How much is asked: see ``shortages``."""

    top: int = TOP
    places: int = PLACES
    one_by_one: bool = False
    euros: int = EUROS
    workers: int = 1
    seed: int = 0
    seconds: float | None = None


def shortages(
    result: Result, asked: Asked | None = None, report: Report = silent, cancel: Cancel = never
) -> Answer:
    """What is short in a result's round, what one more of anything would be worth, where to win more places.

    Parameters
    ----------
    result
        Of the round, with an allocation; where it is not proven best, the best is sought from there first.
    asked
        ``top`` units are re-solved, ``places`` more places are looked for (0: none), ``one_by_one`` asks for the greedy
        choice too; ``euros`` are one unit of a budget. ``seconds`` is for each solve (None: until it is proven).

    Raises
    ------
    ValueError
        For a result without an allocation: what is short in it is told by ``Result.conflict``.
    AuditFailed
        When a solver's answer breaks a rule: our fault, and never handed out.
    """
    if result.outcome.chosen is None or result.audit is None:
        raise ValueError("there is no allocation, so that nothing can be said of what it lacks")
    asked, notes = asked or Asked(), list[str]()
    report(Progress("looking for shortages"))
    found = shown(result, cancel)
    notes += [found.note] if found.note else []
    report(Progress("solving for prices"))
    small = len(result.options) <= MOST_RESOLVED
    base, standing = _based(result, asked, cancel, small=small)
    reached = reached_of(result.problem, chosen_of(result.options, base.best.placements))
    known = estimates(standing, reached, asked.euros, cancel, asked.seconds)
    notes += [known.note] if known.note else []
    notes += _why_not_exact(result, base, small=small)
    prices = ranked(base, priced(base, known))
    sets: dict[str, Won] = {}
    if base.best.proven and small:
        report(Progress("solving changed rounds"))
        with crew(Limits(workers=asked.workers)) as hands:
            prices, sets = _resolved(base, prices, asked, hands, cancel)
        notes += _cut_short(prices, asked)
    return _answer(result, base, prices, sets, asked, found, notes)


def _based(result: Result, asked: Asked, cancel: Cancel, *, small: bool) -> tuple[Base, Result]:
    """The round at its best, and the result with that allocation."""
    assert result.outcome.chosen is not None
    assert result.audit is not None
    goals, objective = tuple(result.audit.goals.values()), result.audit.objective
    placements = tuple(sorted(placements_of(result.options, result.outcome.chosen)))
    best = Solved(goals, objective, result.status is Status.OPTIMAL, placements)
    if not best.proven and small:
        again = solved(result.round, placements, asked.seed, asked.seconds, cancel)
        best = again or best
    return base_of(result, best), _standing_at(result, best)


def _standing_at(result: Result, best: Solved) -> Result:
    """The result with the best allocation instead of its own."""
    chosen = chosen_of(result.options, best.placements)
    if result.outcome.chosen is not None and np.array_equal(chosen, result.outcome.chosen):
        return result
    outcome = replace(result.outcome, chosen=chosen)
    return replace(result, outcome=outcome, audit=audit(result.round, best.placements))


def _why_not_exact(result: Result, base: Base, *, small: bool) -> list[str]:
    """Why nothing is solved again, where it is not."""
    if not small:
        size = words.TOO_LARGE.format(options=len(result.options), most=MOST_RESOLVED)
        return [f"{size} {words.PRICES_ONLY}"]
    return [] if base.best.proven else [f"{words.NOT_PROVEN} {words.PRICES_ONLY}"]


def _cut_short(prices: Sequence[Price], asked: Asked) -> list[str]:
    """What time did not suffice for."""
    count = sum(price.how == UNPROVEN for price in prices)
    if not count:
        return []
    of = sum(price.how in {UNPROVEN, RESOLVED} for price in prices)
    if asked.seconds is None:
        return [words.STOPPED]
    return [words.UNPROVEN.format(count=count, asked=of, seconds=asked.seconds)]


def _resolved(
    base: Base, prices: Sequence[Price], asked: Asked, hands: Crew, cancel: Cancel
) -> tuple[list[Price], dict[str, Won]]:
    """The first units made exact, and the sets of places; the longest questions are asked first."""
    clock = Clock.of(Limits(), silent, cancel)
    top = [number for number, price in enumerate(prices) if price.exact is None][: asked.top]
    after = (base.best.placements, asked.seed, asked.seconds)
    items: list[tuple[object, ...]] = []
    if asked.places:
        items += [(ONE_BY_ONE, base.rnd, asked.places, *after)] if asked.one_by_one else []
        items.append((SET, base.rnd, asked.places, *after))
    first = len(items)
    items += [(UNIT, base.rnd, prices[number].unit, *after) for number in top]
    answers = hands.run(errand, items, clock=clock) or []
    told, sets = list(prices), dict[str, Won]()
    for item, answer in zip(items[:first], answers, strict=False):
        if isinstance(answer, Won):
            sets[str(item[0])] = answer
    for place, number in enumerate(top):
        answer = answers[first + place] if answers else None
        done = isinstance(answer, Solved) and answer.proven
        told[number] = (
            worth_of(base, told[number], answer)
            if isinstance(answer, Solved) and done
            else replace(told[number], how=UNPROVEN)
        )
    told = ranked(base, told)
    if SET in sets:
        seats = [price.unit.which for price in told if price.unit.kind == "seat"][: asked.places]
        given = tuple((which, 1) for which in sorted(seats))
        (singles,) = hands.run(errand, [(SEATS, base.rnd, given, *after)], clock=clock) or [None]
        if isinstance(singles, Won):
            sets[SEATS] = singles
    return told, sets


def _answer(
    result: Result,
    base: Base,
    prices: Sequence[Price],
    sets: dict[str, Won],
    asked: Asked,
    found: Shown,
    notes: list[str],
) -> Answer:
    assert result.audit is not None
    assert result.outcome.chosen is not None
    names = list(result.audit.goals)
    return Answer(
        round_id=base.rnd.id,
        values=dict(zip(names, base.best.values, strict=True)),
        proven=base.best.proven,
        learners=len(base.rnd.learners),
        placed=len(result.audit.placed),
        shortages=found.shortages,
        without_options=found.without_options,
        unexplained=found.unexplained,
        prices=tuple(_line(names, price) for price in prices),
        places=asked.places,
        best_set=_set_line(names, base, sets.get(SET)),
        singles=_set_line(names, base, sets.get(SEATS)),
        one_by_one=_set_line(names, base, sets.get(ONE_BY_ONE)),
        notes=tuple(notes),
        input_digest=result.round.digest,
        allocation_digest=digest_of(placements_of(result.options, result.outcome.chosen)),
    )


def _line(names: Sequence[str], price: Price) -> PriceLine:
    unit = price.unit
    exact = None if price.exact is None else dict(zip(names, price.exact, strict=True))
    objective = price.objective if price.objective is not None else price.of_sum
    return PriceLine(
        what=words.unit(unit),
        kind=unit.kind,
        row=unit.row,
        which=unit.which,
        detail=unit.detail,
        amount=unit.amount,
        mark="from prices" if exact is None else "exact",
        how=price.how,
        exact=exact,
        estimate=dict(zip(names, price.estimate, strict=True)),
        at_most=price.at_most,
        objective=objective,
    )


def _set_line(names: Sequence[str], base: Base, won: Won | None) -> SetLine | None:
    if won is None:
        return None
    differences = [new - old for new, old in zip(won.values, base.best.values, strict=True)]
    worth = dict(zip(names, differences, strict=True))
    return SetLine(dict(won.seats), worth, of_sum(base, differences), won.proven, won.checked)
