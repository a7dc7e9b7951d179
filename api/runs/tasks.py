"""What child processes do with a round, by name. Each reads a folder, and answers with what JSON can hold.

The folder: ``job.json``; ``round/``, the files of the snapshot; ``base.csv``, the placements that a task starts from;
``out/``, the result's files as the command line writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models.errors import NoCluster
from models.outcome import Placement
from models.policy import Policy
from models.round import Round
from models.tables import Lock
from solvers.interface import Progress, Report

if TYPE_CHECKING:
    from matcher import Result

Job = Mapping[str, Any]
Answer = dict[str, Any]

LARGE: Final = 3_000
"""Learners from which a round is worth a cluster's while: below, sending it around takes longer than solving it."""

MOST_SENTENCES: Final = 20
"""Sentences of a conflict that are kept beside a run; its report has them all."""


def get_ready() -> None:
    """Load the engine, before memory is limited."""
    import matcher.allocations
    import matcher.engine
    import matcher.explaining
    import matcher.reporting  # noqa: F401


def carry_out(folder: Path, job: Job, report: Report) -> Answer:
    """Do what the job of a run says."""
    return TASKS[job["task"]](folder, job, report)


def round_of(folder: Path, job: Job) -> Round:
    """The snapshot's round with the run's policy, and with the changes made by hand as locks."""
    from matcher import load

    rnd = load(folder / "round")
    if job.get("policy") is not None:
        rnd = rnd.replace(policy=Policy.model_validate(job["policy"]))
    if job.get("locks"):
        rnd = rnd.replace(rows={"locks": [*rnd.locks.records, *(Lock(**lock) for lock in job["locks"])]})
    return rnd


def base_of(folder: Path, rnd: Round) -> list[Placement]:
    """The placements that the task starts from."""
    from matcher import allocations

    return [line.placement for line in allocations.read(folder / "base.csv", rnd)]


def solve(folder: Path, job: Job, report: Report) -> Answer:
    """Solve the round as `matcher solve` does, and write what it writes."""
    from matcher import match

    rnd = round_of(folder, job)
    wish = {name: job[name] for name in ("method", "time_limit", "seed", "gap", "workers")}
    cluster = job["cluster"] if len(rnd.learners) >= LARGE or job["method"] == "large" else None
    try:
        result = match(rnd, **wish, cluster=cluster, progress=report)
    except NoCluster:  # said before the work begins; the result does not depend on where it is done
        report(Progress("the cluster cannot be used: solving here"))
        result = match(rnd, **wish, progress=report)
    return _saved(folder, result, report)


def adopt(folder: Path, job: Job, report: Report) -> Answer:
    """Take over the base run's allocation with the moves made by hand, audited as every allocation is."""
    from matcher import allocations

    report(Progress("audit"))
    rnd = round_of(folder, job)
    result = allocations.adopted(rnd, moved(base_of(folder, rnd), job["moves"]))
    return _saved(folder, replace(result, outcome=replace(result.outcome, method=MANUAL)), report)


MANUAL: Final = "manual"
"""The method of a run that changes another one by hand."""


def moved(placements: Sequence[Placement], moves: Sequence[Mapping[str, str]]) -> list[Placement]:
    """The placements with some learners elsewhere: each move names a learner, an offer and a flow."""
    found = {row.learner_id: row for row in placements}
    found |= {move["learner_id"]: Placement(**move) for move in moves}
    return sorted(found.values())


def study(folder: Path, job: Job, report: Report) -> Answer:
    """Answer a question about the base run's allocation; what comes out are files, and no allocation."""
    from api.runs import studying

    rnd, out = round_of(folder, job), folder / "out"
    out.mkdir(exist_ok=True)
    studying.carry_out(rnd, base_of(folder, rnd), job["study"], out, report)
    return {"status": None, "method": job["method"], "goals": []}


def _saved(folder: Path, result: Result, report: Report) -> Answer:
    """Write the files of a result; what is kept beside them."""
    report(Progress("finding reasons, writing the report"))
    result.save(folder / "out")
    told = result.report
    kept = ("status", "goals", "objective", "method", "method_reason", "stopped_by", "gap", "counts")
    return {name: told[name] for name in kept} | {"conflict": list(told["conflict"][:MOST_SENTENCES])}


TASKS: Final[Mapping[str, Callable[[Path, Job, Report], Answer]]] = {
    "solve": solve,
    "adopt": adopt,
    "study": study,
}
