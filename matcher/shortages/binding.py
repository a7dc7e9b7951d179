"""Which units could matter: limits that an allocation runs into, and bars that one level less would lift."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from matcher.compiling import rules_of
from matcher.explaining.probing import candidates
from matcher.options import Options
from matcher.result import Result
from matcher.shortages import words
from matcher.shortages.units import BARS, EUROS, Unit
from models.problem import FREE_ABOVE, Block, Grouped, IntArray, Problem
from models.round import Array, Round
from models.tables import Row

MOST_CANDIDATES = 5_000_000
"""Candidate places up to which bars are looked at; beyond that, those of learners without a place alone, and beyond
that none."""

WITH_ESCORT = ("beds", "flow_heads")
"""Rules in whose rows one more learner may bring an escort."""


def binding(result: Result, euros: int = EUROS) -> list[Unit]:
    """A unit of every limit that has no room for one learner more in the result's allocation, sorted."""
    problem = result.problem
    assert result.outcome.chosen is not None
    values = problem.complete(result.outcome.chosen)
    found: set[Unit] = set()
    for block in problem.blocks:
        if not block.redundant and block.rule in _UNITS and block.keys is not None:
            found |= set(_UNITS[block.rule](_Filled(result.round, problem, block, values, euros)))
    return sorted(found)


@dataclass(frozen=True)
class _Filled:
    """Rows of one kind with the columns' values in an allocation."""

    rnd: Round
    problem: Problem
    block: Block
    values: IntArray
    euros: int

    @cached_property
    def activity(self) -> IntArray:
        """The rows' sums."""
        return self.block.activity(self.values)

    @cached_property
    def tight(self) -> IntArray:
        """The rows with no room below their upper side for one learner more."""
        block, step = self.block, np.ones(len(self.block), np.int64)
        if block.rule in WITH_ESCORT:
            row, _, _ = block.of_family(self.problem.options, self.problem.columns)
            step[row] = 2
        if block.rule == "budget":
            step[:] = _dearest(block)
        return np.flatnonzero((block.upper < FREE_ABOVE) & (block.upper - self.activity < step))

    def keys(self, name: str) -> np.ndarray[tuple[int], np.dtype[Any]]:
        """What the rows say under a name."""
        assert self.block.keys is not None
        return self.block.keys[name]

    def of(self, kind: str, table: str, ids: Array, amount: int = 1) -> Iterator[Unit]:
        """A unit for each of some ids."""
        for which in sorted(set(ids.tolist())):
            yield Unit(kind, self.rnd.tables[table].position[which], which, amount=amount)


def _dearest(block: Block) -> int:
    """The largest entry of a block."""
    if isinstance(block, Grouped) and block.shared.weight is not None:
        return int(block.shared.weight.max(initial=1))
    return int(block.value.max(initial=1))


def _seats(at: _Filled) -> Iterator[Unit]:
    return at.of("seat", "offers", at.keys("offer")[at.tight])


def _beds(at: _Filled) -> Iterator[Unit]:
    """A bed for as long as a flow lasts that has a full night in it."""
    hosts, days, flows = at.keys("host")[at.tight], at.keys("day")[at.tight], at.rnd.flows
    for host, night in zip(hosts.tolist(), days, strict=True):
        here = (flows["host_id"] == host) & (flows["start"] <= night) & (night <= flows["end"])
        for flow in np.flatnonzero(here).tolist():
            span = f"{flows['start'][flow]}/{flows['end'][flow]}"
            yield Unit("bed", at.rnd.hosting_partners.position[host], host, span)


def _heads(at: _Filled) -> Iterator[Unit]:
    return at.of("head", "flows", at.keys("flow")[at.tight])


def _quotas(at: _Filled) -> Iterator[Unit]:
    block = at.block
    for row in at.tight.tolist():
        yield Unit("quota", row, quota_name(at.rnd, row))
    for row in np.flatnonzero((block.lower > 0) & (at.activity <= block.lower)).tolist():
        yield Unit("quota minimum", row, quota_name(at.rnd, row))


def _budgets(at: _Filled) -> Iterator[Unit]:
    if "partner" in (at.block.keys or {}):
        yield from at.of("partner budget", "sending_partners", at.keys("partner")[at.tight], at.euros)
    elif len(at.tight):
        yield Unit("round budget", 0, "the round", amount=at.euros)


def _same_school(at: _Filled) -> Iterator[Unit]:
    return at.of("same school", "companies", at.keys("company")[at.tight])


def _smallest_groups(at: _Filled) -> Iterator[Unit]:
    """Parties that are as small as may be, or are not there."""
    return at.of("smallest group", "flows", at.keys("flow")[at.activity <= at.block.lower])


