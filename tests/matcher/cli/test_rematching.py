"""`matcher rematch` from outside: what it prints and writes, and the exit code that the contract gives it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from matcher.cli.app import run
from tests.conftest import EXAMPLES

Printed = pytest.CaptureFixture[str]
SOLVABLE = EXAMPLES / "example-01"


@pytest.fixture(scope="module")
def placements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The placements of a solved round."""
    folder = tmp_path_factory.mktemp("solved")
    assert run(["solve", str(SOLVABLE), "--out", str(folder), "--quiet"]) == 0
    return folder / "placements.csv"


def placed(path: Path) -> list[str]:
    """Who is placed in a file."""
    with path.open(encoding="utf-8") as stream:
        return [row["learner_id"] for row in csv.DictReader(stream)]


def rematch(placements: Path, out: Path, *more: str) -> int:
    """The command on the solved round."""
    return run(["rematch", str(SOLVABLE), "--placements", str(placements), "--out", str(out), *more])


def test_it_prints_alternatives_and_writes_changes(placements: Path, tmp_path: Path, capsys: Printed) -> None:
    """A table of alternatives, what is recommended, the outlook as an assumption; the drop-out is in changes.csv."""
    who = placed(placements)[0]
    assert rematch(placements, tmp_path / "out", "--drop-out", who) == 0
    said = capsys.readouterr().out
    assert "Recommended: alternative 0" in said
    assert "an assumption" in said
    with (tmp_path / "out" / "changes.csv").open(encoding="utf-8") as stream:
        changes = {row["learner_id"]: row["why"] for row in csv.DictReader(stream)}
    assert changes[who] == "dropped out"
    assert who not in placed(tmp_path / "out" / "placements.csv")


def test_the_changed_round_verifies_and_can_be_repaired_again(placements: Path, tmp_path: Path) -> None:
    """What --round-out writes is the round that the new placements are valid in; the next repair goes on from there."""
    who = placed(placements)[0]
    out, rnd = tmp_path / "out", tmp_path / "round"
    assert rematch(placements, out, "--drop-out", who, "--round-out", str(rnd), "--quiet") == 0
    assert run(["verify", str(rnd), str(out / "placements.csv"), "--quiet"]) == 0
    again = [
        "rematch",
        str(rnd),
        "--placements",
        str(out / "placements.csv"),
        "--out",
        str(tmp_path / "again"),
    ]
    assert run([*again, "--drop-out", placed(out / "placements.csv")[0], "--quiet"]) == 0


def test_a_file_and_options_say_together_what_happened(
    placements: Path, tmp_path: Path, capsys: Printed
) -> None:
    """One drop-out in the file, one on the command line; --json prints what report.json holds."""
    one, two, *_ = placed(placements)
    file = tmp_path / "happened.toml"
    file.write_text(f'drop_outs = ["{one}"]', encoding="utf-8")
    options = ("--happened", str(file), "--drop-out", two, "--json", "--no-outlook", "--most-changes", "0")
    assert rematch(placements, tmp_path / "out", *options) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert printed["repair"]["dropped"] == 2
    assert printed["repair"]["expected"] is None


def test_the_same_bytes_again(placements: Path, tmp_path: Path) -> None:
    """Two runs write the same CSV files."""
    who = placed(placements)[0]
    for name in ("one", "two"):
        assert rematch(placements, tmp_path / name, "--drop-out", who, "--quiet") == 0
    for path in (tmp_path / "one").glob("*.csv"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_round_without_an_allocation_left_is_exit_code_2(tmp_path: Path, capsys: Printed) -> None:
    """The rules that conflict are named on stderr, and the report is written."""
    folder = tmp_path / "round"
    shutil.copytree(EXAMPLES / "example-03", folder)
    empty = tmp_path / "placements.csv"
    empty.write_text("learner_id,offer_id,flow_id\n", encoding="utf-8")
    arguments = ["rematch", str(folder), "--placements", str(empty), "--out", str(tmp_path / "out")]
    assert run(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) > 1
    assert (
        json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["status"] == "infeasible"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        ["--drop-out", "nobody"],
        ["--company", "x"],
        ["--move", "f1"],
        ["--late", "none.csv"],
        ["--changes", "-1"],
    ],
    ids=lambda words: words[0],
)
def test_what_the_caller_can_put_right_is_exit_code_1(
    wrong: list[str], placements: Path, tmp_path: Path, capsys: Printed
) -> None:
    """With a word about it on stderr, and nothing written."""
    assert rematch(placements, tmp_path / "out", *wrong) == 1
    assert capsys.readouterr().err != ""
    assert not (tmp_path / "out").exists()


def test_the_round_itself_is_never_written_over(
    placements: Path, tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever dropped out would be gone from the only copy: refused before anything is done, by whatever path."""
    rnd = tmp_path / "round"
    shutil.copytree(SOLVABLE, rnd)
    before = {file.name: file.read_bytes() for file in rnd.iterdir()}
    monkeypatch.chdir(tmp_path)
    command = ["rematch", "round", "--placements", str(placements), "--out", "out"]
    assert run([*command, "--drop-out", placed(placements)[0], "--round-out", str(rnd)]) == 1
    said = "".join(capsys.readouterr().err.replace("│", "").split())  # a frame may break the lines anywhere
    assert "istherounditself" in said
    assert {file.name: file.read_bytes() for file in rnd.iterdir()} == before


def test_another_round_is_written_over_on_demand_only(
    placements: Path, tmp_path: Path, capsys: Printed
) -> None:
    """Refused before the repair begins, with the file that is there and what would replace it."""
    who, other = placed(placements)[0], tmp_path / "other"
    shutil.copytree(SOLVABLE, other)
    before = {file.name: file.read_bytes() for file in other.iterdir()}
    asked = ("--drop-out", who, "--round-out", str(other), "--quiet")
    assert rematch(placements, tmp_path / "out", *asked) == 1
    assert "--overwrite" in "".join(capsys.readouterr().err.replace("│", "").split())
    assert {file.name: file.read_bytes() for file in other.iterdir()} == before
    assert not (tmp_path / "out").exists()
    assert rematch(placements, tmp_path / "out", *asked, "--overwrite") == 0
    assert {file.name: file.read_bytes() for file in other.iterdir()} != before
