"""Writes a round back to the contract's files: ``load(write_round(rnd, path))`` has the same digest."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final

from matcher.disk import staged, writing
from matcher.intake.settings import FORMAT, RATES, SETTINGS
from matcher.intake.sources import WORKBOOK_ENDINGS
from matcher.spreadsheets import safe_cell, saved
from models.columns import Decimal as Decimals
from models.columns import Kind, Languages, Whole
from models.policy import Policy
from models.rates import SHIPPED_YEARS, Rates
from models.round import Round, Table
from models.tables import TABLES, columns_of
from models.vocabulary import Cefr

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_INLINE_ENTRIES: Final = 4


def write_round(rnd: Round, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a round to a folder of CSV files, or to an ``.xlsx`` with ``round.toml`` beside it; returns the
    path.

    ``rates.toml`` is written unless the rates are those that ship for the call year; optional tables
    without rows are left out. Raises ``FileExistsError`` where a file of a round is already there, unless
    ``overwrite``: then those files are replaced, and the ones that this round does not have are removed. Raises
    ``OSError`` with the folder as it was when the disk refuses.
    """
    target = Path(path)
    workbook = _is_workbook(target)
    folder, standing = target.parent if workbook else target, standing_at(target)
    if standing and not overwrite:
        raise FileExistsError(f"{standing[0].name} is already there; nothing was written")
    with writing(target, "the round"), staged(folder) as place:
        _write_files(rnd, place, target.name if workbook else None)
        kept = {written.name for written in place.iterdir()}
        for gone in (one for one in standing if one.name not in kept):
            gone.unlink()
    return target


def standing_at(path: Path) -> list[Path]:
    """The files of a round that are there already, where one is to be written to ``path``."""
    workbook = _is_workbook(path)
    folder = path.parent if workbook else path
    names = [path.name] if workbook else [f"{table}.csv" for table in TABLES]
    return [folder / name for name in [SETTINGS, RATES, *names] if (folder / name).exists()]


def _is_workbook(path: Path) -> bool:
    return path.suffix.lower() in WORKBOOK_ENDINGS


def _write_files(rnd: Round, place: Path, workbook: str | None) -> None:
    _write_settings(rnd, place)
    if workbook is not None:
        (place / workbook).write_bytes(workbook_of(dict(_tables(rnd))))
        return
    for name, table in _tables(rnd):
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            write_table(stream, table)


def write_table(stream: IO[str], table: Table) -> None:
    """Write a table as CSV, rows in canonical order.

    Every distinct cell of a column is spelt once, so that the cost is that of the distinct cells.
    """
    columns = (_spelt(table, name) for name in table.names)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(zip(*columns, strict=True))


def workbook_of(tables: Mapping[str, Table]) -> bytes:
    """Tables as the sheets of a workbook.

    Dates and numbers as such, codes and ids as text, so that no zero is lost.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - whoever writes CSV does not wait for it

    book = Workbook(write_only=True)
    for name, table in tables.items():
        sheet = book.create_sheet(name)
        sheet.append(table.names)
        for row in _rows(table):
            sheet.append([safe_cell(cell) if cell is not None else None for cell in row])
    return saved(book)


def _write_settings(rnd: Round, folder: Path) -> None:
    head = {"id": rnd.id, "name": rnd.name, "call_year": rnd.call_year, "budget_eur": rnd.budget_eur}
    (folder / SETTINGS).write_text(round_toml(head, _policy(rnd.policy)), encoding="utf-8")
    if rnd.call_year not in SHIPPED_YEARS or rnd.rates != Rates.shipped(rnd.call_year):
        (folder / RATES).write_text(to_toml(rnd.rates.model_dump()), encoding="utf-8")


def _policy(policy: Policy) -> dict[str, Any]:
    content = {key: value for key, value in policy.model_dump().items() if value is not None}
    if policy.weights is not None and policy.goals == Policy().goals:
        del content["goals"]  # with weights they are not used
    return content


def round_toml(head: Mapping[str, Any], policy: Mapping[str, Any]) -> str:
    """The content of ``round.toml``: the keys of the round that are given, and its policy."""
    given = {key: value for key, value in head.items() if value is not None}
    return to_toml({"format": FORMAT, **given, "policy": _Section(policy)})


def _tables(rnd: Round) -> Iterator[tuple[str, Table]]:
    return ((name, table) for name, table in rnd.tables.items() if len(table) or table.row.needed)


def _rows(table: Table) -> Iterator[tuple[Any, ...]]:
    """The rows as a file has them: lists joined, languages spelt out."""
    return zip(*(_column(table, name) for name in table.names), strict=True)


def _column(table: Table, name: str) -> list[Any]:
    plain = _plain(columns_of(table.row)[name].kind)
    return [plain(cell) for cell in table.cells(name)]


def _plain(kind: Kind) -> Callable[[Any], object]:
    """How a cell of a kind of column stands in a workbook."""
    return _languages if isinstance(kind, Languages) else _joined


def _languages(cell: tuple[tuple[str, int], ...]) -> str:
    return ";".join(f"{code}:{Cefr(level).name}" for code, level in cell)


def _joined(cell: object) -> object:
    if isinstance(cell, tuple):
        return ";".join(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return cell


def _spelt(table: Table, name: str) -> Iterable[object]:
    """A column's cells as they stand in a CSV file; numbers as they are, as ``-0.0`` is spelt otherwise than ``0.0``
    although they are equal.
    """
    kind, cells = columns_of(table.row)[name].kind, table.cells(name)
    return cells if isinstance(kind, Whole | Decimals) else map(_Spellings(_plain(kind)).__getitem__, cells)


class _Spellings(dict[object, object]):
    """Distinct cells of a column that holds no numbers, with their texts: neutralised, nothing as a blank."""

    def __init__(self, plain: Callable[[Any], object]) -> None:
        super().__init__()
        self._plain = plain

    def __missing__(self, cell: object) -> object:
        plain = self._plain(cell)
        text = self[cell] = safe_cell(plain.isoformat() if isinstance(plain, date) else plain)
        return text


class _Section(dict[str, Any]):
    """A table that is written under a heading of its own, however small."""


def to_toml(content: Mapping[str, Any]) -> str:
    """A mapping as TOML: plain values and small tables first, then a section for each large table."""
    return "\n".join(_toml_lines(content, "")) + "\n"


def _toml_lines(content: Mapping[str, Any], prefix: str) -> Iterator[str]:
    large = {key: value for key, value in content.items() if _is_section(value)}
    for key, value in content.items():
        if key not in large:
            yield f"{_toml_key(key)} = {_toml_value(value)}"
    for key, value in large.items():
        name = f"{prefix}{_toml_key(key)}"
        yield f"\n[{name}]"
        yield from _toml_lines(value, f"{name}.")


def _is_section(value: object) -> bool:
    if not isinstance(value, Mapping) or not value:
        return False
    return (
        isinstance(value, _Section)
        or len(value) > _INLINE_ENTRIES
        or isinstance(next(iter(value.values())), Mapping)
    )


def _toml_key(key: object) -> str:
    return str(key) if _BARE_KEY.fullmatch(str(key)) else _toml_text(str(key))


def _toml_text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, save that TOML also wants DEL escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return str(value)
        case str():
            return _toml_text(value)
        case Mapping():
            return (
                "{ "
                + ", ".join(f"{_toml_key(key)} = {_toml_value(one)}" for key, one in value.items())
                + " }"
            )
        case list() | tuple():
            return "[" + ", ".join(map(_toml_value, value)) + "]"
        case _:
            raise TypeError(f"no TOML for {type(value).__name__}")
