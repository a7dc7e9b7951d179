"""A crew's answers do not depend on who works; workers that die cost time only; and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from models.errors import SolverFault
from solvers.crew import Later, crew
from solvers.holdings import MAPPED, Folder, Mapped, read, sweep, tidy, write
from solvers.interface import Limits, never, silent
from solvers.pool import put
from solvers.stage import Clock
from tests.conftest import ROOT
from tests.solvers import tasks


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which crews make theirs, for this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("waited for a minute in vain")


def alive(pid: int) -> bool:
    """Whether a process is there, and more than an entry that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def pid_in(path: Path) -> int:
    """The process id that a task has written there."""
    until(lambda: path.exists() and path.read_text() != "")
    return int(path.read_text())


def pieces() -> Iterator[dict[str, np.ndarray]]:
    """Five shards of different sizes, one without options, and floats that round."""
    rng = np.random.default_rng(8)
    for size in (7, 0, 1000, 30_000, 1):
        yield {"value": rng.random(size), "slot": rng.integers(0, 40, size)}


def prices_of_shards(limits: Limits) -> list[bytes]:
    """What a crew answers to two runs over the same shards."""
    with crew(limits) as hands:
        shards = [hands.hold(part, arrays) for part, arrays in enumerate(pieces())]
        answers = []
        for step in range(2):
            items = [(shard, np.arange(40) / 7 + step, 3) for shard in shards]
            answers += hands.run(tasks.price, items) or []
        return [answer.tobytes() for answer in answers]


def test_answers_do_not_depend_on_the_number_of_workers() -> None:
    """One, two or three workers: the same bytes in the same order."""
    alone = prices_of_shards(Limits(workers=1))
    assert len(alone) == 10
    assert prices_of_shards(Limits(workers=2)) == alone
    assert prices_of_shards(Limits(workers=3)) == alone


@pytest.mark.parametrize("workers", [1, 2])
def test_items_may_be_made_when_they_are_due(workers: int) -> None:
    """Each is made once, in order, the last not before the first has gone out; slices and negative numbers work."""
    made: list[int] = []

    def make(number: int) -> tuple[int]:
        made.append(number)
        return (number,)

    items = Later(make, range(9))
    assert not made
    with crew(Limits(workers=workers)) as hands:
        assert hands.run(tasks.double, items) == [2 * number for number in range(9)]
    assert made == list(range(9))
    assert items[-1] == (8,)
    assert items[2:4] == [(2,), (3,)]
    assert list(items) == [(number,) for number in range(9)]
    assert made == list(range(9))
    with pytest.raises(IndexError):
        items[9]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("items", [0, 1, 9])
def test_what_is_to_be_done_meanwhile_is_done(workers: int, items: int) -> None:
    """Step by step to its end, however many items there are; with a clock that says stop there is no answer."""
    steps: list[int] = []
    with crew(Limits(workers=workers)) as hands:
        given = [(number,) for number in range(items)]
        assert hands.run(tasks.double, given, meanwhile=map(steps.append, range(30))) == [
            2 * number for number in range(items)
        ]
        assert steps == list(range(30))


def test_a_full_disk_is_named() -> None:
    """A worker's folder may lie on another disk than the results: whoever is told must know which to clear."""
    with pytest.raises(OSError, match="/dev/full"):
        put(Path("/dev/full"), b"x")


def test_work_is_shared() -> None:
    """Two workers both get something to do, and neither is this process."""
    with crew(Limits(workers=2)) as hands:
        done = hands.run(tasks.process, [(number,) for number in range(40)])
    assert done is not None
    assert len(set(done)) == 2
    assert os.getpid() not in done


ODD = {
    "none": np.zeros((0, 3), np.int32),
    "one": np.array(4.5),
    "columns first": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "every second": np.arange(10)[::2],
    "yes or no": np.array([True, False]),
    "text": np.array(["č", "ab"]),
    "days": np.array(["2026-11-21"], "datetime64[D]"),
    "": np.arange(3, dtype=np.uint8),
}


def test_a_held_array_arrives_as_it_was() -> None:
    """Whatever its shape, kind and order in memory; and the name may be any text."""
    (said,) = pool_and_alone(tasks.describe, ODD)
    assert said == {name: (a.dtype.str, a.shape, False, a.tolist()) for name, a in ODD.items()}


