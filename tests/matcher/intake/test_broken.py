"""``sample_data/broken``: one folder per kind of input error, with the exact lines that it must give."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.intake import examine, load
from models.errors import InputErrors
from tests.matcher.intake.broken import EXPECTED, KINDS, ROOT, Kind, readme
from tests.matcher.intake.folders import folder


def test_the_base_is_valid_and_raises_no_warning(tmp_path: Path) -> None:
    """Without a mistake the tiny round has every table, no error and nothing to report."""
    found = examine(folder(tmp_path / "base"))
    assert (found.errors, found.warnings) == ((), ())
    assert found.round is not None
    assert all(len(table) for table in found.round.tables.values() if not table.row.later)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_gives_exactly_its_lines(kind: Kind) -> None:
    """The errors of a folder are those of its ``expected.txt``, word for word, and ``load`` raises all of
    them.
    """
    expected = (ROOT / kind.name / EXPECTED).read_text(encoding="utf-8").splitlines()
    assert expected
    with pytest.raises(InputErrors) as raised:
        load(ROOT / kind.name)
    assert [str(problem) for problem in raised.value.problems] == expected


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_folders_are_what_this_list_says(kind: Kind) -> None:
    """Nobody has edited a sample by hand: its files are the base with this kind's one mistake."""
    found = {path.name: path.read_bytes() for path in (ROOT / kind.name).iterdir() if path.name != EXPECTED}
    assert found == kind.files()


def test_the_readme_lists_every_kind() -> None:
    """The README and the folders are those of the list, no more and no fewer."""
    assert (ROOT / "README.md").read_text(encoding="utf-8") == readme()
    assert {path.name for path in ROOT.iterdir() if path.is_dir()} == {kind.name for kind in KINDS}


def test_all_problems_of_a_round_come_at_once(tmp_path: Path) -> None:
    """Mistakes in three tables and the settings are reported together, in file order."""
    files = {kind.file: kind.files()[kind.file] for kind in KINDS if kind.name in {"bad_id", "bad_choice"}}
    unknown_goal = next(kind for kind in KINDS if kind.name == "unknown_goal")
    found = examine(folder(tmp_path / "all", {**files, "round.toml": unknown_goal.files()["round.toml"]}))
    assert [(problem.file, problem.row, problem.column) for problem in found.errors] == [
        ("groups.csv", 2, "mode"),
        ("pairs.csv", 2, "learner_a"),
        ("round.toml", 8, "policy.goals"),
    ]
