"""Timefold, a local search on the Java virtual machine: the solver in the PyPI package (extra ``bench``), from Java.

The package's own Python edition translates a Python model to bytecode, which takes most of a minute and runs at a
fraction of the speed. So the model is a Java file beside this one (`TimefoldModel.java`), which a Java development kit
compiles as it starts. It knows every row: sums are kept move by move, auxiliaries follow their definitions, and moves
take several people to where one alone would not be allowed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks.contestants import Unavailable
from models.errors import UnsuitableMethod
from models.outcome import GoalValue, Outcome, Status, Stop
from models.problem import Block, IntArray, Problem
from solvers.interface import Cancel, Limits, Report
from solvers.stage import targets_of

MOST_OPTIONS = 5_000_000
"""Beyond, the virtual machine's heap, a quarter of the memory, gets short."""
MOST_GOALS = 3
"""Soft levels of the model."""
START = 45.0
"""Seconds beyond the limit after which the virtual machine is given up."""
MARGIN = 0.3
"""Seconds before the limit at which the search ends: the answer is written then."""
MODEL = Path(__file__).with_name("TimefoldModel.java")
GATHERINGS = """<moveIteratorFactory><fixedProbabilityWeight>0.2</fixedProbabilityWeight>
<moveIteratorFactoryClass>TimefoldModel$Together</moveIteratorFactoryClass></moveIteratorFactory>"""
CONFIGURATION = """<solver>
<scoreDirectorFactory>
<incrementalScoreCalculatorClass>TimefoldModel$Ledger</incrementalScoreCalculatorClass>
</scoreDirectorFactory>
<constructionHeuristic/>
<localSearch>
<unionMoveSelector><changeMoveSelector/><swapMoveSelector/>{gatherings}</unionMoveSelector>
<acceptor>
<simulatedAnnealingStartingTemperature>[0]hard/[{temperatures}]soft</simulatedAnnealingStartingTemperature>
</acceptor>
<forager><acceptedCountLimit>1</acceptedCountLimit></forager>
</localSearch>
</solver>"""
"""Simulated annealing: late acceptance, the default, does not leave the first local optimum of goals in order; tabu
search is as good on the plain game and worse elsewhere (200 learners, 12 s).
"""
COOLER = 100
"""How much warmer the third goal is than the first two: what it asks for shall not keep the second from moving."""


class Timefold:
    """First fit, then simulated annealing, until the limit."""

    name = "timefold"
    about = "Timefold 1.24: local search on the JVM, incremental score, every row; model in Java"
    blind = ()

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Search until the limit (60 s where there is none), the start of the virtual machine included.

        Raises
        ------
        Unavailable
            Where there is no Java, or the package is not installed.
        UnsuitableMethod
            For more options than fit, or more goals.
        """
        until = time.time() + (limits.seconds or 60.0)
        if compiler() is None:
            raise Unavailable("not available here: no Java compiler (a JDK of version 17 or later)")
        if jars() is None:
            raise Unavailable("not available here: the package timefold is not installed")
        if problem.options > MOST_OPTIONS:
            raise UnsuitableMethod(f"{problem.options:,} options are too many for the virtual machine")
        if len(targets_of(problem)) > MOST_GOALS:
            raise UnsuitableMethod(f"more than {MOST_GOALS} goals")
        chosen = searched(problem, until, limits.seed).chosen
        values = problem.complete(chosen)
        goals = tuple(GoalValue(goal.name, goal.of(values), None, proven=False) for goal in problem.goals)
        return Outcome(Status.FEASIBLE, chosen, goals, self.name, stopped_by=Stop.TIME)


@dataclass(frozen=True)
class Answer:
    """Timefold's own score, hard first, and the chosen options, ascending."""

    score: tuple[int, ...]
    chosen: IntArray


