"""Properties: however a valid round arrives it is the same round, and a mistake is reported where it is."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.intake import examine, write_round
from models import columns as kinds
from models.round import Round
from models.tables import TABLES, Row, School, columns_of
from tests.strategies import random_round

DATE_FORMS: tuple[Callable[[date], str], ...] = (
    lambda day: day.isoformat(),
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day:%d.%m.%Y}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day.isoformat()} 00:00:00",
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1250")
SPOILT: dict[type[kinds.Kind], str] = {
    kinds.Id: "bad id",
    kinds.Ref: "nobody-knows-it",
    kinds.Text: "bell \x07",
    kinds.Whole: "many",
    kinds.Decimal: "north",
    kinds.Day: "2022-02-31",
    kinds.Choice: "perhaps",
    kinds.YesNo: "perhaps",
    kinds.Country: "Atlantis9",
    kinds.Isced: "0777",
    kinds.IscedList: "071;0777",
    kinds.Languages: "en:B7",
    kinds.Codes: "Ω!",
    kinds.RefList: "nobody-knows-it",
}
"""For each kind a text that can never be right."""

Cell = tuple[str, int, str]
"""A file, a spreadsheet row, a heading."""


def writable(seed: int) -> Round:
    """A random round without what files cannot say: half a coordinate, and rows that are blank."""
    rnd = random_round(seed)
    quotas = [row for row in rnd.quotas.records if any(row.model_dump().values())]
    partners = [whole(row) for row in rnd.sending_partners.records]
    hosts = [whole(row) for row in rnd.hosting_partners.records]
    schools = [whole(row) for row in rnd.schools.records]
    tables = {"quotas": quotas, "sending_partners": partners, "hosting_partners": hosts, "schools": schools}
    return rnd.replace(tables)


def whole(row: Row) -> Row:
    """The row with both coordinates or none."""
    given = row.model_dump()
    return (
        row
        if (given["lat"] is None) == (given["lon"] is None)
        else row.model_copy(update={"lat": None, "lon": None})
    )


def named(seed: int) -> Round:
    """A random round whose schools have names in Central European letters."""
    rnd = writable(seed)
    schools = [
        School(**{**row.model_dump(), "name": f"Škola „Đačić“, {row.id}"}) for row in rnd.schools.records
    ]
    return rnd.replace({"schools": schools})


def rewrite(path: Path, chance: Random) -> None:
    """Write a table's file again: other encoding, separator, forms of dates and decimals, order of rows and columns."""
    with path.open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    forms = {name: form_of(path.stem, name, chance) for name in head}
    order = chance.sample(range(len(head)), len(head))
    chance.shuffle(rows)
    changed = [[forms[head[at]](row[at]) if row[at] else "" for at in order] for row in rows]
    with path.open("w", encoding=chance.choice(ENCODINGS), newline="") as stream:
        writer = csv.writer(
            stream, delimiter=chance.choice(",;\t"), lineterminator=chance.choice(("\n", "\r\n"))
        )
        writer.writerows([[head[at] for at in order], *changed, *[[]] * chance.randint(0, 2)])


def form_of(table: str, column: str, chance: Random) -> Callable[[str], str]:
    """How a column's cells are written this time."""
    match columns_of(TABLES[table])[column].kind:
        case kinds.Day():
            form = chance.choice(DATE_FORMS)
            return lambda text: form(date.fromisoformat(text))
        case kinds.Decimal():
            return chance.choice((str, lambda text: text.replace(".", ",")))
        case kinds.Isced():
            return chance.choice((str, lambda text: text.lstrip("0") if text[:2] == "07" else text))
        case kinds.Languages():
            return chance.choice((str, lambda text: text.replace(":", " ").replace(";", ", ").upper()))
        case _:
            return str


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_a_round_is_the_same_however_it_arrives(seed: int, chance: Random) -> None:
    """Encodings, separators, line ends, dates, decimals, lost zeros, orders: the digest is the same."""
    original = named(seed)
    with tempfile.TemporaryDirectory() as place:
        made = write_round(original, Path(place) / "round")
        for path in sorted(made.glob("*.csv")):
            rewrite(path, chance)
        found = examine(made)
    assert found.errors == ()
    assert found.round is not None
    assert found.round.digest == original.digest


def spoil(folder: Path, chance: Random) -> Cell:
    """Make one cell of the round wrong; returns where."""
    path = chance.choice(
        [path for path in sorted(folder.glob("*.csv")) if path.read_text("utf-8").count("\n") > 1]
    )
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    row, column = chance.randrange(1, len(rows)), chance.randrange(len(rows[0]))
    heading = rows[0][column]
    rows[row][column] = SPOILT[type(columns_of(TABLES[path.stem])[heading].kind)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path.name, row + 1, heading


@given(st.integers(0, 10_000), st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=60)
def test_mistakes_are_reported_where_they_are(seed: int, chance: Random, mistakes: int) -> None:
    """Each spoilt cell is reported, and nothing else is, save references to an id that was spoilt."""
    with tempfile.TemporaryDirectory() as place:
        made = write_round(writable(seed), Path(place) / "round")
        spoilt = {spoil(made, chance) for _ in range(mistakes)}
        found = examine(made)
    reported = {(one.file, one.row, one.column): one for one in found.errors}
    assert spoilt <= set(reported)
    lost_ids = any(heading == "id" for _, _, heading in spoilt)
    others = [one for cell, one in reported.items() if cell not in spoilt]
    assert all(lost_ids and "there is no such id" in one.message for one in others), others
    assert found.round is None
