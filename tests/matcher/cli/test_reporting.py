"""`matcher report`, and studies that are written into the folder of a solved run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from matcher.cli.app import run
from tests.conftest import ROOT

TINY = str(ROOT / "sample_data" / "tiny")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a solved run."""
    out = tmp_path / "out"
    assert run(["solve", TINY, "--out", str(out), "--quiet"]) == 0
    return out


def sections(folder: Path) -> list[str]:
    """The studies in its report."""
    found = re.findall(r'<section id="([\w-]+)"', (folder / "report.html").read_text("utf-8"))
    return [id for id in found if id in {"shortages", "scenarios", "frontier", "metrics"}]


def test_studies_go_into_the_report(folder: Path, tmp_path: Path) -> None:
    """Each command adds its section; `matcher report` makes the same page again."""
    what_if = tmp_path / "s.toml"
    what_if.write_text("[scenarios.more]\noffers = { seats = { add = 1 } }\n")
    out = ["--out", str(folder), "--quiet"]
    assert run(["metrics", TINY, "--against", "best", *out]) == 0
    assert run(["frontier", TINY, "fit", "cost", "--points", "2", "--workers", "1", *out]) == 0
    assert run(["scenario", TINY, str(what_if), "--workers", "1", *out]) == 0
    assert sections(folder) == ["scenarios", "frontier", "metrics"]
    assert run(["shortages", TINY, "--top", "1", "--places", "1", "--workers", "1", *out]) == 0
    assert sections(folder) == ["shortages", "scenarios", "frontier", "metrics"]
    before = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()
    assert run(["report", TINY, str(folder)]) == 0
    assert (folder / "report.html").read_bytes() == before


def test_another_allocation_or_round_is_refused_at_once(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is solved: exit code 1, and the folder as it was."""
    rows = (folder / "placements.csv").read_text("utf-8").splitlines(keepends=True)
    other = tmp_path / "other.csv"
    other.write_text("".join(rows[:-1]), "utf-8")
    before = (folder / "report.html").read_bytes()
    for command in (["shortages", TINY, "--placements", str(other)], ["metrics", TINY, str(other)]):
        assert run([*command, "--out", str(folder)]) == 1
        assert "another allocation" in capsys.readouterr().err.replace("\n", " ")
    example = str(ROOT / "sample_data" / "intervet")
    for command in (["shortages", example], ["frontier", example, "fit", "cost"], ["report", example]):
        assert run([*command, *(["--out"] if command[0] != "report" else []), str(folder)]) == 1
    assert sorted(path.name for path in folder.iterdir()) == [
        "escorts.csv",
        "placements.csv",
        "report.html",
        "report.json",
        "unplaced.csv",
    ]
    assert (folder / "report.html").read_bytes() == before


def test_a_study_that_is_no_longer_of_the_run_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever makes the page anew, or solves over it, reads what was left out."""
    (folder / "shortages.json").write_text('{"input_digest": "0"}')
    assert run(["report", TINY, str(folder)]) == 0
    assert "shortages.json is of another round" in capsys.readouterr().err
    assert run(["solve", TINY, "--out", str(folder), "--quiet"]) == 0
    assert "shortages.json is of another round" in capsys.readouterr().err
    assert sections(folder) == []
