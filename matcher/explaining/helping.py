"""What would help each unplaced learner, searched in order of priority, with limits that the text states.

Every search costs work, so the first learners get the thorough one, as many as the steps allow (``working``). Nobody is
passed over in silence: where a search was cut the sentence says so, and who is not searched is told what is counted
(``hinting``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from matcher.explaining.fixing import Search
from matcher.explaining.probing import Probe
from matcher.explaining.reseating import Question
from matcher.explaining.rivals import MOST_MOVERS, rivals
from matcher.explaining.standing import Standing
from matcher.explaining.ties import Ties
from matcher.explaining.verifying import Fix
from matcher.explaining.words import count
from matcher.explaining.working import MOST_WEIGHED, Work
from models.round import IntArray

MOST_SEARCHED = 100
"""So many learners get a search for a change with which they fit while nobody moves."""

MOST_SOLVED = 12
"""So many learners (or groups) for whom that finds nothing, or nothing small, are asked of a solver."""

MOST_CANDIDATES = 1_000_000
"""So many candidate places are looked at for all who are searched together."""

MOST_PLACED = 1_000
"""Where more learners are placed, no solver is asked: a question is about the whole allocation, and has the more
candidate places the larger the round is."""

TIMES_ASKED = 2
"""A question is asked with one change and with two."""

INVALID = "not searched: the allocation itself breaks rules"

LARGE = 20
"""A change of this effort or more is worth a look for a smaller one that moves others."""


class Help:
    """The sentences of ``nearest_fix``, by learner (row number)."""

    def __init__(self, probe: Probe, most_solved: int = MOST_SOLVED) -> None:
        self.probe = probe
        self.ties = Ties(probe.standing.rnd)
        self.most_solved = most_solved
        self.work = Work()
        self.weighed = Work(MOST_WEIGHED)
        self._asked: dict[int, tuple[Fix | None, str]] = {}
        self._undecided = False

    def sentences(self, learners: IntArray) -> Mapping[int, str]:
        """One for each of the learners, who are in order of priority, as far as the work goes."""
        found = {}
        for learner in learners.tolist():
            if self.work.done:
                break
            fix, tried = self.fix(learner)
            if fix is not None or not self.work.done:  # else it was cut short, and has nothing to say
                found[learner] = fix.sentence if fix else tried
        return found

    def sentence(self, learner: int) -> str:
        """The smallest change that was found and checked, or what was tried in vain."""
        fix, tried = self.fix(learner)
        return fix.sentence if fix else tried

    def fix(self, learner: int) -> tuple[Fix | None, str]:
        """The smallest change that was found and checked, and what was tried in vain where there is none."""
        search = Search(self.probe, self.ties, learner, self.work)
        here = search.in_place()
        if here is not None and here.effort < LARGE:
            return here, ""
        moved, asked = self.solved(learner)
        found = [fix for fix in (here, moved) if fix is not None]
        if found:
            return min(found, key=lambda fix: fix.effort), ""
        tries = count(len(search.tried), "change")
        why = f"{tries} tried" if search.tried else "two things or more are in the way everywhere"
        return None, f"no single change opens a place while nobody moves ({why}); {asked}"

    def solved(self, learner: int) -> tuple[Fix | None, str]:
        """What a solver finds for the learner with its ties, and what it was asked; each bundle is asked
        about once.
        """
        bundle = int(self.ties.of(learner)[0])
        if bundle not in self._asked:
            if len(self._asked) >= self.most_solved:
                return None, f"not re-solved: {self.most_solved} others come first by priority and id"
            if self._undecided:
                return None, "not re-solved: an earlier question was not decided in time"
            if len(self.probe.standing.placements) > MOST_PLACED:
                return None, f"not re-solved: more than {MOST_PLACED} learners are placed"
            self._asked[bundle] = self._ask(learner)
        fix, tried = self._asked[bundle]
        return (replace(fix, learner=self.probe.standing.id(learner)) if fix else None), tried

    def _ask(self, learner: int) -> tuple[Fix | None, str]:
        bundle = self.ties.of(learner)
        near = self.probe.candidates.learner[self.probe.near]
        if not np.isin(bundle, near).all():
            return None, "two or more rules bar every place of the learner, or of one tied to it"
        question = Question(self.probe, self.ties, learner, rivals(self.probe, self.ties, learner))
        considered = count(len(question.levers), "change")
        if TIMES_ASKED * question.size**2 > self.weighed.left:
            return None, f"not re-solved: {considered} together would be too much work"
        self.weighed.spend(TIMES_ASKED * question.size**2)
        fix = question.ask(1) or question.ask(2)
        if not question.decided:
            self._undecided = True
            return fix, f"re-solving with {considered} was not decided in time"
        return (
            fix,
            f"neither one nor two of {considered} do when re-solved with up to {MOST_MOVERS} others moving",
        )


def searched_first(standing: Standing, learners: IntArray, ties: Ties) -> IntArray:
    """Those of the learners, who are in order of priority, that are searched if the work lasts: ``MOST_SEARCHED``
    at most, with ``MOST_CANDIDATES`` candidate places in all, those of learners tied to them included.
    """
    first = learners[:MOST_SEARCHED]
    places = [int(standing.barred.candidates[ties.of(learner)].sum()) for learner in first.tolist()]
    return first[np.cumsum(places) <= MOST_CANDIDATES]


def helped(probe: Probe, learner: int) -> str:
    """The sentence for one learner alone."""
    if not probe.standing.valid:
        return INVALID
    return Help(probe).sentence(learner)
