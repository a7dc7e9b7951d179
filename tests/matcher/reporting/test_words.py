"""Numbers and proofs in words that do not say more than is known."""

import pytest

from matcher.reporting import words
from matcher.reporting.heat import heat_cell
from matcher.reporting.model import Goal


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "–"),
        (0, "0 %"),
        (0.0001, "0.1 %"),
        (0.5, "50 %"),
        (0.98765, "98.8 %"),
        (0.9999, "99.9 %"),
        (1, "100 %"),
    ],
)
def test_only_all_is_100_percent(share: float | None, text: str) -> None:
    """Rounding never turns nearly all into all, nor hardly any into none."""
    assert words.percent(share).replace(words.NARROW, " ") == text


def test_absent_is_a_dash() -> None:
    """What is not known is a dash in every form."""
    assert {words.number(None), words.euros(None), words.one_decimal(None)} == {"–"}
    assert words.euros(1234567).replace(words.NARROW, " ") == "€ 1 234 567"


@pytest.mark.parametrize(
    ("goal", "earlier", "text"),
    [
        (Goal(name="placed", value=4, bound=4, proven=True), 0, "Proven: no allocation places more."),
        (
            Goal(name="fit", value=4, bound=4, proven=True),
            1,
            "Proven: no allocation fits better without giving up the goal above.",
        ),
        (
            Goal(name="cost", value=900, bound=800, proven=False),
            2,
            "Not proven: at most € 100 less could be possible without giving up a goal above.",
        ),
        (Goal(name="kept", value=4, bound=None, proven=False), 0, "Not proven; no bound is known."),
        (
            Goal(name="equity", value=900, bound=950, proven=False),
            0,
            "Not proven: at most 5 % more could be possible.",
        ),
        (Goal(name="brand_new", value=4, bound=4, proven=True), 0, "Proven: no allocation does better."),
    ],
)
def test_proofs(goal: Goal, earlier: int, text: str) -> None:
    """A proof says what it proves, given the goals before; what is open says how much, or that nobody knows."""
    assert words.proof(goal, earlier).replace(words.NARROW, " ") == text


def test_priorities_are_not_heads() -> None:
    """Where learners count differently, the proof is about the sum of priorities."""
    goal = Goal(name="placed", value=9, bound=9, proven=True)
    assert (
        words.proof(goal, 0, by_priority=True) == "Proven: no allocation reaches a higher sum of priorities."
    )


@pytest.mark.parametrize(
    ("present", "room", "level", "full"),
    [
        (0, 10, 0, False),
        (1, 10, 1, False),
        (5, 10, 3, False),
        (9, 10, 5, False),
        (10, 10, 5, True),
        (3, 0, 5, True),
        (7, None, 1, False),
    ],
)
def test_heat(present: int, room: int | None, level: int, full: bool) -> None:
    """A cell is the darker the fuller; full is more than dark; without a limit nothing is full."""
    found = heat_cell(present, room)
    assert (found.level, found.full) == (level, full)


@pytest.mark.parametrize(
    ("value", "bound", "text"),
    [
        (100_000, 100_034, "0.034 %"),
        (1_000_000, 1_000_001, "0.0001 %"),
        (3, 12, "300 %"),
        (0, 2, "200 %"),
        (-5.0, -5.0, "0 %"),
        (7, None, "–"),
        (None, 7, "–"),
    ],
)
def test_gaps_have_two_digits(value: float | None, bound: float | None, text: str) -> None:
    """|bound − value| / max(1, |value|), as in ``report.json``, in percent."""
    assert words.gap_words(value, bound).replace(words.NARROW, " ") == text
