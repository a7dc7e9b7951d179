"""The one way through: the same round gives the same bytes, limits are kept, and nothing leaves without an audit."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import solvers
from matcher import load, match
from matcher.engine import placements_of
from matcher.reporting.exports import as_csv
from models.errors import AuditFailed, UnknownName
from models.outcome import GoalValue, Outcome, Status, Stop
from models.problem import Problem
from solvers.exact import SOLVER
from solvers.interface import Cancel, Limits, Progress, Report

EXAMPLES = Path(__file__).parents[1] / "contract" / "examples"
INTERVET = Path(__file__).parents[2] / "sample_data" / "intervet"


def shuffled(folder: Path, copy: Path, seed: int) -> Path:
    """A copy of a round's folder with the rows of every table in another order."""
    chance = np.random.default_rng(seed)
    copy.mkdir()
    for file in sorted(folder.iterdir()):
        if file.suffix == ".csv":
            head, *rows = file.read_text(encoding="utf-8").splitlines()
            order = chance.permutation(len(rows))
            (copy / file.name).write_text(
                "\n".join([head, *(rows[n] for n in order)]) + "\n", encoding="utf-8"
            )
        elif file.suffix == ".toml":
            (copy / file.name).write_bytes(file.read_bytes())
    return copy


@pytest.mark.parametrize("name", ["example-01", "example-05", "example-07", "example-09"])
@pytest.mark.parametrize("method", ["exact", "cpsat", "greedy"])
def test_row_order_and_workers_change_no_byte(name: str, method: str, tmp_path: Path) -> None:
    """placements.csv is the same for shuffled rows and for 1 or 2 workers, and so is the input's digest."""
    plain = match(load(EXAMPLES / name), method=method, workers=1)
    other = match(load(shuffled(EXAMPLES / name, tmp_path / "copy", 7)), method=method, workers=2)
    assert as_csv(plain.placements) == as_csv(other.placements)
    assert plain.round.digest == other.round.digest


def test_time_limit_returns_the_best_so_far_with_bounds() -> None:
    """A second is not enough for INTERVET; what comes back is audited, feasible, and says what is still possible."""
    began = time.monotonic()
    result = match(load(INTERVET), method="exact", time_limit=1)
    assert time.monotonic() - began < 30, "the limit is on solving; the rest is quick"
    assert result.status is Status.FEASIBLE
    assert result.outcome.stopped_by is Stop.TIME
    assert result.audit is not None
    assert result.audit.valid
    placed = result.goals[0]
    assert placed.value is not None
    assert placed.bound is not None
    assert placed.value <= placed.bound
    assert not all(goal.proven for goal in result.goals)


def test_cancel_returns_what_there_is() -> None:
    """A caller that cancels at the first progress on a goal gets an allocation or an honest nothing, soon."""
    seen: list[Progress] = []
    result = match(
        load(INTERVET),
        method="exact",
        progress=seen.append,
        cancel=lambda: any(p.phase == "start" for p in seen),
    )
    assert result.outcome.stopped_by is Stop.CANCELLED
    assert result.status in (Status.FEASIBLE, Status.NO_SOLUTION)


def test_auto_says_why() -> None:
    """The method taken and the reason are part of the outcome."""
    result = match(load(EXAMPLES / "example-01"))
    assert result.outcome.method == "exact"
    assert result.outcome.why is not None
    assert "not a pure network" in result.outcome.why


def test_an_unknown_method_names_the_nearest() -> None:
    """A misspelt method is the caller's error."""
    with pytest.raises(UnknownName, match="exact"):
        match(load(EXAMPLES / "example-01"), method="exakt")


class Liar:
    """A solver that chooses everything, or misstates what it chose."""

    name = "liar"

    def __init__(self, *, everything: bool) -> None:
        self.everything = everything

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """An answer that is wrong."""
        if self.everything:
            return Outcome(Status.OPTIMAL, np.arange(problem.options), (), self.name)
        honest = SOLVER.solve(problem, limits, report, cancel)
        return replace(honest, goals=tuple(GoalValue(g.name, 999, 999, proven=True) for g in honest.goals))


class Listener:
    """A solver that writes down what it may use."""

    name = "listener"

    def __init__(self) -> None:
        self.limits: list[Limits] = []

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """As ``exact``."""
        self.limits.append(limits)
        return SOLVER.solve(problem, limits, report, cancel)


def test_a_solver_is_told_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that the caller allows arrives; without a word there is no time limit, one worker and no cluster."""
    listener, looked_for = Listener(), list[Limits]()
    monkeypatch.setattr(solvers, "get", lambda _: listener)
    monkeypatch.setattr("matcher.engine.insist_on_cluster", looked_for.append)
    match(load(EXAMPLES / "example-01"), method="listener")
    given = {"time_limit": 60.0, "workers": 3, "seed": 4, "gap": 0.5, "cluster": "tcp://host:1"}
    match(load(EXAMPLES / "example-01"), method="listener", **given)  # type: ignore[arg-type]  # values by name
    assert listener.limits == [Limits(), Limits(60.0, 3, 4, 0.5, "tcp://host:1")] == looked_for


def test_limits_that_make_no_sense_are_refused() -> None:
    """Before any work: no worker at all is not the same as one."""
    with pytest.raises(ValueError, match="workers: at least 1, not 0"):
        match(load(EXAMPLES / "example-01"), workers=0)


@pytest.mark.parametrize("everything", [True, False])
def test_a_wrong_solver_is_a_loud_error(everything: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken rules and misstated goals are faults of ours, never an allocation."""
    monkeypatch.setattr(solvers, "get", lambda _: Liar(everything=everything))
    with pytest.raises(AuditFailed):
        match(load(EXAMPLES / "example-01"), method="liar")


def test_placements_come_in_the_order_of_learners() -> None:
    """Chosen options become placements by id, sorted by learner."""
    result = match(load(EXAMPLES / "example-07"), method="greedy")
    assert result.outcome.chosen is not None
    ids = [
        placement.learner_id for placement in placements_of(result.options, result.outcome.chosen.tolist())
    ]
    assert ids == sorted(ids)
