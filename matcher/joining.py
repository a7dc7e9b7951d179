"""The join that makes options out of learners and slots, at a cost that follows what is left of the candidates.

Rules that state conditions are asked per pair of classes; learners and slots stand in two trees over these
classes, which are walked together from the root, so many learners at a time. Rules that state none are asked
about the pairs that remain. Contract: section "The option".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from matcher.asking import Answers, ask
from matcher.barring import Barred
from matcher.conditions import Table
from matcher.options import Options
from matcher.planning import Asked, cheapest_order
from matcher.slots import ranges
from matcher.tries import Trie
from models.round import IntArray, Round

if TYPE_CHECKING:
    from matcher.rules.base import Rule

PAIRS_AT_ONCE = 2_000_000
"""How many pairs are looked at together, unless one learner has more: bounds memory, changes no result."""

SAMPLE = 2**16
"""From so many pairs it is estimated how much conditions bar together."""

FIRST_LEARNERS = 256
"""How many learners are joined at first; then as many as the pairs of those before suggest."""


def find_options(rnd: Round, rules: Sequence[Rule]) -> tuple[Options, Barred]:
    """The options that none of ``rules`` bars, sorted by learner, offer, flow, and the counts of what was barred."""
    answers = ask(rnd, rules)
    options = join(answers)
    return options, Barred(answers, np.bincount(options.learner, minlength=len(rnd.learners)))


def join(answers: Answers) -> Options:
    """The pairs that no answer bars."""
    parts = list(Join(answers).parts())
    learners = len(answers.slots.rnd.learners)
    count = np.zeros(learners, np.int64)
    for part in parts:
        count[part.learner] = part.slots
    first = np.cumsum(count) - count
    slot = np.empty(int(count.sum()), np.int32)
    while parts:
        part = parts.pop()
        slot[ranges(first[part.learner], part.slots)] = part.slot
    return Options.in_slots(answers.slots, np.repeat(np.arange(learners, dtype=np.int32), count), slot)


class Part(NamedTuple):
    """What some learners are left with: ascending learners, how many slots each has, the slots one after another."""

    learner: IntArray
    slots: IntArray
    slot: IntArray


class Join:
    """Two trees and the conditions along them."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        learners, slots = _alive(answers)
        tables = [found.take(learners, slots) for found in answers.tables]
        tables = [found for found in tables if not found.bars_nothing]
        tables = [tables[number] for number in _order(tables, len(learners), len(slots))]
        self.who = Trie.of([found.learner for found in tables], len(learners))
        self.where = Trie.of([found.slot for found in tables], len(slots))
        depth = _useful_depth(self.who, self.where)
        self.who, self.where = self.who.cut(depth), self.where.cut(depth)
        self.walked, self.looked_up = tables[:depth], tables[depth:]
        self.learners, self.slots = learners, slots

    def parts(self) -> Iterator[Part]:
        """What everybody is left with, so many learners at a time."""
        begin, size = 0, FIRST_LEARNERS
        while begin < len(self.learners):
            end = min(begin + size, len(self.learners))
            pairs = walk(self, begin, end)
            if pairs is None:
                size = max(1, size // 2)
                continue
            yield self._part(pairs)
            begin, size = end, int(max(1, size * min(4, 0.6 * PAIRS_AT_ONCE / pairs.most)))

    def _part(self, pairs: Pairs) -> Part:
        """Those of the pairs that every rule allows, in order."""
        learner, slot = self.who.order[pairs.learner], self.where.order[pairs.slot]
        for found in self.looked_up:
            kept = np.flatnonzero(found.allowed[found.learner[learner], found.slot[slot]])
            learner, slot = learner[kept], slot[kept]
        key = np.sort(self.learners[learner] * np.int64(len(self.answers.slots)) + self.slots[slot])
        learner, slot = np.divmod(key, max(1, len(self.answers.slots)))
        for loose in self.answers.loose:
            kept = np.flatnonzero(~loose.bars(Options.in_slots(self.answers.slots, learner, slot)))
            learner, slot = learner[kept], slot[kept]
        new = np.flatnonzero(np.diff(learner, prepend=-1))
        return Part(learner[new], np.diff(new, append=len(learner)), slot.astype(np.int32))


class Pairs(NamedTuple):
    """Pairs of learners and slots as places in the two trees, and the most that were looked at together."""

    learner: IntArray
    slot: IntArray
    most: int


def walk(trees: Join, begin: int, end: int) -> Pairs | None:
    """Both trees walked together for consecutive places among the learners: what no condition on the way bars.

    ``None`` where too many pairs would have to be looked at together; never for a single learner.
    """
    who, where = trees.who, trees.where
    learner: IntArray = np.zeros(1, np.int64)
    slot = learner
    most, limit = 1, PAIRS_AT_ONCE if end - begin > 1 else np.inf
    for depth in range(len(trees.walked) + 1):
        lowest, highest = who.span(depth + 1, begin, end)
        first = np.clip(who.below[depth][learner], lowest, highest)
        last = np.clip(who.below[depth][learner + 1], lowest, highest)
        begins = where.below[depth][slot]
        count, counts = last - first, where.below[depth][slot + 1] - begins
        most = max(most, int((count * counts).sum()))
        if most > limit:
            return None
        learner, slot = _crossed(first, count, begins, counts)
        if depth < len(trees.walked):
            labels = (who.label[depth + 1][learner], where.label[depth + 1][slot])
            kept = np.flatnonzero(trees.walked[depth].allowed[labels])
            learner, slot = learner[kept], slot[kept]
    return Pairs(learner, slot, most)


def _crossed(
    first: IntArray, count: IntArray, begins: IntArray, counts: IntArray
) -> tuple[IntArray, IntArray]:
    """For every i each of ``count[i]`` numbers from ``first[i]`` with each of ``counts[i]`` from ``begins[i]``."""
    left = ranges(first, count)
    begins, counts = np.repeat(begins, count), np.repeat(counts, count)
    return np.repeat(left, counts), ranges(begins, counts)


def _alive(answers: Answers) -> tuple[IntArray, IntArray]:
    """The learners and the slots that no condition bars from everything."""
    learners = np.ones(len(answers.slots.rnd.learners), bool)
    slots = np.ones(len(answers.slots), bool)
    for found in answers.tables:
        learners &= np.logical_or.reduce(found.allowed, axis=1)[found.learner]
        slots &= np.logical_or.reduce(found.allowed, axis=0)[found.slot]
    learners &= slots.any()
    return np.flatnonzero(learners), np.flatnonzero(slots)


def _order(tables: Sequence[Table], learners: int, slots: int) -> list[int]:
    """The order in which to ask the tables, by a sample of pairs."""
    random = np.random.default_rng(0)
    size = min(SAMPLE, learners * slots)
    who, where = random.integers(0, max(1, learners), size), random.integers(0, max(1, slots), size)
    asked = [
        Asked(
            len(found.allowed), found.allowed.shape[1], found.allowed[found.learner[who], found.slot[where]]
        )
        for found in tables
    ]
    return cheapest_order(asked, learners, slots)


def _useful_depth(who: Trie, where: Trie) -> int:
    """The depth at which both trees have come down to single rows, nearly."""
    for depth in range(who.depth):
        if who.is_apart(depth) and where.is_apart(depth):
            return depth
    return who.depth
