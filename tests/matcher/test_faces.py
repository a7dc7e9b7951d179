"""The faces of rules and goals are held to each other: what solvers may choose is what the audit lets pass.

For every discovered rule alone (with and without escorts, which count in other rules) and for all rules
together, subsets of candidates are allowed by ``bars`` and ``rows`` exactly when ``audit`` finds nothing.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.goals import discover
from models.policy import Policy
from models.round import Round
from tests.strategies import RULES, random_round, rounds, with_debt
from tests.subsets import ALL_SUBSETS_UP_TO, Faces

ALL_GOALS = tuple(goal.name for goal in discover())
ROUNDS_PER_RULE = 10
ROUNDS_TOGETHER = 500


def agree(faces: Faces, subset: tuple[int, ...]) -> None:
    """Hold the two sides to each other for one subset."""
    found = faces.breaches(subset)
    assert faces.allows(subset) == (not found), (faces.placements(subset), found)


@pytest.mark.parametrize("escorts", [False, True], ids=["", "escorts"])
@pytest.mark.parametrize("rule", RULES)
def test_the_faces_of_a_rule_agree(rule: str, *, escorts: bool) -> None:
    """All subsets of eight candidates, all other rules off but the first, whose own test has those that it forbids."""
    rules = {rule, "escorts"} if escorts else {rule}
    for seed in range(ROUNDS_PER_RULE):
        faces = Faces.of(random_round(seed, most_learners=5, rules=rules), most=8, seed=seed)
        for subset in faces.subsets(seed):
            if rule == "one_placement" or faces.one_each(subset):
                agree(faces, subset)


@pytest.mark.slow
def test_the_faces_of_all_rules_together_agree_on_every_subset() -> None:
    """All of the 4,096 subsets of twelve candidates that have no learner twice; of those the next test draws some."""
    for seed in range(8):
        faces = Faces.of(random_round(seed), most=ALL_SUBSETS_UP_TO, seed=seed)
        for subset in faces.subsets(seed):
            if faces.one_each(subset):
                agree(faces, subset)


@pytest.mark.slow
def test_the_faces_of_all_rules_together_agree_on_whole_rounds() -> None:
    """500 rounds of up to eight learners, all candidates: random subsets, and a walk from valid to valid."""
    for seed in range(ROUNDS_TOGETHER):
        faces = Faces.of(random_round(seed), most=10**6, seed=seed)
        options = faces.free
        for subset in (*(faces.random_subset(seed + number) for number in range(5)), ()):
            agree(faces, subset)
        for subset in options.walk(seed, steps=25):
            agree(options, subset)


@given(rounds(), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_the_faces_agree_on_rounds_that_shrink(rnd: Round, seed: int) -> None:
    """The same under Hypothesis, which shrinks what it finds."""
    faces = Faces.of(rnd, most=30, seed=seed)
    for number in range(10):
        agree(faces, faces.random_subset(seed + number))


def test_the_faces_of_goals_agree() -> None:
    """``terms`` and ``value`` give the same for random allocations of at most one placement per learner."""
    for seed in range(80):
        policy = Policy(goals=ALL_GOALS, rules={rule: False for rule in RULES if rule != "one_placement"})
        if seed % 2:
            policy = policy.model_copy(update={"rules": dict(policy.rules) | {"escorts": True}})
        faces = Faces.of(with_debt(random_round(seed), seed).replace(policy=policy), most=40, seed=seed)
        for subset in faces.walk(seed, steps=12):
            values = faces.problem.complete(faces.option(subset))
            stated = {goal.name: goal.of(values) for goal in faces.problem.goals}
            assert stated == dict(faces.goals(subset))
