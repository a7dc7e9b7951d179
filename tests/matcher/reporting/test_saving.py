"""Writing results: whole or not at all, and nobody else's files."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matcher import Result
from matcher.reporting import saving
from matcher.reporting.saving import HIDDEN, write_all

NAMES = ["placements.csv", "escorts.csv", "unplaced.csv", "report.html", "report.json"]
OLD = {name: b"old " + name.encode() for name in NAMES}
NEW = {name: b"new " + name.encode() for name in NAMES}


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def hidden(folder: Path) -> list[Path]:
    """What a writer left behind."""
    return list(folder.glob(f"{HIDDEN}*"))


def test_save_writes_the_five_files(hand: Result, tmp_path: Path) -> None:
    """A folder that does not exist is made, with its parents; it holds the contract's files and nothing else."""
    hand.save(tmp_path / "made" / "out")
    assert sorted(content(tmp_path / "made" / "out")) == sorted(NAMES)
    assert json.loads((tmp_path / "made" / "out" / "report.json").read_bytes()) == hand.report
    assert hidden(tmp_path / "made") == []


def test_an_infeasible_round_writes_them_too(infeasible: Result, tmp_path: Path) -> None:
    """All five are replaced, so that nothing of an earlier run stays beside the news."""
    write_all(tmp_path, OLD)
    infeasible.save(tmp_path)
    found = content(tmp_path)
    assert sorted(found) == sorted(NAMES)
    assert not any(text.startswith(b"old") for text in found.values())


def test_other_files_stay(tmp_path: Path) -> None:
    """Only files of the results' names are replaced."""
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "report.json").write_text("mine too")
    write_all(tmp_path, OLD)
    write_all(tmp_path, NEW)
    assert content(tmp_path) == NEW | {"notes.txt": b"mine"}
    assert content(tmp_path / "sub") == {"report.json": b"mine too"}