_UNITS: Mapping[str, Callable[[_Filled], Iterator[Unit]]] = {
    "seats": _seats,
    "beds": _beds,
    "flow_heads": _heads,
    "quotas": _quotas,
    "budget": _budgets,
    "same_school": _same_school,
    "min_group": _smallest_groups,
}


def quota_name(rnd: Round, row: int) -> str:
    """A quota for a sentence: from whom to whom, and for which stay."""
    quota = rnd.quotas.record(row)
    stay = f" {quota.stay}" if quota.stay else ""
    return f"{quota.partner_id or 'all'}→{quota.host_id or 'all'}{stay}"


@dataclass(frozen=True)
class Opened:
    """Options that units of bars would open: each pair says that unit number ``unit`` opens ``options[option]``.

    ``note`` says in a sentence what was not looked at; blank: nothing.
    """

    units: tuple[Unit, ...]
    options: Options
    unit: IntArray
    option: IntArray
    note: str = ""


def opening(result: Result, most: int = MOST_CANDIDATES) -> Opened:
    """What one level less would open: candidates that one rule alone bars, and no longer with the level eased."""
    rnd, note = result.round, ""
    who = np.arange(len(rnd.learners))
    counts = result.barred.candidates
    if counts.sum() > most:
        assert result.audit is not None
        who = np.setdiff1d(who, result.audit.placed.seated.learner)
        note = words.FEW_BARS
        who = who[np.cumsum(counts[who]) <= most]
    every = candidates(rnd, who)
    in_force = {rule.name: rule for rule in rules_of(rnd)}
    masks = {name: rule.bars(rnd, every) for name, rule in in_force.items()}
    times = np.sum([np.zeros(len(every), np.int64), *masks.values()], axis=0)
    pairs: list[tuple[Unit, IntArray]] = []
    for kind, detail, eased in _eased(rnd):
        name = BARS[kind]
        if name not in in_force:
            continue
        alone = np.flatnonzero((times == 1) & masks[name])
        near = every.take(alone)
        opened = alone[~in_force[name].bars(eased, near)]
        pairs += _grouped(rnd, kind, detail, every, opened)
    return _listed(every, sorted(pairs, key=lambda pair: pair[0]), note)


def _eased(rnd: Round) -> Iterator[tuple[str, str, Round]]:
    """Every bar one level lower everywhere at once, kind by kind: no kind's bar depends on another row's."""
    codes = sorted(
        {code for asked in rnd.companies["working_languages"] for code, level in asked if level > 1}
    )
    for code in codes:
        yield "language", code, _edited(rnd, "companies", partial(_less, code))
    offers, companies = rnd.offers, rnd.companies
    if np.any(offers["min_eqf"] > 1):
        yield "lowest EQF", "", _edited(rnd, "offers", partial(_moved, "min_eqf", -1, 1))
    if np.any(offers["max_eqf"] < 8):
        yield "highest EQF", "", _edited(rnd, "offers", partial(_moved, "max_eqf", 1, 8))
    if np.any(companies["min_age"] > 0):
        yield "age", "", _edited(rnd, "companies", partial(_moved, "min_age", -1, 0))


def _edited(rnd: Round, table: str, edit: Callable[[Any], Row]) -> Round:
    return rnd.replace(rows={table: [edit(row) for row in rnd.tables[table].records]})


def _less(code: str, row: Any) -> Row:
    asked = tuple((each, level - (each == code and level > 1)) for each, level in row.working_languages)
    changed: Row = row.model_copy(update={"working_languages": asked})
    return changed


def _moved(field: str, by: int, end: int, row: Any) -> Row:
    value = getattr(row, field)
    changed: Row = row if value is None or value == end else row.model_copy(update={field: value + by})
    return changed


def _grouped(
    rnd: Round, kind: str, detail: str, every: Options, opened: IntArray
) -> list[tuple[Unit, IntArray]]:
    """The opened candidates by the offer or company whose bar it is."""
    table = "offers" if BARS[kind] == "profile" else "companies"
    owner = (every.offer if table == "offers" else every.company)[opened]
    return [
        (Unit(kind, row, rnd.tables[table]["id"][row], detail), opened[owner == row])
        for row in np.unique(owner).tolist()
    ]


def _listed(every: Options, pairs: Sequence[tuple[Unit, IntArray]], note: str) -> Opened:
    nothing = np.zeros(0, np.int64)
    numbers = np.unique(np.concatenate([nothing, *(opened for _, opened in pairs)]))
    unit = np.repeat(np.arange(len(pairs)), [len(opened) for _, opened in pairs])
    option = np.searchsorted(numbers, np.concatenate([nothing, *(opened for _, opened in pairs)]))
    return Opened(tuple(each for each, _ in pairs), every.take(numbers), unit, option, note)
