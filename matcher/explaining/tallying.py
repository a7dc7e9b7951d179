"""Why learners with options are left out, for many of them at once: what ``reasons`` says one by one, counted in
whole columns.

Two derivations of one text: a test holds them to each other. This one serves tables of tens of thousands of
learners; the other asks about a single learner, and about what is barred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from matcher import rules
from matcher.explaining.crowding import crowded_out, phrase, what_is_short
from matcher.explaining.lacking import Mask, Together, together, too_few, without_mate
from matcher.explaining.probing import Obstacle, Probe, of_options
from matcher.explaining.reasons import (
    NO_OPTION,
    OUTCOMPETED,
    OWN_LIMITS,
    Reason,
    group_short_of,
    never_together,
    ruled_out,
)
from matcher.explaining.relieving import KEYS, ROW_BY_ROW, Limit, limit_of
from matcher.explaining.standing import Standing
from matcher.explaining.words import SHOWN
from models.problem import Block
from models.round import IntArray


class Hits(NamedTuple):
    """The limits that options go beyond: parallel arrays, each (option, limit) once, by the largest excess."""

    option: IntArray
    limit: IntArray
    excess: IntArray


class Short(NamedTuple):
    """A limit: the rule (its number among all rules), which one, and how a list names it."""

    rule: int
    limit: Limit
    what: str


class Tally:
    """The reasons of learners (row numbers, ascending), each of whom has options and no place."""

    def __init__(self, standing: Standing, learners: IntArray) -> None:
        self.standing = standing
        self.learners = np.asarray(learners, np.int64)
        self.probe: Probe = of_options(standing, self.learners)
        self.options = self.probe.candidates
        self.owner = np.searchsorted(self.learners, self.options.learner)
        self.names = [rule.name for rule in rules.discover()]

    def reasons(self) -> Mapping[int, Reason]:
        """The reason of each of the learners, by row number."""
        never, crowds = self._never(), self._crowds()
        return {
            learner: never.get(number) or Reason(OUTCOMPETED, crowds[number])
            for number, learner in enumerate(self.learners.tolist())
        }

    @cached_property
    def sizes(self) -> IntArray:
        """How many options each of the learners has."""
        return np.bincount(self.owner, minlength=len(self.learners))

    @cached_property
    def shorts(self) -> list[Short]:
        """The limits that some option goes beyond."""
        return self._found[0]

    @cached_property
    def hits(self) -> Hits:
        """Which options go beyond which of them, with everybody else where they are."""
        return self._found[1]

    @cached_property
    def _found(self) -> tuple[list[Short], Hits]:
        more = self.probe.with_others
        numbers: dict[Short, int] = {}
        limit = np.empty(len(more.block), np.int64)
        for number, block in enumerate(more.blocks):
            here = np.flatnonzero(more.block == number)
            rows, at = _alike(block, more.row[here])
            shorts = [self._short(Obstacle(block, row, 0)) for row in rows.tolist()]
            found = [numbers.setdefault(short, len(numbers)) for short in shorts]
            limit[here] = np.array(found, np.int64)[at]
        keys = more.addition * np.int64(max(1, len(numbers))) + limit
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = _firsts(keys)
        excess = np.maximum.reduceat(more.excess[order], first) if len(first) else more.excess
        pairs = keys[first]
        return list(numbers), Hits(pairs // max(1, len(numbers)), pairs % max(1, len(numbers)), excess)

    def _short(self, obstacle: Obstacle) -> Short:
        rule = self.names.index(obstacle.block.rule)
        return Short(rule, limit_of(obstacle), what_is_short(obstacle))

    @cached_property
    def limits_hit(self) -> IntArray:
        """How many limits each option goes beyond."""
        return np.bincount(self.hits.option, minlength=len(self.options))

    def _crowds(self) -> list[str]:
        """For each of the learners where the places went."""
        free = np.bincount(self.owner[self.limits_hit == 0], minlength=len(self.learners)).tolist()
        offers = _distinct(self.owner, self.options.offer, len(self.learners)).tolist()
        flows = _distinct(self.owner, self.options.flow, len(self.learners)).tolist()
        parts: list[list[str]] = [[] for _ in self.learners]
        for owner, said in self._phrases():
            parts[owner].append(said)
        sizes = (self.sizes.tolist(), offers, flows, free)
        ids = self.standing.rnd.learners["id"][self.learners].tolist()
        return [
            crowded_out(who, (options, offered, flown), left, said)
            for who, options, offered, flown, left, said in zip(ids, *sizes, parts, strict=True)
        ]

    def _phrases(self) -> Iterator[tuple[int, str]]:
        """Each learner's phrases, rule by rule: how many options its limits take away, and which most."""
        rule_of = np.array([short.rule for short in self.shorts], np.int64)
        whats = np.array([short.what for short in self.shorts], object)
        told, what_of = np.unique(whats.astype(str), return_inverse=True)  # limits may share a name
        kinds, names = len(self.names), max(1, len(told))
        option, rule = self.hits.option, rule_of[self.hits.limit]
        by_rule = _once(option * np.int64(kinds) + rule)
        of_owner = self.owner[by_rule // kinds] * np.int64(kinds) + by_rule % kinds
        runs = dict(zip(*(part.tolist() for part in np.unique(of_owner, return_counts=True)), strict=True))
        each = _once((option * np.int64(kinds) + rule) * names + what_of[self.hits.limit])
        owner = self.owner[each // (kinds * names)]
        group = (owner * np.int64(kinds) + each // names % kinds) * names + each % names
        keys, counts = np.unique(group, return_counts=True)
        order = np.lexsort((keys % names, -counts, keys // names))
        keys = keys[order]
        first = np.flatnonzero(np.diff(keys // names, prepend=-1))
        last = np.append(first, len(keys))[1:]
        for begin, end in zip(first.tolist(), last.tolist(), strict=True):
            who, kind = divmod(int(keys[begin]) // names, kinds)
            shown = told[keys[begin : min(end, begin + SHOWN)] % names].tolist()
            yield who, phrase(self.names[kind], runs[who * kinds + kind], shown, end - begin)

    def _never(self) -> Mapping[int, Reason]:
        """The reasons of those (by their number here) none of whose options can ever be chosen."""
        blocked = self._blocked()
        counts = {
            name: np.bincount(self.owner[mask], minlength=len(self.learners))
            for name, mask in blocked.items()
        }
        every = np.logical_or.reduce([np.zeros(len(self.options), bool), *blocked.values()])
        lost = np.bincount(self.owner[every], minlength=len(self.learners)) == self.sizes
        found = {}
        for number in np.flatnonzero(lost).tolist():
            size, who = int(self.sizes[number]), self.standing.id(int(self.learners[number]))
            whole = [name for name, of in counts.items() if of[number] == size]
            if whole:
                note = self._group_note(number) if whole[0] == "groups" else ""
                found[number] = Reason(whole[0], ruled_out(who, whole, size) + note)
            else:
                by_rule = {name: int(of[number]) for name, of in counts.items()}
                found[number] = Reason(NO_OPTION, never_together(who, size, by_rule))
        return found

    def _blocked(self) -> Mapping[str, Mask]:
        """Which options each rule keeps from ever being chosen, in the order of the rules."""
        alone, found = self.probe.alone, dict[str, Mask]()
        rule_of = np.array([self.names.index(block.rule) for block in alone.blocks], np.int64)
        of = rule_of[alone.block] if len(rule_of) else np.empty(0, np.int64)
        for number, name in enumerate(self.names):
            if name in OWN_LIMITS and (of == number).any():
                found[name] = np.zeros(len(self.options), bool)
                found[name][alone.addition[of == number]] = True
        holds = self.standing.rnd.policy.holds
        if holds("min_group"):
            found["min_group"] = too_few(self.standing, self.options)
        if holds("groups"):
            found["groups"] = self._together.apart
        if holds("pairs"):
            found["pairs"] = without_mate(self.standing, self.options)
        return {name: found[name] for name in self.names if name in found}

    @cached_property
    def _together(self) -> Together:
        return together(self.standing, self.options)

    def _group_note(self, number: int) -> str:
        """How close the group of a learner comes to a place for all."""
        rnd, own = self.standing.rnd, slice(*np.searchsorted(self.owner, [number, number + 1]).tolist())
        group = int(rnd.ref("learners", "group_id")[self.learners[number]])
        members = self._members[group]
        without = int((self.standing.option_counts[members] == 0).sum())
        most = int(self._together.members[own].max())
        name = f"{rnd.groups['id'][group]} ({rnd.groups['mode'][group]})"
        return group_short_of(name, len(members), most, without)

    @cached_property
    def _members(self) -> Mapping[int, IntArray]:
        """The members (row numbers) of every group (row number)."""
        group = self.standing.rnd.ref("learners", "group_id")
        order = np.argsort(group, kind="stable")
        found, first = np.unique(group[order], return_index=True)
        return dict(zip(found.tolist(), np.split(order, first[1:]), strict=True))


def _alike(block: Block, rows: IntArray) -> tuple[IntArray, IntArray]:
    """One row for each limit of a block that some rows belong to, and for each of the rows the number of its limit.

    Rows of one limit (a bed row for every night) need not be spelled out one by one.
    """
    owner = KEYS.get(block.rule)
    if owner is None or owner not in (block.keys or {}) or block.rule in ROW_BY_ROW:
        found, at = np.unique(rows, return_inverse=True)
        return found, at
    at, owners = pd.factorize((block.keys or {})[owner][rows])
    first = np.full(len(owners), -1)
    first[at[::-1]] = np.arange(len(rows))[::-1]
    return rows[first], at.astype(np.int64)


def _firsts(keys: IntArray) -> IntArray:
    """Where each value begins in sorted keys."""
    return np.flatnonzero(np.append(np.ones(min(1, len(keys)), bool), keys[1:] != keys[:-1]))


def _once(keys: IntArray) -> IntArray:
    """Each key once, sorted. The keys come nearly sorted, of which a stable sort makes good use."""
    in_order: IntArray = np.sort(keys, kind="stable")
    return in_order[_firsts(in_order)]


def _distinct(owner: IntArray, what: IntArray, owners: int) -> IntArray:
    """How many different things each owner has; things come sorted by owner, more or less."""
    width = np.int64(what.max(initial=0) + 1)
    return np.bincount(_once(owner * width + what) // width, minlength=owners)
