"""Problems made out of problems: with further columns and rows, and without columns that are settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matcher.columns import at_most
from matcher.explaining.levers import Lever
from matcher.rules.base import Mask
from models.problem import FREE_ABOVE, FREE_BELOW, Auxiliary, Block, Goal, IntArray, Problem

Entries = Sequence[tuple[int, int, int, int]]
"""Entries of further columns in rows that are there: number of the block, row, number of the column, value."""


def extended(
    problem: Problem, levers: Sequence[Lever], rows: Sequence[Block], goal: Goal, most: int
) -> Problem:
    """The problem with a column per lever after its options, with further rows, and at most so many levers pulled.

    Where one may be pulled, the levers are one agent's options; else each is its own agent's.
    """
    more = len(levers)
    entries = [
        (index, row, number, -lever.amount)
        for number, lever in enumerate(levers)
        for index, row in lever.rows
    ]
    pulled = at_most(
        "changes", np.zeros(more, np.int64), problem.options + np.arange(more), np.array([most]), "", {}
    )
    who = np.zeros(more, np.int64) if most == 1 else np.arange(more)
    return grown(problem, who, entries, [*(row for row in rows if len(row)), pulled], goal)


def grown(problem: Problem, who: IntArray, entries: Entries, rows: Sequence[Block], goal: Goal) -> Problem:
    """The problem with further columns of 0 or 1 after its options (their agents are numbered by ``who``), their
    entries in its rows, further rows, and another goal.
    """
    first, more = problem.options, len(who)
    blocks = {id(block): _shifted(block, first, more) for block in problem.blocks}
    further: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for index, row, number, value in entries:
        further[id(problem.blocks[index])].append((row, first + number, value))
    for which, added in further.items():
        blocks[which] = _with_entries(blocks[which], added)
    auxiliaries = tuple(
        _moved(family, blocks.get(id(family.definition)) or _shifted(family.definition, first, more), more)
        for family in problem.auxiliaries
    )
    last = problem.agents + int(who.max(initial=-1)) + 1
    return Problem(
        options=first + more,
        agents=last,
        agent=np.concatenate([problem.agent, problem.agents + who]),
        rank=np.concatenate([problem.ranks, np.arange(more)]),
        bundle=np.concatenate([problem.bundle, np.arange(problem.agents, last)]),
        blocks=(*(blocks[id(block)] for block in problem.blocks), *rows),
        auxiliaries=auxiliaries,
        goals=(goal,),
    )


def _shifted(block: Block, first: int, more: int) -> Block:
    block = block.spelled_out()
    return replace(block, column=np.where(block.column >= first, block.column + more, block.column))


def _with_entries(block: Block, entries: Sequence[tuple[int, int, int]]) -> Block:
    row, column, value = np.array(entries, np.int64).T
    return replace(
        block,
        row=np.append(block.row, row),
        column=np.append(block.column, column),
        value=np.append(block.value, value),
    )


def _moved(family: Auxiliary, definition: Block, more: int) -> Auxiliary:
    return replace(family, first=family.first + more, definition=definition)


def settled(problem: Problem, settled: Mask, out: Mask | None = None) -> Problem:
    """The problem that remains when the options of a mask are chosen (what they use is taken off the limits), and those
    of ``out`` never can be.

    Options keep their order; agents without options are left out. Goals count what remains.
    """
    values = np.zeros(problem.columns, np.int64)
    values[np.flatnonzero(settled)] = 1
    gone = values > 0
    if out is not None:
        gone[np.flatnonzero(out)] = True
    new = np.cumsum(~gone) - 1
    fewer = int(gone.sum())
    blocks = {id(block): _less(block, values, gone, new) for block in problem.blocks}
    auxiliaries = tuple(
        _moved(
            family,
            blocks.get(id(family.definition)) or _less(family.definition, values, gone, new),
            -fewer,
        )
        for family in problem.auxiliaries
    )
    stay = ~gone[: problem.options]
    agents, agent = np.unique(problem.agent[stay], return_inverse=True)
    return Problem(
        options=problem.options - fewer,
        agents=len(agents),
        agent=agent,
        rank=problem.ranks[stay],
        bundle=problem.bundle[agents],
        blocks=tuple(blocks[id(block)] for block in problem.blocks),
        auxiliaries=auxiliaries,
        goals=tuple(goal.among(new, gone) for goal in problem.goals),
        weighted=problem.weighted,
    )


def _less(block: Block, values: IntArray, gone: Mask, new: IntArray) -> Block:
    """A block without the columns that are gone."""
    used, block = block.activity(values), block.spelled_out()
    stay = ~gone[block.column]
    return replace(
        block,
        row=block.row[stay],
        column=new[block.column[stay]],
        value=block.value[stay],
        lower=np.where(block.lower > FREE_BELOW, block.lower - used, FREE_BELOW),
        upper=np.where(block.upper < FREE_ABOVE, block.upper - used, FREE_ABOVE),
    )
