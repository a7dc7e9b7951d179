"""The language component of fit: what learners speak against what companies ask, by classes of equal cells.

Contract: section "Goals" (fit points).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from matcher.lists import Lists
from matcher.options import Options
from models.round import IntArray, Round

LANGUAGE_POINTS = (60, 80, 100)
"""For exactly the level asked, one level above, more."""
MARGIN_POINTS = np.array([*LANGUAGE_POINTS, 0])
"""By how many levels more are spoken than asked; −1, nothing spoken well enough, takes the last."""

LARGEST = 2**25
"""Pairs of classes up to which languages are held against each other once, not option by option: bounds memory."""


@dataclass(frozen=True)
class Speaking:
    """What learners speak and companies ask, by classes of equal cells.

    ``levels`` is of shape (classes of learners, languages), 0 where a language is not spoken; ``asked`` has the
    demands of each class of companies, positions in ``language`` and ``level``.
    """

    levels: IntArray
    speaks: IntArray
    asked: Lists
    asks: IntArray
    language: IntArray
    level: IntArray

    def fit(self, options: Options) -> IntArray:
        """The language component of each option."""
        if len(self.levels) * max(len(self.asked.count), len(self.asked.items)) <= LARGEST:
            return self.points[self.speaks[options.learner], self.asks[options.company]]
        return self.by_demands(options)

    @cached_property
    def points(self) -> IntArray:
        """The component of each class of learners at each class of companies."""
        demand, some = self.asked.items, np.flatnonzero(self.asked.count)
        margin = self.levels[:, self.language[demand]] - self.level[demand].astype(np.int8)
        values = MARGIN_POINTS.astype(np.int8)[margin.clip(-1, 2)]
        found = np.zeros((len(self.levels), len(self.asked.count)), np.int8)
        if len(some):
            found[:, some] = np.maximum.reduceat(values, self.asked.first[some], axis=1)
        return found

    def by_demands(self, options: Options) -> IntArray:
        """The same demand by demand, where there are too many classes to hold each against each."""
        speaks = self.speaks[options.learner]

        def value(option: IntArray, at: IntArray) -> IntArray:
            demand = self.asked.items[at]
            margin = self.levels[speaks[option], self.language[demand]] - self.level[demand]
            return np.take(MARGIN_POINTS, margin.clip(-1, 2))

        return self.asked.best(self.asks[options.company], value)


def languages(rnd: Round) -> Speaking:
    """The round's learners and companies."""
    speaks, spoken = pd.factorize(rnd.learners["languages"], use_na_sentinel=False)
    asks, working = pd.factorize(rnd.companies["working_languages"], use_na_sentinel=False)
    demands = sorted({demand for demands in working for demand in demands})
    number = {demand: at for at, demand in enumerate(demands)}
    places = {code: at for at, code in enumerate(sorted({code for code, _ in demands}))}
    levels = np.zeros((len(spoken), len(places)), np.int8)
    for row, known in enumerate(spoken):
        for code, level in known:
            if code in places:
                levels[row, places[code]] = level
    return Speaking(
        levels,
        speaks,
        Lists.of([number[demand] for demand in asked] for asked in working),
        asks,
        np.array([places[code] for code, _ in demands], np.int64),
        np.array([level for _, level in demands], np.int64),
    )
