"""How much work is put into searches for changes: counted in steps, so that it ends at the same place anywhere."""

from __future__ import annotations

from dataclasses import dataclass

MOST_STEPS = 120_000
"""For all learners of a table together; a step is some tens of microseconds. Rounds of some hundred learners seldom
need it all; in a round of 100,000 it is enough for the first few learners."""

MOST_WEIGHED = 80_000_000
"""Pairs of columns that questions to a solver may have, all together: what a question takes grows with their number. A
pair is about a microsecond; rounds of some hundred learners seldom need it all."""

PER_PROPOSAL = 4
"""Steps for a change that is considered. A change that is checked takes a step per placement: it is audited whole."""


@dataclass
class Work:
    """The steps that are left."""

    left: int = MOST_STEPS

    def spend(self, steps: int) -> None:
        """Count steps that are about to be made."""
        self.left -= steps

    @property
    def done(self) -> bool:
        """Whether there are none left."""
        return self.left <= 0
