"""What comes out of runs, typed: files, comparisons, explanations, changes by hand, and what partners learn."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import pandas as pd

from matcher.client.answers import Answer
from matcher.client.frames import of_answers


class FileInfo(Answer):
    """A file of a result, as `matcher solve` writes it."""

    name: str
    media_type: str
    size: int
    digest: str


class PlacementInfo(Answer):
    """A learner's place."""

    learner_id: str
    host_id: str
    company_id: str
    offer_id: str
    flow_id: str
    start: date
    end: date
    fit: int
    cost_eur: int


class Explanation(Answer):
    """Where a learner is, or why they have no place and what would help; ``why_not`` answers for one company."""

    learner_id: str
    host_id: str | None = None
    company_id: str | None = None
    offer_id: str | None = None
    flow_id: str | None = None
    start: date | None = None
    end: date | None = None
    fit: int | None = None
    cost_eur: int | None = None
    reason: str | None = None
    detail: str | None = None
    nearest_fix: str | None = None
    asked_about: str | None = None
    why_not: str | None = None


class GoalPair(Answer):
    """A goal in both runs; None: not one of that run's goals, or it has no allocation."""

    name: str
    a: int | None = None
    b: int | None = None


class Share(Answer):
    """A partner's part in both runs: learners placed, and those whose places differ."""

    id: str
    placed_a: int
    placed_b: int
    elsewhere: int | None = None


class Counts(Answer):
    """Learners: placed, at the same place in both runs, moved, placed in one of them only; None: withheld."""

    placed_a: int
    placed_b: int
    same: int | None = None
    moved: int | None = None
    only_a: int | None = None
    only_b: int | None = None


class PolicyDifference(Answer):
    """Something that the two policies say differently; None: not given."""

    key: str
    a: Any = None
    b: Any = None


class Place(Answer):
    """A place."""

    host_id: str | None = None
    company_id: str | None = None
    offer_id: str | None = None
    flow_id: str | None = None


class Mover(Answer):
    """A learner whose places differ; None: no place."""

    learner_id: str
    partner_id: str
    a: Place | None = None
    b: Place | None = None


class Comparison(Answer):
    """Two runs side by side; ``learners`` are for coordinators only, ``partners`` and ``hosts`` None where withheld."""

    a: str
    b: str
    goals: list[GoalPair]
    counts: Counts
    partners: list[Share] | None = None
    hosts: list[Share] | None = None
    policy: list[PolicyDifference]
    learners: list[Mover] | None = None

    def frame(self) -> pd.DataFrame:
        """The goals of both, and what the second is more worth: a row each."""
        goals = of_answers(self.goals).astype({"a": "Int64", "b": "Int64"})
        return goals.assign(difference=goals["b"] - goals["a"])

    def movers(self) -> pd.DataFrame:
        """Whose places differ: a row each, the places' columns with ``_a`` and ``_b``."""
        rows = [
            {
                "learner_id": one.learner_id,
                "partner_id": one.partner_id,
                **_columns(one.a, "a"),
                **_columns(one.b, "b"),
            }
            for one in self.learners or ()
        ]
        names = [f"{name}_{run}" for run in "ab" for name in Place.model_fields]
        return pd.DataFrame(rows, columns=["learner_id", "partner_id", *names])

    def _repr_html_(self) -> str:
        table: Any = self.frame().to_html(index=False)
        found = self.counts
        return f"{table}<p>{found.moved} moved, {found.only_a} only in a, {found.only_b} only in b</p>"


def _columns(place: Place | None, run: str) -> dict[str, str | None]:
    return {f"{name}_{run}": value for name, value in place} if place is not None else {}


class ChangeInfo(Answer):
    """A change made by hand: it holds as a lock for later runs until it is revoked."""

    id: str
    round_id: str
    run_id: str
    kind: Literal["pin", "forbid", "move"]
    learner_id: str
    place: Place
    reason: str
    made_by: str
    made_at: datetime
    revoked_at: datetime | None = None


class MadeChange(ChangeInfo):
    """A change that has just been made.

    ``honoured`` says whether the run's allocation agrees with it as it is; for a move, ``new_run_id`` is the run that
    has it applied.
    """

    honoured: bool
    new_run_id: str | None = None


class ArrivalInfo(Answer):
    """A learner who comes to a host: nothing that says who it is."""

    pseudonym: str
    company_id: str
    offer_id: str
    flow_id: str
    start: date
    end: date
    field: str
    eqf_level: int | None = None
    languages: list[str]
    needs: list[str]


class OutcomeInfo(Answer):
    """What became of a learner: a place, or why there is none."""

    learner_id: str
    is_placed: bool
    host_id: str | None = None
    company_id: str | None = None
    offer_id: str | None = None
    flow_id: str | None = None
    start: date | None = None
    end: date | None = None
    fit: int | None = None
    cost_eur: int | None = None
    reason: str | None = None
    detail: str | None = None
    nearest_fix: str | None = None
