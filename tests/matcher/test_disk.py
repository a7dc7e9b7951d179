"""What the disk refuses is told with the place, how much was needed, and what to do about it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from matcher import load
from matcher.disk import insist_on_folder, staged, writing
from matcher.generating import Spec, generate
from matcher.intake import fix_report, write_round
from matcher.intake import writing as writing_module
from matcher.reporting.saving import needed


def refused(number: int) -> OSError:
    """What a system call raises, which knows no file."""
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "make room there"),
        (errno.EDQUOT, "make room there"),
        (errno.EROFS, "mounted for writing"),
        (errno.EACCES, "permissions"),
        (errno.EPERM, "permissions"),
        (errno.ENOTDIR, "a file is where a folder should be"),
        (errno.EIO, "cannot be written"),
    ],
    ids=errno.errorcode.get,
)
def test_an_error_names_the_place_and_what_to_do(tmp_path: Path, number: int, advice: str) -> None:
    """It is the same error, with its number; its file is the folder that was named, not one within."""
    with pytest.raises(OSError, match=advice) as raised, writing(tmp_path, "the results"):
        raise refused(number)
    assert (raised.value.errno, raised.value.filename) == (number, str(tmp_path))
    assert (raised.value.strerror or "").startswith(os.strerror(number))


def test_a_full_disk_says_how_much_is_needed_and_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both in bytes; what is not known is not said."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=65_536, free=61_440))
    with (
        pytest.raises(OSError, match="at least 200,000 bytes are needed, 61,440 are free"),
        writing(tmp_path / "made" / "later", "the results", 200_000),
    ):
        raise refused(errno.ENOSPC)
    with pytest.raises(OSError, match=r"\(61,440 are free\)"), writing(tmp_path, "the results"):
        raise refused(errno.ENOSPC)


def test_what_saving_needs_counts_blocks_and_old_files(tmp_path: Path) -> None:
    """New files of 1 and 4097 bytes take 3 blocks of 4096; an old one of 5 bytes is kept meanwhile, others stay."""
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "notes.txt").write_bytes(b"mine")
    assert needed(tmp_path, {"a": b"1", "b": b"2" * 4097}) == 4 * 4096
    assert needed(tmp_path / "new", {"a": b"1", "b": b"2" * 4097}) == 3 * 4096


def test_a_folder_need_not_be_there_before_the_work(tmp_path: Path) -> None:
    """Nothing is made where it could be; a file in the way is said, with the folder that was named."""
    insist_on_folder(tmp_path / "deep" / "out", "the results", 1000)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="a file is where") as raised:
        insist_on_folder(tmp_path / "file" / "out", "the results")
    assert raised.value.filename == str(tmp_path / "file" / "out")


def full(total: int) -> Callable[[Path], SimpleNamespace]:
    """A disk of so many bytes, all of them taken."""
    return lambda _: SimpleNamespace(total=total, free=0)


@pytest.mark.parametrize(
    ("module", "call", "answer", "said"),
    [
        (os, "access", lambda *_: False, "Permission denied"),
        (os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY), "Read-only"),
        (shutil, "disk_usage", full(65_536), "at least 1,000 bytes"),
    ],
)
def test_a_refusal_is_said_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, call: str, answer: object, said: str
) -> None:
    """Nobody may write there, the disk is for reading only, there is not room enough."""
    monkeypatch.setattr(module, call, answer)
    with pytest.raises(OSError, match=said):
        insist_on_folder(tmp_path, "the results", 1000)


def test_what_says_that_it_has_no_room_at_all_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems that are no disks say 0 of 0."""
    monkeypatch.setattr(shutil, "disk_usage", full(0))
    insist_on_folder(tmp_path, "the results", 1000)


@pytest.mark.parametrize("there", [True, False])
def test_what_is_staged_appears_at_the_end_or_not_at_all(tmp_path: Path, there: bool) -> None:
    """An error leaves the folder as it was, or does not make it; without one only files of the same names change."""
    folder = tmp_path / "deep" / "out"
    before = {"a": "old", "b": "mine"} if there else {}
    for name, text in before.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with pytest.raises(ZeroDivisionError):
        half_staged(folder)
    assert {path.name: path.read_text() for path in folder.glob("*")} == before
    assert folder.exists() == there
    with staged(folder) as place:
        (place / "a").write_text("new")
        (place / "c").write_text("new")
    assert {path.name: path.read_text() for path in folder.iterdir()} == before | {"a": "new", "c": "new"}


def half_staged(folder: Path) -> None:
    """An error in the middle."""
    with staged(folder) as place:
        (place / "a").write_text("half")
        raise ZeroDivisionError


@pytest.mark.parametrize("name", ["round", "round.xlsx"])
def test_a_round_on_a_full_disk_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The new round is not begun where the old one stands, though it was to be replaced."""
    old, new = (generate(Spec.of_shape("intervet", 12), seed) for seed in (1, 2))
    path = write_round(old, tmp_path / name)
    monkeypatch.setattr("matcher.intake.writing._write_files", full_after(writing_module._write_files))
    with pytest.raises(OSError, match=r"No space left on device: the round cannot be written to .*round"):
        write_round(new, path, overwrite=True)
    assert load(path).digest == old.digest
    assert not list(tmp_path.rglob(".matcher-*"))


def full_after(real: Callable[..., None]) -> Callable[..., None]:
    """A call that does its work, and finds at the end that the disk is full."""

    def call(*arguments: object) -> None:
        real(*arguments)
        raise refused(errno.ENOSPC)

    return call


def test_a_marked_workbook_on_a_full_disk_is_not_half_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood there stays, and the message names it."""
    path = write_round(generate(Spec.of_shape("intervet", 12), 1), tmp_path / "round")
    (tmp_path / "marked.xlsx").write_bytes(b"old")

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as stream:
            stream.write(content[:100])
        raise refused(errno.ENOSPC)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match=r"the marked workbook cannot be written to .*marked\.xlsx"):
        fix_report(path, tmp_path / "marked.xlsx")
    assert (tmp_path / "marked.xlsx").read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["marked.xlsx", "round"]