def failing(after: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """A call that fails as a full disk does, from the ``after``-th on."""
    calls = 0

    def call(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise OSError(28, "No space left on device")
        return real(*arguments, **options)

    return call


@pytest.mark.parametrize("after", range(6))
def test_a_full_disk_leaves_the_old_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Wherever writing stops, the folder is as it was, and nothing half-made is left."""
    write_all(tmp_path / "out", OLD)
    monkeypatch.setattr(os, "fsync", failing(after, os.fsync))
    with pytest.raises(OSError, match="No space left"):
        write_all(tmp_path / "out", NEW)
    assert content(tmp_path / "out") == OLD
    assert list((tmp_path / "out").iterdir()) == [
        tmp_path / "out" / name for name in content(tmp_path / "out")
    ]


def test_saving_on_a_full_disk_says_so(hand: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is not made, and the message names it with what the five files take."""
    monkeypatch.setattr(os, "fsync", failing(0, os.fsync))
    said = r"the results cannot be written to .*out \(at least [\d,]+ bytes are needed, [\d,]+ are free\)"
    with pytest.raises(OSError, match=said) as raised:
        hand.save(tmp_path / "out")
    assert raised.value.filename == str(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", [NAMES, NAMES[:2], []], ids=len)
@pytest.mark.parametrize("after", range(5))
def test_an_error_between_two_files_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int, kept: list[str]
) -> None:
    """A file that cannot be replaced brings back those that were, and takes away those that are new."""
    (tmp_path / "out").mkdir()
    for name in kept:
        (tmp_path / "out" / name).write_bytes(OLD[name])
    real, calls = Path.replace, [0]

    def replace(self: Path, target: Path) -> Path:
        calls[0] += 1
        if calls[0] == after + 1:
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(PermissionError):
        write_all(tmp_path / "out", NEW)
    assert content(tmp_path / "out") == {name: OLD[name] for name in kept}
    assert hidden(tmp_path / "out") == []


SAVING = str(
    Path(saving.__file__)
)  # run by its path: it needs the standard library alone, and starts at once
KILLED = """
import os, runpy, signal, sys
from pathlib import Path
write_all = runpy.run_path(sys.argv[4])["write_all"]
calls, real = 0, os.fsync
def fsync(handle):
    global calls
    calls += 1
    if calls == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    real(handle)
os.fsync = fsync
write_all(Path(sys.argv[1]), {name: b"new" for name in sys.argv[3].split()})
"""


@pytest.mark.parametrize("call", [1, 4, 6])
@pytest.mark.parametrize("exists", [True, False])
def test_a_killed_process_leaves_the_old_results(tmp_path: Path, call: int, exists: bool) -> None:
    """Killed while writing: what was there is there, what was not is not, and the next one cleans up."""
    folder = tmp_path / "out"
    if exists:
        write_all(folder, OLD)
    done = subprocess.run(
        [sys.executable, "-I", "-c", KILLED, folder, str(call), " ".join(NAMES), SAVING],
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    assert (content(folder) == OLD) if exists else not folder.exists()
    left = hidden(folder if exists else tmp_path)
    assert len(left) == 1
    write_all(folder, NEW)
    assert content(folder) == NEW
    assert not left[0].exists()


def test_a_writer_at_work_is_left_alone(tmp_path: Path) -> None:
    """Cleaning up takes away what dead writers left, not what another one is writing at the moment."""
    script = (
        "import runpy, sys; from pathlib import Path\n"
        "with runpy.run_path(sys.argv[2])['_staged'](Path(sys.argv[1]), {'a': b'1'}) as new:\n"
        "    print(new, flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-I", "-c", script, tmp_path, SAVING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        new = Path(other.stdout.readline().strip())
        write_all(tmp_path, NEW)
        assert (new / "a").read_bytes() == b"1"
        other.communicate("")
    assert content(tmp_path) == NEW
    assert hidden(tmp_path) == []


def test_a_file_in_the_folders_place_is_an_error(tmp_path: Path) -> None:
    """A file of the folder's name is not replaced by a folder."""
    (tmp_path / "out").write_text("mine")
    with pytest.raises(NotADirectoryError):
        write_all(tmp_path / "out", NEW)
    assert (tmp_path / "out").read_text() == "mine"


def test_a_writer_that_is_overtaken_replaces_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs begin while the folder is not there: the second finds it made, and replaces all of it."""
    real = saving._appears

    def late(new: Path, folder: Path) -> bool:
        monkeypatch.setattr(saving, "_appears", real)
        write_all(folder, {**OLD, "notes.txt": b"theirs"})
        return real(new, folder)

    monkeypatch.setattr(saving, "_appears", late)
    write_all(tmp_path / "out", NEW)
    assert content(tmp_path / "out") == NEW | {"notes.txt": b"theirs"}
    assert hidden(tmp_path) == hidden(tmp_path / "out") == []


def test_a_hidden_folder_that_is_cleaned_away_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run may look between the making of the hidden folder and its locking, and take it for a dead one's."""
    real, made = tempfile.mkdtemp, []

    def watched(prefix: str, dir: Path) -> str:  # noqa: A002 - the name is the library's
        made.append(real(prefix=prefix, dir=dir))
        if len(made) == 1:
            saving._clean(tmp_path)
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", watched)
    write_all(tmp_path, NEW)
    assert len(made) == 2
    assert content(tmp_path) == NEW
    assert hidden(tmp_path) == []


WRITERS = 4
TIMES = 12
WRITING = """
import runpy, sys
from pathlib import Path
write_all = runpy.run_path(sys.argv[3])["write_all"]
for number in range(int(sys.argv[4])):
    text = f"{sys.argv[2]}-{number}".encode()
    write_all(Path(sys.argv[1]) / str(number), {name: text for name in sys.argv[5].split()})
"""


def test_several_at_once_are_never_mixed(tmp_path: Path) -> None:
    """Four processes write into the same folders, old and new: none fails, each folder holds one writer's files."""
    for number in range(0, TIMES, 2):
        write_all(tmp_path / str(number), OLD)
    writers = [
        subprocess.Popen(
            [sys.executable, "-I", "-c", WRITING, tmp_path, str(who), SAVING, str(TIMES), " ".join(NAMES)]
        )
        for who in range(WRITERS)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * WRITERS
    for number in range(TIMES):
        found = content(tmp_path / str(number))
        assert sorted(found) == sorted(NAMES)
        assert len(set(found.values())) == 1
        assert hidden(tmp_path / str(number)) == []
    assert hidden(tmp_path) == []
