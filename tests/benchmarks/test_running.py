"""Runs in their own processes: measured, killed when time is over, written down one by one."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from benchmarks import desk, running
from benchmarks.grids import PRESETS, Part, narrowed, preset
from benchmarks.jobs import Job, Run
from benchmarks.results import Book, read, together
from benchmarks.running import Plan, carry_out
from benchmarks.scoring import contradictions, rows
from benchmarks.watching import watch
from models.errors import InputErrors, UnknownName
from tests.benchmarks import books


def ignore(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JSON of a tiny benchmark: a method and two peers on a pure network of 20, one of the peers blind."""
    path = tmp_path_factory.mktemp("bench") / "results.json"
    parts = (Part(("preferences",), (20,), ("auto", "highs_whole", "deferred_acceptance"), 20),)
    carry_out(Plan(parts), Book.begin("matcher bench"), path, ignore)
    return path


@pytest.mark.slow
def test_a_benchmark_end_to_end(finished: Path) -> None:
    """The method and HiGHS prove the same values, on bare numbers and on a round; deferred acceptance has no proof.
    Everything was measured, and nothing contradicts anything.
    """
    book = read(finished)
    assert contradictions(book) == []
    assert len(book.runs) == 6
    for instance in ("preferences-plain-20-0", "preferences-full-20-0"):
        own, highs, deferred = [row for row in rows(book) if row.instance == instance]
        assert own.settled
        assert highs.settled
        assert not deferred.settled
        assert [score.value for score in own.scores] == [score.value for score in highs.scores]
    for run in book.runs:
        assert run.cpu is not None
        assert run.cpu > 0
        assert run.solve_cpu is not None
        assert run.peak_mb is not None
        assert run.peak_mb > 20
    full = next(
        run for run in book.runs if run.instance == "preferences-full-20-0" and run.contestant == "auto"
    )
    assert set(full.seconds) >= {"intake", "options", "compile", "solve", "audit", "report"}


