"""What an allocation comes to, as arrays over its placements and its parties: what report and pages are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from matcher.auditing import Audit
from matcher.money import Money, Parts
from matcher.options import Options
from matcher.placements import Parties, Placements
from matcher.reporting import frames
from models.round import IntArray, Round


class Told(Protocol):
    """What pages are drawn from: a result, or one that is read back from its folder."""

    @property
    def round(self) -> Round:
        """The round."""

    @property
    def audit(self) -> Audit | None:
        """The allocation as the audit read it; None: there is none."""

    @property
    def placements(self) -> pd.DataFrame:
        """The rows of ``placements.csv``."""

    @property
    def escorts(self) -> pd.DataFrame:
        """The rows of ``escorts.csv``."""

    @property
    def unplaced(self) -> pd.DataFrame:
        """The rows of ``unplaced.csv``."""

    @property
    def report(self) -> Mapping[str, Any]:
        """The content of ``report.json``."""


@dataclass(frozen=True)
class Facts:
    """An allocation's figures. ``result`` must have one.

    Arrays over placements are in the order of ``frame``, that is of the learners' ids.
    """

    result: Told

    @property
    def rnd(self) -> Round:
        """The round."""
        return self.result.round

    @property
    def placed(self) -> Placements:
        """The allocation as the audit read it."""
        assert self.result.audit is not None
        return self.result.audit.placed

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows of ``placements.csv``."""
        return self.result.placements

    @cached_property
    def unplaced(self) -> pd.DataFrame:
        """The rows of ``unplaced.csv``."""
        return frames.unplaced(self.result)

    @cached_property
    def options(self) -> Options:
        """The placements as options, for whatever is measured per option."""
        seated = self.placed.seated
        return Options(self.rnd, seated.learner, seated.offer, seated.flow)

    @property
    def fit(self) -> IntArray:
        """The fit points of each placement."""
        return self.placed.fits

    @property
    def cost_eur(self) -> IntArray:
        """The cost of each placement."""
        return self.placed.costs_eur

    @cached_property
    def parts(self) -> Parts:
        """The cost of each placement, by what it pays."""
        return Money(self.rnd).placements(self.options.learner, self.options.flow)

    @property
    def parties(self) -> Parties:
        """Every sending partner in every flow where it has learners."""
        return self.placed.parties_of

    @cached_property
    def host_of_party(self) -> IntArray:
        """The hosting partner of each party, as a row number."""
        return self.rnd.ref("flows", "host_id")[self.parties.flow]

    @property
    def escorts(self) -> int:
        """Accompanying persons in all."""
        return int(self.parties.escorts.sum())

    @property
    def cost_of_all_eur(self) -> int:
        """What placements and escorts cost together."""
        return int(self.cost_eur.sum() + self.parties.cost_eur.sum())


def tally(where: IntArray, length: int, amounts: IntArray | None = None) -> IntArray:
    """Return the sum of ``amounts`` (of ones, where there are none) for each row number below ``length``."""
    return np.bincount(where, amounts, length).astype(np.int64)  # sums are exact far beyond any round's
