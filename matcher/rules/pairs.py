"""Learners who must be together are, and learners who must not are not (contract, rule 15)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np

from matcher.calendar import meetings
from matcher.columns import Columns, at_most, between, unique_rows
from matcher.placements import Placed, Placements
from matcher.rules.base import Mask, Rule
from models.outcome import Breach
from models.problem import Block
from models.round import Array, IntArray, Round


class Pairs(Rule):
    """``together``: one company, one flow, or both unplaced. ``apart``: never at one company on a common day."""

    name = "pairs"
    number = 15

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """Equalities per company and flow; at most one of the two per company and set of flows that share a
        day.
        """
        kind = rnd.pairs["kind"]
        yield self._together(rnd, columns, np.flatnonzero(kind == "together"))
        yield self._apart(rnd, columns, np.flatnonzero(kind == "apart"))

    def _together(self, rnd: Round, columns: Columns, pairs: IntArray) -> Block:
        options = columns.options
        pair, option, side = _sides(rnd, columns, pairs)
        (pair, company, flow), row = unique_rows(pair, options.company[option], options.flow[option])
        zero = np.zeros(len(pair), np.int64)
        keys = _who(rnd, pair) | {
            "company": rnd.companies["id"][company],
            "flow": rnd.flows["id"][flow],
        }
        text = "learners {a} and {b} are both at company {company} in flow {flow}, or neither is"
        return between(self.name, row, option, zero, zero, text, keys, side)

    def _apart(self, rnd: Round, columns: Columns, pairs: IntArray) -> Block:
        options, meeting = columns.options, meetings(rnd)
        pair, option, _ = _sides(rnd, columns, pairs)
        entry, when = meeting.of_options(options.flow[option])
        pair, option = pair[entry], option[entry]
        (pair, company, day), row = unique_rows(pair, options.company[option], when)
        keys = _who(rnd, pair) | {
            "company": rnd.companies["id"][company],
            "day": meeting.day[day],
        }
        text = "learners {a} and {b} are not both at company {company} on {day}"
        return at_most(self.name, row, option, np.ones(len(pair), np.int64), text, keys)

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per pair that is not together, or not apart, as it should be."""
        for pair in placed.suspect_rows("pairs", _doubtful(rnd, placed)):
            who = (pair.learner_a, pair.learner_b)
            one, other = (placed.by_learner.get(learner, ()) for learner in who)
            names = f"learners {who[0]} and {who[1]} ({pair.kind})"
            if pair.kind == "together" and _spots(one) != _spots(other):
                message = f"{names} are at {_spots(one) or 'no place'} and {_spots(other) or 'no place'}"
                yield Breach(self.name, message, who)
            if pair.kind == "apart":
                for this, that in product(one, other):
                    first, last = max(this.flow.start, that.flow.start), min(this.flow.end, that.flow.end)
                    if this.company.id == that.company.id and first <= last:
                        message = f"{names} are both at company {this.company.id} from {first} to {last}"
                        yield Breach(self.name, message, who)


def _doubtful(rnd: Round, placed: Placements) -> Mask:
    """The pairs one of whom has several placements, or who are not plainly together or plainly apart."""
    seated, one, other = placed.seated, rnd.ref("pairs", "learner_a"), rnd.ref("pairs", "learner_b")
    several = (seated.times[one] > 1) | (seated.times[other] > 1)
    flow, company = (np.append(column, -1) for column in (seated.flow, seated.company))  # -1: not placed
    here, there = seated.at[one], seated.at[other]
    same = company[here] == company[there]
    together = rnd.pairs["kind"] == "together"
    doubtful: Mask = several | np.where(together, ~same | (flow[here] != flow[there]), same & (here >= 0))
    return doubtful


def _sides(rnd: Round, columns: Columns, pairs: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """The pair, the option and the side (+1: learner_a's, −1: learner_b's) of every option that a pair
    touches.
    """
    learner = columns.options.learner
    found = []
    for column, sign in (("learner_a", 1), ("learner_b", -1)):
        who = rnd.ref("pairs", column)[pairs]
        first, last = np.searchsorted(learner, who, "left"), np.searchsorted(learner, who, "right")
        for pair, begin, end in zip(pairs.tolist(), first.tolist(), last.tolist(), strict=True):
            found.append((np.full(end - begin, pair), np.arange(begin, end), np.full(end - begin, sign)))
    empty = (np.empty(0, np.int64),) * 3
    pair, option, side = (np.concatenate(parts) for parts in zip(empty, *found, strict=True))
    return pair, option, side


def _who(rnd: Round, pair: IntArray) -> dict[str, Array]:
    return {"a": rnd.pairs["learner_a"][pair], "b": rnd.pairs["learner_b"][pair]}


def _spots(places: Iterable[Placed]) -> str:
    """The companies and flows of a learner's placements, in words: equal exactly when the spots are."""
    spots = sorted({(place.company.id, place.flow.id) for place in places})
    return "; ".join(f"company {company} in flow {flow}" for company, flow in spots)
