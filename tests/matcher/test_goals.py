"""The goals' values by hand; that ``terms`` agrees with ``value`` is in ``test_faces.py``."""

import pytest

from matcher.columns import Columns
from matcher.goals import discover
from matcher.goals.base import Goal
from matcher.joining import find_options
from matcher.placements import Placements
from models.round import Round
from models.tables import Previous
from tests.tiny import allocation, company, flow, learner, offer, partner, tiny

PEOPLE = (
    partner("ccis"),
    partner("cem"),
    partner("nobody"),
    learner("L1", priority=5),
    learner("L2"),
    learner("L3", priority=2),
    learner("L4", partner_id="cem", languages=(("en", 2),)),
    learner("L5", partner_id="cem"),
    flow("f1", learners_per_escort=2),
    flow("f2"),
    offer("o1"),
    offer("o2", fields=("0714",)),
)


def value(name: str, rnd: Round, *placements: str) -> int:
    """A goal's value in an allocation."""
    goal = next(found for found in discover() if found.name == name)
    return goal.value(rnd, Placements(rnd, allocation(*placements)))


def test_goals_are_the_contracts() -> None:
    """Cost is minimised, the others are maximised; after the contract's five come those of docs/fairness.md."""
    assert {goal.name: goal.sense for goal in discover()} == {
        "placed": 1,
        "equity": 1,
        "first_choices": 1,
        "fit": 1,
        "cost": -1,
        "kept": 1,
        "equity_schools": 1,
        "equity_countries": 1,
        "equity_fields": 1,
        "equity_reasons": 1,
        "leximin": 1,
        "owed": 1,
    }


@pytest.mark.parametrize("goal", discover(), ids=lambda goal: goal.name)
def test_vectors_bear_their_goals_name_and_sense(goal: Goal) -> None:
    """What the solver is told is what the report calls it."""
    rnd = tiny(*PEOPLE)
    vector = goal.terms(rnd, Columns(rnd, find_options(rnd, ())[0]))
    assert (vector.name, vector.sense) == (goal.name, goal.sense)


def test_equity_has_one_column_whose_rows_name_the_partner() -> None:
    """A share in thousandths, defined by a row per partner with learners."""
    rnd = tiny(*PEOPLE)
    columns = Columns(rnd, find_options(rnd, ())[0])
    next(found for found in discover() if found.name == "equity").terms(rnd, columns)
    (family,) = columns.families
    assert (family.name, family.upper.tolist(), family.definition.rule) == ("equity", [1000], "equity")
    rows = range(len(family.definition))
    assert [family.definition.label(row) for row in rows] == ["share of ccis placed", "share of cem placed"]


def test_placed_adds_priorities() -> None:
    """5 + 2; nobody: 0; twice placed is placed."""
    assert value("placed", tiny(*PEOPLE), "L1 o1 f1", "L3 o1 f1") == 7
    assert value("placed", tiny(*PEOPLE)) == 0
    assert value("placed", tiny(*PEOPLE), "L1 o1 f1", "L1 o2 f1") == 5


@pytest.mark.parametrize(
    ("placements", "thousandths"),
    [
        ((), 0),
        (("L1 o1 f1", "L2 o1 f1", "L3 o1 f1"), 0),
        (("L1 o1 f1", "L4 o1 f1"), 333),
        (("L1 o1 f1", "L2 o1 f1", "L4 o1 f1"), 500),
        (("L1 o1 f1", "L2 o1 f1", "L3 o1 f1", "L4 o1 f1", "L5 o1 f1"), 1000),
        (("L1 o1 f1", "L4 o1 f1", "L4 o2 f2", "L5 o1 f1"), 333),
    ],
)
def test_equity_is_the_worst_served_partners_share(placements: tuple[str, ...], thousandths: int) -> None:
    """Partner ccis has three learners, cem two, nobody none and does not count; 1000 / 3 is cut to 333."""
    assert value("equity", tiny(*PEOPLE), *placements) == thousandths


def test_equity_without_learners_is_full() -> None:
    """Nobody falls behind."""
    assert value("equity", tiny(partner("ccis")).replace(rows={"learners": []})) == 1000


def test_fit_adds_fit_points() -> None:
    """L1 at o1: 96 (profile 100, language 80). L4 at o2: (50·60 + 20·60 + 30·100) / 100 = 72."""
    assert value("fit", tiny(*PEOPLE), "L1 o1 f1", "L4 o2 f1") == 96 + 72


def test_cost_adds_learners_and_escorts() -> None:
    """Three learners of ccis and one of cem in f1: 4 · 2754, and 2 + 1 escorts of 3708; f2 has no escorts."""
    rnd = tiny(*PEOPLE)
    assert value("cost", rnd, "L1 o1 f1", "L2 o1 f1", "L3 o1 f1", "L4 o1 f1") == 4 * 2754 + 3 * 3708
    assert value("cost", rnd, "L1 o1 f2") == 2754
    assert value("cost", rnd) == 0


def test_kept_counts_equal_placements() -> None:
    """L1 keeps offer and flow; L2 changes the flow, L3 the offer; L4 had none."""
    had = [Previous(learner_id=f"L{number}", offer_id="o1", flow_id="f1") for number in (1, 2, 3)]
    rnd = tiny(*PEOPLE, *had)
    assert value("kept", rnd, "L1 o1 f1", "L2 o1 f2", "L3 o2 f1", "L4 o1 f1") == 1
    assert value("kept", rnd) == 0


def test_first_choices_count_what_stands_first() -> None:
    """L1 named the company first, L2 the host, L3 the company second, L4 nothing; twice placed counts once."""
    rnd = tiny(
        partner("ccis"),
        learner("L1", preferences=("c1", "zni")),
        learner("L2", preferences=("zni",)),
        learner("L3", preferences=("c2", "c1")),
        learner("L4"),
        flow("f1"),
        flow("f2"),
        company("c1"),
        company("c2"),
        offer("o1"),
    )
    assert value("first_choices", rnd, "L1 o1 f1", "L2 o1 f1", "L3 o1 f1", "L4 o1 f1") == 2
    assert value("first_choices", rnd, "L1 o1 f1", "L1 o1 f2") == 1
    assert value("first_choices", rnd) == 0
