"""Checks that every id which a row names exists, and suggests the nearest that does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain

import pandas as pd

from matcher.intake.drafts import Draft, DraftRound, where
from matcher.intake.findings import Bad, Findings, Weight
from models.columns import Ref, RefList
from models.round import is_list
from models.tables import columns_of
from models.vocabulary import Suggester, fold


def known_references(rnd: DraftRound, findings: Findings) -> None:
    """Every reference, alone or in a list, names a row that exists; tables that could not be read are
    passed over.

    Where only some ids of a table could not be read, a reference to none of the others may be to one of these.
    """
    suggest = cache(lambda tables: _suggestions(rnd, tables))
    for draft, column, tables in _columns(rnd):
        if not any(rnd[table].lost for table in tables):
            _check(rnd, draft, column, tables, suggest(tables), findings)


def _columns(rnd: DraftRound) -> Iterator[tuple[Draft, str, tuple[str, ...]]]:
    for draft in rnd.tables.values():
        for column, note in columns_of(draft.row).items():
            if column in draft.texts and isinstance(note.kind, Ref | RefList):
                kind = note.kind
                yield draft, column, (kind.table,) if isinstance(kind, Ref) else kind.tables


def _check(
    rnd: DraftRound,
    draft: Draft,
    column: str,
    tables: tuple[str, ...],
    suggest: Callable[[str], str | None],
    findings: Findings,
) -> None:
    there_is_none = f"there is no such id in {' or '.join(tables)}"
    cells, given = draft.values[column], draft.given(column)
    named_once = set(cells[given].tolist())
    unknown = set(chain.from_iterable(named_once) if is_list(columns_of(draft.row)[column]) else named_once)
    for table in tables:  # also those in rows that are not read for something else
        unknown.difference_update(rnd[table].values["id"].tolist())
    if not unknown:
        return
    unreadable = any(pd.isna(rnd[table].values["id"]).any() for table in tables)
    weight = Weight.FOLLOWS if unreadable else Weight.PLACE
    for position in where(given):
        named = cells[position] if isinstance(cells[position], tuple) else (cells[position],)
        for key in named:
            if key in unknown:
                which = f"{key!r}: " if len(named) > 1 else ""
                draft.fault(findings, column, position, Bad(which + there_is_none, suggest(key)), weight)


def _suggestions(rnd: DraftRound, tables: Iterable[str]) -> Callable[[str], str | None]:
    """Suggests the id of the row that has the text as its name, else the id that is most like it.

    Made when it is first asked: most rounds name no wrong id.
    """
    book = cache(lambda: _book(rnd, tables))
    return cache(lambda text: book()[0].get(fold(text)) or book()[1](text))


def _book(rnd: DraftRound, tables: Iterable[str]) -> tuple[dict[str, str], Suggester]:
    """The ids by the rows' names, and the ids to be compared with."""
    named: dict[str, str] = {}
    for table in tables:
        draft = rnd[table]
        if "name" in draft.values:
            for key, place in rnd.position(table).items():
                named.setdefault(fold(str(draft.values["name"][place])), key)
    return named, Suggester([key for table in tables for key in rnd.position(table)])
