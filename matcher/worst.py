"""The share of the group that is served worst, as a goal for groups of any kind (see ``matcher.belonging``)."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable

import numpy as np

from matcher.belonging import Membership, membership
from matcher.columns import Columns, shared_at_least, unique_rows
from matcher.goals.base import Goal
from matcher.placements import Placements
from models.problem import Auxiliary, Shared
from models.problem import Goal as Vector
from models.round import IntArray, Round

PER_MILLE = 1000


class WorstShare(Goal):
    """The largest whole t with 1000 · (learners placed of g) ≥ t · (learners of g) for every group g.

    ``attribute`` says by what learners are grouped. Whoever belongs to no group does not count.
    """

    sense = 1
    attribute: str

    @abstractmethod
    def groups(self, rnd: Round) -> Iterable[tuple[str, ...]]:
        """The groups of each learner, from the tables' cells: the audit's own reading."""

    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """One auxiliary column, t."""
        family = columns.family(self.name, lambda first: self._share(rnd, columns, first))
        return Vector(self.name, self.sense, np.array([family.first]), np.ones(1, np.int64))

    def _share(self, rnd: Round, columns: Columns, first: int) -> Auxiliary:
        found = membership(rnd, self.attribute).named()
        kind, row, column = _kinds(found, len(rnd.learners))
        groups = np.arange(len(found.names))
        definition = shared_at_least(
            self.name,
            Shared(kind[columns.options.learner], row, column, np.full(len(row), PER_MILLE)),
            np.zeros(len(groups), np.int64),
            "share of {group} placed",
            {"group": np.array(found.names, object)},
            (groups, np.full(len(groups), first), -found.sizes),
        )
        return Auxiliary(self.name, first, np.array([PER_MILLE]), 1, definition)

    def value(self, rnd: Round, placed: Placements) -> int:
        """The thousandths of its learners that the worst served group has placed (no groups: 1000)."""
        everyone: Counter[str] = Counter()
        served: Counter[str] = Counter()
        for groups, times in zip(self.groups(rnd), placed.seated.times.tolist(), strict=True):
            everyone.update(set(groups))
            served.update(set(groups) if times else ())
        return min((PER_MILLE * served[name] // size for name, size in everyone.items()), default=PER_MILLE)


def _kinds(found: Membership, learners: int) -> tuple[IntArray, IntArray, IntArray]:
    """Learners of the same groups are of one kind: each learner's kind (−1: in no group), and the entries (group,
    kind) of the kinds.
    """
    often = np.bincount(found.learner, minlength=learners)
    kind, rows, columns = np.full(learners, -1), [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    made = 0
    for times in np.unique(often[often > 0]).tolist():
        of_some = often[found.learner] == times
        groups = found.group[of_some].reshape(-1, times)
        distinct, which = unique_rows(*np.sort(groups, axis=1).T)
        kind[found.learner[of_some][::times]] = made + which
        rows.append(np.concatenate(distinct))
        columns.append(np.tile(np.arange(len(distinct[0])), times) + made)
        made += len(distinct[0])
    return kind, np.concatenate(rows), np.concatenate(columns)
