"""The learners placed of a partner, at a host, with a stay, lie within the quota (contract, rule 10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from matcher.columns import Columns, shared_between
from matcher.placements import Placements, listed
from matcher.rules.base import Mask, Rule
from models.outcome import Breach
from models.problem import FREE_ABOVE, FREE_BELOW, Block, Shared
from models.round import IntArray, Round

Given = tuple[bool, bool, bool]
"""Whether a quota gives partner, host and stay."""

Key = tuple[str | None, str | None, str | None]
"""Partner, host and stay; ``None`` where all are taken together."""


class Quotas(Rule):
    """A blank partner, host or stay takes all of them together."""

    name = "quotas"
    number = 10

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per quota, with or without options."""
        quotas = rnd.quotas
        matching = [np.flatnonzero(_counts(rnd, columns, quota)) for quota in range(len(quotas))]
        least, most = quotas["min_learners"], quotas["max_learners"]
        row = np.repeat(np.arange(len(quotas)), [len(clusters) for clusters in matching])
        cluster = np.concatenate([np.empty(0, np.int64), *matching])
        yield shared_between(
            self.name,
            Shared(columns.clusters.of_option, row, cluster, np.ones(len(row), np.int64)),
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

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per quota with too few or too many learners placed."""
        counted: dict[Given, Mapping[Key, list[int]]] = {}
        for quota in rnd.quotas.records:
            wanted = (quota.partner_id, quota.host_id, quota.stay)
            given = (wanted[0] is not None, wanted[1] is not None, wanted[2] is not None)
            if given not in counted:
                counted[given] = _counted_as(given, rnd, placed)
            who = tuple(rnd.learners["id"][counted[given].get(wanted, [])])
            what = " → ".join(want or "all" for want in wanted)
            if quota.min_learners is not None and len(who) < quota.min_learners:
                message = f"quota {what}: at least {quota.min_learners} learners, placed {len(who)}"
                yield Breach(self.name, message, who)
            if quota.max_learners is not None and len(who) > quota.max_learners:
                most = f"at most {quota.max_learners} learners, placed {len(who)}"
                yield Breach(self.name, f"quota {what}: {most}: {listed(who)}", who)


def _counts(rnd: Round, columns: Columns, quota: int) -> Mask:
    """Which clusters a quota counts."""
    clusters = columns.clusters
    counted = np.ones(len(clusters), bool)
    host = rnd.ref("flows", "host_id")[clusters.flow]
    for column, places in (("partner_id", clusters.partner), ("host_id", host)):
        wanted = rnd.ref("quotas", column)[quota]
        if wanted >= 0:
            counted &= places == wanted
    stay = rnd.quotas["stay"][quota]
    return counted if stay is None else counted & (rnd.flows["stay"][clusters.flow] == stay)


def _limit(bound: np.ndarray[tuple[int], np.dtype[np.float64]], absent: int) -> IntArray:
    return np.array([absent if cell != cell else int(cell) for cell in bound.tolist()], np.int64)


def _or_all(
    cells: np.ndarray[tuple[int], np.dtype[np.object_]],
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(["all" if cell is None else cell for cell in cells], object)


def _or_any(
    bound: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(["any" if cell != cell else int(cell) for cell in bound.tolist()], object)


def _counted_as(given: Given, rnd: Round, placed: Placements) -> Mapping[Key, list[int]]:
    """The learners (row numbers) placed, by what they count as for the quotas that give these columns."""
    seated = placed.seated
    columns = (
        rnd.sending_partners["id"][seated.partner],
        rnd.hosting_partners["id"][seated.host],
        rnd.flows["stay"][seated.flow],
    )
    nothing = np.full(len(placed), None)
    keys = zip(*(column if one else nothing for one, column in zip(given, columns, strict=True)), strict=True)
    found: defaultdict[Key, list[int]] = defaultdict(list)
    for key, learner in zip(keys, seated.learner.tolist(), strict=True):
        found[key].append(learner)
    return found
