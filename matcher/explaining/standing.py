"""Who is where: the round, an allocation of it, and the options that it was chosen from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.auditing import audit
from matcher.barring import Barred
from matcher.compiling import options_of
from matcher.options import Options
from matcher.result import Result
from models.outcome import Placement
from models.round import IntArray, Round


@dataclass(frozen=True)
class Standing:
    """A round with an allocation.

    ``placements`` are sorted and name ids that exist; ``options`` and ``barred`` are the round's own.
    """

    rnd: Round
    placements: tuple[Placement, ...]
    options: Options
    barred: Barred

    @classmethod
    def of(cls, result: Result) -> Standing:
        """Where a result leaves everybody; nobody is placed where it has no allocation."""
        rnd, found = result.round, list[Placement]()
        if result.audit is not None:
            seated = result.audit.placed.seated
            ids = (
                rnd.learners["id"][seated.learner],
                rnd.offers["id"][seated.offer],
                rnd.flows["id"][seated.flow],
            )
            found = list(map(Placement, *(column.tolist() for column in ids)))
        standing = cls(rnd, tuple(found), result.options, result.barred)
        if result.audit is not None:
            vars(standing)["valid"] = result.audit.valid  # else it would be audited once more
        return standing

    @classmethod
    def at(cls, rnd: Round, placements: Iterable[Placement]) -> Standing:
        """Where given placements leave everybody; a placement that names an unknown id is left out."""
        known = [row for row in sorted(set(placements)) if _exists(rnd, row)]
        return cls(rnd, tuple(known), *options_of(rnd))

    @cached_property
    def valid(self) -> bool:
        """Whether the allocation keeps every rule."""
        return audit(self.rnd, self.placements).valid

    @cached_property
    def chosen(self) -> Options:
        """The placements as options: row numbers, sorted by learner."""
        rnd = self.rnd
        columns = (("learners", "learner_id"), ("offers", "offer_id"), ("flows", "flow_id"))
        rows = [
            np.array([rnd.tables[table].position[getattr(row, name)] for row in self.placements], np.int64)
            for table, name in columns
        ]
        return Options(rnd, *rows)

    @cached_property
    def unplaced(self) -> IntArray:
        """The learners (row numbers) without a placement, ascending."""
        return np.setdiff1d(np.arange(len(self.rnd.learners)), self.chosen.learner)

    @cached_property
    def by_priority(self) -> IntArray:
        """The unplaced learners, the highest priority first, then by id: the order in which help is
        sought.
        """
        priority = self.rnd.learners["priority"][self.unplaced]
        return self.unplaced[np.lexsort((self.unplaced, -priority))]

    @cached_property
    def option_counts(self) -> IntArray:
        """How many options every learner has."""
        return np.bincount(self.options.learner, minlength=len(self.rnd.learners))

    def own_options(self, learner: int) -> slice:
        """Where a learner's options stand in ``options``."""
        first, last = np.searchsorted(self.options.learner, [learner, learner + 1])
        return slice(int(first), int(last))

    @cached_property
    def plain(self) -> Round:
        """The round with one goal only (see ``plain``), the same each time: what is made of it is made once."""
        return plain(self.rnd)

    def id(self, learner: int) -> str:
        """A learner's id."""
        return str(self.rnd.learners["id"][learner])


def plain(rnd: Round) -> Round:
    """The round with one goal only: what is allowed does not depend on goals, and asking is quicker."""
    policy = rnd.policy.model_copy(update={"goals": ("placed",), "weights": None})
    return rnd.replace(policy=policy)


def _exists(rnd: Round, row: Placement) -> bool:
    return (
        row.learner_id in rnd.learners.position
        and row.offer_id in rnd.offers.position
        and row.flow_id in rnd.flows.position
    )
