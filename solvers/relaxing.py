"""The linear relaxation of a round, grown from both sides: rows when its optimum breaks them, columns when
its prices want them.

Most rows of a round never bind and most options are never wanted, so the program that remains is small,
whatever the size of the round (sifting; Bixby et al. 1992). The end is exact: no row is broken and no column
left out is worth its price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import numpy.typing as npt

from models.problem import IntArray, Problem
from solvers.cutting import MULTIPLES, Cut, Kitchen, Recipe, best, cut_rows, recipe_of
from solvers.farkas import rays
from solvers.highs import TOLERANCE, FloatArray, Infeasible, Model, Relaxed
from solvers.pricing import Priced, priced, reduced_gain
from solvers.rows import Rows
from solvers.stage import Clock

Mask = npt.NDArray[np.bool_]

AWAY = 0.01
"""How far from a whole number a column must be for its row of the tableau to be worth a cut."""
BROKEN = 1e-6
"""By how much the relaxation must break a row for the row to be taken in."""
FIRST = 6
"""Options per agent to begin with, the most gainful first."""
LARGE = 8000
"""Columns from which a relaxation is solved from the beginning where much is new: by an interior point method, as the
simplex method takes thousands of steps for each batch and takes them anew for the next; but without the redundant rows
the simplex method is done sooner once the program is presolved."""
LOOKED = 3
"""Rows of the tableau that are looked at for each that makes a recipe, at most."""
MANY_OPTIONS = 20_000
"""Options from which all rows that say what an allocation is are in from the beginning: some always matter, and to take
them in later costs as much as a solution from the beginning."""
MANY = 0.02
"""The part of rows and columns that must be new for that."""
ANY = 6
"""Further options per agent, at random, where there are many: agents who all begin with the first of many that are
worth the same crowd a few places."""
MORE = 10
"""Options per agent to take in at once."""
PROBED = 50
"""Simplex iterations that a look at one branch may take."""
SHORT = 4
"""Inequalities with fewer entries wait until they are broken: there are many, and few bind."""
TINY = 1e-9
"""Below this a row's multiplier in the tableau is a rounding error."""


@dataclass
class Working:
    """The rows and columns that earlier relaxations needed: where the next one begins."""

    rows: Mask
    columns: Mask

    @staticmethod
    def of(problem: Problem, rows: Rows, redundant: Mask) -> Working:
        """The rows that are likely to matter, and all auxiliary columns."""
        entries = np.diff(rows.start)
        many = problem.options >= MANY_OPTIONS
        matters = ~redundant & (many | (entries >= SHORT) | (rows.lower == rows.upper))
        columns = np.zeros(problem.columns, bool)
        columns[problem.options :] = True
        return Working(matters, columns)


