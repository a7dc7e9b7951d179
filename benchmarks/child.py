"""One run, in a process of its own: ``python -m benchmarks.child JOB.json RUN.json``.

What it measures of itself are phases; the parent measures what the process costs and ends it when time is over.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.contestants import Contestant, Unavailable, contestant
from benchmarks.jobs import Job, Run
from benchmarks.judging import Verdict, objective_of, of_problem, of_round
from matcher import load, match
from matcher.compiling import compile_problem, options_of
from matcher.intake.writing import write_round
from models.errors import AuditFailed, UnsuitableMethod
from models.outcome import Outcome
from models.problem import Problem
from models.round import Round
from solvers.interface import Limits, never, silent
from solvers.orphans import die_with_parent


def prepare(job: Job, folder: Path) -> bool:
    """Write the instance's files into a folder; False where it is bare numbers."""
    made = job.find().make()
    if isinstance(made, Path):
        folder.symlink_to(made)
    elif isinstance(made, Round):
        write_round(made, folder)
    return not isinstance(made, Problem)


class Course:
    """One run as it goes: the phases' seconds, and what has been found."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.who: Contestant = contestant(job.contestant)
        self.run = Run(
            job.family,
            job.instance,
            job.size,
            job.contestant,
            self.who.peer,
            job.repetition,
            job.limit,
            job.workers,
            status="crashed",
        )
        self.limits = Limits(job.limit, job.workers, job.repetition, job.gap)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Take the time of a phase, also of one that fails."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.run.seconds[name] = time.monotonic() - began

    def go(self) -> Run:
        """Run; what a contestant does not take is no failure."""
        try:
            if self.job.round_folder is None:
                self.numbers()
            elif self.who.peer:
                self.peer_on_round(Path(self.job.round_folder))
            else:
                self.method_on_round(Path(self.job.round_folder))
        except UnsuitableMethod as said:
            self.run.status, self.run.note = "unsuitable", str(said)
        except Unavailable as said:
            self.run.status, self.run.note = "unavailable", str(said)
        except AuditFailed as said:
            self.run.status, self.run.note = "rejected", str(said)
        return self.run

    def solved(self, problem: Problem) -> Outcome:
        """Solve, timed; ``auto`` chooses."""
        from solvers import AUTO, choose  # noqa: PLC0415 - next to its use

        with self.phase("solve"), self.cpu():
            solver = choose(problem, self.limits)[0] if self.who.name == AUTO else self.who.solver
            return solver.solve(problem, self.limits, silent, never)

    @contextmanager
    def cpu(self) -> Iterator[None]:
        """Take the CPU seconds, of processes that ended meanwhile as well."""
        began = cpu_seconds()
        try:
            yield
        finally:
            self.run.solve_cpu = cpu_seconds() - began

    def numbers(self) -> None:
        """A contestant on bare numbers."""
        with self.phase("read"):
            problem = self.job.find().make()
        assert isinstance(problem, Problem)
        self.counted(problem)
        outcome = self.solved(problem)
        with self.phase("audit"):
            verdict = None if outcome.chosen is None else of_problem(problem, outcome.chosen)
        self.told(problem, outcome, verdict)

    def peer_on_round(self, folder: Path) -> None:
        """A peer on a round: what the rules leave over, compiled, is the same for everybody."""
        with self.phase("intake"):
            rnd = load(folder)
        with self.phase("options"):
            options, _ = options_of(rnd)
        with self.phase("compile"):
            problem = compile_problem(rnd, options)
        self.counted(problem)
        outcome = self.solved(problem)
        with self.phase("audit"):
            verdict = None if outcome.chosen is None else of_round(rnd, options, outcome.chosen)
        self.told(problem, outcome, verdict)

    def method_on_round(self, folder: Path) -> None:
        """One of our methods, as ``matcher solve`` runs it: from the files to the report, audited on the way."""
        with self.phase("intake"):
            rnd = load(folder)
        result = match(
            rnd,
            method=self.who.name,
            time_limit=self.job.limit,
            seed=self.job.repetition,
            workers=self.job.workers,
            gap=self.job.gap,
        )
        self.run.seconds.update(result.seconds)
        self.run.solve_cpu = result.cpu_seconds["solve"]
        self.counted(result.problem)
        if result.audit is not None:
            with self.phase("report"), tempfile.TemporaryDirectory() as out:
                result.save(Path(out) / "out")
        audit = result.audit
        verdict = None if audit is None else Verdict({}, audit.goals, audit.objective)
        self.told(result.problem, result.outcome, verdict)

    def counted(self, problem: Problem) -> None:
        """How large the problem is."""
        self.run.counts = {"options": problem.options, "agents": problem.agents}

    def told(self, problem: Problem, outcome: Outcome, verdict: Verdict | None) -> None:
        """What was claimed beside what is so."""
        run, claims = self.run, {goal.name: goal for goal in outcome.goals}
        run.status, run.note = str(outcome.status), outcome.why or ""
        run.breaches = dict(verdict.breaches) if verdict else {}
        run.goals = [
            {
                "name": goal.name,
                "sense": goal.sense,
                "value": verdict.goals[goal.name] if verdict else None,
                "bound": claims[goal.name].bound if goal.name in claims else None,
                "proven": goal.name in claims and claims[goal.name].proven,
            }
            for goal in problem.goals
        ]
        if problem.weighted is not None:
            claimed = outcome.objective
            run.objective = {
                "value": objective_of(problem, verdict.goals) if verdict else None,
                "bound": claimed.bound if claimed else None,
                "proven": bool(claimed and claimed.proven),
            }


def cpu_seconds() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def main(task: str, job_file: str, answer_file: str) -> None:
    """Do what the parent asked for and write the answer whole or not at all."""
    die_with_parent(int(os.environ["MATCHER_PARENT"]))
    job = Job(**json.loads(Path(job_file).read_text(encoding="utf-8")))
    tasks: dict[str, Callable[[], Any]] = {
        "run": lambda: Course(job).go().plain(),
        "prepare": lambda: prepare(job, Path(answer_file).with_name("round")),
    }
    answer = Path(answer_file)
    unfinished = answer.with_suffix(".part")
    unfinished.write_text(json.dumps(tasks[task]()), encoding="utf-8")
    unfinished.replace(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # the answer is written: nobody waits for a virtual machine that a peer has started