def pool_and_alone(task: Callable[..., object], arrays: dict[str, np.ndarray]) -> list[object]:
    """What one worker and two say of the same arrays, if they agree."""
    said = []
    for workers in (1, 2):
        with crew(Limits(workers=workers)) as hands:
            said.append(hands.run(task, [(hands.hold(0, arrays),)]))
    assert said[0] == said[1]
    return said[0] or []


@pytest.mark.parametrize("workers", [1, 2])
def test_held_arrays_cannot_be_written_to(workers: int) -> None:
    """A task that writes into a holding fails, and so cannot change what others see."""
    with crew(Limits(workers=workers)) as hands, pytest.raises(ValueError, match="read-only"):
        hands.run(tasks.scribble, [(hands.hold(0, {"value": np.arange(3)}),)])


def test_only_plain_values_are_held() -> None:
    """An array of Python objects or of records would travel as something else, or as code."""
    for array in (np.array([{}]), np.zeros(1, [("a", int)])):
        with crew(Limits()) as hands, pytest.raises(TypeError, match="plain values; odd is of"):
            hands.hold(0, {"odd": array})


def test_a_worker_killed_in_mid_task_does_not_change_the_result(tmp_path: Path) -> None:
    """By kill -9, while item 1 is at work: the pool is made anew, what is unanswered goes out again."""
    killer = threading.Thread(target=lambda: os.kill(pid_in(tmp_path / "1.pid"), signal.SIGKILL))
    killer.start()
    with crew(Limits(workers=2)) as hands:
        squares = hands.run(tasks.sleep_once, [(str(tmp_path), number) for number in range(12)])
    killer.join()
    assert squares == [number * number for number in range(12)]


def test_an_item_that_kills_every_worker_is_named(tmp_path: Path) -> None:
    """It is tried four times in all, and the fault says so; nothing hangs."""
    with (
        crew(Limits(workers=2)) as hands,
        pytest.raises(SolverFault, match=r"4 workers died .* over item 2 of"),
    ):
        hands.run(tasks.die, [(str(tmp_path), number) for number in range(2)])
    assert (tmp_path / "deaths").read_text() == "x" * 4


def test_cancelling_abandons_what_is_running(tmp_path: Path, temporary: Path) -> None:
    """Both workers sleep for ten minutes when the caller cancels: None comes back, and no process is left. The crew
    goes on working when asked again.
    """
    words = [tmp_path / "0.pid", tmp_path / "1.pid"]
    clock = Clock.of(Limits(), silent, lambda: all(map(Path.exists, words)))
    with crew(Limits(workers=2)) as hands:
        assert hands.run(tasks.sleep, [(str(tmp_path), number) for number in range(3)], clock=clock) is None
        assert not any(alive(pid_in(word)) for word in words)
        assert not (tmp_path / "2.pid").exists()
        assert hands.run(tasks.double, [(4,)]) == [8]
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_deadline_in_the_past_stops_before_the_first_item(workers: int) -> None:
    """Time is up: nothing is answered, and no worker is started for it."""
    clock = Clock.of(Limits(seconds=0), silent, never)
    with crew(Limits(workers=workers)) as hands:
        assert hands.run(tasks.double, [(1,)], clock=clock) is None
        assert hands.run(tasks.double, [], clock=None) == []


def test_a_long_task_in_this_process_hears_that_it_shall_stop(tmp_path: Path) -> None:
    """It cannot be abandoned, but it can ask; what it then answers is void."""
    clock = Clock.of(Limits(), silent, (tmp_path / "begun").exists)
    with crew(Limits()) as hands:
        assert hands.run(tasks.wait_until_stopped, [(str(tmp_path),)], clock=clock) is None
    assert (tmp_path / "heard").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_failure_comes_back_with_its_traceback(workers: int, temporary: Path) -> None:
    """Items 3 to 6 fail, the last first: 3 is reported, with the line in which it failed; the crew goes on."""
    with crew(Limits(workers=workers)) as hands:
        with pytest.raises(ZeroDivisionError, match="item 3") as caught:
            hands.run(tasks.fail, [(number,) for number in range(7)])
        assert 'raise ZeroDivisionError(f"item {number}")' in "".join(
            traceback.format_exception(caught.value)
        )
        assert hands.run(tasks.double, [(4,)]) == [8]
    assert list(temporary.iterdir()) == []


