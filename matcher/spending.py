"""Which columns cost money, how much, and who pays: the one list that the budget rule and the cost goal share."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.columns import Columns
from matcher.money import escort_costs, placement_costs
from models.round import IntArray, Round


@dataclass(frozen=True)
class Spending:
    """Whole euros of every option and of every escort column."""

    of_options: IntArray
    of_escorts: IntArray


def spending(rnd: Round, columns: Columns) -> Spending:
    """Every option and every escort column with its cost; counted once for rule and goal."""
    options, escorts = columns.options, columns.escorts
    return columns.once(
        "spending",
        lambda: Spending(
            placement_costs(rnd, options.learner, options.flow),
            escort_costs(rnd, escorts.partner, escorts.flow),
        ),
    )