class Relaxation:
    """One relaxation: ``gain`` is maximised over ``rows`` with columns between ``lower`` (0 at first) and
    ``upper``.

    ``used`` marks the columns that any optimum so far has used, ``value`` and ``prices`` are the last optimum's.
    ``needed`` marks the rows that say what an allocation is: the others (cuts, redundant rows) follow from them for
    whole numbers, and wait once they lower the value by no more than ``slight``. It lives on from goal to goal: what
    one goal's optimum was is near the next one's.
    """

    def __init__(
        self, problem: Problem, rows: Rows, upper: IntArray, gain: FloatArray, working: Working
    ) -> None:
        self.problem, self.rows, self.upper, self.gain = problem, rows, upper, gain
        self.lower = np.zeros_like(upper)
        self.needed = np.ones(len(rows), bool)
        self.used = np.zeros(problem.columns, bool)
        self.slight = 0.0
        self.value = np.inf
        self.prices = np.zeros(len(rows))
        self._index()
        self._row_at = np.full(len(rows), -1)
        self._column_at = np.full(problem.columns, -1)
        self._model = Model(rows.keep(np.zeros(len(rows), bool)), upper[:0], gain[:0], whole=False)
        self._in_rows, self._in_columns = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._take_columns(np.flatnonzero(working.columns | self._most_gainful()))
        self._take_rows(np.flatnonzero(working.rows))

    def solve(self, clock: Clock) -> tuple[FloatArray, FloatArray] | None:
        """The optimum's column values and the rows' prices (None: stopped). Raises ``Infeasible``."""
        new, primal = len(self._in_columns) if np.isinf(self.value) else 0, False
        last = np.inf
        while True:
            anew = self.large and new > MANY * (len(self._in_rows) + len(self._in_columns))
            inner = anew and self.slight < np.inf
            found = self._optimum(clock, primal=primal, anew=anew, inner=inner)
            if found is None:
                return None
            columns, prices = self._spread(found)
            wanted = self._wanted(prices)
            broken = self._broken(columns) if inner or not len(wanted) else np.zeros(0, np.int64)
            new, primal = len(wanted) + len(broken), not len(broken)
            if not new or not (len(wanted) or self.needed[broken].any() or last - self.value > self.slight):
                return columns, prices
            last = self.value if len(broken) else last
            self._take_columns(wanted)
            self._take_rows(broken)

    @property
    def large(self) -> bool:
        """Whether each solution takes long."""
        return len(self._in_columns) > LARGE

    def _spread(self, found: Relaxed) -> tuple[FloatArray, FloatArray]:
        """An optimum's values of all columns and prices of all rows; those that are not in have 0."""
        self.value = found.value
        columns, prices = np.zeros(self.problem.columns), np.zeros(len(self.rows))
        columns[self._in_columns], prices[self._in_rows] = found.columns, found.prices
        self.used |= columns > TOLERANCE
        self.prices = prices
        return columns, prices

    def _optimum(self, clock: Clock, *, primal: bool, anew: bool, inner: bool) -> Relaxed | None:
        """The optimum over the columns that are in; where none satisfies the rows, over those that could mend it too.
        Raises ``Infeasible`` only when all columns together can't satisfy them.
        """
        while True:
            try:
                return self._model.relax(clock, primal=primal, anew=anew, inner=inner)
            except Infeasible:
                menders = self._menders()
                if not len(menders):
                    raise
                self._take_columns(menders)
                primal = False

    def _menders(self) -> IntArray:
        """Columns outside that may satisfy what those inside can't; none where it is proven that nothing does."""
        outside = (self._column_at < 0) & (self.upper > 0)
        weights = np.zeros(len(self.rows))
        weights[self._in_rows] = self._model.ray()
        found = rays(self.rows, weights, self.lower, self.upper)
        if any(ray.proves() for ray in found):
            return np.zeros(0, np.int64)
        for ray in found:
            helpers = np.flatnonzero(outside & (ray.helps > TINY))
            if ray.proves(self._column_at >= 0) and len(helpers):
                return np.sort(self._best_per_agent(helpers, ray.helps, MORE))
        return np.flatnonzero(outside)

    def cuts(self, point: FloatArray, tries: int, most: int) -> list[Cut]:
        """Cuts that the last optimum misses, from at most so many rows of its tableau, auxiliaries' first."""
        rows = self._local()
        if not len(
            rows.column
        ):  # nothing to solve: then HiGHS has no tableau, and asking for it ends the process
            return []
        near = Kitchen(rows, point[self._in_columns], self.problem.upper[self._in_columns])
        basic = self._model.basic()
        value = np.where(basic >= 0, point[self._in_columns[np.maximum(basic, 0)]], 0.0)
        part = value - np.floor(value)
        fractional = np.flatnonzero(np.minimum(part, 1 - part) > AWAY)
        of_option = self._in_columns[basic[fractional]] < self.problem.options
        order = np.lexsort((basic[fractional], np.abs(part[fractional] - 0.5), of_option))
        looked = (self._recipe(row) for row in fractional[order][: LOOKED * tries].tolist())
        recipes = list(islice((found for found in looked if found is not None), tries))
        everywhere = Kitchen(self.rows, point, self.problem.upper)
        chosen = best(near, recipes, most)
        made = [everywhere.cut(replace(found, rows=self._in_rows[found.rows]), MULTIPLES) for found in chosen]
        return [cut for cut in made if cut is not None]

    def tighten(self, cuts: Sequence[Cut]) -> None:
        """Take in cuts as further rows."""
        self.add(cut_rows(self.problem, cuts), needed=False)

    def add(self, rows: Rows, *, needed: bool) -> None:
        """Take in further rows."""
        first = len(self.rows)
        self.rows = self.rows.join(rows)
        self.needed = np.append(self.needed, np.full(len(rows), needed))
        self._index()
        self._row_at = np.append(self._row_at, np.full(len(rows), -1))
        self._take_rows(np.arange(first, len(self.rows)))

    def forget(self, rows: Mask) -> None:
        """Let those of the rows that did not bind at the last optimum wait until they are broken."""
        gone = np.flatnonzero(rows[self._in_rows] & self._model.loose())
        self._model.remove_rows(gone)
        self._row_at[self._in_rows[gone]] = -1
        self._in_rows = np.delete(self._in_rows, gone)
        self._row_at[self._in_rows] = np.arange(len(self._in_rows))

    def leave_out(self, columns: Mask) -> None:
        """Hold options at 0 from now on."""
        gone = np.flatnonzero(columns[: self.problem.options] & (self.upper[: self.problem.options] > 0))
        self.upper = self.upper.copy()
        self.upper[gone] = 0
        inside = self._column_at[gone]
        inside = inside[inside >= 0]
        self._model.bound(inside, np.zeros_like(inside), np.zeros_like(inside))

    def take(self, columns: Mask) -> None:
        """Take columns in."""
        self._take_columns(np.flatnonzero(columns & (self._column_at < 0)))

    def remember(self) -> None:
        """Keep the last optimum's basis and the bounds of the auxiliaries."""
        first = self.problem.options
        self._kept = self.lower[first:], self.upper[first:], self._model.basis()

    def go_back(self) -> None:
        """Return to what was remembered, with the rows and columns that have come in since."""
        lower, upper, basis = self._kept
        self.divide(lower, upper)
        self._model.set_basis(basis)

    def _recipe(self, row: int) -> Recipe | None:
        multiplier = self._model.tableau(row)
        used = np.flatnonzero(np.abs(multiplier) > TINY)
        return recipe_of(used, multiplier[used])

    def _local(self) -> Rows:
        """The model's rows, in the model's columns."""
        rows = self.rows.pick(self._in_rows)
        column = self._column_at[rows.column]
        inside = column >= 0
        start = np.concatenate([[0], np.cumsum(np.bincount(rows.row[inside], minlength=len(rows)))])
        return replace(rows, start=start, column=column[inside], value=rows.value[inside])

    def _index(self) -> None:
        """Where each column's entries stand among the rows'."""
        self._by_column = np.argsort(self.rows.column, kind="stable")
        sizes = np.bincount(self.rows.column, minlength=self.problem.columns)
        self._first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def divide(self, lower: IntArray, upper: IntArray) -> None:
        """Other bounds for the auxiliary columns (all of them are in from the beginning)."""
        first = self.problem.options
        self.lower, self.upper = self.lower.copy(), self.upper.copy()
        self.lower[first:], self.upper[first:] = lower, upper
        self._model.bound(self._column_at[first:], lower, upper)

    def probe(self, column: int, lower: int, upper: int) -> float:
        """What the last optimum's value falls to with other bounds for one column, about: no bound, an estimate."""
        return self._model.probe(int(self._column_at[column]), lower, upper, PROBED)

    def aim(self, gain: FloatArray) -> None:
        """Another gain; the last optimum remains the point to start from."""
        self.gain = gain
        self._model.aim(gain[self._in_columns])

    @property
    def working(self) -> Working:
        """The rows and columns at the end."""
        return Working(self._row_at >= 0, self._column_at >= 0)

    def priced(self, prices: FloatArray, gain: FloatArray) -> Priced:
        """What prices of its rows prove of a gain."""
        return priced(self.problem, self.rows, prices, gain, self.lower, self.upper)

    def _most_gainful(self) -> Mask:
        wanted = np.zeros(self.problem.columns, bool)
        every = np.arange(self.problem.options)
        wanted[self._best_per_agent(every, self.gain, FIRST)] = True
        if self.problem.options >= MANY_OPTIONS:
            chance = np.random.default_rng(self.problem.options).random(self.problem.options)
            wanted[self._best_per_agent(every, chance, ANY)] = True
        return wanted & (self.upper > 0)

    def _wanted(self, prices: FloatArray) -> IntArray:
        reduced = reduced_gain(self.rows, prices, self.gain)
        tolerance = TOLERANCE * max(1.0, float(np.abs(self.gain).max(initial=0.0)))
        outside = np.flatnonzero((reduced > tolerance) & (self._column_at < 0) & (self.upper > 0))
        return np.sort(self._best_per_agent(outside, reduced, MORE))

    def _best_per_agent(self, options: IntArray, worth: FloatArray, most: int) -> IntArray:
        agent = self.problem.agent[options]
        order = np.lexsort((options, -worth[options], agent))
        place = np.arange(len(order)) - np.searchsorted(agent[order], agent[order], "left")
        return options[order[place < most]]

    def _broken(self, columns: FloatArray) -> IntArray:
        rows = self.rows
        sums = np.bincount(rows.row, rows.value * columns[rows.column], minlength=len(rows))
        slack = BROKEN * np.maximum(1.0, np.abs(sums) * TOLERANCE)
        broken = (sums > rows.upper + slack) | (sums < rows.lower - slack)
        return np.flatnonzero(broken & (self._row_at < 0))

    def _take_columns(self, new: IntArray) -> None:
        count = self._first[new + 1] - self._first[new]
        ends = np.cumsum(count)
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count - self._first[new], count)
        entry = self._by_column[within]
        row, owner = self._row_at[self.rows.row[entry]], np.repeat(np.arange(len(new)), count)
        inside = row >= 0
        start = _starts(owner[inside], len(new))
        self._model.add_columns(
            self.gain[new], self.upper[new], start, row[inside], self.rows.value[entry][inside]
        )
        self._column_at[new] = len(self._in_columns) + np.arange(len(new))
        self._in_columns = np.append(self._in_columns, new)

    def _take_rows(self, new: IntArray) -> None:
        chosen = np.zeros(len(self.rows), bool)
        chosen[new] = True
        rows = self.rows.keep(chosen)
        column = self._column_at[rows.column]
        inside = column >= 0
        start = _starts(rows.row[inside], len(rows))
        self._model.add_rows(rows.lower, rows.upper, start, column[inside], rows.value[inside])
        self._row_at[new] = len(self._in_rows) + np.arange(len(new))
        self._in_rows = np.append(self._in_rows, new)


def _starts(owner: IntArray, owners: int) -> IntArray:
    return np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=owners))])[:-1].astype(np.int64)
