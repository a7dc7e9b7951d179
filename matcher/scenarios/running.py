"""Solves scenarios side by side, each in one process with one worker, and compares them with the round as it is.

What comes out does not depend on how many processes there are. As many rounds are solved at once as there are workers,
and no more are in memory; the more workers, the more memory.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

import numpy as np

from matcher.engine import match
from matcher.goals import discover
from matcher.placements import Placements
from matcher.result import Result
from matcher.scenarios import words
from matcher.scenarios.lines import BASE, Comparison, Line, Share, difference
from matcher.scenarios.reading import Scenario
from models.outcome import Status
from models.round import Round
from solvers.crew import crew
from solvers.interface import Cancel, Limits, Progress, Report, never, silent
from solvers.stage import Clock


def compare(  # noqa: PLR0913 - options, by keyword
    rnd: Round,
    scenarios: Sequence[Scenario],
    *,
    method: str = "auto",
    time_limit: float | None = None,
    seed: int = 0,
    workers: int = 1,
    keep: Path | None = None,
    progress: Report | None = None,
    cancel: Cancel | None = None,
) -> Comparison:
    """The round as it is and every scenario, solved, audited and compared.

    Parameters
    ----------
    method, time_limit, seed
        As ``match`` takes them; the limit is for each scenario. Without one the result is the same whatever the number
        of ``workers``; what a limit cuts short says so.
    keep
        A folder in which each scenario's files are written, in a folder of its name (None: nowhere).
    progress, cancel
        Told of each scenario that is done. When ``cancel`` says so, those that are not done are left out.

    Raises
    ------
    UnknownName, UnsuitableMethod, AuditFailed
        As ``match`` does.
    """
    report = progress or silent
    every = (Scenario(BASE, words.AS_IT_IS, (), rnd), *scenarios)
    items = [(one, method, time_limit, seed, None if keep is None else keep / one.name) for one in every]
    clock = Clock(silent, cancel or never)
    lines: dict[int, Line] = {}
    lock = threading.Lock()
    hands_at_once = max(1, min(workers, len(items)))
    with crew(Limits(workers=hands_at_once)) as hands, ThreadPoolExecutor(hands_at_once) as threads:
        report(Progress(words.solving(0, len(items))))
        out = {threads.submit(hands.run, solve, [item], clock=clock): at for at, item in enumerate(items)}
        for done in as_completed(out):
            answer = done.result()
            with lock:
                if answer is not None:
                    (lines[out[done]],) = answer
                report(Progress(words.solving(len(lines), len(items))))
    if 0 in lines:
        at_first = rnd.learners.position
        for at in sorted(lines)[1:]:
            gap = difference(lines[0], lines[at], at_first, every[at].round.learners.position)
            lines[at] = replace(lines[at], against_base=gap)
    listed = [lines[at] for at in sorted(lines)]
    return Comparison(rnd.id, rnd.name, seed, time_limit, tuple(listed), rnd.digest)


def solve(scenario: Scenario, method: str, time_limit: float | None, seed: int, folder: Path | None) -> Line:
    """One scenario's line; with a ``folder`` its files are written there."""
    result = match(scenario.round, method=method, time_limit=time_limit, seed=seed, workers=1)
    if folder is not None:
        result.save(folder)
    return line_of(scenario, result)


def line_of(scenario: Scenario, result: Result) -> Line:
    """A result as a line."""
    outcome, rnd = result.outcome, result.round
    line = Line(
        name=scenario.name,
        title=scenario.title,
        changes=scenario.changes,
        status=result.status,
        stopped_by=None if outcome.stopped_by is None else str(outcome.stopped_by),
        method=outcome.method,
        goals=outcome.goals,
        objective=outcome.objective,
        learners=len(rnd.learners),
        placed=None,
        escorts=None,
        cost_eur=None,
        values=None,
        partners=None,
        hosts=None,
        conflict=result.conflict if result.status is Status.INFEASIBLE else (),
    )
    if result.audit is None:
        return line
    placed, seated = result.audit.placed, result.audit.placed.seated
    ids = (rnd.learners["id"][seated.learner], rnd.offers["id"][seated.offer], rnd.flows["id"][seated.flow])
    return replace(
        line,
        placed=len(placed),
        escorts=int(placed.parties_of.escorts.sum()),
        cost_eur=int(placed.spent_by.sum()),
        values={goal.name: goal.value(rnd, placed) for goal in discover()},
        partners=_partners(rnd, placed),
        hosts=_hosts(rnd, placed),
        places=tuple(zip(*(column.tolist() for column in ids), strict=True)),
    )


def _partners(rnd: Round, placed: Placements) -> dict[str, Share]:
    count = np.bincount(placed.seated.partner, minlength=len(rnd.sending_partners))
    pairs = zip(count.tolist(), placed.spent_by.tolist(), strict=True)
    return dict(zip(rnd.sending_partners["id"].tolist(), (Share(*pair) for pair in pairs), strict=True))


def _hosts(rnd: Round, placed: Placements) -> dict[str, Share]:
    hosts, parties = len(rnd.hosting_partners), placed.parties_of
    cost = np.bincount(placed.seated.host, placed.costs_eur, hosts)
    cost += np.bincount(rnd.ref("flows", "host_id")[parties.flow], parties.cost_eur, hosts)
    pairs = zip(
        np.bincount(placed.seated.host, minlength=hosts).tolist(), cost.astype(np.int64).tolist(), strict=True
    )
    return dict(zip(rnd.hosting_partners["id"].tolist(), (Share(*pair) for pair in pairs), strict=True))
