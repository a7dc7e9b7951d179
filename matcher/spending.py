"""Which columns cost money, how much, and who pays: the one list that the budget rule and the cost goal share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.columns import Columns
from matcher.money import Money
from models.bulk import narrow
from models.round import IntArray, Round


@dataclass(frozen=True)
class Spending:
    """Whole euros of all options, then of all escort columns; ``options`` says how many there are of the first."""

    euros: IntArray
    options: int

    @cached_property
    def of_options(self) -> IntArray:
        """Those of the options: the same array for all who ask, by which methods know that rows share weights."""
        return self.euros[: self.options]

    @property
    def of_escorts(self) -> IntArray:
        """Those of the escort columns."""
        return self.euros[self.options :]


def spending(rnd: Round, columns: Columns) -> Spending:
    """Every option and every escort column with its cost; counted once for rule and goal."""

    def spent() -> Spending:
        money, options, escorts = Money(rnd), columns.options, columns.escorts
        euros = np.empty(len(options) + len(escorts.column), np.int64)
        euros[len(options) :] = money.escorts(escorts.partner, escorts.flow)
        money.costs(options.learner, options.flow, euros[: len(options)])
        return Spending(narrow(euros), len(options))

    return columns.once("spending", spent)
