"""Raise the sending partner served worst, then the second worst, and so on (docs/fairness.md, goal `leximin`)."""

from __future__ import annotations

from collections import Counter

import numpy as np

from matcher.columns import Clusters, Columns, shared_at_least
from matcher.goals.base import Goal
from matcher.goals.equity import Equity
from matcher.placements import Placements
from models.errors import UnsuitableMethod
from models.ladder import MOST, Ladder, written
from models.problem import Auxiliary, Shared
from models.problem import Goal as Vector
from models.round import IntArray, Round

PER_MILLE = 1000


class Leximin(Goal):
    """The thousandths placed of every sending partner that has learners, the worst first, compared place by place.

    The first of them is ``equity``. The value is the vector, written as one number (``models.ladder.written``).
    """

    name = "leximin"
    sense = 1
    weighable = False

    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """A ladder over columns that say of each partner and each share that it can have whether it has that, or more.

        Raises ``UnsuitableMethod`` for more than ``MOST`` sending partners with learners.
        """
        worst = Equity().terms(rnd, columns)
        size = np.bincount(rnd.ref("learners", "partner_id"), minlength=len(rnd.sending_partners))
        partners = np.flatnonzero(size)
        if len(partners) > MOST:
            raise UnsuitableMethod(
                f"the goal {self.name} takes at most {MOST} sending partners with learners, the round has "
                f"{len(partners)}: take equity"
            )
        owner, need, level = _rungs(size[partners])
        family = columns.family(
            self.name, lambda first: self._stands(rnd, columns, first, partners, owner, need, level)
        )
        column = family.first + np.arange(len(family))
        return Ladder(self.name, self.sense, column, level, owner=owner, parties=len(partners), worst=worst)

    def _stands(
        self,
        rnd: Round,
        columns: Columns,
        first: int,
        partners: IntArray,
        owner: IntArray,
        need: IntArray,
        level: IntArray,
    ) -> Auxiliary:
        """Columns that are 1 where a partner has as many placed as are needed, with a row each."""
        row, column = _entries(columns.clusters, partners[owner])
        rows = np.arange(len(owner))
        definition = shared_at_least(
            self.name,
            Shared(columns.clusters.of_option, row, column, np.ones(len(row), np.int64)),
            np.zeros(len(owner), np.int64),
            "{partner}: {level} of 1000 placed",
            {"partner": rnd.sending_partners["id"][partners[owner]], "level": level},
            (rows, first + rows, -need),
        )
        return Auxiliary(self.name, first, np.ones(len(owner), np.int64), 1, definition)

    def value(self, rnd: Round, placed: Placements) -> int:
        """The shares of all partners with learners, in thousandths rounded down, written as one number."""
        partner = rnd.learners["partner_id"]
        learners, served = Counter(partner), Counter(partner[placed.seated.times > 0])
        return written([PER_MILLE * served[name] // everyone for name, everyone in learners.items()])


def _rungs(size: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """For each partner each share above 0 that it can have: the partner's number, how many placed it needs, the share.

    In thousandths rounded down, so that a large partner has a thousand of them at most.
    """
    owner = np.repeat(np.arange(len(size)), size)
    need = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size) + 1
    level = PER_MILLE * need // size[owner]
    new = (level > 0) & ((need == 1) | (PER_MILLE * (need - 1) // size[owner] < level))
    return owner[new], need[new], level[new]


def _entries(clusters: Clusters, partner: IntArray) -> tuple[IntArray, IntArray]:
    """Every row with every cluster of its sending partner (a row number, per row): parallel arrays of both."""
    order = np.argsort(clusters.partner, kind="stable")
    begin, end = (np.searchsorted(clusters.partner[order], partner, side) for side in ("left", "right"))
    count = end - begin
    row = np.repeat(np.arange(len(partner)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, order[np.repeat(begin, count) + within]
