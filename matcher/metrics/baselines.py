"""What an allocation is held against: best possible, first come first served, deferred acceptance, random serial."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from matcher.engine import match
from matcher.result import Result
from models.errors import UnknownName
from models.outcome import Status
from models.round import Round
from models.vocabulary import hint
from solvers.interface import Cancel, never

BEST, FIRST_COME, STABLE, SERIAL = "best", "first_come", "stable", "random_serial"

BASELINES = (BEST, FIRST_COME, STABLE, SERIAL)
"""By the policy's goals; first come first served in the order of the learners' ids; learners propose and the strongest
claims are kept; first come first served in a random order, once per seed."""


@dataclass(frozen=True)
class Effort:
    """How long to solve and where chance comes from.

    ``seconds`` is for each solve by a method that proves (None: until proven). ``seeds`` random orders are tried, from
    seed 1 on; ``seed`` is the lottery's. ``told`` hears what is being solved.
    """

    seconds: float | None = None
    seed: int = 0
    seeds: int = 20
    workers: int | None = None
    cancel: Cancel = never
    told: Callable[[str], None] = field(default=lambda _: None)

    def solve(self, rnd: Round, method: str = "auto", seed: int | None = None) -> Result:
        """A round by a method."""
        return match(
            rnd,
            method=method,
            time_limit=self.seconds,
            seed=self.seed if seed is None else seed,
            workers=self.workers,
            cancel=self.cancel,
        )


@dataclass(frozen=True)
class Baseline:
    """One of ``BASELINES``: its allocations by name (none: none was found), what is known of them.

    ``optimal``: proven best by the policy's goals.
    """

    name: str
    allocations: Mapping[str, pd.DataFrame]
    optimal: bool
    status: str


def baselines(rnd: Round, names: Collection[str], effort: Effort) -> list[Baseline]:
    """The baselines of these names, in the order of ``BASELINES``. Raises ``UnknownName``."""
    insist_on_baselines(names)
    return [_baseline(rnd, name, effort) for name in BASELINES if name in names]


def insist_on_baselines(names: Collection[str]) -> None:
    """Raise ``UnknownName`` for a name that no baseline has."""
    for name in names:
        if name not in BASELINES:
            raise UnknownName(
                f"nothing to hold it against is called {name!r}{hint(name, BASELINES)}; there are "
                f"{', '.join(BASELINES)}"
            )


def _baseline(rnd: Round, name: str, effort: Effort) -> Baseline:
    effort.told(name)
    if name == SERIAL:
        return _serial(rnd, effort)
    method = {BEST: "auto", FIRST_COME: "greedy", STABLE: "stable"}[name]
    result = effort.solve(rnd, method, 0 if name == FIRST_COME else None)
    found = {} if result.audit is None else {name: result.placements}
    return Baseline(name, found, result.status is Status.OPTIMAL, str(result.status))


def _serial(rnd: Round, effort: Effort) -> Baseline:
    """One allocation per seed from 1 on."""
    found = {}
    for seed in range(1, effort.seeds + 1):
        if effort.cancel():
            break
        result = effort.solve(rnd, "greedy", seed)
        if result.audit is not None:
            found[f"{SERIAL} {seed}"] = result.placements
    return Baseline(
        SERIAL, found, optimal=False, status=str(Status.FEASIBLE if found else Status.NO_SOLUTION)
    )


def spread(summed: pd.DataFrame) -> pd.DataFrame:
    """How much lines of ``summary`` vary: a row per number in them.

    Columns: ``metric``, ``allocations`` (those in which it is a number), ``mean``, ``sd`` (of a sample, NaN below two),
    ``least``, ``most``.
    """
    numbers = summed.drop(columns="learners").select_dtypes("number").dropna(axis=1, how="all").astype(float)
    lines = []
    for name in numbers:
        values = numbers[name].dropna().to_numpy()
        some = len(values) > 0
        lines.append(
            {
                "metric": name,
                "allocations": len(values),
                "mean": float(values.mean()) if some else float("nan"),
                "sd": float(values.std(ddof=1)) if len(values) > 1 else float("nan"),
                "least": float(np.min(values)) if some else float("nan"),
                "most": float(np.max(values)) if some else float("nan"),
            }
        )
    return pd.DataFrame(lines)
