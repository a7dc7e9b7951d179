"""Would the tests notice? Plants mutmut's mutants in rules, goals and audit, and lists those that no test kills.

    python scripts/mutation.py                     every module, about an hour on one core
    python scripts/mutation.py seats beds          some of them
    python scripts/mutation.py --workers 2

mutmut makes the mutants. Its own runner collects and runs every test that touches a function anew for each of them;
this one collects once, then forks per mutant and runs the tests that a module answers to, the quickest first.
"""

from __future__ import annotations

import argparse
import difflib
import os
import resource
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "mutants"
COPIED = ("matcher", "models", "solvers", "tests", "pyproject.toml")
CPU_SECONDS = 60
"""After so much computing a mutant has never ended: killed."""

MEMORY = 4 * 2**30
HAND = "tests/matcher"
AUDIT = {
    "arithmetic": [f"{HAND}/test_arithmetic.py", f"{HAND}/test_placements.py", f"{HAND}/rules"],
    "auditing": [f"{HAND}/test_auditing.py"],
    "placements": [f"{HAND}/test_placements.py", f"{HAND}/test_auditing.py", f"{HAND}/rules"],
}
FACES = f"{HAND}/test_faces.py"


@dataclass(frozen=True)
class Subject:
    """A module to mutate, and the tests that answer for it: paths, or the beginning of their ids."""

    file: Path
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the command line calls it."""
        return self.file.stem


@dataclass(frozen=True)
class Mutant:
    """What is switched on for one run, and what it changes."""

    name: str
    subject: Subject
    change: str


def subjects() -> list[Subject]:
    """Every rule and goal, and the audit's own modules."""
    alone, of_goals = f"{FACES}::test_the_faces_of_a_rule_agree", f"{FACES}::test_the_faces_of_goals_agree"
    rules = [
        Subject(file, (f"{HAND}/rules/test_{file.stem}.py", f"{alone}[{file.stem}-"))
        for file in _files("rules")
    ]
    goals = [Subject(file, (f"{HAND}/test_goals.py", of_goals)) for file in _files("goals")]
    audit = [Subject(ROOT / f"matcher/{name}.py", tuple(tests)) for name, tests in AUDIT.items()]
    return [*rules, *goals, *audit]


def _files(package: str) -> list[Path]:
    return [file for file in sorted((ROOT / "matcher" / package).glob("[!_]*.py")) if file.stem != "base"]


def plant(chosen: Sequence[Subject]) -> list[Mutant]:
    """Copy the project to ``mutants/`` and write all mutants of the chosen modules into the copy."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir()
    for name in COPIED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, BUILD / name)
    os.chdir(BUILD)
    return [mutant for subject in chosen for mutant in _planted(subject)]


def _planted(subject: Subject) -> Iterator[Mutant]:
    from mutmut.mutation.file_mutation import mutate_file_contents  # noqa: PLC0415 - reads its settings on import

    path = subject.file.relative_to(ROOT)
    mutated = mutate_file_contents(str(path), subject.file.read_text(encoding="utf-8"))
    (BUILD / path).write_text(mutated.code, encoding="utf-8")
    lines = mutated.code.splitlines()
    module = ".".join(path.with_suffix("").parts)

    def body(function: str) -> list[str]:
        span = mutated.line_span_by_function_name[function]
        stripped = [line.strip() for line in lines[span.start : span.end]]
        return [line for line in stripped if not line.startswith("def ")]

    for name in mutated.mutant_names:
        function = name.rpartition("__mutmut_")[0]
        changed = difflib.ndiff(body(f"{function}__mutmut_orig"), body(name))
        text = "  ".join(line for line in changed if line[0] in "-+")
        yield Mutant(f"{module}.{name}", subject, text)


class Runner:
    """A pytest plugin that, instead of running the tests once, runs them once per mutant in a child process."""

    def __init__(self, mutants: Sequence[Mutant], workers: int) -> None:
        self.mutants = mutants
        self.workers = workers
        self.survivors: list[Mutant] = []
        self._running: dict[int, Mutant] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Plant one after the other; first make sure that the tests pass without any."""
        for subject in dict.fromkeys(mutant.subject for mutant in self.mutants):
            if _fails(_answering(session.items, subject), None):
                raise pytest.UsageError(f"the tests of {subject.name} fail without a mutant")
        started = time.monotonic()
        for number, mutant in enumerate(self.mutants, start=1):
            items = _answering(session.items, mutant.subject)
            while len(self._running) >= self.workers:
                self._wait()
            self._start(mutant, items)
            if number % 50 == 0:
                seconds = time.monotonic() - started
                _say(f"{number} of {len(self.mutants)}, {len(self.survivors)} alive, {seconds:.0f} s")
        while self._running:
            self._wait()
        return True

    def _start(self, mutant: Mutant, items: Sequence[pytest.Item]) -> None:
        child = os.fork()
        if child:
            self._running[child] = mutant
            return
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os._exit(1 if _fails(items, mutant.name) else 0)

    def _wait(self) -> None:
        child, status = os.wait()
        mutant = self._running.pop(child)
        if status == 0:
            self.survivors.append(mutant)
            _say(f"alive: {mutant.name}\n    {mutant.change}")


def _answering(items: Sequence[pytest.Item], subject: Subject) -> list[pytest.Item]:
    """The tests that answer for a module, in the order in which it names them."""
    return [item for start in subject.tests for item in items if item.nodeid.startswith(start)]


def _fails(items: Sequence[pytest.Item], mutant: str | None) -> bool:
    """Whether a test fails while the mutant is switched on."""
    from _pytest.runner import runtestprotocol  # noqa: PLC0415 - pytest has no public name for it

    os.environ["MUTANT_UNDER_TEST"] = mutant or ""
    for item, following in zip(items, [*items[1:], None], strict=True):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return True
    return False


def _say(text: str) -> None:
    print(text, file=sys.__stdout__, flush=True)


def report(mutants: Sequence[Mutant], survivors: Sequence[Mutant]) -> float:
    """Print the figures per module; return the share that was killed, in percent."""
    for subject in dict.fromkeys(mutant.subject for mutant in mutants):
        planted = sum(mutant.subject == subject for mutant in mutants)
        alive = sum(mutant.subject == subject for mutant in survivors)
        _say(f"{subject.file.relative_to(ROOT)!s:34} {planted:5} planted {alive:4} alive")
    share = 100 * (1 - len(survivors) / len(mutants))
    _say(f"{len(mutants)} mutants, {len(mutants) - len(survivors)} killed: {share:.1f} %")
    return share


def main() -> int:
    """Exit 0 when at least nine of ten mutants are killed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modules", nargs="*", help="names such as seats, fit, placements (default: all)")
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    chosen = [subject for subject in subjects() if not given.modules or subject.name in given.modules]
    mutants = plant(chosen)
    sys.path[:] = [str(BUILD), *(place for place in sys.path if Path(place or ".").resolve() != ROOT)]
    runner = Runner(mutants, given.workers)
    tests = list(dict.fromkeys(test.partition("::")[0] for subject in chosen for test in subject.tests))
    options = ["-q", "--tb=native", "-p", "no:cacheprovider", "-m", "not slow", "--rootdir", str(BUILD)]
    code = pytest.main([*options, *tests], plugins=[runner])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return int(code)
    return 0 if report(mutants, runner.survivors) >= 90 else 1


if __name__ == "__main__":
    sys.exit(main())
