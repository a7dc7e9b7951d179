"""The table `previous_rounds` and the goals that came with it, as files bring them."""

from __future__ import annotations

from pathlib import Path

from matcher import load
from matcher.intake import examine
from matcher.intake.writing import write_round
from tests.matcher.intake.broken import BASE
from tests.matcher.intake.folders import folder

GOOD = "round_id,partner_id,school_id,asked,placed\nspring,ccis,,20,15\nspring,cem,,10,2\nspring,cem,s2,4,0\n"


def files(table: str, **settings: str) -> dict[str, bytes]:
    """The base round with the table, and lines of its settings replaced."""
    toml = BASE["round.toml"]
    for before, after in settings.items():
        toml = toml.replace(f"{before} =", f"{after} #")
    content = {**BASE, "round.toml": toml, "previous_rounds.csv": table}
    return {name: text.encode() for name, text in content.items()}


def test_it_is_read_and_written_back(tmp_path: Path) -> None:
    """Rows in the order of their key; the same digest after writing."""
    rnd = load(folder(tmp_path / "round", files(GOOD)))
    assert [(row.partner_id, row.school_id, row.placed) for row in rnd.previous_rounds.records] == [
        ("ccis", None, 15),
        ("cem", None, 2),
        ("cem", "s2", 0),
    ]
    assert load(write_round(rnd, tmp_path / "again")).digest == rnd.digest


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """More placed than asked, another partner's school, an unknown partner, a row twice, nobody who asked."""
    wrong = (
        GOOD + "spring,ccis,s2,5,5\nspring,cemm,,5,5\nspring,ccis,,5,5\nautumn,ccis,,5,6\nwinter,ccis,,0,0\n"
    )
    found = examine(folder(tmp_path / "round", files(wrong))).errors
    assert {(one.row, one.column) for one in found} == {
        (5, "school_id"),
        (6, "partner_id"),
        (7, "round_id"),
        (8, "asked"),
        (9, "asked"),
    }
    assert next(one for one in found if one.row == 6).nearest == "cem"


def test_leximin_is_named_in_goals_and_not_weighed(tmp_path: Path) -> None:
    """A weight on it is an error of the settings, with its line."""
    toml = BASE["round.toml"].replace(
        'goals = ["placed", "fit", "cost"]', "weights = { placed = 1, leximin = 2 }"
    )
    content = {name: text.encode() for name, text in {**BASE, "round.toml": toml}.items()}
    (one,) = examine(folder(tmp_path / "round", content)).errors
    assert (one.column, one.row) == ("policy.weights.leximin", 8)
    assert "cannot be weighed" in one.message
