"""Why a learner is not at a company: what bars or fills each of its places there, or what a place there
would cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

import solvers
from matcher import rules
from matcher.auditing import audit
from matcher.compiling import compile_problem, options_of
from matcher.explaining.helping import helped
from matcher.explaining.probing import Probe
from matcher.explaining.reasons import reason_of
from matcher.explaining.relieving import limit_of
from matcher.explaining.standing import Standing
from matcher.explaining.ties import Ties
from matcher.explaining.words import few
from models.errors import UnknownName
from models.outcome import Placement, Status
from models.round import Round
from models.tables import Lock
from models.vocabulary import nearest
from solvers.interface import Limits, never, silent

MOST_OPTIONS = 5_000
"""Rounds with more options are not solved again for one question."""

SECONDS = 10.0
MOST_LINES = 6


def why_not(standing: Standing, learner: str, company: str | None = None) -> str:
    """Why a learner is not placed, or not at a company. Raises ``UnknownName`` for ids that do not exist."""
    row = find(standing.rnd, "learners", learner)
    if company is None:
        return "\n".join(_anywhere(standing, row))
    return "\n".join(_at(standing, row, find(standing.rnd, "companies", company)))


def find(rnd: Round, table: str, key: str) -> int:
    """The row number of an id. Raises ``UnknownName`` with the nearest one that exists."""
    ids = rnd.tables[table].position
    if key in ids:
        return ids[key]
    near = nearest(key, list(ids))
    noun = {"learners": "learner", "companies": "company"}[table]
    raise UnknownName(f"there is no {noun} {key!r}" + (f" (nearest: {near})" if near else ""))


def place_of(standing: Standing, learner: int) -> Placement | None:
    """Where a learner is placed."""
    who = standing.id(learner)
    return next((row for row in standing.placements if row.learner_id == who), None)


def _anywhere(standing: Standing, learner: int) -> Iterator[str]:
    placed = place_of(standing, learner)
    if placed is not None:
        company = standing.rnd.offers.records[standing.rnd.offers.position[placed.offer_id]].company_id
        yield f"{placed.learner_id} is placed: offer {placed.offer_id} of {company} in flow {placed.flow_id}"
        return
    probe = Probe.of(standing, Ties(standing.rnd).of(learner))
    reason = reason_of(probe, learner)
    yield f"{reason.reason}: {reason.detail}"
    if standing.placements:
        yield f"nearest fix: {helped(probe, learner)}"


def _at(standing: Standing, learner: int, company: int) -> Iterator[str]:
    placed, rnd = place_of(standing, learner), standing.rnd
    name, who = rnd.companies["id"][company], standing.id(learner)
    others = [row for row in standing.placements if row.learner_id != who]
    if placed is not None and rnd.offers.records[rnd.offers.position[placed.offer_id]].company_id == name:
        yield f"{who} is placed there: offer {placed.offer_id} in flow {placed.flow_id}"
        return
    without = replace(standing, placements=tuple(others))
    probe = Probe.of(without, np.array([learner]))
    own = probe.own(learner)
    own = own[probe.candidates.company[own] == company]
    if not len(own):
        yield f"{name} has no offer with a flow of its host for the stay of {who} ({rnd.learners['stay'][learner]})"
        return
    barred = [number for number in own.tolist() if probe.bars[number]]
    yield from _lines(_grouped(probe, barred, _bar))
    options = [number for number in own.tolist() if not probe.bars[number]]
    full = [number for number in options if probe.obstacles(number)]
    yield from _lines(_grouped(probe, full, _fullness))
    free = [number for number in options if not probe.obstacles(number)]
    for number in free[:1]:
        yield _instead(standing, probe, number, others)
    if options and not free:
        yield from _pinned(standing, learner, company)


def _lines(grouped: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A line per text; where there are several, with the places that it is about."""
    for number, (text, places) in enumerate(grouped.items()):
        if number == MOST_LINES:
            yield f"and {len(grouped) - number} more such reasons"
            return
        yield text if len(grouped) == 1 else f"{few(places)}: {text}"


def _grouped(
    probe: Probe, numbers: Sequence[int], text: Callable[[Probe, int], str]
) -> Mapping[str, list[str]]:
    rnd, options, found = probe.standing.rnd, probe.candidates, dict[str, list[str]]()
    for number in numbers:
        place = f"{rnd.offers['id'][options.offer[number]]} in {rnd.flows['id'][options.flow[number]]}"
        found.setdefault(text(probe, number), []).append(place)
    return found


def _bar(probe: Probe, number: int) -> str:
    """The rules that bar a candidate, each with its datum."""
    by_name = {rule.name: rule for rule in rules.discover()}
    options, rnd = probe.candidates, probe.standing.rnd
    row = (int(options.learner[number]), int(options.offer[number]), int(options.flow[number]))
    return "; ".join(f"{name}: {by_name[name].why(rnd, *row)}" for name in probe.barring(number))


def _fullness(probe: Probe, number: int) -> str:
    """The limits that an option goes beyond as things stand."""
    limits = dict.fromkeys(limit_of(obstacle) for obstacle in probe.obstacles(number))
    labels = dict[str, str]()
    for obstacle in probe.obstacles(number):
        limit = limit_of(obstacle)
        labels.setdefault(f"{limit.rule} {limit.which}", obstacle.block.label(obstacle.row) or limit.rule)
    assert len(labels) == len(limits)
    return f"not as things stand: {'; '.join(labels.values())}"


def _instead(standing: Standing, probe: Probe, number: int, others: Sequence[Placement]) -> str:
    """What the goals would be with the learner in a free place there and everybody else where they are."""
    rnd, options = standing.rnd, probe.candidates
    there = Placement(
        rnd.learners["id"][options.learner[number]],
        rnd.offers["id"][options.offer[number]],
        rnd.flows["id"][options.flow[number]],
    )
    now, then = audit(rnd, standing.placements), audit(rnd, [*others, there])
    place = f"offer {there.offer_id} in flow {there.flow_id}"
    if not then.valid:
        return f"{place} would break: {then.breaches[0].message}"
    changes = [
        f"{name} {then.goals[name]} instead of {value}"
        for name, value in now.goals.items()
        if then.goals[name] != value
    ]
    worth = ", ".join(changes) if changes else "the same value of every goal"
    return f"{place} is free: with {there.learner_id} there and nobody else moved, {worth}"


def _pinned(standing: Standing, learner: int, company: int) -> Iterator[str]:
    """What the best allocation with the learner at the company is worth, solved again where that is quick."""
    rnd = standing.rnd
    if len(standing.options) > MOST_OPTIONS:
        yield f"not solved again with a place there: the round has more than {MOST_OPTIONS} options"
        return
    pin = Lock(learner_id=standing.id(learner), kind="pin", company_id=rnd.companies["id"][company])
    pinned = rnd.replace(rows={"locks": [*rnd.locks.records, pin]})
    options, _ = options_of(pinned)
    outcome = solvers.get("exact").solve(compile_problem(pinned, options), Limits(SECONDS), silent, never)
    if outcome.status is Status.INFEASIBLE:
        yield "no allocation that keeps every rule has a place there for them (proven by re-solving)"
    elif outcome.status is Status.OPTIMAL:
        now = audit(rnd, standing.placements).goals
        worse = [
            f"{g.name} {g.value} instead of {now[g.name]}" for g in outcome.goals if g.value != now[g.name]
        ]
        worth = ", ".join(worse) or "the same value of every goal"
        yield f"with a place there, the best allocation has {worth} (re-solved)"
    else:
        yield f"re-solving with a place there was not decided in {SECONDS:.0f} s"
