"""Rule 4: for at least one working language the learner's level is at least the level asked."""

import pytest

from models.outcome import Breach
from tests.tiny import barred, breaches, company, learner, tiny, why

Levels = tuple[tuple[str, int], ...]


@pytest.mark.parametrize(
    ("spoken", "working", "fine"),
    [
        ((("en", 3),), (("en", 3),), True),
        ((("en", 3),), (("en", 4),), False),
        ((("en", 6),), (("sl", 1),), False),
        ((("en", 2), ("sl", 1)), (("en", 3), ("sl", 1)), True),
        ((("en", 2), ("it", 6)), (("en", 3), ("sl", 1)), False),
        ((), (("en", 1),), False),
    ],
)
def test_one_working_language_at_the_level_asked_is_enough(
    spoken: Levels, working: Levels, fine: bool
) -> None:
    """Exactly the level passes; one below, another language or none at all does not."""
    rnd = tiny(learner(languages=spoken), company(working_languages=working))
    message = "learner L1 meets no working language of company c1"
    assert breaches(rnd, "language", "L1 o1 f1") == ([] if fine else [Breach("language", message, ("L1",))])
    assert barred(rnd, "language") == ([] if fine else ["L1 o1 f1"])


def test_why_sets_levels_side_by_side() -> None:
    """A language that the learner does not have is "none"."""
    rnd = tiny(learner(languages=(("en", 2),)), company(working_languages=(("en", 3), ("it", 1))))
    assert why(rnd, "language") == "en A2 < B1 and it none < A1"
