"""On random rounds with every rule: shortages hold by an independent check, exact prices equal a re-solve by another
method, no gain exceeds its bound, and no set of added seats is better than the best one.

``--shortage-rounds`` tries more rounds than the few that a check has time for.
"""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest

from matcher import Result, match
from matcher.auditing import audit
from matcher.engine import placements_of
from matcher.shortages import Answer, shortages
from matcher.shortages.answer import PriceLine
from matcher.shortages.asking import Asked
from matcher.shortages.checking import faults
from matcher.shortages.units import Unit, changed
from matcher.shortages.winning import best_set, with_seats
from models.outcome import Placement, Status
from models.round import Round
from tests.strategies import random_round


def solved(seed: int, most_learners: int) -> Result | None:
    """The result of a random round; None where it has no allocation."""
    result = match(random_round(seed, most_learners=most_learners))
    return result if result.status is Status.OPTIMAL else None


def senses(result: Result) -> dict[str, int]:
    """+1 for goals that are maximised."""
    return {goal.name: goal.sense for goal in result.problem.goals}


@pytest.fixture(scope="module")
def rounds_tried(request: pytest.FixtureRequest) -> int:
    """How many rounds."""
    return int(request.config.getoption("--shortage-rounds"))


def test_every_shortage_holds(rounds_tried: int) -> None:
    """Counted: counted again from the tables. Solved: another method places no more of them. Both kinds occur, and
    everybody who is left out is spoken of.
    """
    proofs: dict[str, int] = {"counted": 0, "solved": 0}
    for seed in range(rounds_tried):
        result = solved(seed, 9)
        if result is None:
            continue
        answer = shortages(result, Asked(top=0, places=0))
        for one in answer.shortages:
            assert list(faults(result.round, one)) == [], f"seed {seed}"
            proofs[one.proof] += 1
        explained = {learner for one in answer.shortages for learner in one.learners}
        left = set(result.unplaced["learner_id"])
        assert left == left & (explained | set(answer.without_options) | set(answer.unexplained)), (
            f"seed {seed}"
        )
    assert all(proofs.values())


def test_the_checker_notices() -> None:
    """A limit that is left out, a capacity that is understated, a learner who has another place: each is a fault."""
    from dataclasses import replace  # noqa: PLC0415

    noticed = 0
    for seed in range(12):
        result = solved(seed, 9)
        if result is None:
            continue
        for one in shortages(result, Asked(top=0, places=0)).shortages:
            if one.proof != "counted" or noticed == 4:
                continue
            without = replace(one, limits=one.limits[1:])
            assert list(faults(result.round, without))
            placed = result.placements["learner_id"].tolist()
            elsewhere = [who for who in placed if who not in one.learners]
            for who in elsewhere[:1]:
                more = replace(one, learners=(*one.learners, who), places=one.places + 1)
                assert list(faults(result.round, more))
            noticed += 1
    assert noticed


def test_exact_prices_equal_a_re_solve(rounds_tried: int) -> None:
    """Every price that is marked exact, by re-solving or by proof, is what the method cp-sat finds in the changed
    round; no first goal gains more than its bound, whether its price is exact or not.
    """
    exact, bounded = 0, 0
    for seed in range(rounds_tried // 3):
        result = solved(seed, 7)
        if result is None:
            continue
        answer = shortages(result, Asked(top=2, places=0))
        sense = senses(result)
        for line in answer.prices[:6]:
            again = resolved(result.round, line)
            gains = {name: value - answer.values[name] for name, value in again.items()}
            if line.exact is not None:
                assert gains == line.exact, f"seed {seed}: {line.what}"
                exact += 1
            if line.at_most is not None:
                first = next(iter(gains))
                assert sense[first] * gains[first] <= line.at_most, f"seed {seed}: {line.what}"
                bounded += 1
    assert exact
    assert bounded


def resolved(rnd: Round, line: PriceLine) -> dict[str, int]:
    """The best values of the changed round, by another method."""
    unit = Unit(line.kind, line.row, line.which, line.detail, line.amount)
    found = match(changed(rnd, unit), method="cpsat")
    assert found.status is Status.OPTIMAL
    assert found.audit is not None
    return dict(found.audit.goals)


def test_no_set_of_seats_is_better(rounds_tried: int) -> None:
    """Two added seats, decided together, are as good as the best of all pairs tried one by one, goal by goal."""
    helped = 0
    for seed in range(rounds_tried // 3):
        result = match(random_round(seed, most_learners=7, rules=("profile", "seats", "language")))
        if result.problem.weighted is not None:
            continue
        rnd, sense = result.round, list(senses(result).values())
        won = best_set(rnd, standing(result), 2)
        assert won.proven
        assert won.checked
        assert won.places <= 2
        best = max(
            [sign * value for sign, value in zip(sense, tried, strict=True)]
            for pair in combinations_with_replacement(rnd.offers["id"].tolist(), 2)
            for tried in [values(with_seats(rnd, {one: pair.count(one) for one in pair}))]
        )
        assert [sign * value for sign, value in zip(sense, won.values, strict=True)] == best, f"seed {seed}"
        helped += bool(won.seats)
    assert helped


def standing(result: Result) -> tuple[Placement, ...]:
    """A result's placements."""
    assert result.outcome.chosen is not None
    return tuple(sorted(placements_of(result.options, result.outcome.chosen)))


def values(rnd: Round) -> list[int]:
    """A round's best values, by cp-sat."""
    found = match(rnd, method="cpsat")
    assert found.audit is not None
    return list(found.audit.goals.values())


def test_workers_and_repetition_change_nothing() -> None:
    """The same answer, to the byte, from one worker and from two."""
    result = solved(3, 8)
    assert result is not None
    first, second = (
        shortages(result, Asked(top=2, places=2, workers=workers)).as_dict() for workers in (1, 2)
    )
    assert first == second


def test_an_allocation_from_elsewhere_is_made_best_first() -> None:
    """Prices are differences to the round's best, whatever allocation is asked about."""
    from matcher import allocations  # noqa: PLC0415

    result = solved(3, 8)
    assert result is not None
    assert result.audit is not None
    nobody = [] if audit(result.round, []).valid else list(standing(result))
    adopted = allocations.adopted(result.round, nobody)
    one: Answer = shortages(adopted, Asked(top=1, places=0))
    assert one.proven
    assert one.values == dict(result.audit.goals)
