"""Generalised assignment from the OR-Library: jobs to agents with capacities, at least cost or at most value.

The files are not shipped: name a folder that has ``gap1.txt`` … ``gapd.txt`` (the library's format: how many
problems, then for each agents and jobs, the costs agent by agent, the resources agent by agent, the capacities)
and, for what is known, ``known.csv`` (``instance, agents, jobs, min_cost_optimum, max_value_optimum``).
Source: J. E. Beasley, OR-Library, Journal of the Operational Research Society 41 (1990).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.instances import Instance, Known, Wish
from models.errors import UnknownName
from models.outcome import Status
from models.problem import FREE_BELOW, Block, Goal, IntArray, Problem


@dataclass(frozen=True)
class Task:
    """One problem of a file: ``worth`` and ``use`` have a row per agent and a column per job."""

    worth: IntArray
    use: IntArray
    capacity: IntArray


@dataclass(frozen=True)
class Gap:
    """Files gap1 to gap12 are maximised, as they were published; gapa to gapd are minimised."""

    name: str = "gap"
    about: str = "OR-Library generalised assignment, read from a folder that is named with --gap"

    def instances(self, wish: Wish) -> Iterator[Instance]:
        """Every problem in the folder, of the sizes (jobs) asked for. Raises ``UnknownName`` without a folder."""
        if wish.folder is None:
            raise UnknownName("the family gap reads files that do not ship: name their folder with --gap")
        known = best_known(wish.folder)
        for path in sorted(wish.folder.glob("gap*.txt"), key=lambda path: (len(path.stem), path.stem)):
            for number, task in enumerate(read(path)):
                jobs = task.worth.shape[1]
                if not wish.sizes or jobs in wish.sizes:
                    yield self.one(f"{path.stem}-{number}", task, known)

    def one(self, name: str, task: Task, known: Mapping[str, Mapping[str, int]]) -> Instance:
        """A problem with what is known of it."""
        goal = "value" if name.startswith(tuple("gap" + digit for digit in "123456789")) else "cost"
        best = known.get(name, {}).get(goal)
        said = Known() if best is None else Known(Status.OPTIMAL, {goal: best}, "known.csv of the folder")
        return Instance(self.name, name, task.worth.shape[1], 0, lambda: problem_of(task, goal), said)


def best_known(folder: Path) -> dict[str, dict[str, int]]:
    """The best cost and value of each instance, as far as the folder's ``known.csv`` has them."""
    path = folder / "known.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["instance"]: {
                goal: int(row[column])
                for goal, column in (("cost", "min_cost_optimum"), ("value", "max_value_optimum"))
                if row[column]
            }
            for row in csv.DictReader(file)
        }


def read(path: Path) -> list[Task]:
    """The problems of a file."""
    numbers = iter([int(word) for word in path.read_text(encoding="utf-8").split()])

    def some(count: int) -> IntArray:
        return np.array([next(numbers) for _ in range(count)], np.int64)

    found = []
    for _ in range(next(numbers)):
        agents, jobs = next(numbers), next(numbers)
        worth, use = (some(agents * jobs).reshape(agents, jobs) for _ in range(2))
        found.append(Task(worth, use, some(agents)))
    return found


def problem_of(task: Task, goal: str) -> Problem:
    """Options are (job, agent), job by job; every job has to be done."""
    agents, jobs = task.worth.shape
    job, agent = np.repeat(np.arange(jobs), agents), np.tile(np.arange(agents), jobs)
    option, worth = np.arange(jobs * agents), task.worth.T.ravel()
    sense = 1 if goal == "value" else -1
    order = np.argsort(np.argsort(-sense * task.worth.T, axis=1, kind="stable"), axis=1, kind="stable")
    each, one = np.ones(jobs, np.int64), np.ones(len(option), np.int64)
    return Problem(
        options=len(option),
        agents=jobs,
        agent=job,
        rank=order.ravel().astype(np.int64),
        bundle=np.arange(jobs),
        blocks=(
            Block("one_placement", job, option, one, each, each, "every job is done once"),
            Block(
                "budget",
                agent,
                option,
                task.use.T.ravel(),
                np.full(agents, FREE_BELOW),
                task.capacity,
                "an agent's capacity",
            ),
        ),
        auxiliaries=(),
        goals=(Goal(goal, sense, option, worth),),
    )


FAMILY = Gap()
