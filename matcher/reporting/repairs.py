"""What ``report.json`` says of a repair: the alternatives, what happened, and what is to be expected of drop-outs."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from matcher.reporting.parts import Part


class AlternativeLine(Part):
    """One way to repair."""

    changes: int = Field(description="places given up that could be kept, beyond those that must be")
    kept: int = Field(description="learners who have the place that they had")
    placed_anew: int = Field(description="learners placed elsewhere than before, or for the first time")
    values: Mapping[str, int] = Field(description="the policy's goals, from the audit")
    objective: float | None = Field(description="of a weighted policy; else null")
    proven: bool = Field(description="nothing is better with so many changes")
    bought: str = Field(description="what it has more than the alternative before it")
    chosen: bool = Field(description="the files of this folder are of this alternative")
    seconds: float
    cpu_seconds: float


class ChangeLine(Part):
    """Somebody whose place is another than before, or has other dates: a row of ``changes.csv``."""

    learner_id: str
    before: str = Field(description="offer and flow with a blank between; empty: no place")
    after: str
    why: str


class FlowLine(Part):
    """What drop-outs are to be expected in a flow, and who could step in."""

    flow_id: str
    learners: int
    escorts: int
    empty_seats: float = Field(description="expected learners who do not come")
    empty_beds: float = Field(description="expected heads who do not come, escorts included")
    empty_beds_95: int = Field(description="not exceeded in 95 of 100 simulated futures")
    empty_nights: float
    overbook: int = Field(description="further learners with whom too many come at no more than `risk`")
    risk_of_one: float = Field(description="the chance that too many come with one further learner")
    reserves: tuple[str, ...] = Field(description="learners without a place who could step in for somebody")


class PartyLine(Part):
    """Learners of a partner in a flow that drop-outs may leave too few of."""

    partner_id: str
    flow_id: str
    learners: int
    min_group: int
    spare: int = Field(description="learners who may drop out before it is below the smallest group")
    chance: float = Field(description="the probability that some remain, but too few")
    last_escort_for: int | None = Field(
        description="learners whom the last escort accompanies; null: no escort"
    )


class FragileLine(Part):
    """A placement without which the others break a rule, unless somebody steps in."""

    learner_id: str
    flow_id: str
    breach: str


class Expected(Part):
    """What drop-outs are to be expected, under assumptions."""

    assumption: str = Field(description="in words: the rates are assumed, not known")
    rate_short: float
    rate_long: float
    risk: float
    runs: int
    seed: int
    empty_seats: float
    empty_beds: float
    empty_nights: float
    flows: tuple[FlowLine, ...]
    parties: tuple[PartyLine, ...]
    fragile: tuple[FragileLine, ...]
    searched: int = Field(
        description="placed learners of whom it was asked who steps in and whether they are fragile"
    )
    placed: int


class Repair(Part):
    """A repair."""

    dropped: int
    late: int
    withdrawn_offers: tuple[str, ...]
    moved_flows: tuple[str, ...]
    notes: tuple[str, ...] = Field(description="what else had to give way")
    could_be_kept: int = Field(description="places that could be kept, each by itself")
    most_kept: int = Field(description="places kept in alternative 0")
    most_kept_proven: bool
    alternatives: tuple[AlternativeLine, ...]
    asked: int = Field(description="the largest number of changes that was asked about")
    complete: bool = Field(description="it is proven that further changes buy nothing")
    changed: tuple[ChangeLine, ...] = Field(default=(), description="the rows of changes.csv")
    advice: str
    seconds: Mapping[str, float] = Field(
        description="wall time: the recommended alternative, the further ones"
    )
    expected: Expected | None = Field(description="null: not asked for")
