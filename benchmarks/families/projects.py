"""Students who ranked projects, years of one department (PrefLib 00038): as many placed as can be, then least ranks.

The files are not shipped: name a folder that has PrefLib's ``00038-*.soi`` (a line per order: how many students gave
it, then the projects from 1, best first) and the ``.dat`` beside them, where there is one (a line per supervisor: name,
capacity, the projects from 0). Student is learner, project is offer with one seat, supervisor is company: its capacity
is one more seat row. Without a ``.dat`` supervisors take as many as come.

Source: A. Kwanashie, R. W. Irving, D. F. Manlove, C. T. S. Sng, Profile-based optimal matchings in the student/project
allocation problem, IWOCA 2014; N. Mattei, T. Walsh, PrefLib, ADT 2013.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.families.preferences import hospital
from benchmarks.instances import Instance, Known, Wish
from models.errors import UnknownName
from models.outcome import Status
from models.problem import FREE_BELOW, Block, IntArray, Problem

BEST = {1: (35, 57), 2: (37, 54), 4: (34, 50), 5: (31, 44), 6: (38, 58), 7: (51, 111), 8: (51, 101)}
"""Most that can be placed, and the least sum of ranks (from 1) then, by the number of the year."""


@dataclass(frozen=True)
class Projects:
    """One instance per year in the folder."""

    name: str = "projects"
    about: str = "PrefLib 00038, students and projects, read from a folder that is named with --files"

    def instances(self, wish: Wish) -> Iterator[Instance]:
        """Every year in the folder, of the sizes (students) asked for. Raises ``UnknownName`` without a folder."""
        folder = wish.folder
        if folder is None:
            raise UnknownName(
                "the family projects reads files that do not ship: name their folder with --files"
            )
        for path in sorted(folder.glob("00038-*.soi")):
            number = int(path.stem.partition("-")[2])
            wishes = students(path)
            if not wish.sizes or len(wishes) in wish.sizes:
                yield self.one(number, path, len(wishes))

    def one(self, number: int, path: Path, size: int) -> Instance:
        """A year with what is known of it."""
        goals = dict(zip(("placed", "rank"), BEST.get(number, ()), strict=False))
        known = Known(Status.OPTIMAL, goals, "proven alike by exact, cpsat and flow") if goals else Known()
        return Instance(self.name, f"{self.name}-{number}", size, 0, partial(problem_of, path), known)


def students(path: Path) -> list[list[int]]:
    """The projects that each student ranks, counted from 0, best first."""
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    orders = [line.split(":") for line in lines]
    return [
        [int(project) - 1 for project in order.split(",")]
        for count, order in orders
        for _ in range(int(count))
    ]


def supervisors(path: Path) -> list[tuple[int, list[int]]]:
    """Each supervisor's capacity and projects, counted from 0; none where there is no such file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (int(row["Capacity"]), [int(project) for project in row["Projects"].split()])
            for row in csv.DictReader(file)
        ]


def problem_of(path: Path) -> Problem:
    """A year as numbers: one project each, one student each, no supervisor above capacity."""
    wishes, teachers = students(path), supervisors(path.with_suffix(".dat"))
    agent = np.repeat(np.arange(len(wishes)), [len(each) for each in wishes])
    project = np.array([each for order in wishes for each in order], np.int64)
    rank = np.array([place for order in wishes for place in range(len(order))], np.int64)
    game = hospital(len(wishes), agent, project, rank, np.ones(int(project.max()) + 1, np.int64))
    if not teachers:
        return game
    return _with(game, project, teachers)


def _with(game: Problem, project: IntArray, teachers: list[tuple[int, list[int]]]) -> Problem:
    """The game with a seat row per supervisor."""
    of_project = np.full(1 + max(int(project.max()), *(max(own) for _, own in teachers)), -1)
    for number, (_, own) in enumerate(teachers):
        of_project[own] = number
    option = np.flatnonzero(of_project[project] >= 0)
    capacity = np.array([most for most, _ in teachers], np.int64)
    rows = Block(
        "seats",
        of_project[project[option]],
        option,
        np.ones(len(option), np.int64),
        np.full(len(capacity), FREE_BELOW),
        capacity,
        "a supervisor's capacity",
    )
    return replace(game, blocks=(*game.blocks, rows))


FAMILY = Projects()
"""Found because it is here."""
