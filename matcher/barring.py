"""How many candidates there were and what each rule bars of them: counted by classes, when somebody asks.

Nothing is enumerated: totals come from the classes' sizes, and what one rule bars alone from sets of slots as
bits, for the learners asked about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.asking import Answers, Loose, stay_table
from matcher.conditions import Mask, Table, joint
from matcher.options import Options
from matcher.slots import Slots, ranges, stays
from models.round import IntArray

SLOTS_AT_ONCE = 2**16
LEARNERS_AT_ONCE = 32
"""How many slots and learners are counted together: bounds memory, changes no result."""

CELLS_AT_ONCE = 2**22
"""How many numbers are multiplied together: bounds memory, changes no result."""

MOST_CANDIDATES = 5 * 10**9
"""Up to so many candidates it is counted over all learners what each rule bars alone. The cost grows with the
candidates, not with the options."""

Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Barred:
    """Per learner: how many candidates there were, how many each rule bars, and how many it bars alone."""

    answers: Answers
    options: IntArray
    """How many options each learner has."""

    @cached_property
    def candidates(self) -> IntArray:
        """The slots of each learner's stay."""
        return _allowed_by((), stay_table(self.answers.slots))

    @cached_property
    def by_rule(self) -> Mapping[str, IntArray]:
        """What each rule bars of each learner's candidates, in the order of the rules."""
        return {name: self._barred_by(*found) for name, found in self.answers.by_rule.items()}

    @cached_property
    def by_rule_alone(self) -> Mapping[str, IntArray]:
        """What no other rule bars of it, for every learner. The cost grows with the number of candidates."""
        return self.alone_of(np.arange(len(self.options)))

    @cached_property
    def totals_alone(self) -> Mapping[str, int] | None:
        """The same over all learners; ``None`` where there are more than ``MOST_CANDIDATES`` candidates."""
        if int(self.candidates.sum()) > MOST_CANDIDATES:
            return None
        return {name: int(counts.sum()) for name, counts in self.by_rule_alone.items()}

    def alone(self, rule: str, learner: int) -> int:
        """How many candidates of a learner (row number) a rule bars and no other does.

        Learners of whom one rule bars everything are counted together when the first of them is asked about.
        """
        learners, counts = self._barred_whole
        place = int(np.searchsorted(learners, learner))
        if rule in counts and place < len(learners) and learners[place] == learner:
            return int(counts[rule][place])
        return int(_allowed_without(self.answers, [rule], np.array([learner]))[0][0] - self.options[learner])

    @cached_property
    def _barred_whole(self) -> tuple[IntArray, Mapping[str, IntArray]]:
        """The learners of whom one rule bars everything, and what each of these rules bars alone of theirs."""
        whole = {name: (barred == self.candidates) & (barred > 0) for name, barred in self.by_rule.items()}
        names = [name for name, learners in whole.items() if learners.any()]
        learners = np.flatnonzero(np.any([np.zeros(len(self.options), bool), *whole.values()], axis=0))
        return learners, dict(zip(names, _allowed_without(self.answers, names, learners), strict=True))

    def alone_of(self, learners: IntArray) -> Mapping[str, IntArray]:
        """How many candidates of each of the learners (row numbers, ascending) each rule bars and no other does."""
        names = [name for name, (tables, loose) in self.answers.by_rule.items() if tables or loose]
        options = self.options[learners]
        open_to_others = dict(zip(names, _allowed_without(self.answers, names, learners), strict=True))
        return {name: open_to_others.get(name, options) - options for name in self.answers.rules}

    def _barred_by(self, tables: Sequence[Table], loose: Sequence[Loose]) -> IntArray:
        """What the tables of a rule bar of each learner's candidates, and what has to be asked pair by pair."""
        stay = stay_table(self.answers.slots)
        if not loose:
            return self.candidates - _allowed_by(tables, stay)
        if not tables and len(loose) == 1 and loose[0].named:
            return _barred_by_names(self.answers.slots, loose[0], self.candidates)
        of_rule = Answers(self.answers.slots, [loose[0].rule], [stay, *tables], loose)
        everybody = np.arange(len(self.candidates))
        return self.candidates - _allowed_without(of_rule, [""], everybody)[0]


