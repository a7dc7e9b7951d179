"""`matcher solve --cluster` as people use it: the files of one process alone, and a worker killed in mid-solve.

The search runs in a thread of the command's, and so does everything that speaks with the scheduler.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from matcher.cli.app import run
from matcher.generating import Spec, generate
from matcher.intake import write_round
from solvers.interface import Progress
from solvers.scaling.efforts import TIED, Effort
from tests.solvers.sites import PATIENT, Site

GAP = "0.05"
"""One that the search reaches by itself: no clock has a say."""
SMALL_BLOCKS = replace(TIED, lowered=(60, 60), sweeps=(Effort(60, 4, 10, 1e-3),))
CSV = ("placements.csv", "escorts.csv")


@pytest.fixture(autouse=True)
def _several_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several blocks, and several pieces a wave, though the round is small; reasons are not what is asked about."""
    monkeypatch.setattr("solvers.large.TIED", SMALL_BLOCKS)
    monkeypatch.setattr("matcher.explaining.helping.MOST_SEARCHED", 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round of 300 learners with escorts, groups and quotas, and one weighted objective, as files."""
    made = generate(Spec.of_shape("national", 300), 5)
    weights = {"placed": Decimal(100_000), "fit": Decimal(100), "cost": Decimal(1)}
    weighted = replace(made, policy=made.policy.model_copy(update={"weights": weights}))
    return write_round(weighted, tmp_path_factory.mktemp("cluster") / "round")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A scheduler and two workers, as people start them."""
    one = Site(tmp_path, PATIENT)
    one.staff(2)
    yield one
    one.close()


def solved(folder: Path, out: Path, *hands: str) -> list[bytes]:
    """The CSV files that the command writes, where the gap ended the search."""
    arguments = ["--out", str(out), "--method", "large", "--gap", GAP, "--quiet", *hands]
    assert run(["solve", str(folder), *arguments]) == 0
    assert json.loads((out / "report.json").read_text(encoding="utf-8"))["stopped_by"] == "gap_reached"
    return [(out / name).read_bytes() for name in CSV]


def test_a_cluster_gives_the_files_of_one_worker(folder: Path, site: Site, tmp_path: Path) -> None:
    """First on both workers; then one of them is killed by kill -9 as soon as there is an allocation."""
    alone = solved(folder, tmp_path / "alone", "--workers", "1")
    assert solved(folder, tmp_path / "both", "--cluster", site.address) == alone
    killer = threading.Thread(target=site.kill_at_work, daemon=True)

    def told(progress: Progress) -> None:
        if progress.value is not None and killer.ident is None:
            killer.start()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matcher.cli.waiting.silent", told)  # what a quiet command reports to
        assert solved(folder, tmp_path / "killed", "--cluster", site.address) == alone
    killer.join()
    assert (site.deaths_at_work(), len(site.living())) == (1, 1)
