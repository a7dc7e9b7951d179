"""What drop-outs are to be expected: one allocation, many simulated futures, all from one seed.

The rate of drop-outs is an **assumption**, per stay; learners are taken to drop out independently. What is linear in
the drop-outs or a tail of a binomial distribution is computed exactly; escorts, of whom some stay at home when learners
do, are counted in the simulated futures.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import NamedTuple

import numpy as np

from matcher.placements import Placements
from matcher.seated import Rows
from models.round import IntArray, Round

RATE = 0.05
"""The share of placed learners who drop out: an assumption."""
RUNS = 2000
"""Simulated futures."""
RISK = 0.05
"""The chance of too many heads that overbooking may take."""


@dataclass(frozen=True)
class Assumptions:
    """Drop-out rates by stay (0 ≤ rate < 1), the chance of too many heads that overbooking may take (0 ≤ risk < 1), how
    many futures are simulated, and the seed. Raises ``ValueError`` beyond these bounds.
    """

    short: float = RATE
    long: float = RATE
    risk: float = RISK
    runs: int = RUNS
    seed: int = 0

    def __post_init__(self) -> None:
        for share in (self.short, self.long, self.risk):
            if not 0 <= share < 1:
                raise ValueError(f"rates and risk: from 0 to below 1, not {share}")

    def rate(self, stay: str) -> float:
        """The rate of a stay."""
        return self.short if stay == "short" else self.long


class FlowForecast(NamedTuple):
    """What is to be expected in a flow.

    ``empty_beds`` and ``empty_seats`` are the expected numbers of heads (learners and escorts) and of learners who do
    not come, ``empty_nights`` the first in nights; ``empty_beds_95`` is not exceeded in 95 of 100 futures. ``overbook``
    further learners keep the chance that more come than are placed now within the risk; ``risk_of_one`` is that chance
    with one further learner.
    """

    flow_id: str
    learners: int
    escorts: int
    empty_seats: float
    empty_beds: float
    empty_beds_95: int
    empty_nights: float
    overbook: int
    risk_of_one: float


class PartyForecast(NamedTuple):
    """Learners of one partner in one flow, of whom drop-outs may leave too few for the smallest group or an escort.

    ``spare`` learners may drop out before the party is below ``min_group``; ``chance`` is the probability that some
    remain, but too few. ``last_escort_for`` is how many learners the last escort accompanies (None: no escort).
    """

    partner_id: str
    flow_id: str
    learners: int
    min_group: int
    spare: int
    chance: float
    last_escort_for: int | None


@dataclass(frozen=True)
class Forecast:
    """What is to be expected of an allocation, flow by flow and party by party, sorted by id."""

    assumptions: Assumptions
    flows: tuple[FlowForecast, ...]
    parties: tuple[PartyForecast, ...]

    @property
    def totals(self) -> Mapping[str, float]:
        """The flows' expectations added up."""
        names = ("empty_seats", "empty_beds", "empty_nights", "overbook")
        return {name: sum(getattr(flow, name) for flow in self.flows) for name in names}


def forecast(rnd: Round, placed: Placements, assumptions: Assumptions) -> Forecast:
    """Simulate drop-outs of an allocation."""
    parties = placed.parties_of
    rate = np.array([assumptions.rate(stay) for stay in rnd.flows["stay"]])
    missing, absent = _futures(rnd, placed, rate, assumptions)
    flows = [
        _flow(rnd, placed, int(flow), float(rate[flow]), missing[:, flow], absent[:, flow], assumptions)
        for flow in np.unique(parties.flow)
    ]
    of_parties = [_party(rnd, placed, number, rate) for number in range(len(parties.flow))]
    return Forecast(
        assumptions,
        tuple(flows),
        tuple(one for one in of_parties if one.min_group > 1 or one.last_escort_for),
    )


def _futures(
    rnd: Round, placed: Placements, rate: Rows, assumptions: Assumptions
) -> tuple[IntArray, IntArray]:
    """The learners and the escorts who do not come, per run and flow."""
    parties = placed.parties_of
    random = np.random.default_rng(assumptions.seed)
    gone = random.binomial(parties.learners, rate[parties.flow], (assumptions.runs, len(parties.flow)))
    left = parties.learners - gone
    each = rnd.flows["learners_per_escort"][parties.flow]
    escorted = (parties.escorts > 0) & ~np.isnan(each)
    escorts = np.where(escorted, -(-left // np.where(escorted, each, 1)), 0).astype(np.int64)
    of_flow = np.zeros((len(parties.flow), len(rnd.flows)), np.int64)
    of_flow[np.arange(len(parties.flow)), parties.flow] = 1
    return gone @ of_flow, (parties.escorts - escorts) @ of_flow


def _flow(
    rnd: Round,
    placed: Placements,
    flow: int,
    rate: float,
    missing: IntArray,
    absent: IntArray,
    assumptions: Assumptions,
) -> FlowForecast:
    parties = placed.parties_of
    own = parties.flow == flow
    learners, escorts = int(parties.learners[own].sum()), int(parties.escorts[own].sum())
    row = rnd.flows.record(flow)
    beds = learners * rate + float(absent.mean())
    return FlowForecast(
        row.id,
        learners,
        escorts,
        round(learners * rate, 3),
        round(beds, 3),
        int(np.quantile(missing + absent, 0.95, method="higher")),
        round(beds * (row.end - row.start).days, 1),
        overbooking(learners, rate, assumptions.risk),
        round(_chance_of_more(learners, learners + 1, 1 - rate), 4),
    )


def overbooking(places: int, rate: float, risk: float) -> int:
    """The most further learners with whom the chance that more than ``places`` come stays within the risk."""
    if not (places and rate):
        return 0
    above = 1  # too many, sooner or later: who is invited comes with a chance of more than 0
    while _chance_of_more(places, places + above, 1 - rate) <= risk:
        above *= 2
    counts = range(above + 1)
    return bisect_right(counts, risk, key=lambda more: _chance_of_more(places, places + more, 1 - rate)) - 1


def _chance_of_more(places: int, invited: int, comes: float) -> float:
    """The probability that more than ``places`` of those invited come."""
    return sum(_exactly(count, invited, comes) for count in range(places + 1, invited + 1))


def _exactly(count: int, of: int, chance: float) -> float:
    if not 0 < chance < 1:
        return float(count == (of if chance else 0))
    ways = lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)
    return exp(ways + count * log(chance) + (of - count) * log(1 - chance))


def _party(rnd: Round, placed: Placements, number: int, rate: Rows) -> PartyForecast:
    parties = placed.parties_of
    flow = rnd.flows.record(int(parties.flow[number]))
    learners, escorts = int(parties.learners[number]), int(parties.escorts[number])
    least = flow.min_group if rnd.policy.holds("min_group") else 1
    comes = 1 - float(rate[parties.flow[number]])
    chance = sum(_exactly(count, learners, comes) for count in range(1, least))
    last = None if not escorts else learners - (escorts - 1) * int(flow.learners_per_escort or learners)
    partner = rnd.sending_partners["id"][parties.partner[number]]
    return PartyForecast(str(partner), flow.id, learners, least, learners - least, round(chance, 6), last)
