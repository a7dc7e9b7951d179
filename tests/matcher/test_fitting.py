"""Components of fit, worked out in whole columns, are what the contract's words say option by option."""

import numpy as np
import pytest

import matcher.fitting
import matcher.speaking
from matcher.fitting import (
    MICRO_CREDENTIAL_CAP,
    Lookup,
    affinity_fit,
    best_profile_fit,
    by_distinct_pair,
    language_fit,
    preference_position,
    profile_fit,
)
from matcher.joining import find_options
from matcher.lists import Lists
from matcher.speaking import LANGUAGE_POINTS
from models.round import Round
from models.tables import MicroCredential
from tests.strategies import random_round
from tests.tiny import company, learner, offer, tiny


def places(rnd: Round) -> list[tuple[int, int, int, int]]:
    """Every candidate as row numbers: learner, offer, company, host."""
    every, _ = find_options(rnd, ())
    columns = (every.learner, every.offer, every.company, every.host)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def language_points(spoken: dict[str, int], working: tuple[tuple[str, int], ...]) -> int:
    """Best over the working languages: exactly the level asked 60, one above 80, more 100."""
    margins = [spoken.get(code, 0) - asked for code, asked in working]
    return max((LANGUAGE_POINTS[min(margin, 2)] for margin in margins if margin >= 0), default=0)


def position(rnd: Round, one: int, at: int, host: int) -> int:
    """The place of the company or host in the wishes, −1 where there is none."""
    wished = (rnd.companies["id"][at], rnd.hosting_partners["id"][host])
    wishes = rnd.learners["preferences"][one]
    return next((number for number, wish in enumerate(wishes) if wish in wished), -1)


@pytest.mark.parametrize(("at_once", "largest"), [(3, 2**25), (1_000_000, 2**25), (1_000_000, 0)])
def test_components_are_the_contracts(at_once: int, largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On random rounds, however few options are valued together, by classes of languages or demand by demand."""
    monkeypatch.setattr(matcher.fitting, "AT_ONCE", at_once)
    monkeypatch.setattr(matcher.speaking, "LARGEST", largest)
    for seed in range(30):
        rnd = random_round(seed)
        every, _ = find_options(rnd, ())
        held = [
            [c.field for c in rnd.micro_credentials.records if c.learner_id == one]
            for one in rnd.learners["id"]
        ]
        expected = [
            (
                best_profile_fit((rnd.learners["field"][one], tuple(held[one])), rnd.offers["fields"][what]),
                language_points(dict(rnd.learners["languages"][one]), rnd.companies["working_languages"][at]),
                position(rnd, one, at, host),
            )
            for one, what, at, host in places(rnd)
        ]
        found = (profile_fit(rnd, every), language_fit(rnd, every), preference_position(rnd, every))
        assert list(zip(*(column.tolist() for column in found), strict=True)) == expected


def test_a_micro_credential_is_capped_and_never_takes_points_away() -> None:
    """An equal field counts 100 as the own one, 80 as a credential's; a narrow one 60 either way."""
    rnd = tiny(
        learner("L1", field="0613"),
        learner("L2", field="0714"),
        learner("L3", field="0613"),
        MicroCredential(learner_id="L1", title="-", field="0714"),
        MicroCredential(learner_id="L2", title="-", field="0613"),
        offer("o1", fields=("0714", "0812")),
        offer("o2", fields=("071",)),
    )
    every, _ = find_options(rnd, ())
    assert profile_fit(rnd, every).tolist() == [MICRO_CREDENTIAL_CAP, MICRO_CREDENTIAL_CAP, 100, 100, 0, 0]


def test_language_by_hand() -> None:
    """English B1 is asked, or Slovene A1: B1 60, B2 80, C1 100; A2 with Slovene A1 60; neither 0."""
    spoken = [(("en", 3),), (("en", 4),), (("en", 5),), (("en", 2), ("sl", 1)), (("de", 6),)]
    rows = [learner(f"L{number}", languages=levels) for number, levels in enumerate(spoken)]
    rnd = tiny(*rows, company("c1", working_languages=(("en", 3), ("sl", 1))))
    assert language_fit(rnd, find_options(rnd, ())[0]).tolist() == [60, 80, 100, 60, 0]


def test_without_affinity_it_is_nothing() -> None:
    """No row, no points."""
    rnd = tiny()
    assert affinity_fit(rnd, find_options(rnd, ())[0]).tolist() == [0]


def test_the_first_of_equal_pairs_counts() -> None:
    """(0, 2) is given twice, (1, 0) once, (1, 2) not at all."""
    given = Lookup.to(np.array([0, 1, 0]), np.array([2, 0, 2]), np.array([7, 8, 9]), 3)
    assert given.of(np.array([0, 1, 1]), np.array([2, 0, 2]), -1).tolist() == [7, 8, -1]


def test_the_best_of_a_list() -> None:
    """Of 4 and 9 it is 9, of nothing 0, of 1 it is 1; asked in any order."""
    lists = Lists.of([[4, 9], [], [1]])
    assert lists.best(np.array([2, 0, 1, 0]), lambda _, at: lists.items[at]).tolist() == [1, 9, 0, 9]
    assert lists.best(np.array([1]), lambda _, at: lists.items[at]).tolist() == [0]


def test_each_distinct_pair_is_measured_once() -> None:
    """Three pairs, two of them alike."""
    asked: list[tuple[str, str]] = []

    def measure(one: str, other: str) -> int:
        asked.append((one, other))
        return len(one) + len(other)

    cells = np.array(["a", "bb", "a"], object)
    values = by_distinct_pair(cells, cells, np.array([0, 2, 1]), np.array([1, 1, 0]), measure)
    assert values.tolist() == [3, 3, 3]
    assert sorted(asked) == [("a", "bb"), ("bb", "a")]
