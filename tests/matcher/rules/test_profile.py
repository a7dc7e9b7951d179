"""Rule 2: profile fit of at least ``min_profile_fit``, EQF level within the offer's bounds."""

import pytest

from models.outcome import Breach
from models.policy import Policy
from models.tables import MicroCredential
from tests.tiny import barred, breaches, learner, offer, tiny, why


@pytest.mark.parametrize(
    ("fields", "least", "fit"),
    [
        (("0713",), 100, 100),
        (("07",), 100, 100),
        (("0714",), 60, 60),
        (("0721",), 30, 30),
        (("072",), 30, 30),
        (("06",), 0, 0),
        (("06", "0721", "0714"), 60, 60),
    ],
)
def test_the_boundary_of_the_fit(fields: tuple[str, ...], least: int, fit: int) -> None:
    """A learner of 0713: exactly the fit asked passes, one point more is a breach; both faces say so."""
    passes = tiny(offer(fields=fields), policy=Policy(min_profile_fit=least))
    assert breaches(passes, "profile", "L1 o1 f1") == []
    assert barred(passes, "profile") == []
    if fit < 100:
        fails = tiny(offer(fields=fields), policy=Policy(min_profile_fit=least + 1))
        message = f"learner L1 at offer o1: profile fit {fit}, at least {least + 1} asked"
        assert breaches(fails, "profile", "L1 o1 f1") == [Breach("profile", message, ("L1",))]
        assert barred(fails, "profile") == ["L1 o1 f1"]


@pytest.mark.parametrize(("field", "fit"), [("1013", 80), ("1014", 60), ("0111", 0)])
def test_a_micro_credential_counts_up_to_80(field: str, fit: int) -> None:
    """An equal field would be 100 but is capped at 80; a like field keeps its 60."""
    course = MicroCredential(learner_id="L1", title="-", field=field)
    at = [
        tiny(offer(fields=("1013",)), course, policy=Policy(min_profile_fit=least))
        for least in (fit, fit + 1)
    ]
    assert [len(breaches(rnd, "profile", "L1 o1 f1")) for rnd in at] == [0, 1]
    assert [len(barred(rnd, "profile")) for rnd in at] == [0, 1]


@pytest.mark.parametrize(
    ("level", "low", "high", "message"),
    [
        (4, 4, 4, None),
        (4, None, None, None),
        (3, 4, None, "EQF level 3, at least 4 asked"),
        (5, None, 4, "EQF level 5, at most 4 asked"),
    ],
)
def test_the_boundary_of_the_level(
    level: int, low: int | None, high: int | None, message: str | None
) -> None:
    """Both bounds are included; a blank bound asks nothing."""
    rnd = tiny(learner(eqf_level=level), offer(min_eqf=low, max_eqf=high))
    expected = [] if message is None else [Breach("profile", f"learner L1 at offer o1: {message}", ("L1",))]
    assert breaches(rnd, "profile", "L1 o1 f1") == expected
    assert len(barred(rnd, "profile")) == len(expected)


def test_a_micro_credential_does_not_raise_the_level() -> None:
    """EQF 3 with a course of level 6 is still EQF 3."""
    course = MicroCredential(learner_id="L1", title="-", field="0713", eqf_level=6)
    rnd = tiny(learner(eqf_level=3), offer(min_eqf=4), course)
    assert len(breaches(rnd, "profile", "L1 o1 f1")) == 1
    assert len(barred(rnd, "profile")) == 1


def test_why_says_what_is_there_and_what_is_asked() -> None:
    """Field and level against the offer's, with a blank bound as "any"."""
    rnd = tiny(offer(fields=("06", "10"), min_eqf=5))
    assert why(rnd, "profile") == "field 0713, EQF 4; asked 06;10, EQF 5–any, fit at least 30"
