"""A small integer program out of a large round: some agents choose anew among some options, everybody else stays.

Numbers in, numbers out, so that a piece can be solved anywhere. It ends by its own counts of nodes, never by time: the
answer is the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Matrix, totals
from solvers.scaling.relaxation import Program
from solvers.scaling.standing import Standing


@dataclass(frozen=True)
class Piece:
    """``options`` and ``auxiliaries`` (numbers in the problem) may change; ``agents`` choose anew. The columns of the
    ``program`` are the options, then the auxiliaries; its sides allow for what everybody else uses.
    """

    agents: IntArray
    options: IntArray
    auxiliaries: IntArray
    program: Program

    def task(self, nodes: int, gap: float) -> tuple[npt.NDArray[np.generic] | float, ...]:
        """What ``rounding.solve`` is given: the program's numbers, most nodes, and the gap at which it may end."""
        return (*vars(self.program).values(), nodes, gap)


def touched_rows(matrix: Matrix, options: IntArray) -> IntArray:
    """The rows of a piece with these options, ascending."""
    _, row, _ = matrix.entries(options)
    _, more, _ = matrix.auxiliary.entries(_free(matrix, row))
    return np.union1d(row, more)


def cut_out(
    matrix: Matrix,
    gain: FloatArray,
    standing: Standing,
    agents: IntArray,
    options: IntArray,
    sharers: IntArray,
) -> Piece:
    """The piece in which ``agents`` (ascending) choose among ``options`` (ascending, with their present choices).

    ``sharers`` says of each row how many pieces of the same wave touch it: of what is left over on a row each may take
    its part, so that pieces that are solved side by side can't overdraw it together.
    """
    problem = matrix.problem
    at, row, value = matrix.entries(options)
    free = _free(matrix, row)
    place, more, amount = matrix.auxiliary.entries(free)
    rows = np.concatenate([row, more])
    columns = np.concatenate([at, place + len(options)])
    values = np.concatenate([value, amount])
    now = np.zeros(len(options) + len(free))
    now[: len(options)] = standing.choice[problem.agent[options]] == options
    now[len(options) :] = standing.auxiliaries[free]
    touched, where = np.unique(rows, return_inverse=True)
    used = totals(where, values * now[columns], len(touched))
    lower, upper, soft = _sides(
        matrix, standing, touched, used, np.maximum(sharers[touched], 1).astype(np.float64)
    )
    counted, pair, count_of = _pairs(matrix, options, at, row, free)
    definer = np.full(len(free), -1)
    defined = np.flatnonzero(matrix.defines[touched] >= 0)
    definer[np.searchsorted(free, matrix.defines[touched[defined]])] = defined
    whose, agent_row = np.unique(problem.agent[options], return_inverse=True)
    program = Program(
        row=np.concatenate([where, len(touched) + agent_row]),
        column=np.concatenate([columns, np.arange(len(options))]),
        value=np.concatenate([values, np.ones(len(options))]),
        lower=np.concatenate([lower, np.full(len(whose), -np.inf)]),
        upper=np.concatenate([upper, np.ones(len(whose))]),
        bounds=np.concatenate([np.ones(len(options)), problem.auxiliary_upper[free]]),
        gain=np.concatenate([gain[options], gain[problem.options :][free]]),
        now=now,
        soft=soft,
        counted=counted,
        pair=pair,
        count_of=count_of,
        definer=definer,
        options=np.array(len(options)),
    )
    return Piece(agents, options, free, program)


def _free(matrix: Matrix, rows: IntArray) -> IntArray:
    """The auxiliaries that change with options in these rows, ascending."""
    counts = matrix.defines[rows]
    return np.union1d(counts[counts >= 0], matrix.uncounted)


def _sides(
    matrix: Matrix, standing: Standing, touched: IntArray, used: FloatArray, parts: FloatArray
) -> tuple[FloatArray, FloatArray, IntArray]:
    """The rows' sides for the piece alone; rows that lack something at present are soft, and get no worse."""
    activity = standing.activity[touched]
    room, spare = matrix.upper[touched] - activity, activity - matrix.lower[touched]
    upper: FloatArray = used + np.where(
        np.isfinite(room), np.floor(np.maximum(room, 0.0) / parts + 1e-9), np.inf
    )
    lower: FloatArray = used - np.where(
        np.isfinite(spare), np.floor(np.maximum(spare, 0.0) / parts + 1e-9), np.inf
    )
    soft = np.flatnonzero(spare < -0.5)
    lower[soft] = used[soft] - spare[soft]
    return lower, upper, soft


def _pairs(
    matrix: Matrix, options: IntArray, at: IntArray, row: IntArray, free: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """The options that count for something, their pairs (ascending), and the count of each pair."""
    counted = np.flatnonzero(matrix.defines[row] >= 0)
    count = np.searchsorted(free, matrix.defines[row[counted]])
    key = matrix.problem.agent[options[at[counted]]].astype(np.int64) * (len(free) + 1) + count
    distinct, pair = np.unique(key, return_inverse=True)
    order = np.argsort(pair, kind="stable")
    return at[counted][order], pair[order], distinct % (len(free) + 1)