@pytest.mark.slow
def test_the_command_reads_shows_and_writes(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a JSON: the page, the table in a document, and no regression against itself."""
    document = tmp_path / "page.md"
    marks = "<!-- table: made by matcher bench -->\nstale words\n<!-- end of table -->"
    document.write_text(f"before\n{marks}\nafter\n", encoding="utf-8")
    grid = desk.Grid("smoke")
    assert desk.bench(grid, tmp_path, desk.Wanted(finished, (finished,), document))
    assert "0 worse" in capsys.readouterr().out
    text = document.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "stale words" not in text
    assert "| preferences-plain-20-0 | **auto** | optimal |" in text
    assert "preferences-full-20-0" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_regression_makes_the_command_fail(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same runs with one placed less are worse, and said to be."""
    book = read(finished)
    for run in book.runs:
        if run.contestant == "auto":
            run.status = "feasible"
            run.goals[0]["value"] -= 1
    book.write(tmp_path / "worse.json")
    grid = desk.Grid("smoke")
    assert not desk.bench(grid, tmp_path, desk.Wanted(finished, (tmp_path / "worse.json",)))
    assert "had a proof, now feasible" in capsys.readouterr().err


def test_what_runs_too_long_is_killed_with_its_offspring(tmp_path: Path) -> None:
    """A process that starts another and sleeps is ended after its time; so is the other one."""
    source = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    (tmp_path / "sleeper.py").write_text(source, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        found = watch("sleeper", [], 3.0, tmp_path / "log")
    assert found.code is None
    child = Path("/proc", (tmp_path / "pid").read_text(encoding="utf-8"), "stat")
    for _ in range(100):
        if not child.exists() or ") Z " in child.read_text(encoding="utf-8"):
            break
        time.sleep(0.05)
    assert not child.exists() or ") Z " in child.read_text(encoding="utf-8")


def test_memory_is_that_of_all_processes(tmp_path: Path) -> None:
    """A child of a process that fills 64 MB counts."""
    source = (
        "import subprocess, sys\n"
        "code = 'import time; held = bytearray(b\"x\" * 2**26); time.sleep(0.5)'\n"
        "subprocess.run([sys.executable, '-c', code])\n"
    )
    (tmp_path / "filler.py").write_text(source, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        found = watch("filler", [], 60.0, tmp_path / "log")
    assert found.code == 0
    assert 64 < found.peak_mb < 300


def test_last_words_are_kept(tmp_path: Path) -> None:
    """Why a process failed is the last line that it said."""
    (tmp_path / "faulty.py").write_text("raise SystemExit('out of luck')\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        found = watch("faulty", [], 60.0, tmp_path / "log")
    assert (found.code, found.last_words) == (1, "out of luck")


def test_an_instance_that_cannot_be_made_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other instances are still run, so it is no reason to stop."""
    monkeypatch.setattr(running, "prepare", lambda *_: (None, "no luck"))
    path = tmp_path / "results.json"
    carry_out(Plan((Part(("preferences",), (20,), ("auto",), 1),)), Book.begin("matcher bench"), path, ignore)
    assert [(run.status, run.note) for run in read(path).runs] == [("crashed", "no luck")] * 2


def test_an_interrupt_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in the second run, the file has the first."""
    told = iter([running.failed, None])

    def one(job: Job, _folder: Path, _seconds: float) -> Run:
        if next(told) is None:
            raise KeyboardInterrupt
        return running.failed(job, "hand made")

    monkeypatch.setattr(running, "prepare", lambda *_: (None, None))
    monkeypatch.setattr(running, "run_job", one)
    path = tmp_path / "results.json"
    book = desk.run(Plan((Part(("preferences",), (20,), ("auto",), 1),)), path, "matcher bench", quiet=True)
    assert len(book.runs) == len(read(path).runs) == 1


def test_a_file_that_is_no_book_is_an_input_error(tmp_path: Path) -> None:
    """Of another format, no JSON at all, or not there."""
    (tmp_path / "other.json").write_text(json.dumps({"format": 99}), encoding="utf-8")
    (tmp_path / "text.json").write_text("no", encoding="utf-8")
    for name in ("other.json", "text.json", "missing.json"):
        with pytest.raises(InputErrors, match=name):
            read(tmp_path / name)


def test_a_benchmark_taken_in_parts_is_put_together(tmp_path: Path) -> None:
    """An instance's runs are those of the last part that has it, so that no ratio is between two parts."""
    here = tmp_path / "part.json"
    early, late = (
        books.book(books.run("a", [books.goal("placed", 1, 9)]), books.run("b", [])),
        books.book(books.run("a", [books.goal("placed", 2, 9)])),
    )
    other = books.book(books.run("a", [books.goal("placed", 3, 9)], instance="toy-200-0", size=200))
    other.head |= {"command": "matcher bench --size 200", "started": "2024-05-01T09:00:00+00:00"}
    whole = together([(here, early), (here, other), (here, late)])
    assert [(each.instance, each.contestant, each.goals[0]["value"]) for each in whole.runs] == [
        ("toy-200-0", "a", 3),
        ("toy-100-0", "a", 2),
    ]
    assert whole.head["command"].splitlines() == ["matcher bench", "matcher bench --size 200"]
    assert whole.head["started"] == "2024-05-01T09:00:00+00:00"
    assert set(whole.instances) == {"toy-100-0", "toy-200-0"}


def test_parts_from_two_machines_are_refused(tmp_path: Path) -> None:
    """Every book that is not from where the first is gets named, with what differs."""
    here, there = books.book(books.run("a", [])), books.book(books.run("a", []))
    there.head |= {"machine": {**books.MACHINE, "cores": 64}, "versions": {"x": "2"}}
    with pytest.raises(InputErrors) as refused:
        together([(tmp_path / "one.json", here), (tmp_path / "two.json", there)])
    assert [problem.file for problem in refused.value.problems] == ["two.json", "two.json"]


@pytest.mark.parametrize("name", PRESETS)
def test_presets_hold_only_what_there_is(name: str) -> None:
    """Families and contestants exist; methods that do not exist yet are left out."""
    jobs = [job for _, jobs in Plan(preset(name)).jobs() for job in jobs]
    assert jobs
    assert len({(job.instance, job.contestant, job.repetition) for job in jobs}) == len(jobs)


def test_a_preset_can_be_narrowed() -> None:
    """One family of it in another size with one peer; another family comes with two methods."""
    parts = tuple(narrowed(preset("smoke"), ("pure_network", "tight_budget"), (50,), ("scip",)))
    assert [(part.families, part.sizes, part.contestants) for part in parts] == [
        (("pure_network",), (50,), ("scip",)),
        (("tight_budget",), (50,), ("scip",)),
    ]
    with pytest.raises(UnknownName, match="nearest: scip"):
        list(narrowed(preset("smoke"), (), (), ("scipp",)))
    with pytest.raises(UnknownName, match="nearest: smoke"):
        preset("smok")


def test_the_command_in_words_names_no_folder() -> None:
    """What is written down repeats the run, on anybody's machine."""
    grid = desk.Grid("full", ("gap",), (), ("exact", "scip"), (0,), 2, 5.0, 2, Path("/somewhere/private"))
    assert desk.words(grid) == (
        "matcher bench --preset full --family gap --method exact --peer scip --repeat 2 --limit 5 --workers 2 --gap DIR"
    )
