"""The join by classes gives what asking every rule about every candidate gives, and counts the same."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import matcher.asking
import matcher.barring
import matcher.conditions
import matcher.joining
from matcher.compiling import rules_of
from matcher.generating import Spec, generate
from matcher.joining import find_options
from matcher.options import Options
from matcher.rules import discover
from models.round import Round
from tests.dense import Dense
from tests.strategies import random_round, rounds
from tests.tiny import flow, host, learner, partner, tiny


def rows(options: Options) -> list[tuple[int, int, int]]:
    """Options as (learner, offer, flow)."""
    columns = (options.learner.tolist(), options.offer.tolist(), options.flow.tolist())
    return list(zip(*columns, strict=True))


def agree(rnd: Round) -> None:
    """Hold the join and its counts to the dense ones."""
    rules = rules_of(rnd)
    options, barred = find_options(rnd, rules)
    dense = Dense.of(rnd, rules)
    assert rows(options) == rows(dense.options)
    assert (options.slot_offer[options.slot] == options.offer).all()
    assert (options.slot_flow[options.slot] == options.flow).all()
    assert barred.candidates.tolist() == dense.count().tolist()
    assert list(barred.by_rule) == list(barred.by_rule_alone) == [rule.name for rule in rules]
    without = np.flatnonzero(np.bincount(options.learner, minlength=len(rnd.learners)) == 0)
    for name, mask in dense.masks.items():
        alone = dense.count(mask & (dense.times == 1))
        assert barred.by_rule[name].tolist() == dense.count(mask).tolist(), name
        some = [*without[:2].tolist(), 0]
        assert [barred.alone(name, one) for one in some] == alone[some].tolist(), name
        assert barred.by_rule_alone[name].tolist() == alone.tolist(), name
        assert barred.totals_alone is not None
        assert barred.totals_alone[name] == alone.sum(), name


@pytest.fixture(autouse=True)
def by_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small rounds are joined like large ones, but where a test says otherwise."""
    monkeypatch.setattr(matcher.asking, "FEW_PAIRS", 0)


@given(rounds())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_join_is_the_dense_one(rnd: Round) -> None:
    """On small rounds with every column in play, in the order of learners, offers, flows."""
    agree(rnd)


@pytest.mark.parametrize("pairs", [1, 7, 300])
def test_parts_change_nothing(pairs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few pairs, slots, learners or cells are looked at together."""
    monkeypatch.setattr(matcher.joining, "PAIRS_AT_ONCE", pairs)
    monkeypatch.setattr(matcher.joining, "FIRST_LEARNERS", pairs)
    monkeypatch.setattr(matcher.conditions, "ASKED_AT_ONCE", pairs)
    monkeypatch.setattr(matcher.barring, "SLOTS_AT_ONCE", pairs)
    monkeypatch.setattr(matcher.barring, "LEARNERS_AT_ONCE", min(pairs, 2))
    monkeypatch.setattr(matcher.barring, "CELLS_AT_ONCE", pairs)
    for seed in range(25):
        agree(random_round(seed))


def test_conditions_with_too_many_classes_are_asked_pair_by_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same options and counts, whichever conditions have tables."""
    for largest in (0, 3, 8):
        monkeypatch.setattr(matcher.conditions, "LARGEST", largest)
        for seed in range(15):
            agree(random_round(seed))


def test_the_join_is_the_dense_one_on_a_generated_round() -> None:
    """A national round in small: agreements, groups, locks, thousands of candidates."""
    agree(generate(Spec.of_shape("national", 150), seed=3))


def test_small_rounds_are_asked_pair_by_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same options and counts without any classes."""
    monkeypatch.setattr(matcher.asking, "FEW_PAIRS", 10**6)
    for seed in range(25):
        agree(random_round(seed))


def test_every_rule_that_bars_says_what_it_reads() -> None:
    """All but locks, which name single learners, state conditions; so the join is fast for every one of them."""
    asked = [rule.name for rule in discover() if rule.asks_pairs]
    stated = [rule.name for rule in discover() if rule.conditions()]
    assert asked == ["locks"]
    assert stated == ["profile", "dates", "language", "age", "needs", "agreements"]


def test_nobody_and_nowhere() -> None:
    """Rounds in which no learner, or no slot, is left to join."""
    agree(tiny().replace(rows={"flows": []}))
    agree(tiny(learner("L1", stay="long")))
    agree(tiny(partner("ccis"), host("zni"), flow("f1", start="01-01", end="01-02")))