def _barred_by_names(slots: Slots, loose: Loose, candidates: IntArray) -> IntArray:
    """What a rule about single learners bars of each learner's candidates."""
    learner, slot, unlike = _unlike_rest(slots, loose)
    own = unlike & (slots.stay[slot] == stays(slots.rnd.learners["stay"])[learner])
    listed = np.bincount(learner[own], minlength=len(candidates))
    return np.where(loose.named.rest, candidates - listed, listed) if loose.named else listed


def _unlike_rest(slots: Slots, loose: Loose) -> tuple[IntArray, IntArray, Mask]:
    """The pairs that a rule names, and which of them it does not treat like the rest of their learner's slots."""
    assert loose.named is not None
    learner, slot = loose.named.learner, loose.named.slot
    return learner, slot, loose.bars(Options.in_slots(slots, learner, slot)) != loose.named.rest[learner]


def _allowed_by(tables: Sequence[Table], stay: Table) -> IntArray:
    """How many slots of each learner's stay all of a rule's tables allow.

    The largest table is multiplied by the sizes of its classes of slots, as the others leave them.
    """
    *rest, largest = sorted([stay, *tables], key=lambda found: found.allowed.size)
    group = joint(np.zeros(len(stay.learner), np.int32), *(found.learner for found in rest))
    kind = joint(np.zeros(len(stay.slot), np.int32), *(found.slot for found in rest))
    groups, kinds = int(group.max(initial=-1)) + 1, int(kind.max(initial=-1)) + 1
    shape = (largest.allowed.shape[1], kinds)
    members = np.bincount(largest.slot * np.int64(kinds) + kind, minlength=shape[0] * shape[1])
    sizes: npt.NDArray[np.float64] = members.reshape(shape).astype(np.float64)
    of_group, of_kind = _one_of_each(group, groups), _one_of_each(kind, kinds)
    counts = np.zeros(len(group), np.int64)
    order = np.argsort(group, kind="stable")
    step = max(1, CELLS_AT_ONCE // max(1, kinds, *largest.allowed.shape))
    for begin in range(0, groups, step):
        some = np.arange(begin, min(begin + step, groups))
        allowed = np.ones((len(some), kinds), bool)
        for found in rest:
            allowed &= found.allowed[np.ix_(found.learner[of_group[some]], found.slot[of_kind])]
        table = _product(largest.allowed, np.dot(sizes, allowed.T))
        first, last = np.searchsorted(group[order], [begin, begin + len(some)])
        here = order[first:last]
        counts[here] = table[largest.learner[here], group[here] - begin]
    return counts


def _product(allowed: Mask, sizes: npt.NDArray[np.float64]) -> IntArray:
    """``allowed @ sizes``, whole numbers below 2**53 and so exact, in bounded memory."""
    step = max(1, CELLS_AT_ONCE // max(1, allowed.shape[1]))
    parts = [allowed[begin : begin + step] @ sizes for begin in range(0, len(allowed), step)]
    return np.concatenate([np.zeros((0, sizes.shape[1])), *parts]).astype(np.int64)


def _one_of_each(classes: IntArray, count: int) -> IntArray:
    found = np.empty(count, np.int64)
    found[classes] = np.arange(len(classes))
    return found


def _allowed_without(answers: Answers, names: Sequence[str], learners: IntArray) -> list[IntArray]:
    """For each name, how many candidates of each of the learners all rules but that one allow."""
    counts = {name: np.zeros(len(learners), np.int64) for name in names}
    for part, candidates, allowed in _sets(answers, learners):
        for name, left in _without_each(candidates, allowed, counts):
            counts[name][part] += np.bitwise_count(left).sum(axis=1, dtype=np.int64)
    return [counts[name] for name in names]


def _without_each(
    candidates: Bits, allowed: Mapping[str, Bits], names: Collection[str]
) -> Iterator[tuple[str, Bits]]:
    """For each name what is left of the candidates when all rules but that one are asked: what the rules before it
    leave, and those after it.
    """
    after = [candidates]
    for bits in list(allowed.values())[::-1]:
        after.append(after[-1] & bits)
    left = after.pop()
    before = np.full_like(left, ~np.uint64(0))
    yield from ((name, left) for name in names if name not in allowed)
    for rule, bits in allowed.items():
        rest = after.pop()
        if rule in names:
            yield rule, before & rest
        before = before & bits


def _sets(answers: Answers, learners: IntArray) -> Iterator[tuple[slice, Bits, Mapping[str, Bits]]]:
    """Some of the learners and some of the slots at a time: the candidates and what each rule allows, as bits.

    Bits are of shape (learners, slots / 64); what lies beyond the last slot is no candidate.
    """
    stay, *_ = answers.tables
    by_rule = {name: found for name, found in answers.by_rule.items() if found[0] or found[1]}
    asked = {id(found): _Asked(found, answers.slots) for found in answers.loose}
    for begin in range(0, len(answers.slots), SLOTS_AT_ONCE):
        slots = np.arange(begin, min(begin + SLOTS_AT_ONCE, len(answers.slots)))
        rows = {id(found): _Rows(found, learners, slots) for found in answers.tables}
        for first in range(0, len(learners), LEARNERS_AT_ONCE):
            part = slice(first, first + LEARNERS_AT_ONCE)
            allowed = {
                name: _intersection(
                    [rows[id(found)].of(part) for found in tables]
                    + [asked[id(found)].of(learners[part], slots) for found in loose]
                )
                for name, (tables, loose) in by_rule.items()
            }
            yield part, rows[id(stay)].of(part), allowed


class _Rows:
    """A table's rows over some slots as bits, for the classes that some learners have."""

    def __init__(self, found: Table, learners: IntArray, slots: IntArray) -> None:
        classes, self.row = np.unique(found.learner[learners], return_inverse=True)
        self.bits = _packed(found.allowed[np.ix_(classes, found.slot[slots])])

    def of(self, part: slice) -> Bits:
        """What the table allows some of the learners."""
        return self.bits[self.row[part]]


class _Asked:
    """What has to be asked pair by pair: by the pairs that a rule names, else by all pairs."""

    def __init__(self, loose: Loose, slots: Slots) -> None:
        self.loose, self.slots = loose, slots
        if loose.named:
            self.learner, self.slot, self.unlike = _unlike_rest(slots, loose)

    def of(self, learners: IntArray, some: IntArray) -> Bits:
        """What the rule allows the learners (ascending row numbers) in some consecutive slots."""
        shape = (len(learners), len(some))
        if self.loose.named is None:
            who, where = np.repeat(learners, shape[1]), np.tile(some, shape[0])
            return _packed(~self.loose.bars(Options.in_slots(self.slots, who, where)).reshape(shape))
        first = np.searchsorted(self.learner, learners, "left")
        count = np.searchsorted(self.learner, learners, "right") - first
        pair, row = ranges(first, count), np.repeat(np.arange(shape[0]), count)
        own = self.unlike[pair] & (self.slot[pair] >= some[0]) & (self.slot[pair] <= some[-1])
        place, bit = np.divmod(self.slot[pair[own]] - some[0], 8)
        bits = np.where(self.loose.named.rest[learners], np.uint64(0), ~np.uint64(0))
        allowed = np.repeat(bits, -(-shape[1] // 64)).reshape(shape[0], -1)
        np.bitwise_xor.at(allowed.view(np.uint8), (row[own], place), (128 >> bit).astype(np.uint8))
        return allowed


def _intersection(sets: Sequence[Bits]) -> Bits:
    found = sets[0]
    for other in sets[1:]:
        found = found & other
    return found


def _packed(rows: Mask) -> Bits:
    """Each row as bits, filled up with zeros to whole words."""
    packed = np.packbits(rows, axis=1)
    words = np.zeros((len(rows), -(-packed.shape[1] // 8) * 8), np.uint8)
    words[:, : packed.shape[1]] = packed
    return words.view(np.uint64)
