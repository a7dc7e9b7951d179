"""The tiny sample: what its README works out by hand is what the engine finds."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from matcher import match
from matcher.compiling import options_of
from matcher.fitting import fit_points
from matcher.intake import examine, load
from matcher.money import escort_costs, placement_costs
from models.round import Round


@pytest.fixture
def folder(root: Path) -> Path:
    """The sample's folder."""
    return root / "sample_data" / "tiny"


@pytest.fixture
def tiny(folder: Path) -> Round:
    """The sample."""
    return load(folder)


def rows(folder: Path, heading: str) -> list[list[str]]:
    """The cells of the README's table below a heading."""
    text = (folder / "README.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def last_number(cell: str) -> int:
    """The number that a cell ends with."""
    return int(re.findall(r"\d+", cell)[-1])


def test_it_is_read_without_errors_or_warnings(folder: Path) -> None:
    """Nothing in it is read otherwise than it is written."""
    found = examine(folder)
    assert not found.errors
    assert not found.warnings


@pytest.mark.parametrize("method", ["exact", "cpsat", "enumerate"])
def test_the_goals_are_those_of_the_readme(folder: Path, tiny: Round, method: str) -> None:
    """Every goal's value by hand is the proven best."""
    result = match(tiny, method=method)
    assert {goal.name: goal.value for goal in result.goals} == {
        name: int(value) for name, value, _ in rows(folder, "The goals")
    }
    assert all(goal.proven for goal in result.goals)
    assert result.placements["learner_id"].tolist() == ["L1", "L2", "L3", "L4"]


def test_the_options_and_their_fit_are_those_of_the_readme(folder: Path, tiny: Round) -> None:
    """The table of who could go where has every option, with the fit points that the engine computes."""
    options, _ = options_of(tiny)
    learner, offer = tiny.learners["id"][options.learner], tiny.offers["id"][options.offer]
    found = dict(zip(zip(learner, offer, strict=True), fit_points(tiny, options).tolist(), strict=True))
    by_hand = rows(folder, "Who could go where")
    assert {(row[0], row[1]): last_number(row[-1]) for row in by_hand} == found


def test_the_costs_are_those_of_the_readme(folder: Path, tiny: Round) -> None:
    """The four sums of the table of costs: a learner of South and an escort, in either flow."""
    flows, south = tiny.flows.position, tiny.sending_partners.position["south"]
    numbers = [flows["f-bologna"], flows["f-maribor"]]
    two, flow = np.zeros(2, np.int64), np.array(numbers)
    learners = placement_costs(tiny, two + tiny.learners.position["L1"], flow)
    escorts = escort_costs(tiny, two + south, flow)
    by_hand = [int(row[-1]) for row in rows(folder, "What it costs")]
    assert [*learners.tolist(), *escorts.tolist()] == by_hand


def test_first_come_first_served_fails_at_the_first_learner(tiny: Round) -> None:
    """L1 takes the inn, so L2 stays at home."""
    assert match(tiny, method="greedy").placements["learner_id"].tolist() == ["L1", "L3", "L4"]
