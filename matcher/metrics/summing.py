"""Whole allocations side by side: how many, how good, at what cost, how fair."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from matcher.belonging import membership
from matcher.metrics.measures import gini
from matcher.metrics.scene import Held, Scene
from models.round import IntArray, Round

WISHES = ("first", "second", "third")


def summary(
    rnd: Round, allocations: Mapping[str, pd.DataFrame], *, seed: int = 0, feasible: bool = True
) -> pd.DataFrame:
    """A row per allocation, in the order given.

    Parameters
    ----------
    seed
        Of the lottery among equal claims, as in the method ``stable``.
    feasible
        Whether to count feasible blocking pairs: each that blocks by seats is tried on every row, about a tenth of a
        millisecond each. All else is counted in whole columns.

    Returns
    -------
    DataFrame
        - ``allocation``, ``learners``, ``placed``, ``placed_share`` (of the round's learners), ``valid``
          (no rule is broken)
        - ``mean_fit``: fit points of the placed (NaN: nobody is); ``cost_eur``: placements and escorts
        - ``first_wish``, ``second_wish``, ``third_wish``: the share that has it, of the learners who state wishes
        - ``worst_rate``: the placement rate of the sending partner that is served worst, ``gini_rate``: the Gini
          coefficient of all partners' rates (NaN: there are none)
        - ``gini_fit``: inequality of fit points among the placed; ``gini_fit_all``: among all, 0 points without a place
        - ``blocking_pairs``: learner and option, where the learner would rather have the option (stated wishes, then
          fit), and every seat row of it, the learner's own place not counted, has a seat free or a holder whose
          priority is lower. Priority is fit where the policy has that goal, then one lottery. Rules other than seats
          are not looked at: such a claim need not be possible.
        - ``justified_envy``: pairs of learners, where the one would rather have the other's very offer and flow, which
          is an option for the one, and has the higher priority there; ``envious``: how many learners are the one
        - ``feasible_blocking_pairs``: of the blocking pairs, those that could be granted with every rule kept, nobody
          but holders of lower priority giving way, at most one from each seat row (NA: not asked for, or a rule is
          broken already)

    Raises
    ------
    InputErrors
        For frames that are no allocations of the round, see ``matcher.metrics.scene.read``.
    """
    _, held = Scene.of(rnd, allocations, seed)
    return summed(rnd, held, feasible=feasible)


def summed(rnd: Round, held: Mapping[str, Held], *, feasible: bool = True) -> pd.DataFrame:
    """As ``summary``, of allocations in their scene."""
    lines = [{"allocation": name, **_line(rnd, each, feasible)} for name, each in held.items()]
    frame = pd.DataFrame(lines, columns=COLUMNS)
    return frame.astype({"feasible_blocking_pairs": "Int64"})


COLUMNS = (
    "allocation",
    "learners",
    "placed",
    "placed_share",
    "valid",
    "mean_fit",
    "cost_eur",
    *(f"{wish}_wish" for wish in WISHES),
    "worst_rate",
    "gini_rate",
    "gini_fit",
    "gini_fit_all",
    "blocking_pairs",
    "justified_envy",
    "envious",
    "feasible_blocking_pairs",
)


def _line(rnd: Round, held: Held, feasible: bool) -> dict[str, object]:
    fits, learners = held.placed.fits, len(rnd.learners)
    asked = held.wish[wishing(rnd)]
    members = membership(rnd, "partner")
    rates = members.count(held.fit >= 0) / np.maximum(members.sizes, 1)
    envious = np.unique(held.scene.options.learner[held.envied > 0])
    return {
        "learners": learners,
        "placed": len(fits),
        "placed_share": len(fits) / learners if learners else float("nan"),
        "valid": held.audit.valid,
        "mean_fit": float(fits.mean()) if len(fits) else float("nan"),
        "cost_eur": int(held.placed.spent_by.sum()),
        **{
            f"{name}_wish": float((asked == number).mean()) if len(asked) else float("nan")
            for number, name in enumerate(WISHES, start=1)
        },
        "worst_rate": float(rates.min()) if len(rates) else float("nan"),
        "gini_rate": gini(rates),
        "gini_fit": gini(fits),
        "gini_fit_all": gini(np.maximum(held.fit, 0)),
        "blocking_pairs": len(held.blocking),
        "justified_envy": int(held.envied.sum()),
        "envious": len(envious),
        "feasible_blocking_pairs": held.feasible if feasible else None,
    }


def wishing(rnd: Round) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which learners state wishes, of shape (learners,)."""
    return np.array([bool(wishes) for wishes in rnd.learners["preferences"]], bool)


def rank_profile(rnd: Round, placements: pd.DataFrame) -> pd.DataFrame:
    """Which wish was met how often, of the learners who state any: a row per wish, best first, then ``unlisted`` (a
    place that was not wished for) and ``unplaced``.

    Columns ``wish`` ("1", "2", … "unlisted", "unplaced"), ``learners``, ``share`` of those who state wishes, and
    ``cumulative``: the share that has this wish or a better one. A place meets the better of its company's and its
    host's positions in the list. Raises ``InputErrors`` as ``summary`` does.
    """
    _, held = Scene.of(rnd, {"placements": placements}, 0)
    return profile(rnd, held["placements"].wish)


def profile(rnd: Round, wish: IntArray) -> pd.DataFrame:
    """As ``rank_profile``, from the wish that each learner has (``Held.wish``)."""
    asked = wish[wishing(rnd)]
    longest = max((len(wishes) for wishes in rnd.learners["preferences"]), default=0)
    order = [*range(1, longest + 1), 0, -1]
    counts = np.array([int((asked == number).sum()) for number in order], np.int64)
    share = counts / len(asked) if len(asked) else np.full(len(counts), np.nan)
    names = [*map(str, order[:-2]), "unlisted", "unplaced"]
    return pd.DataFrame({"wish": names, "learners": counts, "share": share, "cumulative": np.cumsum(share)})
