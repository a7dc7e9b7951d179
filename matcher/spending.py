"""Which columns cost money, how much, and who pays: the one list that the budget rule and the cost goal share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.columns import Columns
from matcher.money import escort_costs, placement_costs
from models.round import IntArray, Round


@dataclass(frozen=True)
class Spending:
    """Parallel arrays: column number, whole euros, sending partner (row number)."""

    column: IntArray
    cost: IntArray
    partner: IntArray


def spending(rnd: Round, columns: Columns) -> Spending:
    """Every option and every escort column with its cost."""
    options, escorts = columns.options, columns.escorts
    of_options = placement_costs(rnd, options.learner, options.flow)
    of_escorts = escort_costs(rnd, escorts.partner, escorts.flow)
    return Spending(
        np.concatenate([np.arange(len(options)), escorts.column]),
        np.concatenate([of_options, of_escorts]),
        np.concatenate([options.partner, escorts.partner]),
    )
