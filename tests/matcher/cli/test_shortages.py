"""`matcher shortages` from outside: what it prints and writes, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.cli.app import run
from tests.conftest import EXAMPLES, ROOT

Printed = pytest.CaptureFixture[str]
TINY = ROOT / "sample_data" / "tiny"


def test_sentences_tables_and_a_page(tmp_path: Path, capsys: Printed) -> None:
    """The shortage with its proof, prices with their mark, the best places; four files, the JSON as the answer."""
    assert (
        run(["shortages", str(TINY), "--out", str(tmp_path / "out"), "--places", "2", "--workers", "1"]) == 0
    )
    said = capsys.readouterr().out
    assert ": 2 places, weeks" in said
    assert "Counted: these limits take 2 at most" in said
    assert "exact" in said
    assert "Where to win 2 more places" in said
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["prices.csv", "shortages.csv", "shortages.html", "shortages.json"]
    found = json.loads((tmp_path / "out" / "shortages.json").read_text(encoding="utf-8"))
    assert [one["places"] for one in found["shortages"]] == [2]
    assert found["best_set"]["checked"]


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    """Two runs, with one worker and with two, write the same bytes."""
    for name, workers in (("a", "1"), ("b", "2")):
        out = str(tmp_path / name)
        assert run(["shortages", str(TINY), "--out", out, "--top", "2", "--workers", workers, "--quiet"]) == 0
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_json_on_stdout_and_an_allocation_from_a_file(tmp_path: Path, capsys: Printed) -> None:
    """--json prints the answer; --placements asks about somebody's allocation, and errors in it are the input's."""
    file = tmp_path / "placements.csv"
    file.write_text("learner_id,offer_id,flow_id\n", encoding="utf-8")
    arguments = ["shortages", str(TINY), "--placements", str(file), "--json", "--top", "0", "--places", "0"]
    assert run(arguments) == 0
    assert json.loads(capsys.readouterr().out)["placed"] == 0
    file.write_text("learner_id,offer_id,flow_id\nL1,nowhere,never\n", encoding="utf-8")
    assert run(arguments) == 1


def test_an_infeasible_round(capsys: Printed, expected: dict[str, dict[str, object]]) -> None:
    """Where no allocation satisfies the rules there is nothing to say of shortages: exit code 2 and the conflict."""
    name = next(name for name, values in expected.items() if values["status"] == "infeasible")
    assert run(["shortages", str(EXAMPLES / name)]) == 2
    assert "No allocation satisfies the rules" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [["--top", "-1"], ["--places", "1001"], ["--euros", "0"], ["--method", "nothing"]]
)
def test_wrong_arguments(wrong: list[str]) -> None:
    """What cannot be asked is refused with exit code 1."""
    assert run(["shortages", str(TINY), *wrong]) == 1
