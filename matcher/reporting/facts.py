"""What an allocation comes to, as arrays over its placements and its parties: what report and pages are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from matcher.money import Money, Parts
from matcher.options import Options
from matcher.placements import Placements
from matcher.reporting import frames
from models.round import IntArray, Round

if TYPE_CHECKING:
    from matcher.result import Result


class Parties(NamedTuple):
    """The learners of a sending partner in a flow and their escorts, one element per party; row numbers, euros."""

    partner: IntArray
    flow: IntArray
    learners: IntArray
    escorts: IntArray
    cost_eur: IntArray


@dataclass(frozen=True)
class Facts:
    """An allocation's figures. ``result`` must have one.

    Arrays over placements are in the order of ``frame``, that is of the learners' ids.
    """

    result: Result

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
        rnd, frame = self.rnd, self.frame
        return Options(
            rnd,
            rows_of(rnd, "learners", frame["learner_id"]),
            rows_of(rnd, "offers", frame["offer_id"]),
            rows_of(rnd, "flows", frame["flow_id"]),
        )

    @cached_property
    def fit(self) -> IntArray:
        """The fit points of each placement."""
        return self.frame["fit"].to_numpy(np.int64)

    @cached_property
    def cost_eur(self) -> IntArray:
        """The cost of each placement."""
        return self.frame["cost_eur"].to_numpy(np.int64)

    @cached_property
    def parts(self) -> Parts:
        """The cost of each placement, by what it pays."""
        return Money(self.rnd).placements(self.options.learner, self.options.flow)

    @cached_property
    def parties(self) -> Parties:
        """Every sending partner in every flow where it has learners."""
        rnd, all_of_them = self.rnd, self.placed.parties
        return Parties(
            rows_of(rnd, "sending_partners", [party.partner.id for party in all_of_them]),
            rows_of(rnd, "flows", [party.flow.id for party in all_of_them]),
            np.array([len(party.learners) for party in all_of_them], np.int64),
            np.array([party.escorts for party in all_of_them], np.int64),
            np.array([party.cost_eur for party in all_of_them], np.int64),
        )

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


def rows_of(rnd: Round, table: str, ids: Iterable[str]) -> IntArray:
    """Return the row numbers of ids in their table."""
    position = rnd.tables[table].position
    return np.array([position[key] for key in ids], np.int64)


def tally(where: IntArray, length: int, amounts: IntArray | None = None) -> IntArray:
    """Return the sum of ``amounts`` (of ones, where there are none) for each row number below ``length``."""
    sums = np.zeros(length, np.int64)
    np.add.at(sums, where, 1 if amounts is None else amounts)
    return sums
