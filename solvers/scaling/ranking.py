"""Who comes first among their own: the keenest options of each agent, the most broken rows of each count."""

from __future__ import annotations

import numpy as np

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray


def keenest(entry: IntArray, group: IntArray, merit: FloatArray) -> tuple[IntArray, IntArray]:
    """The entries in order of their groups, within one by falling merit (then as given), and each one's place in its
    group, from 0. ``group`` and ``merit`` have one value per entry.
    """
    order = np.lexsort((entry, -merit, group))
    sorted_group = group[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = sorted_group[1:] != sorted_group[:-1]
    number = np.arange(len(order))
    return entry[order], number - np.maximum.accumulate(np.where(fresh, number, 0))
