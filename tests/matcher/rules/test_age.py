"""Rule 13: completed years on the flow's first day are at least the company's ``min_age``."""

from datetime import date

import pytest

from models.outcome import Breach
from tests.tiny import barred, breaches, company, flow, learner, offer, tiny, why

OFFERS = (offer("o0", company_id="c0"), offer("o1"))


@pytest.mark.parametrize(
    ("born", "start", "age"),
    [
        (date(2004, 9, 12), "09-12", 18),
        (date(2004, 9, 13), "09-12", 17),
        (date(2004, 10, 11), "09-12", 17),
        (date(2004, 8, 13), "09-12", 18),
        (date(2004, 12, 31), "01-01", 17),
        (date(2004, 2, 29), "02-28", 17),
        (date(2004, 2, 29), "03-01", 18),
    ],
)
def test_a_year_is_completed_on_the_birthday(born: date, start: str, age: int) -> None:
    """The birthday itself counts; a birthday on 29 February is 1 March in a common year."""
    rows = (learner(birth_date=born), flow(start=start, end="12-01"))
    enough = tiny(*rows, company(min_age=age))
    assert breaches(enough, "age", "L1 o1 f1") == []
    assert barred(enough, "age") == []
    too_young = tiny(*rows, company(min_age=age + 1))
    message = f"learner L1 at company c1 on 2022-{start}: age {age}, at least {age + 1} asked"
    assert breaches(too_young, "age", "L1 o1 f1") == [Breach("age", message, ("L1",))]
    assert barred(too_young, "age") == ["L1 o1 f1"]
    assert why(too_young, "age") == f"age {age} < {age + 1}"


@pytest.mark.parametrize("least", [0, 18])
def test_a_missing_birth_date_bars_a_company_with_a_minimum_age(least: int) -> None:
    """Even one of 0: a missing datum never waves through."""
    rnd = tiny(company(min_age=least))
    message = f"learner L1 at company c1 on 2022-09-12: age not known, at least {least} asked"
    assert breaches(rnd, "age", "L1 o1 f1") == [Breach("age", message, ("L1",))]
    assert barred(rnd, "age") == ["L1 o1 f1"]
    assert why(rnd, "age") == f"birth date not given, company asks {least}"


def test_without_a_minimum_age_nobody_asks() -> None:
    """Neither the age nor whether it is known; a later placement is still looked at."""
    rnd = tiny(learner("L1"), learner("L2"), company("c0"), company("c1", min_age=18), *OFFERS)
    assert [found.learners for found in breaches(rnd, "age", "L1 o0 f1", "L2 o1 f1")] == [("L2",)]
    assert barred(rnd, "age") == ["L1 o1 f1", "L2 o1 f1"]
