"""``large`` on a Dask cluster gives the bytes that it gives on one machine, whoever dies: real processes, a real round.

Blocks are small, so that there are several of them and several pieces a wave, and the gap is one that the search
reaches by itself in its second sweep: no clock has a say.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from matcher import match
from matcher.generating import Spec, generate
from matcher.reporting.exports import as_csv
from models.outcome import Stop
from models.round import Round
from solvers.interface import Progress
from solvers.scaling.efforts import TIED, Effort
from tests.solvers.sites import IMPATIENT, PATIENT, Site

GAP = 0.03
SMALL_BLOCKS = replace(TIED, lowered=(60, 60), sweeps=(Effort(60, 4, 10, 1e-3),))


@pytest.fixture(scope="module")
def rnd() -> Round:
    """A round of 600 learners with escorts, groups and quotas, and one weighted objective."""
    made = generate(Spec.of_shape("national", 600), 5)
    weights = {"placed": Decimal(100_000), "fit": Decimal(100), "cost": Decimal(1)}
    return replace(made, policy=made.policy.model_copy(update={"weights": weights}))


@pytest.fixture(scope="module", params=[PATIENT, IMPATIENT], ids=["dask mends", "we mend"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A scheduler and two workers."""
    one = Site(tmp_path_factory.mktemp("site"), request.param)
    one.staff(2)
    yield one
    one.close()


def answer(rnd: Round, **hands: Any) -> tuple[object, ...]:
    """What ``large`` gives out: who goes where and with whom, as files; the goals, the bound."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("solvers.large.TIED", SMALL_BLOCKS)
        result = match(rnd, method="large", gap=GAP, **hands)
    assert result.outcome.stopped_by is Stop.GAP
    files = as_csv(result.placements), as_csv(result.escorts)
    return *files, result.goals, result.outcome.objective


@pytest.fixture(scope="module")
def alone(rnd: Round) -> tuple[object, ...]:
    """The answer of this process, without any other."""
    return answer(rnd)


def test_two_processes_give_the_bytes_of_one(rnd: Round, alone: tuple[object, ...]) -> None:
    """The pool of one machine."""
    assert answer(rnd, workers=2) == alone


@pytest.mark.parametrize("site", [PATIENT], indirect=True, ids=["dask mends"])
def test_a_cluster_gives_the_bytes_of_one_process(rnd: Round, alone: tuple[object, ...], site: Site) -> None:
    """A scheduler and two workers, as people start them."""
    assert answer(rnd, cluster=site.address) == alone


def test_a_worker_killed_in_mid_solve_costs_time_only(
    rnd: Round, alone: tuple[object, ...], site: Site
) -> None:
    """By kill -9, with a task at hand, once there is a first allocation: the one that is left does the rest."""
    killer = threading.Thread(target=site.kill_at_work, daemon=True)

    def told(progress: Progress) -> None:
        if progress.value is not None and killer.ident is None:
            killer.start()

    assert answer(rnd, cluster=site.address, progress=told) == alone
    killer.join()
    assert site.deaths_at_work() == 1
    assert len(site.living()) == 1
