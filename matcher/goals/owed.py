"""Make good what sending partners and schools got less than their share of before (docs/fairness.md, goal `owed`)."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from math import floor

import numpy as np

from matcher.columns import Columns
from matcher.goals.base import Goal
from matcher.placements import Placements
from models.bulk import narrow
from models.problem import Goal as Vector
from models.round import Array, IntArray, Round

PER_MILLE = 1000


class Owed(Goal):
    """The sum over placed learners of what their sending partner or school is owed, the larger of the two.

    Of each earlier round, by the table `previous_rounds`, a partner's share would have been as many placed as if
    everybody had been served alike: its learners who asked · all placed / all who asked, over the rows of that round
    that are of partners as a whole; a school's in the same way over those that are of schools. It is owed, in
    thousandths rounded down, what it had less over all these rounds by those who asked in them; 0 where it had no less,
    or has no row.
    """

    name = "owed"
    sense = 1

    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """Each option counts what its learner is owed."""
        owed = narrow(_weights(rnd))[columns.options.learner]
        some = np.flatnonzero(owed)
        return Vector(self.name, self.sense, some, owed[some])

    def value(self, rnd: Round, placed: Placements) -> int:
        """What is owed to the learners who have a place, added up."""
        owed = self.owed_to(rnd)
        learners, times = rnd.learners, placed.seated.times.tolist()
        rows = zip(learners["partner_id"].tolist(), learners["school_id"].tolist(), times, strict=True)
        return sum(
            max(owed.get((partner, None), 0), owed.get((partner, school), 0) if school else 0)
            for partner, school, places in rows
            if places
        )

    def owed_to(self, rnd: Round) -> dict[tuple[str, str | None], int]:
        """What each sending partner (with None) and each school with a row is owed, in plain Python."""
        asked: defaultdict[tuple[str, bool], int] = defaultdict(int)
        placed: defaultdict[tuple[str, bool], int] = defaultdict(int)
        for row in rnd.previous_rounds.records:
            asked[row.round_id, row.school_id is None] += row.asked
            placed[row.round_id, row.school_id is None] += row.placed
        lacking: defaultdict[tuple[str, str | None], Fraction] = defaultdict(Fraction)
        everyone: defaultdict[tuple[str, str | None], int] = defaultdict(int)
        for row in rnd.previous_rounds.records:
            who, of_round = (row.partner_id, row.school_id), (row.round_id, row.school_id is None)
            lacking[who] += Fraction(row.asked * placed[of_round], asked[of_round]) - row.placed
            everyone[who] += row.asked
        return {who: max(0, floor(PER_MILLE * less / everyone[who])) for who, less in lacking.items()}


def _weights(rnd: Round) -> IntArray:
    """What each learner of the round is owed, of shape (learners,)."""
    partner, school = (
        _owed(rnd, f"{name}_id", of, rows)
        for name, of, rows in (
            ("partner", "sending_partners", rnd.ref("previous_rounds", "school_id") < 0),
            ("school", "schools", rnd.ref("previous_rounds", "school_id") >= 0),
        )
    )
    at_school = np.append(school, 0)[rnd.ref("learners", "school_id")]
    owed: IntArray = np.maximum(partner[rnd.ref("learners", "partner_id")], at_school)
    return owed


def _owed(rnd: Round, column: str, of: str, rows: Array) -> IntArray:
    """What each row of a table is owed by the rows of `previous_rounds` in a mask: in whole numbers of any size, as the
    rounds' common denominator may be large.
    """
    table, count = rnd.previous_rounds, len(rnd.tables[of])
    _, of_round = np.unique(table["round_id"][rows].astype(str), return_inverse=True)
    asked, placed = (table[name][rows].astype(object) for name in ("asked", "placed"))
    rounds = int(of_round.max(initial=-1)) + 1
    all_asked, all_placed = np.zeros(rounds, object), np.zeros(rounds, object)
    np.add.at(all_asked, of_round, asked)
    np.add.at(all_placed, of_round, placed)
    common = int(np.lcm.reduce(all_asked)) if rounds else 1
    less = (asked * all_placed[of_round]) * (common // all_asked[of_round]) - placed * common
    owner, lacking, everyone = rnd.ref("previous_rounds", column)[rows], *np.zeros((2, count), object)
    np.add.at(lacking, owner, less)
    np.add.at(everyone, owner, asked)
    found = [
        max(0, PER_MILLE * a // (common * b)) if b else 0 for a, b in zip(lacking, everyone, strict=True)
    ]
    return np.array(found, np.int64)
