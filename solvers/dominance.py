"""Options that can be left out because another option of the same agent is never worse.

Let a and b be options of one agent. Let b's entry be no worse than a's in every row that can bind: no larger where
the row has an upper side that can bind, no smaller where it has such a lower side. And let b gain no less in every
goal. Take any allocation that holds a, with its auxiliaries, and put b in the place of a: no sum moves towards a side
of its row, so every row still holds, and no goal is worse. Pins, quotas, pairs, previous placements and the rest are
rows or goals like any other, so they need no word of their own. Hence some allocation that is best in the goals in
order (or in the weighted objective) holds no dominated option, and that is so for all of them at once: of options that
dominate each other the first stays, and to be dominated is transitive, so each option that goes has one that stays and
can take its place. Redundant rows play no part: they follow from the others for whole numbers, whichever option it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from models.problem import Goal, IntArray, Problem
from solvers.rows import Rows

Mask = npt.NDArray[np.bool_]

MOST = 1000
"""Options of one agent up to which each is held against each other; an agent with more keeps them all."""
CELLS = 4_000_000
"""Entries that are held against each other at once: bounds memory, changes no result."""


def dominated(problem: Problem, rows: Rows, goals: tuple[Goal, ...]) -> Mask:
    """The columns that another option makes superfluous; ``rows`` are those that can bind, without redundant ones.

    ``goals`` are the vectors to be solved for. Takes memory for one agent's options at a time.
    """
    out = np.zeros(problem.columns, bool)
    telling = [goal for goal in goals if goal.counts_options(problem.options)]  # others gain alike everywhere
    gains = np.array([goal.sense * goal.dense(problem.columns) for goal in telling], np.int64)
    gains = gains.reshape(len(telling), problem.columns)
    matrix = _Columns(problem, rows)
    for options in _per_agent(problem):
        worse, better = _gain_no_less(gains[:, options])
        if len(worse):
            entries = matrix.entries(options)
            worse, better = _no_further(entries, worse, better)
            step = max(1, CELLS // max(1, entries.shape[1]))
            for at in range(0, len(worse), step):
                less, more = worse[at : at + step], better[at : at + step]
                holds = np.all(entries[more] <= entries[less], axis=1)
                equal = np.all(entries[more] == entries[less], axis=1)
                equal &= np.all(gains[:, options[more]] == gains[:, options[less]], axis=0)
                out[options[less[holds & (~equal | (more < less))]]] = True
    return out


def _gain_no_less(gains: IntArray) -> tuple[IntArray, IntArray]:
    """All (i, j), i ≠ j, where option j gains as much as option i or more in every goal."""
    no_less = np.all(gains[:, None, :] >= gains[:, :, None], axis=0)
    np.fill_diagonal(no_less, False)
    worse, better = np.nonzero(no_less)
    return worse, better


def _no_further(entries: IntArray, worse: IntArray, better: IntArray) -> tuple[IntArray, IntArray]:
    """The pairs in which the better option raises no side that the worse one does not, and lowers what that lowers:
    bits tell it, 64 sides at once, and most pairs end here.
    """
    signs = np.packbits(np.concatenate([entries > 0, entries >= 0], axis=1), axis=1)
    words = np.zeros((len(signs), -(-signs.shape[1] // 8) * 8), np.uint8)
    words[:, : signs.shape[1]] = signs
    bits = words.view(np.uint64)
    for word in bits.T:
        within = word[better] & ~word[worse] == 0
        worse, better = worse[within], better[within]
    return worse, better


def _per_agent(problem: Problem) -> Iterator[IntArray]:
    """The options of each agent that has more than one, and no more than can be held against each other."""
    order = np.argsort(problem.agent, kind="stable")
    edges = np.searchsorted(problem.agent[order], np.arange(problem.agents + 1))
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if 1 < last - first <= MOST:
            yield order[first:last]


class _Columns:
    """The rows column by column, in a sense in which less is better."""

    def __init__(self, problem: Problem, rows: Rows) -> None:
        inside = rows.column < problem.options
        row, column, value = rows.row[inside], rows.column[inside], rows.value[inside]
        above, below = rows.upper[row] < rows.most[row], rows.lower[row] > rows.least[row]
        self._row = np.concatenate([2 * row[above], 2 * row[below] + 1])
        self._value = np.concatenate([value[above], -value[below]])
        column = np.concatenate([column[above], column[below]])
        order = np.argsort(column, kind="stable")
        self._row, self._value = self._row[order], self._value[order]
        self._edges = np.searchsorted(column[order], np.arange(problem.options + 1))

    def entries(self, options: IntArray) -> IntArray:
        """One line per option, one column per side of a row that any of them is in."""
        count = self._edges[options + 1] - self._edges[options]
        ends = np.cumsum(count)
        entry = np.arange(ends[-1]) - np.repeat(ends - count - self._edges[options], count)
        sides, at = np.unique(self._row[entry], return_inverse=True)
        dense = np.zeros((len(options), len(sides)), np.int64)
        dense[np.repeat(np.arange(len(options)), count), at] = self._value[entry]
        return dense
