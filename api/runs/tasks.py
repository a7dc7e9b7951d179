"""What child processes do with a round, by name. Each reads its folder, and answers with what JSON can hold.

The folder: ``job.json``; ``round/``, the files of the snapshot; ``base.csv``, the placements that a task starts from;
``out/``, the result's files as the command line writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from models.errors import NoCluster
from models.policy import Policy
from models.round import Round
from models.tables import Lock
from solvers.interface import Progress, Report

Job = Mapping[str, Any]
Answer = dict[str, Any]

LARGE: Final = 3_000
"""Learners from which a round is worth a cluster's while: below, sending it around takes longer than solving it."""

MOST_SENTENCES: Final = 20
"""Sentences of a conflict that are kept beside a run; its report has them all."""


def get_ready() -> None:
    """Load the engine, before memory is limited."""
    import matcher.allocations  # noqa: PLC0415
    import matcher.engine  # noqa: PLC0415
    import matcher.explaining  # noqa: PLC0415
    import matcher.reporting  # noqa: F401, PLC0415


def carry_out(job: Job, report: Report) -> Answer:
    """Do what the job says."""
    return TASKS[job["task"]](job, report)


def round_of(job: Job) -> Round:
    """The snapshot's round with the run's policy, and with the changes made by hand as locks."""
    from matcher import load  # noqa: PLC0415

    rnd = load("round")
    if job.get("policy") is not None:
        rnd = rnd.replace(policy=Policy.model_validate(job["policy"]))
    if job.get("locks"):
        rnd = rnd.replace(rows={"locks": [*rnd.locks.records, *(Lock(**lock) for lock in job["locks"])]})
    return rnd


def solve(job: Job, report: Report) -> Answer:
    """Solve the round as `matcher solve` does, and write what it writes."""
    from matcher import match  # noqa: PLC0415

    rnd = round_of(job)
    wish = {name: job[name] for name in ("method", "time_limit", "seed", "gap", "workers")}
    cluster = job["cluster"] if len(rnd.learners) >= LARGE or job["method"] == "large" else None
    try:
        result = match(rnd, **wish, cluster=cluster, progress=report)
    except NoCluster:  # said before the work begins; the result does not depend on where it is done
        report(Progress("the cluster cannot be used: solving here"))
        result = match(rnd, **wish, progress=report)
    return _saved(result, report)


def _saved(result: Any, report: Report) -> Answer:
    """Write the files of a result; what is kept beside them."""
    report(Progress("finding reasons, writing the report"))
    result.save("out")
    told = result.report
    return {
        "status": told["status"],
        "goals": told["goals"],
        "objective": told["objective"],
        "method": told["method"],
        "method_reason": told["method_reason"],
        "stopped_by": told["stopped_by"],
        "gap": told["gap"],
        "counts": told["counts"],
        "conflict": list(told["conflict"][:MOST_SENTENCES]),
    }


TASKS: Final[Mapping[str, Callable[[Job, Report], Answer]]] = {"solve": solve}
