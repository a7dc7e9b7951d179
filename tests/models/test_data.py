"""The data files that ship, against what their README says of them."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "models" / "data"
STATED = dict(
    re.findall(
        r"^\| `([^`]+\.csv(?:\.gz)?)` \|.*?\| ([\d,]+) \|",
        (DATA / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
)


def test_the_readme_names_every_file() -> None:
    """A file without a stated source and licence does not ship."""
    assert sorted(STATED) == sorted(path.name for path in DATA.iterdir() if ".csv" in path.suffixes)


@pytest.mark.parametrize("name", sorted(STATED))
def test_the_readme_counts_the_rows(name: str) -> None:
    """The stated number of rows is the number of rows, and every row has every column."""
    raw = (DATA / name).read_bytes()
    rows = list(
        csv.reader((gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8").splitlines())
    )
    assert len(rows) - 1 == int(STATED[name].replace(",", ""))
    assert {len(row) for row in rows} == {len(rows[0])}
