"""Infeasible rounds: the sentences, and the set behind them, in which every member is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matcher import load, match
from matcher.explaining import conflict
from matcher.explaining.conflicts import conflict_rows
from models.outcome import Status
from models.tables import Agreement, Beds, Group, Lock, Pair, Quota
from tests.matcher.explaining.confirming import irreducible
from tests.matcher.explaining.small import company, flow, host, learner, offer, partner, solved
from tests.strategies import random_round

EXAMPLES = Path(__file__).parents[2] / "contract" / "examples"

A, B = learner("A"), learner("B")
BOTH = "2 learners have an option"
PIN = Lock(learner_id="B", kind="pin", offer_id="o", flow_id="f")
TWO = Quota(partner_id="p", host_id="h", stay="short", min_learners=2)


PLANTED: list[tuple[list[Any], list[str]]] = [
    (
        [learner("B", languages=(("sl", 1),)), company(working_languages=(("sl", 2),)), PIN],
        ["locks: learner B is pinned to offer o, flow f, but language bars it: sl A1 < A2"],
    ),
    (
        [B, host("h2"), PIN, Agreement(partner_id="p", host_id="h2")],
        [
            "locks: learner B is pinned to offer o, flow f, but agreements bars it: p has agreements, none with h"
        ],
    ),
    (
        [learner("B", stay="long"), PIN],
        [
            (
                "locks: learner B is pinned to offer o, flow f, but no offer and flow of one host with a long stay "
                "agree with that"
            )
        ],
    ),
    (
        [A, B, TWO, flow(max_heads=1), offer(seats=3)],
        [
            f"flow_heads: flow f, the only short flow at h, takes 1 head at most; {BOTH} in it (A and B)",
            f"quotas: quota p→h short needs at least 2; {BOTH} there (A and B)",
        ],
    ),
    (
        [A, B, TWO],
        [
            f"seats: offer o has 1 seat on 2022-09-05; {BOTH} in it (A and B)",
            f"quotas: quota p→h short needs at least 2; {BOTH} there (A and B)",
        ],
    ),
    (
        [
            A,
            learner("B", languages=()),
            learner("C", needs=("stay:halal",), languages=()),
            TWO,
            offer(seats=3),
        ],
        [
            "quotas: quota p→h short needs at least 2; 1 learner has an option there (A), not 2 others: language (2)",
        ],
    ),
    (
        [B, Quota(partner_id="p", host_id="h", min_learners=2)],
        [
            (
                "quotas: quota p→h needs at least 2; 1 learner has an option there (B), "
                "and there are no other learners of p"
            )
        ],
    ),
    (
        [A, B, TWO, offer(seats=3), partner(budget_eur=5000)],
        [
            f"quotas: quota p→h short needs at least 2; {BOTH} there (A and B)",
            "budget: the budget of p is 5000 EUR; a placement costs 3249 EUR or more",
        ],
    ),
    (
        [A, B, TWO, offer(seats=3), Beds(host_id="h", from_=flow().start, to=flow().end, beds=1)],
        [
            f"beds: h has 1 bed on 2022-09-05; {BOTH} in it (A and B)",
            f"quotas: quota p→h short needs at least 2; {BOTH} there (A and B)",
        ],
    ),
    (
        [
            learner("A", group_id="g", languages=()),
            learner("B", group_id="g"),
            Group(id="g", partner_id="p", mode="all_or_none"),
            PIN,
        ],
        [
            (
                "groups: group g: A and B are both in flow f, or neither is; A has no option there: language bars it: "
                "en none < B1"
            ),
            "locks: learner B is pinned to offer o, flow f, with 1 option there",
        ],
    ),
    (
        [
            learner("A"),
            B,
            offer(seats=2),
            Pair(learner_a="A", learner_b="B", kind="apart"),
            PIN,
            Lock(learner_id="A", kind="pin", company_id="c"),
        ],
        [
            "pairs: learners A and B are not both at company c on 2022-09-05",
            "locks: learner A is pinned to company c, with 1 option there",
            "locks: learner B is pinned to offer o, flow f, with 1 option there",
        ],
    ),
    (
        [B, PIN, flow(min_group=2)],
        [
            "min_group: learners of p in flow f: none or at least 2; 1 learner has an option in it (B)",
            "locks: learner B is pinned to offer o, flow f, with 1 option there",
        ],
    ),
]


@pytest.mark.parametrize(("rows", "sentences"), PLANTED)
def test_a_planted_conflict_is_told_with_its_amounts(rows: list[Any], sentences: list[str]) -> None:
    """Whom it is about, what is asked, what there is; and no member can be spared."""
    result = solved(*rows)
    assert result.status is Status.INFEASIBLE
    assert list(conflict(result)) == sentences
    assert irreducible(result)


def test_the_contracts_third_example() -> None:
    """A quota asks for somebody at uniser; the only learner with an option there has a mate who cannot come along."""
    result = match(load(EXAMPLES / "example-03"), method="exact")
    sentences = conflict(result)
    assert (
        sentences[0]
        == "quotas: quota all→uniser short needs at least 1; 1 learner has an option there (L0009)"
    )
    assert sentences[1].startswith(
        "groups: group g5: L0009 and L0010 are both in flow uniser-f1, or neither is; L0010 has no option there: "
    )
    assert len(sentences) == 2
    assert irreducible(result)


def test_the_contracts_twelfth_example() -> None:
    """A quota of 30 where nobody has an option."""
    result = match(load(EXAMPLES / "example-12"), method="exact")
    assert conflict(result) == (
        "quotas: quota ccis→uniser long needs at least 30; 0 learners have an option there, not 1 other: dates (1)",
    )
    assert irreducible(result)


@pytest.mark.slow
def test_random_infeasible_rounds_have_irreducible_conflicts() -> None:
    """Every member of the set behind the sentences is needed."""
    seen = 0
    for seed in range(400):
        result = match(random_round(seed), method="exact")
        if result.status is Status.INFEASIBLE:
            seen += 1
            assert irreducible(result), seed
            assert len(conflict(result)) == len(conflict_rows(result).rows)
    assert seen > 20


def test_a_feasible_round_has_no_conflict() -> None:
    """Nothing to tell."""
    assert conflict(solved(A)) == ()
