"""Small counts of minors are not shown to others than the coordinator: groups that have them are put together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.metrics.measures import is_small
from models.round import IntArray


def pooled(counts: IntArray) -> tuple[IntArray, IntArray]:
    """The groups that can be shown by themselves and those that cannot, both ascending.

    ``counts``, of shape (counts, groups), is what is shown of each group. Groups with a count from 1 to 4 are put
    together. One alone, or several whose sums are small still, could be told from all less the others: then the groups
    with the smallest first count are added until at least two are together and no sum is small, or none is left.
    """
    together: npt.NDArray[np.bool_] = np.any(is_small(counts), axis=0)
    order = np.argsort(counts[0], kind="stable").tolist()
    while together.any() and not _enough(counts[:, together]):
        apart = [number for number in order if not together[number]]
        if not apart:
            break
        together[apart[0]] = True
    return np.flatnonzero(~together), np.flatnonzero(together)


def _enough(counts: IntArray) -> bool:
    return counts.shape[1] > 1 and not bool(is_small(counts.sum(axis=1)).any())
