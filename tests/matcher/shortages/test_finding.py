"""Shortages in rounds worked by hand: who is in them, what holds them, how they are told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from matcher import match
from matcher.shortages import shortages
from matcher.shortages.answer import Answer, Shortage
from matcher.shortages.asking import Asked
from matcher.shortages.capacity import with_escorts
from matcher.shortages.checking import faults, most_placed
from models.policy import Policy
from models.round import Round
from models.tables import Beds, Group, Quota, Row
from tests import tiny

NOTHING_SOLVED = Asked(top=0, places=0)


def asked(rnd: Round) -> Answer:
    """The answer without any re-solve; every shortage in it is checked."""
    answer = shortages(match(rnd), NOTHING_SOLVED)
    for one in answer.shortages:
        assert list(faults(rnd, one)) == []
    return answer


def sizes(answer: Answer) -> list[tuple[tuple[str, ...], int]]:
    """Who, and for how many places."""
    return [(one.learners, one.places) for one in answer.shortages]


def learners(names: str, **changes: object) -> list[Row]:
    """Learners by id."""
    return [tiny.learner(name, **changes) for name in names.split()]


def test_too_many_for_the_seats() -> None:
    """Three electricians, one offer with two seats: 3 for 2, and the seats are named with their day."""
    answer = asked(tiny.tiny(*learners("L1 L2 L3"), tiny.offer(seats=2)))
    assert sizes(answer) == [(("L1", "L2", "L3"), 2)]
    (one,) = answer.shortages
    assert one.sentence.startswith("3 learners: 2 places, weeks 37–40 of 2022. ")
    assert one.sentence.endswith("Every option of theirs lies in 2 seats at offer o1 on 2022-09-12")
    assert one.proved == "Counted: these limits take 2 at most, so that of 3 learners 1 stays without."
    assert one.when == "weeks 37–40 of 2022"


def test_who_can_go_elsewhere_is_not_in_it() -> None:
    """L3 could also go to the Italian company: L1 and L2 compete for one seat, L3 with nobody."""
    answer = asked(
        tiny.tiny(
            *learners("L1 L2"),
            tiny.learner("L3", languages=(("en", 3), ("it", 4))),
            tiny.offer(seats=1),
            tiny.company(),
            tiny.company("c2", working_languages=(("it", 3),)),
            tiny.offer("o2", company_id="c2", seats=1),
        )
    )
    assert sizes(answer) == [(("L1", "L2"), 1)]


def test_distinct_shortages_the_biggest_first() -> None:
    """Five cooks for two seats come before two electricians for one."""
    cooks = learners("L1 L2 L3 L4 L5", field="1013")
    electricians = learners("L6 L7")
    offers = [tiny.offer("o1", fields=("1013",), seats=2), tiny.offer("o2", fields=("0713",), seats=1)]
    answer = asked(tiny.tiny(*cooks, *electricians, *offers))
    assert sizes(answer) == [(("L1", "L2", "L3", "L4", "L5"), 2), (("L6", "L7"), 1)]
    assert answer.shortages[0].shared == ("of field 1013 Hotel, restaurants and catering",)


def test_several_limits_together() -> None:
    """Two seats of one offer and one head in the flow of another hold four learners: 4 for 3."""
    answer = asked(
        tiny.tiny(
            *learners("L1 L2 L3 L4"),
            tiny.host(),
            tiny.host("sepr", country="FR"),
            tiny.flow(),
            tiny.flow("f2", host_id="sepr", max_heads=1),
            tiny.company(),
            tiny.company("c2", host_id="sepr"),
            tiny.offer(seats=2),
            tiny.offer("o2", company_id="c2"),
        )
    )
    assert sizes(answer) == [(("L1", "L2", "L3", "L4"), 3)]
    assert [limit.rule for limit in answer.shortages[0].limits] == ["flow_heads", "seats"]


@pytest.mark.parametrize(
    ("heads", "per_escort", "learners"), [(4, None, 4), (4, 3, 3), (5, 3, 3), (6, 3, 4), (1, 3, 0)]
)
def test_heads_with_escorts(heads: int, per_escort: int | None, learners: int) -> None:
    """Of 4 heads one is the escort of three; of 5 one learner less than would fit; one head is nobody's."""
    assert with_escorts(heads, per_escort) == learners


def test_beds_count_their_escorts() -> None:
    """Three beds, an escort for every four: two of three learners at most."""
    rows = [
        tiny.flow(learners_per_escort=4),
        Beds(host_id="zni", from_=tiny.day("01-01"), to=tiny.day("12-31"), beds=3),
    ]
    answer = asked(tiny.tiny(*learners("L1 L2 L3"), *rows))
    assert sizes(answer) == [(("L1", "L2", "L3"), 2)]


