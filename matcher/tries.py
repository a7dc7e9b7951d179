"""Rows sorted by a list of classes, as a tree: who shares the first classes shares a node.

Two trees over the same list of conditions, one of learners and one of slots, can be walked together: a pair of
nodes that a condition bars takes everybody below it along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.round import IntArray

APART = 0.5
"""With so many nodes per row, walking a tree further saves nothing over looking at its rows."""


@dataclass(frozen=True)
class Trie:
    """``order`` is the rows in the tree's order: every node is a range of places in it.

    ``begins[d]`` has the place at which each node of depth d begins, and the end; ``label[d]`` the class that the
    rows of each node share in the d-th column of classes (from 1; depth 0 is the root).
    """

    order: IntArray
    begins: Sequence[IntArray]
    label: Sequence[IntArray]

    @classmethod
    def of(cls, classes: Sequence[IntArray], rows: int) -> Trie:
        """The tree of so many rows by their classes, the first column next to the root."""
        order = np.lexsort([np.arange(rows), *reversed(classes)])
        new = np.zeros(rows, bool)
        new[:1] = True
        begins = [_edges(new)]
        label: list[IntArray] = [np.zeros(1, np.int32)]
        for column in classes:
            own = column[order]
            new[1:] |= own[1:] != own[:-1]
            begins.append(_edges(new))
            label.append(own[begins[-1][:-1]])
        return cls(order, begins, label)

    @property
    def depth(self) -> int:
        """The depth of the leaves."""
        return len(self.begins) - 1

    @cached_property
    def below(self) -> Sequence[IntArray]:
        """The first node of the next depth in each node, and the end; of the leaves, the first place."""
        levels = zip(self.begins, self.begins[1:], strict=False)
        return [*(np.searchsorted(below, above) for above, below in levels), self.begins[-1]]

    def cut(self, depth: int) -> Trie:
        """The tree down to a depth."""
        return Trie(self.order, self.begins[: depth + 1], self.label[: depth + 1])

    def is_apart(self, depth: int) -> bool:
        """Whether the nodes of a depth are little more than single rows."""
        return len(self.begins[depth]) - 1 >= APART * len(self.order)

    def span(self, depth: int, begin: int, end: int) -> tuple[int, int]:
        """The first node of a depth that has places from ``begin`` to before ``end``, and the one after the last.

        Below the leaves there are the places.
        """
        if depth > self.depth:
            return begin, end
        first, last = np.searchsorted(self.begins[depth], [begin, end - 1], "right")
        return int(first) - 1, int(last)


def _edges(new: npt.NDArray[np.bool_]) -> IntArray:
    """Where a node begins, and the end."""
    return np.append(np.flatnonzero(new), len(new))
