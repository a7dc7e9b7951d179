"""The learners placed of a partner, at a host, with a stay, lie within the quota (contract, rule 10)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, between
from matcher.rules.base import Mask, Rule
from models.problem import FREE_ABOVE, FREE_BELOW, Block
from models.round import IntArray, Round


class Quotas(Rule):
    """A blank partner, host or stay takes all of them together."""

    name = "quotas"
    number = 10

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per quota, with or without options."""
        quotas = rnd.quotas
        matching = [np.flatnonzero(_counts(rnd, columns, quota)) for quota in range(len(quotas))]
        least, most = quotas["min_learners"], quotas["max_learners"]
        yield between(
            self.name,
            np.repeat(np.arange(len(quotas)), [len(options) for options in matching]),
            np.concatenate([np.empty(0, np.int64), *matching]),
            _limit(least, FREE_BELOW),
            _limit(most, FREE_ABOVE),
            "quota {partner}→{host} {stay}: at least {least}, at most {most}",
            {
                "partner": _or_all(quotas["partner_id"]),
                "host": _or_all(quotas["host_id"]),
                "stay": _or_all(quotas["stay"]),
                "least": _or_any(least),
                "most": _or_any(most),
            },
        )


def _counts(rnd: Round, columns: Columns, quota: int) -> Mask:
    """Which options a quota counts."""
    options = columns.options
    counted = np.ones(len(options), bool)
    for column, places in (("partner_id", options.partner), ("host_id", options.host)):
        wanted = rnd.ref("quotas", column)[quota]
        if wanted >= 0:
            counted &= places == wanted
    stay = rnd.quotas["stay"][quota]
    return counted if stay is None else counted & (rnd.flows["stay"][options.flow] == stay)


def _limit(bound: np.ndarray[tuple[int], np.dtype[np.float64]], absent: int) -> IntArray:
    return np.array([absent if cell != cell else int(cell) for cell in bound.tolist()], np.int64)


def _or_all(cells: np.ndarray[tuple[int], np.dtype[np.object_]]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(["all" if cell is None else cell for cell in cells], object)


def _or_any(bound: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(["any" if cell != cell else int(cell) for cell in bound.tolist()], object)