def test_a_budget_takes_the_cheapest() -> None:
    """Money for one placement and a half holds two learners: 2 for 1."""
    cost = int(match(tiny.tiny()).placements["cost_eur"][0])
    answer = asked(tiny.tiny(*learners("L1 L2"), tiny.partner(budget_eur=cost * 3 // 2)))
    assert sizes(answer) == [(("L1", "L2"), 1)]
    assert "the budget of ccis can pay" in answer.shortages[0].sentence


def test_a_quota_by_name() -> None:
    """A quota for one learner at the host."""
    answer = asked(tiny.tiny(*learners("L1 L2"), Quota(host_id="zni", max_learners=1)))
    assert "1 place in quota all→zni" in answer.shortages[0].sentence


def test_what_counting_cannot_show_is_solved() -> None:
    """A group of two that comes whole or not at all, and one seat: of L1 and L2 nobody can be placed, although one
    seat would count for one of them. None of the two can be spared, so each is told alone.
    """
    group = Group(id="g1", partner_id="ccis", mode="all_or_none")
    rnd = tiny.tiny(*learners("L1 L2", group_id="g1"), group, tiny.offer(seats=1))
    answer = asked(rnd)
    assert {one.proof for one in answer.shortages} <= {"counted", "solved"}
    assert sum(one.short for one in answer.shortages) >= 1
    assert most_placed(rnd, ("L1", "L2")) == 0


def test_who_has_no_option_competes_with_nobody() -> None:
    """L2 speaks no working language: listed apart, not short of a seat."""
    answer = asked(tiny.tiny(tiny.learner(), tiny.learner("L2", languages=(("it", 3),))))
    assert answer.shortages == ()
    assert answer.without_options == ("L2",)


def test_left_out_by_the_goals_alone() -> None:
    """Where only money counts nobody is placed, though all could be: no shortage, and it is said."""
    rnd = tiny.tiny(*learners("L1 L2"), policy=Policy(goals=("cost",)))
    answer = asked(rnd)
    assert answer.shortages == ()
    assert answer.unexplained == ("L1", "L2")


def test_descriptions_say_what_is_not_shared() -> None:
    """Electricians with English B1 or more for one seat: the field is shared, the partners are not."""
    rows = [tiny.partner(), tiny.partner("bih", country="BA"), tiny.learner("L9", field="1013")]
    people = [tiny.learner("L1"), tiny.learner("L2", partner_id="bih", languages=(("en", 4),))]
    answer = asked(tiny.tiny(*rows, *people, tiny.offer(fields=("0713",), seats=1)))
    (one,) = answer.shortages
    assert one.shared == ("of field 0713 Electricity and energy",)
    assert one.others == 0
    assert one.apart == ("2 countries: BA (1), RS (1)", "2 sending partners: bih (1), ccis (1)")


def test_a_description_that_does_not_fit_says_how_many_others() -> None:
    """L3 is like L1 and L2 in all that descriptions speak of, and can go where they cannot: a lock is not a feature."""
    from models.tables import Lock  # noqa: PLC0415

    offers = [tiny.offer(seats=1), tiny.offer("o2", seats=1)]
    locks = [Lock(learner_id=who, kind="forbid", offer_id="o2") for who in ("L1", "L2")]
    answer = asked(tiny.tiny(*learners("L1 L2 L3"), *offers, *locks))
    (one,) = answer.shortages
    assert (one.learners, one.others) == (("L1", "L2"), 1)


@pytest.mark.parametrize("seed", range(20))
def test_counting_finds_all_there_is_in_plain_rounds(seed: int) -> None:
    """Learners, one flow, seats and nothing else: the shortages add up to exactly those who cannot be placed (Hall)."""
    random = np.random.default_rng(seed)
    codes = ["0711", "0713", "0714", "0715"]
    people = [tiny.learner(f"L{n}", field=str(random.choice(codes))) for n in range(10)]
    offers = [
        tiny.offer(
            f"o{n}",
            fields=tuple(sorted(set(random.choice(codes, 2).tolist()))),
            seats=int(random.integers(0, 3)),
        )
        for n in range(4)
    ]
    rnd = tiny.tiny(*people, *offers, policy=Policy(min_profile_fit=100))
    result = match(rnd)
    answer = asked(rnd)
    able = len(people) - len(answer.without_options)
    assert sum(one.short for one in answer.shortages) == able - len(result.placements)
    assert _disjoint(answer.shortages)


def _disjoint(found: Sequence[Shortage]) -> bool:
    every = [learner for one in found for learner in one.learners]
    return len(every) == len(set(every))
