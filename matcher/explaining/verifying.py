"""The last word on every claim: the changed round, audited whole, with everybody who had a place still
placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from matcher.auditing import audit
from matcher.explaining.changes import Change
from matcher.explaining.standing import Standing, plain
from models.outcome import Placement


@dataclass(frozen=True)
class Fix:
    """A change with an allocation that proves it: valid in the changed round, a place for the learner,
    nobody's place lost.

    ``change`` is None where the round can stay as it is.
    """

    learner: str
    change: Change | None
    placements: tuple[Placement, ...]
    before: tuple[Placement, ...]

    @property
    def effort(self) -> int:
        """The change's; 0 where nothing changes."""
        return self.change.effort if self.change else 0

    @property
    def moved(self) -> int:
        """How many of those who had a place are elsewhere."""
        old = {row.learner_id: row for row in self.before}
        return sum(row.learner_id in old and old[row.learner_id] != row for row in self.placements)

    @property
    def sentence(self) -> str:
        """What to change, where the learner then goes, and how it was checked."""
        place = next(row for row in self.placements if row.learner_id == self.learner)
        new = len(self.placements) - len(self.before)
        others = f" with {new - 1} more who are not placed now" if new > 1 else ""
        there = f"{self.learner} fits at offer {place.offer_id} in flow {place.flow_id}{others}"
        what = f"{self.change.text}: then {there}" if self.change else f"nothing need change: {there}"
        if not self.moved:
            return f"{what} (checked: fits with nobody moved)"
        rise = f"placed rises from {len(self.before)} to {len(self.placements)} learners"
        return f"{what} (checked by re-solving: {rise}, nobody loses a place, {self.moved} moved)"


def verified(
    standing: Standing, learner: int, change: Change | None, placements: Sequence[Placement]
) -> Fix | None:
    """The fix, if the full audit of the changed round finds nothing, and nobody is left without a place."""
    in_order = tuple(sorted(placements, key=attrgetter("learner_id", "offer_id", "flow_id")))
    fix = Fix(standing.id(learner), change, in_order, standing.placements)
    who = {row.learner_id for row in fix.placements}
    kept = {row.learner_id for row in fix.before} | {fix.learner}
    changed = change.apply(standing.rnd) if change else standing.rnd
    return fix if kept <= who and audit(plain(changed), fix.placements).valid else None
