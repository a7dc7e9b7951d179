"""How many candidates there were and what each rule bars of them: counted by classes, when somebody asks.

Nothing is enumerated: totals come from the classes' sizes, and what one rule bars alone from sets of slots as
bits, for the learners asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.asking import Answers, Loose, stay_table
from matcher.conditions import Mask, Table, joint
from matcher.options import Options
from models.round import IntArray

SLOTS_AT_ONCE = 2**16
LEARNERS_AT_ONCE = 64
"""How many slots and learners are counted together: bounds memory, changes no result."""

CELLS_AT_ONCE = 2**22
"""How many numbers are multiplied together: bounds memory, changes no result."""

MOST_CANDIDATES = 10**10
"""Up to so many candidates it is counted over all learners what each rule bars alone: some ten seconds at most.
The count grows with the candidates, not with the options."""

Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Barred:
    """Per learner: how many candidates there were, how many each rule bars, and how many it bars alone."""

    answers: Answers
    options: Options

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
        return _alone(self.answers, np.arange(len(self.candidates)))

    @cached_property
    def totals_alone(self) -> Mapping[str, int] | None:
        """The same over all learners; ``None`` where there are more than ``MOST_CANDIDATES`` candidates."""
        if int(self.candidates.sum()) > MOST_CANDIDATES:
            return None
        return {name: int(counts.sum()) for name, counts in self.by_rule_alone.items()}

    def alone(self, rule: str, learner: int) -> int:
        """How many candidates of a learner (row number) without options a rule bars and no other does."""
        if "by_rule_alone" in self.__dict__:
            return int(self.by_rule_alone[rule][learner])
        learners, counts = self._without_options
        return int(counts[rule][np.searchsorted(learners, learner)])

    @cached_property
    def _without_options(self) -> tuple[IntArray, Mapping[str, IntArray]]:
        """The learners without options, and what each rule bars alone of theirs."""
        has_options = np.zeros(len(self.candidates), bool)
        has_options[self.options.learner] = True
        learners = np.flatnonzero(~has_options)
        return learners, _alone(self.answers, learners)

    def _barred_by(self, tables: Sequence[Table], loose: Sequence[Loose]) -> IntArray:
        """What the tables of a rule bar of each learner's candidates, and what has to be asked pair by pair."""
        barred = self.candidates - _allowed_by(tables, stay_table(self.answers.slots))
        touched = np.zeros(len(barred), bool)
        for found in loose:
            touched |= found.touches
        learners = np.flatnonzero(touched)
        if len(learners):
            stay, names = stay_table(self.answers.slots), list({found.rule for found in loose})
            barred[learners] = _counted(Answers(self.answers.slots, names, [stay, *tables], loose), learners)
        return barred


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


def _counted(answers: Answers, learners: IntArray) -> IntArray:
    """How many candidates of each of the learners are barred by anything."""
    counts = np.zeros(len(learners), np.int64)
    for part, candidates, bits in _sets(answers, learners):
        barred = np.zeros_like(candidates)
        for of_rule in bits.values():
            barred |= of_rule
        counts[part] += np.bitwise_count(barred & candidates).sum(axis=1, dtype=np.int64)
    return counts


def _alone(answers: Answers, learners: IntArray) -> Mapping[str, IntArray]:
    """For each rule, how many candidates of each of the learners it bars and no other rule does."""
    counts = {name: np.zeros(len(learners), np.int64) for name in answers.by_rule}
    for part, candidates, bits in _sets(answers, learners):
        once, more = np.zeros_like(candidates), np.zeros_like(candidates)
        for of_rule in bits.values():
            more |= once & of_rule
            once |= of_rule
        once &= ~more & candidates
        for name, of_rule in bits.items():
            counts[name][part] += np.bitwise_count(of_rule & once).sum(axis=1, dtype=np.int64)
    return counts


def _sets(answers: Answers, learners: IntArray) -> Iterator[tuple[slice, Bits, Mapping[str, Bits]]]:
    """Some of the learners and some of the slots at a time: the candidates and what each rule bars, as bits.

    Bits are of shape (learners, slots / 64).
    """
    stay, *_ = answers.tables
    for begin in range(0, len(answers.slots), SLOTS_AT_ONCE):
        slots = np.arange(begin, min(begin + SLOTS_AT_ONCE, len(answers.slots)))
        rows = {id(found): _Rows(found, learners, slots) for found in answers.tables}
        for first in range(0, len(learners), LEARNERS_AT_ONCE):
            part = slice(first, first + LEARNERS_AT_ONCE)
            bits = {
                name: _union(
                    [rows[id(found)].barred(part) for found in tables]
                    + [_asked(found, answers, learners[part], slots) for found in loose]
                )
                for name, (tables, loose) in answers.by_rule.items()
                if tables or loose
            }
            yield part, rows[id(stay)].allowed(part), bits


class _Rows:
    """A table's rows over some slots as bits, for the classes that some learners have."""

    def __init__(self, found: Table, learners: IntArray, slots: IntArray) -> None:
        classes, self.row = np.unique(found.learner[learners], return_inverse=True)
        self.bits = _packed(found.allowed[np.ix_(classes, found.slot[slots])])

    def allowed(self, part: slice) -> Bits:
        return self.bits[self.row[part]]

    def barred(self, part: slice) -> Bits:
        return ~self.bits[self.row[part]]


def _union(sets: Sequence[Bits]) -> Bits:
    found = sets[0]
    for other in sets[1:]:
        found = found | other
    return found


def _asked(loose: Loose, answers: Answers, learners: IntArray, slots: IntArray) -> Bits:
    """What a rule that states no conditions bars, asked pair by pair of the learners that it touches."""
    barred = np.zeros((len(learners), len(slots)), bool)
    touched = np.flatnonzero(loose.touches[learners])
    if len(touched):
        who = np.repeat(learners[touched], len(slots))
        pairs = Options.in_slots(answers.slots, who, np.tile(slots, len(touched)))
        barred[touched] = loose.bars(pairs).reshape(len(touched), len(slots))
    return _packed(barred)


def _packed(rows: Mask) -> Bits:
    """Each row as bits, filled up with zeros to whole words."""
    packed = np.packbits(rows, axis=1)
    words = np.zeros((len(rows), -(-packed.shape[1] // 8) * 8), np.uint8)
    words[:, : packed.shape[1]] = packed
    return words.view(np.uint64)
