"""The random rounds are worth testing on: many are feasible, and every rule binds in some of them."""

from collections import Counter
from collections.abc import Iterator

import pytest

from models.outcome import Breach
from models.tables import TABLES, columns_of, field_of
from tests.strategies import RULES, random_round, with_debt
from tests.subsets import Faces

ROUNDS = 80


def fullest(options: Faces, seed: int) -> tuple[int, ...] | None:
    """The fullest valid allocation on a walk; ``None`` when it meets none."""
    valid = [subset for subset in options.walk(seed, steps=100) if not options.breaches(subset)]
    return max(valid, key=len, default=None)


def breaches_one_move_away(faces: Faces, valid: tuple[int, ...]) -> Iterator[tuple[Breach, ...]]:
    """What the audit finds after moving or dropping one learner, and after giving one a second placement."""
    for candidate in range(len(faces.candidates)):
        yield faces.breaches(faces.moved(valid, candidate))
        yield faces.breaches(tuple(sorted({*valid, candidate})))


@pytest.mark.slow
def test_rounds_are_feasible_and_every_rule_binds_in_some() -> None:
    """A rule binds in a round when one move away from a valid allocation it is the only one that is broken.

    So its audit has caught a breach planted by a mutation, and no other rule has taken the blame. ``escorts``
    can only be broken through other rules.
    """
    binding: Counter[str] = Counter()
    feasible = with_places = 0
    for seed in range(ROUNDS):
        faces = Faces.of(random_round(seed), most=10**6, seed=seed)
        options = faces.free
        found = fullest(options, seed)
        if found is None:
            continue
        feasible += 1
        with_places += bool(found)
        number = [candidate for candidate in range(len(faces.candidates)) if not faces.barred[candidate]]
        valid = tuple(number[option] for option in found)
        broken = [
            {breach.rule for breach in found_there} for found_there in breaches_one_move_away(faces, valid)
        ]
        binding.update({rule for rules in broken if len(rules) == 1 for rule in rules})
    assert feasible >= 0.6 * ROUNDS
    assert with_places >= 0.35 * ROUNDS
    seldom = {rule: binding[rule] for rule in RULES if binding[rule] < 0.03 * ROUNDS}
    assert seldom == {"escorts": 0}


def test_every_column_is_in_play() -> None:
    """Over the rounds every column that a rule or goal reads takes at least two values; `with_debt` adds a table."""
    silent = {"name", "title", "ects", "issuer", "issued", "sector", "tasks", "credentials"}
    rounds = [with_debt(random_round(seed), seed) for seed in range(60)]
    for table, row in TABLES.items():
        for column in columns_of(row):
            if column in silent or (table, column) in {
                ("companies", "city"),
                ("micro_credentials", "eqf_level"),
            }:
                continue
            field = field_of(row, column)
            values = {str(getattr(found, field)) for rnd in rounds for found in rnd.tables[table].records}
            assert len(values) > 1, f"{table}.{column} is always {values}"


def test_a_seed_gives_the_same_round_again() -> None:
    """And another seed another."""
    assert random_round(7).digest == random_round(7).digest
    assert random_round(7).digest != random_round(8).digest
