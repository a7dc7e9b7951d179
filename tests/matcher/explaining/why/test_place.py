"""Why seats stay empty: seats that are left, who could come and why they are elsewhere, what bars the rest, what would
fill a seat.
"""

from __future__ import annotations

import numpy as np
import pytest

from matcher import match
from matcher.auditing import audit
from matcher.compiling import rules_of
from matcher.explaining.probing import candidates
from matcher.explaining.standing import Standing, plain
from matcher.explaining.why import telling, why_place
from matcher.explaining.why.place import NotHere, Slot, offers_of
from models.errors import UnknownName
from tests.matcher.explaining.small import company, learner, offer, partner, solved
from tests.strategies import random_round


def test_seats_and_who_is_here() -> None:
    """Three seats, one learner in the one flow."""
    why = why_place(solved(learner("A"), offer(seats=3)), "offer", "o")
    assert why.slots == (Slot("o", "f", 3, 2, available=True),)
    assert (why.seats, why.here, why.elsewhere, why.nowhere, why.barred) == (3, 1, 0, 0, 0)
    assert (
        "Nobody is without a place: a change here can only draw learners from elsewhere."
        in telling.of_place(why)
    )


def test_what_bars_the_rest_commonest_first() -> None:
    """Two speak no English, one studies something else and speaks none either."""
    silent = [learner(key, languages=()) for key in ("A", "B")]
    why = why_place(solved(*silent, learner("C", field="0999", languages=())), "company", "c")
    told = [(bar.rule, bar.learners, bar.alone) for bar in why.bars]
    assert told == [("language", 3, 2), ("profile", 1, 0)]
    assert why.filling.here is None  # nobody speaks a word: the company cannot ask less
    assert why.filling.elsewhere is not None
    assert why.filling.elsewhere.change == "en B1 of A (now none)"


def test_the_smallest_change_here_and_one_elsewhere() -> None:
    """B lacks the language by one level: the company may ask one less (20); a day of C (1) is another's."""
    rows = [
        learner("B", languages=(("en", 2),)),
        learner("C", available_to=offer().available_to.replace(day=1)),
    ]
    filling = why_place(solved(*rows), "offer", "o").filling
    assert filling.here is not None
    assert filling.elsewhere is not None
    assert (filling.here.change, filling.here.effort) == ("company c asks en A2 (now B1)", 20)
    assert (filling.elsewhere.learner_id, filling.elsewhere.effort) == ("C", 1)


def test_why_those_who_could_come_are_elsewhere() -> None:
    """A is at the first wish: here fit would be worse; the budget of q has nothing left for Q."""
    rows = [
        *(learner("A", preferences=("c",)), learner("Q", partner_id="q"), partner("q", budget_eur=0)),
        *(company("c2"), offer("o2", company_id="c2")),
    ]
    why = why_place(solved(*rows), "offer", "o2")
    assert why.not_here == (NotHere("full", "budget", 1, ("Q",)), NotHere("goal", "fit", 1, ("A",)))
    assert (why.elsewhere, why.nowhere) == (1, 1)


def test_an_unknown_id_names_the_nearest() -> None:
    """As everywhere."""
    with pytest.raises(UnknownName, match="nearest: o"):
        why_place(solved(learner("A")), "offer", "oo")


@pytest.mark.parametrize("seed", range(5))
def test_everybody_is_counted_once(seed: int) -> None:
    """Here, elsewhere, nowhere, barred or of another stay; bars as every rule says them; a filled seat is audited."""
    result = match(random_round(seed), method="exact")
    rnd, standing = result.round, Standing.of(result)
    every = candidates(rnd, np.arange(len(rnd.learners)))
    masks = {rule.name: rule.bars(rnd, every) for rule in rules_of(rnd)}
    open_to = ~np.logical_or.reduce(list(masks.values()))
    for what, table in (("offer", "offers"), ("company", "companies"), ("host", "hosting_partners")):
        for key in rnd.tables[table]["id"].tolist():
            why = why_place(result, what, key)
            here = np.isin(every.offer, offers_of(standing, what, key))
            assert why.here + why.elsewhere + why.nowhere == len(np.unique(every.learner[here & open_to]))
            everybody = why.here + why.elsewhere + why.nowhere + why.barred + why.other_stay
            assert everybody == len(rnd.learners)
            for bar in why.bars:
                whole = set(every.learner[here].tolist()) - set(
                    every.learner[here & ~masks[bar.rule]].tolist()
                )
                assert bar.learners == len(whole)
            for filled in (why.filling.here, why.filling.elsewhere):
                if filled is not None:
                    change = filled.fix.change
                    after = change.apply(rnd) if change else rnd
                    assert audit(plain(after), filled.fix.placements).valid
                    assert filled.where.offer_id in rnd.offers["id"][offers_of(standing, what, key)]