def searched(problem: Problem, until: float, seed: int) -> Answer:
    """What a virtual machine finds until a time (seconds since 1970).

    Raises ``Unavailable`` where it gives no answer in good time.
    """
    with tempfile.TemporaryDirectory(prefix="matcher-timefold-") as folder:
        asked, told, how = (Path(folder, name) for name in ("numbers", "answer", "configuration.xml"))
        asked.write_bytes(b"".join(map(packed, numbers(problem))))
        how.write_text(configuration(problem), encoding="utf-8")
        command = [str(compiler()), "-XX:+UseSerialGC", "-cp", str(jars()), str(MODEL), str(asked), str(told)]
        command += [str(int(1000 * (until - MARGIN))), str(seed), str(how)]
        try:
            subprocess.run(  # noqa: S603 - Java and our own model
                command, check=True, capture_output=True, timeout=max(0.0, until - time.time()) + START
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as wrong:
            raise Unavailable(
                f"not available here: its virtual machine gave no answer ({_why(wrong)})"
            ) from wrong
        levels, *chosen = told.read_text(encoding="utf-8").splitlines()
    return Answer(tuple(map(int, levels.split())), np.array(sorted(map(int, chosen)), np.int64))


def _why(wrong: subprocess.TimeoutExpired | subprocess.CalledProcessError) -> str:
    """In a few words."""
    if isinstance(wrong, subprocess.TimeoutExpired):
        return f"{START:.0f} s after its time"
    said: list[str] = wrong.stderr.decode("utf-8", "replace").strip().splitlines()
    return said[0] if said else f"exit code {wrong.returncode}"


def compiler() -> str | None:
    """Where a Java is that can compile (the model is started from its source), or None."""
    home = Path(os.environ.get("JAVA_HOME", "/nowhere"), "bin", "java")
    java = str(home) if home.exists() else shutil.which("java")
    if java is None or not Path(java).resolve().with_name("javac").exists():
        return None
    return java


def jars() -> str | None:
    """The class path of the package timefold, or None where it is not installed."""
    spec = find_spec("timefold")
    places = (
        []
        if spec is None
        else [Path(each, "solver", "jars") for each in spec.submodule_search_locations or ()]
    )
    return next((str(place / "*") for place in places if place.is_dir()), None)


def configuration(problem: Problem) -> str:
    """How it searches: at first, losses of a goal as large as what an option is worth are taken now and then."""
    mean = [
        int(np.abs(worth[: problem.options]).mean()) if problem.options else 0 for worth in worths(problem)
    ]
    warm = [max(1, each) * (COOLER if goal == 2 else 1) for goal, each in enumerate(mean)]
    levels = "/".join(map(str, warm + [0] * (MOST_GOALS - len(warm))))
    gatherings = GATHERINGS if any(True for _ in gathered(problem)) else ""
    return CONFIGURATION.format(gatherings=gatherings, temperatures=levels)


def packed(array: IntArray) -> bytes:
    """An array as Java reads it: its length, then its numbers."""
    return np.array([len(array), *array.tolist()], ">i8").tobytes()


def worths(problem: Problem) -> list[IntArray]:
    """What every column is worth to each goal (or to the weighted objective); more is better."""
    return [goal.sense * goal.dense(problem.columns) for goal in targets_of(problem)]


def numbers(problem: Problem) -> Iterator[IntArray]:
    """The problem in the order in which `TimefoldModel.Numbers` reads it.

    Rows are those of the blocks (one placement each is in the variable), then those that define auxiliaries.
    """
    families = problem.auxiliaries
    blocks = [block for block in problem.blocks if not block.redundant and block.rule != "one_placement"]
    first = np.cumsum([0, *map(len, blocks), *(len(family.definition) for family in families)])
    every = [*blocks, *(family.definition for family in families)]
    row = _joined(block.row + at for block, at in zip(every, first, strict=False))
    column, value = _joined(block.column for block in every), _joined(block.value for block in every)
    defining = [family.definition.of_family(family.first, family.first + len(family)) for family in families]
    defined = _joined(own for _, own, _ in defining) - problem.options
    unit = np.ones(int(first[-1]), np.int64)
    np.maximum.at(unit, row, np.abs(value))
    start, order = _by_owner(column, problem.columns)
    defined_start, defined_order = _by_owner(defined, problem.columns - problem.options)
    gatherings = list(gathered(problem))
    yield np.array([problem.agents, len(targets_of(problem))])
    yield problem.agent
    yield from worths(problem)
    yield _joined(block.lower for block in every)
    yield _joined(block.upper for block in every)
    yield from (unit, start, row[order], value[order])
    yield problem.upper[problem.options :]
    yield _joined(np.full(len(family), family.towards) for family in families)
    yield defined_start
    yield _joined(own + at for (own, _, _), at in zip(defining, first[len(blocks) :], strict=False))[
        defined_order
    ]
    yield _joined(by for _, _, by in defining)[defined_order]
    yield np.array([many for many, _ in gatherings], np.int64)
    yield np.cumsum([0, *(len(options) for _, options in gatherings)])
    yield _joined(options for _, options in gatherings)


def gathered(problem: Problem) -> Iterator[tuple[int, IntArray]]:
    """Where one alone would not be allowed: how many have to go at once, and the options that take them there."""
    yield from _of_ties(problem)
    for block in problem.blocks:
        if not block.redundant:
            yield from _of_minima(problem, block)


def _of_ties(problem: Problem) -> Iterator[tuple[int, IntArray]]:
    """Those who choose alike: per label the members who have it, all of them where the tie is whole."""
    ties = problem.ties
    if ties is None or not len(ties.option):
        return
    tie = ties.of_agent[problem.agent[ties.option]]
    members = np.bincount(ties.of_agent[ties.of_agent >= 0], minlength=len(ties.whole))
    order = np.lexsort((ties.option, ties.label, tie))
    fresh = np.flatnonzero(np.diff(tie[order]) | np.diff(ties.label[order])) + 1
    for place in np.split(order, fresh):
        many = len(np.unique(problem.agent[ties.option[place]]))
        if many > 1 and (many == members[tie[place[0]]] or not ties.whole[tie[place[0]]]):
            yield many, ties.option[place]


def _of_minima(problem: Problem, block: Block) -> Iterator[tuple[int, IntArray]]:
    """Rows Σ options − many · presence ≥ 0."""
    presence = (block.column >= problem.options) & (block.value < 0)
    for row in np.unique(block.row[presence]).tolist():
        mine = block.row == row
        many = -int(block.value[mine & presence].sum())
        options = block.column[mine & (block.column < problem.options) & (block.value > 0)]
        if block.lower[row] == 0 and 1 < many <= len(np.unique(problem.agent[options])):
            yield many, options


def _joined(arrays: Iterator[IntArray]) -> IntArray:
    return np.concatenate([np.zeros(0, np.int64), *arrays]).astype(np.int64)


def _by_owner(owner: IntArray, owners: int) -> tuple[IntArray, IntArray]:
    """Where each owner's entries begin, and the entries in that order."""
    return np.cumsum([0, *np.bincount(owner, minlength=owners)]), np.argsort(owner, kind="stable")


PEER = Timefold()
"""Found because it is here."""
