"""A run that is spread over a Dask cluster, as a child process of the service solves it; real processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.runs import tasks
from matcher.generating import Spec, generate
from matcher.intake.writing import write_round
from solvers.interface import Progress
from tests.solvers.sites import PATIENT, Site

WEIGHTED = {"weights": {"placed": 100_000, "fit": 100, "cost": 1}, "min_profile_fit": 30}
GAP = 0.05
"""Reached by the search itself, so that no clock has a say."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A scheduler and a worker."""
    one = Site(tmp_path_factory.mktemp("site"), PATIENT)
    one.staff(1)
    yield one
    one.close()


def tasks_given_to(site: Site) -> int:
    """How often anything changed on the scheduler that had to do with a task."""
    with site.client() as client:
        count: int = client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.transition_counter)
        return count


def solved(folder: Path, cluster: str | None, learners: int = 240) -> tuple[bytes, list[str]]:
    """The placements of a run, and what was told meanwhile."""
    folder.mkdir()
    write_round(generate(Spec.of_shape("national", learners), 5, ()), folder / "round")
    told: list[str] = []

    def report(progress: Progress) -> None:
        told.append(progress.phase)

    job: dict[str, Any] = {"task": "solve", "method": "large", "time_limit": None, "seed": 0, "gap": GAP}
    job |= {"policy": WEIGHTED}
    tasks.carry_out(folder, job | {"workers": 1, "cluster": cluster}, report)
    return (folder / "out" / "placements.csv").read_bytes(), told


def test_a_large_run_is_spread_over_the_cluster(site: Site, tmp_path: Path) -> None:
    """The cluster works, and what comes out is what this machine finds alone."""
    before = tasks_given_to(site)
    spread, _ = solved(tmp_path / "spread", site.address)
    assert tasks_given_to(site) > before
    alone, _ = solved(tmp_path / "alone", None)
    assert spread == alone


def test_a_run_does_without_a_cluster_that_is_not_there(tmp_path: Path) -> None:
    """Nobody listens: the run says so and is solved here."""
    placements, told = solved(tmp_path / "run", "tcp://127.0.0.1:9", 60)
    assert placements.count(b"\n") > 1
    assert "the cluster cannot be used: solving here" in told
