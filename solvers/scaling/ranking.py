"""Where the options of each agent stand, and who comes first among them: the keenest options, the most broken rows."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Breadth:
    """How many an agent gets: the best ``each`` of its best ``areas`` areas, more of each where that makes less than
    ``least`` in all.
    """

    areas: int
    each: int
    least: int


def broad(entry: IntArray, agent: IntArray, area: IntArray, merit: FloatArray, breadth: Breadth) -> IntArray:
    """The best entries of each agent from each of its best areas, by falling merit (then as given), grouped by agent
    and area. What an agent may do elsewhere is worth more to a program than one more of many alike: who comes where is
    decided by counts (an escort for one or for ten).
    """
    if not len(entry):
        return entry
    order = np.lexsort((entry, -merit, area, agent))
    fresh = np.ones(len(order), bool)
    fresh[1:] = (agent[order][1:] != agent[order][:-1]) | (area[order][1:] != area[order][:-1])
    leads = np.flatnonzero(fresh)
    group = np.cumsum(fresh) - 1
    of_lead = agent[order[leads]]
    kept, rank = keenest(np.arange(len(leads)), of_lead, merit[order[leads]])
    good = np.zeros(len(leads), bool)
    good[kept[rank < breadth.areas]] = True
    areas = np.minimum(np.bincount(of_lead), breadth.areas)[of_lead]
    each = np.maximum(breadth.each, -(-breadth.least // areas))
    found: IntArray = entry[order[good[group] & (np.arange(len(order)) - leads[group] < each[group])]]
    return found


def near_best(starts: IntArray, worth: FloatArray, average: int) -> Mask:
    """The options nearest to the best of their agents (whose options begin at ``starts``): so near that there are
    ``average`` per agent, or all.
    """
    if len(worth) <= average * len(starts):
        return np.ones(len(worth), bool)
    behind = _behind(starts, worth)
    behind.partition(average * len(starts))  # in place, and made anew: large rounds have no room for two
    furthest = behind[average * len(starts)]
    del behind
    near: Mask = _behind(starts, worth) <= furthest
    return near


def _behind(starts: IntArray, worth: FloatArray) -> FloatArray:
    """How much less than the best of its agent each option is worth."""
    behind: FloatArray = np.repeat(np.maximum.reduceat(worth, starts), np.diff(np.append(starts, len(worth))))
    behind -= worth
    return behind


def stretches(which: IntArray, edges: IntArray) -> IntArray:
    """All places from ``edges[i]`` up to ``edges[i + 1]``, for each i of ``which``, one after the other."""
    size = edges[which + 1] - edges[which]
    ends = np.cumsum(size)
    place: IntArray = np.arange(ends[-1] if len(ends) else 0) + np.repeat(edges[which] - (ends - size), size)
    return place
