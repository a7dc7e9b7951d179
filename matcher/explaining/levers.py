"""Changes as columns of a problem: each lever, when pulled, frees candidates from a bar or gives a limit
some room.

The amounts of limits come in steps; what a solution really needs is measured afterwards, from its placements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from matcher.explaining.changes import Change, euros, points
from matcher.explaining.lifting import Spot, lifts
from matcher.explaining.probing import Obstacle
from matcher.explaining.relieving import Limit, limit_of
from matcher.options import Options
from models.problem import FREE_ABOVE, FREE_BELOW, Block, IntArray, Problem

MOST_LIFTS = 120
"""So many changes that lift a bar are offered to the solver, the smallest first."""

FIRST_EUROS = 250
"""The first step of money; each further one is twice as large."""

STEPS = {
    "seats": "seat",
    "beds": "bed",
    "flow_heads": "head",
    "quotas": "quota",
    "same_school": "same school",
}


@dataclass
class Lever:
    """A change of the round: ``change`` lifts the bar of ``columns``, or ``limit`` gives ``amount`` in
    ``rows``.

    ``rows`` are (number of the block, row) pairs; a negative amount lowers a row's lower side.
    """

    effort: int
    text: str
    change: Change | None = None
    columns: list[int] = field(default_factory=list)
    limit: Limit | None = None
    amount: int = 0
    rows: list[tuple[int, int]] = field(default_factory=list)


def lifting_levers(options: Options, barred: Sequence[tuple[int, str]]) -> list[Lever]:
    """Levers for barred columns (column, the one rule that bars it); equal changes are one lever."""
    found: dict[str, Lever] = {}
    for column, rule in barred:
        row = (int(options.learner[column]), int(options.offer[column]), int(options.flow[column]))
        for change in lifts(rule, Spot.of(options.rnd, *row)):
            lever = found.setdefault(change.text, Lever(change.effort, change.text, change))
            lever.columns.append(column)
    return sorted(found.values(), key=lambda lever: (lever.effort, lever.text))[:MOST_LIFTS]


def limit_levers(problem: Problem, values: IntArray, free: IntArray, heads: int) -> list[Lever]:
    """Levers for the limits that ``free`` columns (a mask) can run into, for up to so many more heads.

    ``values`` are the columns' values as things stand.
    """
    found: dict[tuple[Limit, int], Lever] = {}
    for number, block in enumerate(problem.blocks):
        if block.redundant:
            continue
        for row in _tight_rows(block, values, free, heads):
            for limit, amount, effort in _steps(block, row, heads):
                text = f"{limit.rule} {limit.which} {amount}"
                lever = found.setdefault((limit, amount), Lever(effort, text, limit=limit, amount=amount))
                lever.rows.append((number, row))
    return list(found.values())


def _tight_rows(block: Block, values: IntArray, free: IntArray, heads: int) -> list[int]:
    """The rows with a limit that the free columns touch, and that has little room."""
    if block.rule == "min_group":
        return np.unique(block.row[free[block.column]]).tolist() if len(block) else []
    if block.rule not in STEPS and block.rule not in ("budget", "pairs"):
        return []
    if block.rule == "pairs" and (block.lower > FREE_BELOW).any():
        return []  # a pair that is together would have to be lifted for every place at once
    touched = np.zeros(len(block), bool)
    touched[block.row[free[block.column]]] = True
    largest = np.zeros(len(block), np.int64)
    np.maximum.at(largest, block.row, block.value)
    room = block.upper - block.activity(values)
    return np.flatnonzero(touched & (block.upper < FREE_ABOVE) & (room < (heads + 2) * largest)).tolist()


def _steps(block: Block, row: int, heads: int) -> Iterator[tuple[Limit, int, int]]:
    """The limit, the amount and the effort of each step that a row offers."""
    limit = limit_of(Obstacle(block, row, 0))
    if block.rule in STEPS:
        for amount in sorted({1, 2, heads, heads + 2}):
            yield limit, amount, points(STEPS[block.rule], amount)
    elif block.rule == "budget":
        amount, most = FIRST_EUROS, 2 * (heads + 1) * int(block.value[block.row == row].max(initial=0))
        while amount < 2 * most:
            yield limit, amount, euros(amount)
            amount *= 2
    elif block.rule == "pairs":
        yield limit, 1, points("lift pair")
    else:
        least = -int(block.value[block.row == row].min(initial=0))
        for lower in sorted({1, least - 1}):
            yield limit, -lower, points("minimum group", lower)
