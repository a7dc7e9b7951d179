"""How good the placements are: fit points, profile, language, and which wish was met, as distributions.

Contract: rule 2 and section "Goals" (components of fit points).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.fitting import language_fit, preference_position, profile_fit
from matcher.reporting.facts import Facts
from models.round import IntArray

Mask = npt.NDArray[np.bool_]


class Class(NamedTuple):
    """A class of a distribution: what it is called, which placements are in it."""

    label: str
    members: Mask

    @property
    def size(self) -> int:
        """How many placements are in it."""
        return int(self.members.sum())


WISHES = ("1st wish", "2nd wish", "3rd wish", "4th wish", "5th wish")
NO_WISHES = "No wishes given"
PROFILE = {
    100: "Same field (100)",
    80: "A micro-credential's field (80)",
    60: "Same narrow field (60)",
    30: "Same broad field (30)",
    0: "Another field (0)",
}
LANGUAGE = {
    100: "Two levels or more above (100)",
    80: "One level above (80)",
    60: "Exactly the level asked (60)",
    0: "Below (0; the rule is off)",
}


def wishes_met(facts: Facts) -> tuple[Class, ...]:
    """Return which wish each placement meets, the best first; classes that nobody is in are left out."""
    position = preference_position(facts.rnd, facts.options)
    asked = np.array([bool(wishes) for wishes in facts.rnd.learners["preferences"]], bool)[
        facts.options.learner
    ]
    found = [Class(label, asked & (position == place)) for place, label in enumerate(WISHES)]
    found += [
        Class("6th wish or later", asked & (position >= len(WISHES))),
        Class("Not among the wishes", asked & (position < 0)),
        Class(NO_WISHES, ~asked),
    ]
    return tuple(one for one in found if one.size)


def profiles(facts: Facts) -> tuple[Class, ...]:
    """Return how the fields of study agree, the best first."""
    return _by_value(profile_fit(facts.rnd, facts.options), PROFILE)


def languages(facts: Facts) -> tuple[Class, ...]:
    """Return how the learners' level compares with what is asked, the best first."""
    return _by_value(language_fit(facts.rnd, facts.options), LANGUAGE)


def fit_classes(facts: Facts) -> tuple[Class, ...]:
    """Return the fit points by tens, from the highest class that has somebody to the lowest, gaps shown."""
    ten = facts.fit // 10
    low, high = int(ten.min()), int(ten.max())
    return tuple(
        Class("100" if number == 10 else f"{10 * number} to {10 * number + 9}", ten == number)
        for number in range(high, low - 1, -1)
    )


def of_stay(facts: Facts, stay: str) -> Mask:
    """Return which placements are of a stay."""
    found: Mask = facts.rnd.flows["stay"][facts.options.flow] == stay
    return found


def _by_value(values: IntArray, labels: dict[int, str]) -> tuple[Class, ...]:
    found: Sequence[Class] = [Class(label, values == value) for value, label in labels.items()]
    return tuple(one for one in found if one.size)
