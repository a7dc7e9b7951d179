"""Rule 14: the host provides for every ``stay:`` code of a learner, the company for every ``work:`` code."""

import pytest

from models.outcome import Breach
from tests.tiny import barred, breaches, company, host, learner, tiny, why

Codes = tuple[str, ...]


@pytest.mark.parametrize(
    ("needs", "at_host", "at_company", "unmet"),
    [
        ((), (), (), ""),
        (("stay:halal", "work:day_shift"), ("stay:halal",), ("work:day_shift",), ""),
        (("stay:halal",), (), (), "stay:halal"),
        (("work:day_shift",), (), (), "work:day_shift"),
        (("stay:halal", "stay:step_free"), ("stay:halal",), (), "stay:step_free"),
        (("stay:halal", "work:day_shift"), (), (), "stay:halal, work:day_shift"),
        (("stay:step_free",), ("stay:halal",), ("work:step_free",), "stay:step_free"),
        (("work:step_free",), ("stay:step_free",), ("work:day_shift",), "work:step_free"),
        (("work:shift:early",), (), ("work:shift:early",), ""),
        (("stay:near:work",), (), (), "stay:near:work"),
    ],
)
def test_every_code_is_needed(needs: Codes, at_host: Codes, at_company: Codes, unmet: str) -> None:
    """What the host provides for lodging does not help at work, nor the other way round."""
    rnd = tiny(learner(needs=needs), host(provides=at_host), company(provides=at_company))
    message = f"learner L1 at company c1 of host zni needs {unmet}"
    assert breaches(rnd, "needs", "L1 o1 f1") == ([Breach("needs", message, ("L1",))] if unmet else [])
    assert barred(rnd, "needs") == (["L1 o1 f1"] if unmet else [])


def test_why_names_what_nobody_provides() -> None:
    """Of three needs the host meets one."""
    needs = ("stay:halal", "stay:step_free", "work:day_shift")
    rnd = tiny(learner(needs=needs), host(provides=("stay:halal",)))
    assert why(rnd, "needs") == "not provided: stay:step_free;work:day_shift"
