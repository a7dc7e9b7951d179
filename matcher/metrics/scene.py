"""A round with some of its allocations, as numbers: what every metric starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.auditing import Audit, audit
from matcher.compiling import compile_problem, options_of
from matcher.fitting import preference_position
from matcher.options import Options
from matcher.placements import Placements
from models.errors import InputErrors, InputProblem
from models.outcome import Placement
from models.problem import Problem
from models.round import IntArray, Round
from models.vocabulary import nearest
from solvers.blocking import NOBODY, Market
from solvers.exchanging import Standing

NEEDED = {"learner_id": "learners", "offer_id": "offers", "flow_id": "flows"}
"""The columns of an allocation, and the tables that they point to."""


def read(rnd: Round, frame: pd.DataFrame, name: str = "placements") -> list[Placement]:
    """The placements of a DataFrame.

    Raises
    ------
    InputErrors
        For a column that is missing, an id that is not in the round, a learner who is there twice: all together, with
        rows counted as a spreadsheet does: the header is row 1.
    """
    absent = [column for column in NEEDED if column not in frame.columns]
    problems = [InputProblem(name, None, column, None, "this column is missing") for column in absent]
    for column in NEEDED if not absent else ():
        known = rnd.tables[NEEDED[column]].position
        for row, cell in enumerate(frame[column].tolist(), start=2):
            if cell not in known:
                near = nearest(str(cell), list(known))
                problems.append(
                    InputProblem(name, row, column, str(cell), "this id is not in the round", near)
                )
    if not absent:
        for row, (cell, again) in enumerate(
            zip(frame["learner_id"].tolist(), frame["learner_id"].duplicated().tolist(), strict=True), start=2
        ):
            if again:
                problems.append(
                    InputProblem(name, row, "learner_id", str(cell), "this learner has a place already")
                )
    if problems:
        raise InputErrors(problems)
    columns = (frame[column].tolist() for column in NEEDED)
    return [Placement(*ids) for ids in zip(*columns, strict=True)]


@dataclass(frozen=True)
class Scene:
    """The round's options and what is held in any of the allocations, compiled once for all of them.

    ``allowed`` says which options no rule bars: a place that somebody has by hand against a rule counts as held, and
    is nobody's claim.
    """

    rnd: Round
    options: Options
    allowed: npt.NDArray[np.bool_]
    problem: Problem
    market: Market

    @classmethod
    def of(
        cls, rnd: Round, allocations: Mapping[str, pd.DataFrame], seed: int
    ) -> tuple[Scene, dict[str, Held]]:
        """The scene and every allocation in it. Raises ``InputErrors``, see ``read``."""
        audits = {name: audit(rnd, read(rnd, frame, name)) for name, frame in allocations.items()}
        found, _ = options_of(rnd)
        keys, key = found.keys, [_held(rnd, each.placed).keys for each in audits.values()]
        every = np.unique(np.concatenate([keys, *key]))
        flows = max(1, len(rnd.flows))
        learner, slot = np.divmod(every, max(1, len(rnd.offers) * flows))
        options = Options(rnd, learner, *np.divmod(slot, flows))
        problem = compile_problem(rnd, options)
        scene = cls(rnd, options, np.isin(every, keys), problem, Market.of(problem, seed))
        chosen = [np.searchsorted(every, np.sort(each)) for each in key]
        return scene, {
            name: Held(scene, audits[name], which) for name, which in zip(audits, chosen, strict=True)
        }


@dataclass(frozen=True)
class Held:
    """An allocation in its scene: its audit, and the options ``chosen`` in it, in the order of learners."""

    scene: Scene
    audit: Audit
    chosen: IntArray

    @property
    def placed(self) -> Placements:
        """The placements, which are in the order of learners too."""
        return self.audit.placed

    @cached_property
    def wish(self) -> IntArray:
        """Which stated wish each learner has, from 1 (0: a place that was not wished for, −1: none), of shape
        (learners,).
        """
        return wish_of(self.scene.rnd, _held(self.scene.rnd, self.placed))

    @cached_property
    def fit(self) -> IntArray:
        """The fit points of each learner's place (−1: none), of shape (learners,)."""
        found = np.full(len(self.scene.rnd.learners), -1)
        found[self.placed.seated.learner] = self.placed.fits
        return found

    @cached_property
    def rank(self) -> IntArray:
        """How good each learner's place is to the learner, 0 best, by stated wishes, then fit (``Problem.rank``); none
        is worse than any. Shape (learners,).
        """
        return np.append(self.scene.problem.ranks, NOBODY)[self.scene.market.has(self.chosen)]

    @cached_property
    def blocking(self) -> IntArray:
        """The options that block by seats (``solvers.blocking``)."""
        found = self.scene.market.blocking(self.chosen)
        return found[self.scene.allowed[found]]

    @cached_property
    def envied(self) -> IntArray:
        """How many holders of each option's very offer and flow its learner envies with good reason: the learner would
        rather be there, and has the higher priority. Shape (options,).
        """
        scene, width = self.scene, len(self.scene.options) + 1
        claim = scene.options.slot.astype(np.int64) * width
        strength = claim + scene.market.priority
        holders = np.sort(strength[self.chosen])
        weaker = np.searchsorted(holders, strength) - np.searchsorted(holders, claim)
        return np.where(scene.market.preferred(self.chosen) & scene.allowed, weaker, 0)

    @cached_property
    def feasible(self) -> int | None:
        """How many feasible blocking pairs there are (``solvers.exchanging``); None where a rule is broken already."""
        if not self.audit.valid:
            return None
        standing = Standing(self.scene.market, self.chosen)
        return sum(standing.can_grant(option) for option in self.blocking.tolist())


def wish_of(rnd: Round, places: Options) -> IntArray:
    """Which stated wish each learner has among some placements, from 1 (0: not wished for, −1: no place)."""
    found = np.full(len(rnd.learners), -1)
    found[places.learner] = preference_position(rnd, places) + 1
    return found


def _held(rnd: Round, placed: Placements) -> Options:
    seated = placed.seated
    return Options(rnd, seated.learner, seated.offer, seated.flow)
