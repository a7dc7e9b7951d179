"""Tables out and in: data frames, files and bytes become bodies, CSV becomes typed data frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matcher.client import bodies, frames
from matcher.generating import Spec, generate
from matcher.intake.writing import write_round
from models.tables import TABLES


def sent(frame: pd.DataFrame) -> list[str]:
    """The lines of CSV that a data frame is sent as."""
    return bodies.csv_of(frame).decode().splitlines()


def test_cells_are_spelt_as_the_contract_does() -> None:
    """Lists with semicolons, yes and no, days in ISO form, whole numbers whole, blanks for what is absent."""
    frame = pd.DataFrame(
        {
            "id": ["L1", "L2"],
            "languages": [["en:B1", "it:A2"], "de:C1"],
            "birth_date": [pd.Timestamp("2005-02-01"), pd.NaT],
            "priority": [3.0, np.nan],
            "green_travel": [True, False],
            "group_id": [None, pd.NA],
        }
    )
    assert sent(frame)[1:] == ["L1,en:B1;it:A2,2005-02-01,3,yes,", "L2,de:C1,,,no,"]


def test_text_is_never_a_formula() -> None:
    """Text that a spreadsheet would take for a formula is sent as the engine writes it, and comes back as it was."""
    frame = pd.DataFrame({"id": ["c1"], "name": ["=1+1"]})
    assert sent(frame)[1] == "c1,'=1+1"
    assert frames.of_csv(bodies.csv_of(frame), "companies")["name"].tolist() == ["=1+1"]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_is_read_and_sent_is_the_same(root: Path, table: str, tmp_path: Path) -> None:
    """Every table of the sample, read into a data frame and sent again, has the very lines that it had; those that the
    sample does not have, of a round that is made up.
    """
    path = root / "sample_data" / "intervet" / f"{table}.csv"
    if not path.exists():
        made_up = generate(Spec.of_shape("intervet", 60, earlier_rounds=2), 1, ())
        path = write_round(made_up, tmp_path / "round") / path.name
    content = path.read_bytes()
    assert content.count(b"\n") > 1
    assert bodies.csv_of(frames.of_csv(content, table)) == content


def test_columns_have_their_types(root: Path) -> None:
    """Codes are text with their zeros, days are dates, numbers are numbers, yes and no are booleans."""
    learners = frames.of_csv((root / "sample_data" / "intervet" / "learners.csv").read_bytes(), "learners")
    kinds = learners.dtypes.astype(str)
    assert kinds["field"] == "str"
    assert kinds["available_from"].startswith("datetime64")
    assert kinds["eqf_level"] == "Int64"
    assert kinds["green_travel"] == "boolean"


def test_a_file_is_sent_as_what_its_name_says(tmp_path: Path) -> None:
    """CSV, XLSX and JSON by the end of the name; anything else is refused before it is sent."""
    for ending, media_type in {".csv": bodies.CSV, ".xlsx": bodies.XLSX, ".json": bodies.JSON}.items():
        (path := tmp_path / f"beds{ending}").write_bytes(b"x")
        assert bodies.body_of(path).media_type == bodies.body_of(str(path)).media_type == media_type
    with pytest.raises(ValueError, match=r"beds\.pdf"):
        bodies.body_of(tmp_path / "beds.pdf")


def test_bytes_of_a_workbook_are_told_from_csv() -> None:
    """A zip's first bytes are those of a workbook."""
    assert bodies.body_of(b"PK\x03\x04...").media_type == bodies.XLSX
    assert bodies.body_of(b"id,name\n").media_type == bodies.CSV


def test_a_body_tells_how_far_it_is() -> None:
    """From nothing to everything, never backwards, and the pieces are the whole."""
    content, told = b"x" * (bodies.CHUNK * 2 + 1), []
    body = bodies.of_bytes(content, bodies.CSV)
    assert b"".join(body.chunks(lambda done, total: told.append((done, total)))) == content
    assert told == [(done, len(content)) for done in (0, bodies.CHUNK, 2 * bodies.CHUNK, len(content))]
