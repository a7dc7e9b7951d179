"""Parts of a round examined alone: one table of one partner, with nothing known of anybody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.intake import examine_own, examine_settings, examine_table
from tests.matcher.intake.broken import BASE
from tests.matcher.intake.folders import cells, with_cell


def written(path: Path, table: str, text: str | None = None) -> Path:
    """A table of the valid round as a CSV file."""
    file = path / f"{table}.csv"
    file.write_text(BASE[f"{table}.csv"] if text is None else text)
    return file


def lines(found: tuple[object, ...]) -> list[str]:
    """Problems as lines."""
    return list(map(str, found))


def test_references_to_what_is_not_given_are_not_judged(tmp_path: Path) -> None:
    """A table alone is right, whatever it refers to; with its neighbours known, references to them are judged."""
    learners = written(tmp_path, "learners", with_cell("learners", 2, "group_id", "g9"))
    assert not examine_table(learners, "learners").errors
    found = examine_table(learners, "learners", known={"groups": written(tmp_path, "groups")})
    assert lines(found.errors) == [
        "learners.csv, row 2, column group_id: 'g9': there is no such id in groups (nearest: g1)"
    ]
    assert not found.tables


def test_a_known_table_without_rows_is_known(tmp_path: Path) -> None:
    """References to an empty table are wrong: it is not as if it could not be read."""
    empty = written(tmp_path, "groups", "id,partner_id,mode\n")
    found = examine_table(written(tmp_path, "learners"), "learners", known={"groups": empty})
    assert [one.value for one in found.errors] == ["g1", "g1"]


def test_what_the_table_makes_wrong_elsewhere_is_a_warning(tmp_path: Path) -> None:
    """Groups that go while learners name them: the groups are right, the learners' rows are warned of."""
    empty = written(tmp_path, "groups", "id,partner_id,mode\n")
    found = examine_table(empty, "groups", known={"learners": written(tmp_path, "learners")})
    assert not found.errors
    assert [(one.file, one.value) for one in found.warnings] == [("learners.csv", "g1")] * 2
    assert len(found.tables["groups"]) == 0


@pytest.mark.parametrize("foreign", ["cem", "nobody"])
def test_foreign_rows_are_told_in_the_same_words(tmp_path: Path, foreign: str) -> None:
    """Whether somebody else bears the id or nobody does."""
    text = with_cell("schools", 3, "partner_id", foreign)
    (error,) = examine_table(written(tmp_path, "schools", text), "schools", owner="ccis").errors
    assert (error.row, error.column, error.value) == (3, "partner_id", foreign)
    assert error.message == "not one of your own rows: they have ccis here"


def test_erased_learners_are_not_taken_again(tmp_path: Path) -> None:
    """Their rows are errors at the id."""
    found = examine_table(written(tmp_path, "learners"), "learners", erased=frozenset({"L2"}))
    assert [(one.row, one.column, one.value) for one in found.errors] == [(3, "id", "L2")]


def test_ids_of_others_are_judged_and_not_suggested(tmp_path: Path) -> None:
    """A preference that does not exist is an error without the nearest id, which is somebody else's."""
    text = with_cell("learners", 2, "preferences", "c1x")
    own = {"learners": written(tmp_path, "learners", text)}
    names = ("hosting_partners", "companies", "sending_partners")
    beside = {name: written(tmp_path, name) for name in names}
    found = examine_own(own, None, beside, None)
    assert [(one.value, one.nearest) for one in found.errors] == [("c1x", None)]


def test_json_is_read_as_the_same_cells_in_csv(tmp_path: Path) -> None:
    """Lists, numbers, yes and no, and what is missing; row numbers count the headings as a spreadsheet does."""
    head, *rows = cells("learners")
    listed: list[dict[str, object]] = [
        {
            name: cell.split(";") if ";" in cell else int(cell) if cell in {"4", "5"} else cell or None
            for name, cell in zip(head, row, strict=True)
        }
        for row in rows
    ]
    file = tmp_path / "learners.json"
    file.write_text(json.dumps(listed))
    table = examine_table(file, "learners").tables["learners"]
    same = examine_table(written(tmp_path, "learners"), "learners").tables["learners"]
    assert table.records == same.records
    listed[1]["eqf_level"] = {"a": 1}
    listed[2]["green_travel"] = True
    file.write_text(json.dumps(listed))
    (error,) = examine_table(file, "learners").errors
    assert (error.file, error.row, error.column) == ("learners.json", 3, "eqf_level")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("3", "expected an array of objects"),
        ("[1]", "expected an array of objects"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"a\\ud800": 1}]', "not valid Unicode"),
        (json.dumps([{f"c{n}": 1 for n in range(300)}]), "300 columns"),
    ],
)
def test_what_is_no_table_is_said_in_words(tmp_path: Path, text: str, said: str) -> None:
    """JSON that holds no rows of cells is one error that says what is expected."""
    file = tmp_path / "flows.json"
    file.write_text(text)
    (error,) = examine_table(file, "flows").errors
    assert said in error.message


def test_settings_are_read_from_their_content() -> None:
    """As from the files: what they say, and everything that is wrong with either."""
    right = examine_settings(BASE["round.toml"].encode())
    assert (right.settings.id, right.errors) == ("broken", ())
    assert right.rates is not None
    wrong = examine_settings(b'format = 1\nid = "a b"\n', b"inclusion = -1")
    assert [(one.file, one.column) for one in wrong.errors] == [
        ("round.toml", "call_year"),
        ("round.toml", "id"),
    ]
    assert examine_settings(BASE["round.toml"].encode(), b"x = [").errors[0].file == "rates.toml"
