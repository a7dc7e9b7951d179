"""Who is served how well: placement rate and quality of groups of learners, with intervals for small ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from matcher.belonging import ATTRIBUTES, Membership, membership
from matcher.metrics.measures import Floats, gini, is_small, wilson
from matcher.metrics.scene import Held, Scene
from matcher.metrics.summing import wishing
from matcher.metrics.withholding import pooled
from models.errors import UnknownName
from models.round import IntArray, Round
from models.vocabulary import hint

KEYS = tuple(ATTRIBUTES)
"""What learners can be grouped by."""

ALIASES: Mapping[str, str] = {"trade": "field", "reason": "fewer_opportunities"}
"""Shorter names of keys."""

WITHHELD = "withheld"
"""The group that stands for those that are too small to be shown."""


def by(rnd: Round, placements: pd.DataFrame, key: str, *, withhold: bool = False) -> pd.DataFrame:
    """Placement rate and quality per group of learners, sorted by group.

    Parameters
    ----------
    key
        One of ``KEYS`` or ``ALIASES``: the sending partner, the school, the sending partner's country, the field of
        study as given (ISCED-F; ``trade``), the fewer-opportunities reason (``reason``). A learner with several reasons
        counts for each of them; those who have none (or no school) are the group None, last.
    withhold
        For others than the coordinator: groups in which learners, placed or unplaced count from 1 to 4 are put
        together, if need be with the next larger ones, until at least two are and none of these counts is so small;
        what still is, is left blank. A mean or share over one to four is left blank as well.

    Returns
    -------
    DataFrame
        - ``group`` (``withheld``, last: the groups that are put together, ``groups`` of them; else 1), ``learners``,
          ``placed``, ``unplaced``
        - ``rate``: placed / learners, ``low`` and ``high``: its Wilson interval of 95 %, which takes the learners for a
          sample of those who might have applied
        - ``mean_fit``: fit points of the placed; ``first_wish``: of the placed who state wishes, the share that has the
          first; ``mean_wish``: which wish, from 1, those have who have one (NaN: there are none)
        - ``small``: one of the three counts is from 1 to 4. Such a line says little, and may say it of a person: it is
          not for publication.

    Raises
    ------
    UnknownName
        For another key.
    InputErrors
        As ``summary`` does.
    """
    insist_on_key(key)
    _, allocations = Scene.of(rnd, {"placements": placements}, 0)
    return served(allocations["placements"], key, withhold=withhold)


def insist_on_key(key: str) -> None:
    """Raise ``UnknownName`` for what learners cannot be grouped by."""
    known = (*KEYS, *ALIASES)
    if key not in known:
        raise UnknownName(f"no key {key!r}{hint(key, known)}; there are {', '.join(known)}")


def served(held: Held, key: str, *, withhold: bool = False) -> pd.DataFrame:
    """As ``by``, of an allocation in its scene."""
    rnd = held.scene.rnd
    members = membership(rnd, ALIASES.get(key, key))
    tallies, names = _tallies(held, members), [*members.names]
    often = np.ones(len(names), np.int64)
    if withhold:
        kept, together = pooled(np.stack([tallies["learners"], tallies["placed"], tallies["unplaced"]]))
        tallies = {name: np.append(count[kept], count[together].sum()) for name, count in tallies.items()}
        names = [*(names[number] for number in kept.tolist()), WITHHELD]
        often = np.append(often[kept], len(together))
        if not len(together):
            tallies, names, often = {n: c[:-1] for n, c in tallies.items()}, names[:-1], often[:-1]
    found = _lines(names, often, tallies)
    return _blanked(found, tallies) if withhold else found


def _tallies(held: Held, members: Membership) -> dict[str, IntArray]:
    """Counts and sums of each group."""
    has, wishes = held.fit >= 0, wishing(held.scene.rnd)
    learners, placed = members.sizes, members.count(has)
    return {
        "learners": learners,
        "placed": placed,
        "unplaced": learners - placed,
        "points": members.total(np.maximum(held.fit, 0)),
        "asked": members.count(has & wishes),
        "first": members.count(has & (held.wish == 1)),
        "met": members.count(has & (held.wish > 0)),
        "wishes": members.total(np.maximum(held.wish, 0)),
    }


def _lines(names: list[str | None], often: IntArray, tallies: Mapping[str, IntArray]) -> pd.DataFrame:
    learners, placed = tallies["learners"], tallies["placed"]
    low, high = wilson(placed, learners)
    return pd.DataFrame(
        {
            "group": pd.Series(names, dtype=object),
            "groups": often,
            "learners": learners,
            "placed": placed,
            "unplaced": tallies["unplaced"],
            "rate": ratio(placed, learners),
            "low": low,
            "high": high,
            "mean_fit": ratio(tallies["points"], placed),
            "first_wish": ratio(tallies["first"], tallies["asked"]),
            "mean_wish": ratio(tallies["wishes"], tallies["met"]),
            "small": is_small(learners) | is_small(placed) | is_small(tallies["unplaced"]),
        }
    )


def _blanked(found: pd.DataFrame, tallies: Mapping[str, IntArray]) -> pd.DataFrame:
    """Without what says something of one to four learners."""
    few = found["small"].to_numpy()
    for column in ("learners", "placed", "unplaced"):
        found[column] = found[column].astype("Int64").mask(few)
    for column in ("rate", "low", "high"):
        found[column] = found[column].mask(few)
    others = tallies["asked"] - tallies["first"]
    found["mean_fit"] = found["mean_fit"].mask(few | is_small(tallies["placed"]))
    hidden = few | is_small(tallies["asked"]) | is_small(tallies["first"]) | is_small(others)
    found["first_wish"] = found["first_wish"].mask(hidden)
    found["mean_wish"] = found["mean_wish"].mask(hidden | is_small(tallies["met"]))
    return found


def ratio(amount: IntArray, count: IntArray) -> Floats:
    """Amount by count, NaN where there is nothing to count."""
    found: Floats = amount / np.where(count > 0, count, np.nan)
    return found


def inequality(rnd: Round, placements: pd.DataFrame) -> pd.DataFrame:
    """How unequal groups are served: a row per key of ``KEYS``.

    Columns: ``key``; ``groups`` (those whom the attribute says nothing of are none); ``gini_rate`` and ``gini_fit``:
    the Gini coefficient of the groups' placement rates, and of the mean fit points of those that have somebody placed;
    ``lowest`` and ``highest`` rate, ``worst`` and ``best``: the groups that have it, the first by name (None: there are
    no groups). Raises ``InputErrors`` as ``summary`` does.
    """
    _, allocations = Scene.of(rnd, {"placements": placements}, 0)
    return pd.DataFrame([_unequal(allocations["placements"], key) for key in KEYS])


def _unequal(held: Held, key: str) -> dict[str, object]:
    members = membership(held.scene.rnd, key).named()
    rates = ratio(members.count(held.fit >= 0), members.sizes)
    fits = ratio(members.total(np.maximum(held.fit, 0)), members.count(held.fit >= 0))
    worst, best = (int(f(rates)) if len(rates) else None for f in (np.argmin, np.argmax))
    return {
        "key": key,
        "groups": len(members.names),
        "gini_rate": gini(rates),
        "gini_fit": gini(fits[~np.isnan(fits)]),
        "lowest": float("nan") if worst is None else float(rates[worst]),
        "worst": None if worst is None else members.names[worst],
        "highest": float("nan") if best is None else float(rates[best]),
        "best": None if best is None else members.names[best],
    }