def test_nothing_is_left_after_an_exception_of_the_callers(temporary: Path) -> None:
    """The folder goes with the crew, however its block ends."""
    with pytest.raises(KeyError):
        fail_with_a_crew(temporary)
    assert list(temporary.iterdir()) == []


def fail_with_a_crew(temporary: Path) -> None:
    """Hold something, then fail."""
    with crew(Limits(workers=2)) as hands:
        hands.hold(0, {"value": np.arange(3)})
        assert len(list(temporary.iterdir())) == 1
        raise KeyError


SCRIPT = """
import os, signal, sys
from solvers.crew import Later, crew
from solvers.interface import Limits, silent
from solvers.stage import Clock
from tests.solvers import tasks

print("ran once")
interrupts = []
signal.signal(signal.SIGINT, lambda *_: interrupts.append(1))
clock = Clock.of(Limits(), silent, lambda: interrupts != [])
with crew(Limits(workers=2)) as hands:
    print(hands.run(tasks.environment, [(0,)]), flush=True)
    print(hands.run(tasks.sleep, [(sys.argv[1], number) for number in range(2)], clock=clock))
"""


@pytest.fixture
def script(tmp_path: Path, temporary: Path) -> Iterator[subprocess.Popen[str]]:
    """A script without an ``if __name__`` guard whose two workers are asleep, in a process group of its own."""
    file = tmp_path / "script.py"
    file.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, str(file), str(tmp_path)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        pid_in(tmp_path / "0.pid")
        pid_in(tmp_path / "1.pid")
        yield process
        process.kill()


def test_workers_know_neither_the_callers_script_nor_its_ctrl_c(
    script: subprocess.Popen[str], temporary: Path
) -> None:
    """A script is not run again in its workers, BLAS has one thread there, and a Ctrl-C, which a terminal sends to the
    whole group, is the parent's to answer.
    """
    os.killpg(script.pid, signal.SIGINT)
    said, complaints = script.communicate(timeout=60)
    assert said.splitlines() == ["ran once", "[('1', '')]", "None"]
    assert complaints == ""
    assert list(temporary.iterdir()) == []


def test_workers_die_with_their_parent(
    script: subprocess.Popen[str], tmp_path: Path, temporary: Path
) -> None:
    """A kill -9 of the parent: no worker goes on. Its folder goes with the next crew's start, a living one's stays."""
    script.kill()
    workers = [pid_in(tmp_path / f"{number}.pid") for number in range(2)]
    until(lambda: not any(map(alive, workers)))
    script.wait()
    assert len(list(temporary.iterdir())) == 1
    living = Folder()
    sweep()
    assert list(temporary.iterdir()) == [living.path]
    living.close()


def test_a_dropped_holding_leaves_the_disk_and_the_memory() -> None:
    """Its file is gone at once; a process that has it mapped lets go when it maps another."""
    folder, mapped = Folder(), Mapped()
    paths = [folder.new() for _ in range(2)]
    for path in paths:
        write(path, tidy({"value": np.arange(3)}))
    mapped.get(str(paths[0]))
    paths[0].unlink()
    mapped.get(str(paths[1]))
    with pytest.raises(FileNotFoundError):
        mapped.get(str(paths[0]))
    folder.close()


def test_file_handles_are_bounded(tmp_path: Path) -> None:
    """A process maps so many files at a time and no more."""
    mapped = Mapped()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(MAPPED + 50):
        write(tmp_path / str(number), tidy({"value": np.arange(number)}))
        assert mapped.get(str(tmp_path / str(number)))["value"].size == number
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + MAPPED


def test_arrays_in_a_file_are_aligned(tmp_path: Path) -> None:
    """As numpy's own are, so that a sum takes the same steps wherever it is made."""
    write(tmp_path / "file", tidy({"three": np.arange(3, dtype=np.uint8), "next": np.arange(5)}))
    assert all(array.flags.aligned for array in read(tmp_path / "file").values())


def test_limits_that_make_no_sense_are_refused() -> None:
    """Nobody works with no worker, and no gap is below 0, or not a number."""
    with pytest.raises(ValueError, match="workers: at least 1, not 0"):
        Limits(workers=0)
    for gap in (-0.1, float("nan")):
        with pytest.raises(ValueError, match="gap: 0 or more, not"):
            Limits(gap=gap)
