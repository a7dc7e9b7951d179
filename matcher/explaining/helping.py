"""What would help each unplaced learner, searched in order of priority, with limits that the text states.

Every search costs time, so the first learners get the thorough one. Nobody is passed over in silence: where
a search was cut, the sentence says so.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from matcher.explaining.fixing import Search
from matcher.explaining.probing import Probe
from matcher.explaining.reseating import Question
from matcher.explaining.rivals import MOST_MOVERS, rivals
from matcher.explaining.ties import Ties
from matcher.explaining.verifying import Fix
from matcher.explaining.words import count
from models.round import IntArray

MOST_SEARCHED = 100
"""So many learners get a search for a change with which they fit while nobody moves."""

MOST_SOLVED = 12
"""So many learners (or groups) for whom that finds nothing, or nothing small, are asked of a solver."""

MOST_SECONDS = 20.0
"""So long is a solver asked for all of them together; usually it is a fraction of this."""

LARGE = 20
"""A change of this effort or more is worth a look for a smaller one that moves others."""


class Help:
    """The sentences of ``nearest_fix``, by learner (row number)."""

    def __init__(self, probe: Probe, most_solved: int = MOST_SOLVED) -> None:
        self.probe = probe
        self.ties = Ties(probe.standing.rnd)
        self.most_solved = most_solved
        self._asked: dict[int, tuple[Fix | None, str]] = {}
        self._spent = 0.0

    def sentences(self, learners: IntArray) -> Mapping[int, str]:
        """One for each of the learners, who are in order of priority."""
        if not self.probe.standing.valid:
            return dict.fromkeys(learners.tolist(), "not searched: the allocation itself breaks rules")
        found = {learner: self.sentence(learner) for learner in learners[:MOST_SEARCHED].tolist()}
        late = f"not searched: {count(MOST_SEARCHED, 'learner')} first by priority and id"
        return found | dict.fromkeys(learners[MOST_SEARCHED:].tolist(), late)

    def sentence(self, learner: int) -> str:
        """The smallest change that was found and checked, or what was tried in vain."""
        fix, tried = self.fix(learner)
        return fix.sentence if fix else tried

    def fix(self, learner: int) -> tuple[Fix | None, str]:
        """The smallest change that was found and checked, and what was tried in vain where there is none."""
        search = Search(self.probe, self.ties, learner)
        here = search.in_place()
        if here is not None and here.effort < LARGE:
            return here, ""
        moved, asked = self._solved(learner)
        found = [fix for fix in (here, moved) if fix is not None]
        if found:
            return min(found, key=lambda fix: fix.effort), ""
        tries = count(len(search.tried), "change")
        why = f"{tries} tried" if search.tried else "two things or more are in the way everywhere"
        return None, f"no single change opens a place while nobody moves ({why}); {asked}"

    def _solved(self, learner: int) -> tuple[Fix | None, str]:
        """What a solver finds for the learner with its ties, and what it was asked; each bundle is asked
        about once.
        """
        bundle = int(self.ties.of(learner)[0])
        if bundle not in self._asked:
            if len(self._asked) >= self.most_solved:
                return None, f"not re-solved: {self.most_solved} others come first by priority and id"
            if self._spent > MOST_SECONDS:
                return None, f"not re-solved: the others before took more than {MOST_SECONDS:.0f} s"
            began = time.monotonic()
            self._asked[bundle] = self._ask(learner)
            self._spent += time.monotonic() - began
        fix, tried = self._asked[bundle]
        return (replace(fix, learner=self.probe.standing.id(learner)) if fix else None), tried

    def _ask(self, learner: int) -> tuple[Fix | None, str]:
        bundle = self.ties.of(learner)
        near = self.probe.candidates.learner[self.probe.near]
        if not np.isin(bundle, near).all():
            return None, "two or more rules bar every place of the learner, or of one tied to it"
        question = Question(self.probe, self.ties, learner, rivals(self.probe, self.ties, learner))
        fix = question.ask(1) or question.ask(2)
        considered = count(len(question.levers), "change")
        if not question.decided:
            return fix, f"re-solving with {considered} was not decided in time"
        return (
            fix,
            f"neither one nor two of {considered} do when re-solved with up to {MOST_MOVERS} others moving",
        )


def helped(probe: Probe, learner: int) -> str:
    """The sentence for one learner alone."""
    return Help(probe).sentences(np.array([learner]))[learner]
