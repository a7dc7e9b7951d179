"""`matcher metrics` from outside: what it prints and writes, and what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from matcher.cli.app import run
from tests.conftest import EXAMPLES

Printed = pytest.CaptureFixture[str]
SOLVABLE, INFEASIBLE = EXAMPLES / "example-01", EXAMPLES / "example-03"


@pytest.fixture(scope="module")
def placements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The placements of a solved round, without those of the last learner."""
    folder = tmp_path_factory.mktemp("solved")
    assert run(["solve", str(SOLVABLE), "--out", str(folder), "--quiet"]) == 0
    lines = (folder / "placements.csv").read_text(encoding="utf-8").splitlines()
    (folder / "mine.csv").write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    return folder / "mine.csv"


def test_it_holds_a_file_against_everything(placements: Path, tmp_path: Path, capsys: Printed) -> None:
    """The file first, then what could be; all tables are printed, and written as CSV and JSON."""
    out = tmp_path / "out"
    more = ("--seeds", "2", "--parity", "--at-least", "10", "--stability", "--out", str(out))
    assert run(["metrics", str(SOLVABLE), str(placements), *more]) == 0
    said = capsys.readouterr().out
    for title in (
        "Allocations",
        "By sending partner",
        "Wishes met",
        "From mine to each other",
        "What stability costs",
    ):
        assert title in said
    found = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    names = [line["allocation"] for line in found["summary"]]
    assert names == ["mine", "best", "first_come", "stable", "random_serial"]
    best, mine = (line["placed"] for line in found["summary"][1::-1])
    assert best == mine + 1
    assert found["prices"]["parity"]["exact"]
    with (out / "partners.csv").open(encoding="utf-8") as stream:
        gained = [int(row["gained"]) for row in csv.DictReader(stream) if row["allocation"] == "best"]
    assert sum(gained) >= 1
    assert {path.name for path in out.iterdir()} == {
        *(
            f"{name}.csv"
            for name in ("summary", "groups", "wishes", "partners", "spread", "parity", "stability")
        ),
        "metrics.html",
        "metrics.json",
    }


def test_json_alone_is_json(placements: Path, capsys: Printed) -> None:
    """Nothing else on stdout; without anything to compare with the file stands alone."""
    command = [
        "metrics",
        str(SOLVABLE),
        str(placements),
        "--against",
        "none",
        "--by",
        "trade",
        "--withhold",
        "--json",
    ]
    assert run(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert [line["allocation"] for line in found["summary"]] == ["mine"]
    assert found["partners"] == []
    assert found["withheld"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--against", "besst"], "nearest: best"),
        (["--against", "none"], "no allocation to speak of"),
        (["--at-least", "50", "--by", "school"], "sending partners"),
        (["--at-least", "101"], "--at-least"),
        (["--by", "name"], "name"),
        (["--seeds", "0"], "--seeds"),
        (["nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_it_refuses(more: list[str], said: str, capsys: Printed) -> None:
    """Exit code 1, and a line that names what is wrong."""
    assert run(["metrics", str(SOLVABLE), *more]) == 1
    assert said in capsys.readouterr().err


def test_a_file_given_twice_or_wrong_is_named(placements: Path, tmp_path: Path, capsys: Printed) -> None:
    """Before anything is solved."""
    assert run(["metrics", str(SOLVABLE), str(placements), str(placements)]) == 1
    assert "given twice" in capsys.readouterr().err
    strange = tmp_path / "strange.csv"
    strange.write_text("learner_id,offer_id,flow_id\nL1,nothing,f1\n", encoding="utf-8")
    assert run(["metrics", str(SOLVABLE), str(strange)]) == 1
    assert "nothing" in capsys.readouterr().err


def test_two_files_of_one_name_keep_their_folders(placements: Path, tmp_path: Path, capsys: Printed) -> None:
    """Both are there, by their whole paths."""
    other = tmp_path / "mine.csv"
    other.write_text(placements.read_text(encoding="utf-8"), encoding="utf-8")
    assert run(["metrics", str(SOLVABLE), str(placements), str(other), "--against", "none", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [line["allocation"] for line in found["summary"]] == [str(placements), str(other)]


def test_a_round_without_an_allocation_says_so(capsys: Printed) -> None:
    """Nothing can be found, so there is nothing to speak of."""
    assert run(["metrics", str(INFEASIBLE), "--seeds", "1"]) == 1
    assert "no allocation to speak of" in capsys.readouterr().err
