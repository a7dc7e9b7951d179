"""Who comes first among their own: the keenest options of each agent, the most broken rows of each count."""

from __future__ import annotations

import numpy as np

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Mask


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


def broad(
    entry: IntArray, agent: IntArray, area: IntArray, merit: FloatArray, most: tuple[int, int]
) -> IntArray:
    """The best entries of each agent from each of its best areas: at most ``most[1]`` from each of ``most[0]`` areas,
    by falling merit (then as given), grouped by agent and area. What an agent may do elsewhere is worth more to a
    program than one more of many alike: who comes where is decided by counts (an escort for one or for ten).
    """
    if not len(entry):
        return entry
    order = np.lexsort((entry, -merit, area, agent))
    fresh = np.ones(len(order), bool)
    fresh[1:] = (agent[order][1:] != agent[order][:-1]) | (area[order][1:] != area[order][:-1])
    leads = np.flatnonzero(fresh)
    group = np.cumsum(fresh) - 1
    kept, rank = keenest(np.arange(len(leads)), agent[order[leads]], merit[order[leads]])
    good = np.zeros(len(leads), bool)
    good[kept[rank < most[0]]] = True
    found: IntArray = entry[order[good[group] & (np.arange(len(order)) - leads[group] < most[1])]]
    return found


def near_best(starts: IntArray, worth: FloatArray, average: int) -> Mask:
    """The options nearest to the best of their agents (whose options begin at ``starts``): so near that there are
    ``average`` per agent, or all.
    """
    if len(worth) <= average * len(starts):
        return np.ones(len(worth), bool)
    size = np.diff(np.append(starts, len(worth)))
    behind = np.repeat(np.maximum.reduceat(worth, starts), size) - worth
    furthest = np.partition(behind, average * len(size))[average * len(size)]
    near: Mask = behind <= furthest
    return near
