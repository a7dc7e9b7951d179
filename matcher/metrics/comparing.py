"""Two allocations of one round: who gains, who loses, who moves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.metrics.scene import Held, Scene
from models.round import Array, IntArray, Round


def changes(rnd: Round, a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """A row per learner of the round, sorted by id: what becomes of each from allocation ``a`` to ``b``.

    Columns: ``learner_id``, ``partner_id``; ``change``: ``gained`` (a place), ``lost``, ``moved`` (another offer or
    flow), ``kept`` or ``unplaced`` (in both); ``verdict``: ``better``, ``worse`` or ``same`` to the learner (stated
    wishes, then fit; any place is better than none); ``offer_a``, ``flow_a``, ``fit_a`` and the same of ``b``
    (missing: no place). Raises ``InputErrors`` as ``summary`` does.
    """
    _, held = Scene.of(rnd, {"a": a, "b": b}, 0)
    return _changes(rnd, held["a"], held["b"])


def compare(rnd: Round, a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """A row per sending partner, sorted by id: what becomes of its learners from allocation ``a`` to ``b``.

    Columns: ``partner_id``, ``learners``, ``placed_a``, ``placed_b``; the learners by change, ``gained``, ``lost``,
    ``moved``, ``kept``, ``unplaced``, which add up to all; ``better`` and ``worse`` off, see ``changes``;
    ``mean_fit_a``, ``mean_fit_b`` (of the placed; NaN: nobody is); ``cost_eur_a``, ``cost_eur_b`` with escorts. Raises
    ``InputErrors`` as ``summary`` does.
    """
    _, held = Scene.of(rnd, {"a": a, "b": b}, 0)
    return compared(rnd, held["a"], held["b"])


def compared(rnd: Round, a: Held, b: Held) -> pd.DataFrame:
    """As ``compare``, of two allocations in one scene."""
    held = {"a": a, "b": b}
    found, ids = _changes(rnd, a, b), rnd.sending_partners["id"]
    partner, count = rnd.ref("learners", "partner_id"), len(ids)

    def of(which: Array) -> IntArray:
        return np.bincount(partner[which], minlength=count)

    columns = {"partner_id": ids, "learners": np.bincount(partner, minlength=count)}
    columns |= {f"placed_{name}": of(each.fit >= 0) for name, each in held.items()}
    columns |= {name: of((found["change"] == name).to_numpy()) for name in CHANGES}
    columns |= {name: of((found["verdict"] == name).to_numpy()) for name in ("better", "worse")}
    for name, each in held.items():
        points = np.bincount(partner, np.maximum(each.fit, 0), count)
        some = columns[f"placed_{name}"]
        columns[f"mean_fit_{name}"] = points / np.where(some > 0, some, np.nan)
    columns |= {f"cost_eur_{name}": each.placed.spent_by for name, each in held.items()}
    return pd.DataFrame(columns)


CHANGES = ("gained", "lost", "moved", "kept", "unplaced")


def _changes(rnd: Round, a: Held, b: Held) -> pd.DataFrame:
    had, has = a.fit >= 0, b.fit >= 0
    before, after = a.scene.market.has(a.chosen), b.scene.market.has(b.chosen)
    change = np.select(
        [~had & has, had & ~has, had & has & (before != after), had & has], CHANGES[:-1], CHANGES[-1]
    )
    verdict = np.select([b.rank < a.rank, b.rank > a.rank], ["better", "worse"], "same")
    columns: dict[str, object] = {
        "learner_id": rnd.learners["id"],
        "partner_id": rnd.learners["partner_id"],
        "change": change.astype(object),
        "verdict": verdict.astype(object),
    }
    for name, each in (("a", a), ("b", b)):
        columns |= _place(rnd, each, name)
    return pd.DataFrame(columns)


def _place(rnd: Round, held: Held, name: str) -> dict[str, object]:
    """Each learner's offer, flow and fit points."""
    seated = held.placed.seated
    offer, flow = np.full(len(rnd.learners), None, object), np.full(len(rnd.learners), None, object)
    offer[seated.learner], flow[seated.learner] = rnd.offers["id"][seated.offer], rnd.flows["id"][seated.flow]
    fit = pd.array(held.fit, dtype="Int64")
    fit[held.fit < 0] = pd.NA
    return {f"offer_{name}": offer, f"flow_{name}": flow, f"fit_{name}": fit}
