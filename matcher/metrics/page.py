"""Allocations side by side: a section of the run's report, and ``metrics.html``; bars with the numbers beside them.

Drawn from what ``metrics.json`` holds, so that it can be drawn again from the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from pydantic import BaseModel, ConfigDict, TypeAdapter

from matcher.metrics import telling
from matcher.metrics.pricing import Prices
from matcher.reporting.studies import Head, Section, drawn, sheet
from matcher.reporting.views import Bar, Cell, Column, Range, Table, share, table

Row = Mapping[str, Any]

MARKS = "abcde"
"""The patterns of bars, by allocation."""


class Content(BaseModel):
    """The content of ``metrics.json``, as far as it is drawn."""

    model_config = ConfigDict(frozen=True)
    input_digest: str = ""
    allocation_digest: str | None = None
    by: str
    withheld: bool
    known: Mapping[str, str]
    random_serial: Mapping[str, int]
    summary: Sequence[Row]
    groups: Sequence[Row]
    wishes: Sequence[Row]
    partners: Sequence[Row]
    spread: Sequence[Row] = ()
    prices: Mapping[str, Mapping[str, Any]]


class Priced(NamedTuple):
    """What a kind of fairness costs: its lines, and whether the differences are exact."""

    table: Table
    known: str


def page(content: Content, name: str) -> str:
    """Return the page; ``name`` is the round's."""
    head = Head(
        title=telling.page_title(name),
        over=telling.COMPARED,
        heading=name,
        status="optimal",
        mark=("✓", telling.AUDITED),
        footer=telling.FOOTER,
    )
    return sheet(section(content), head)


def section(content: Content) -> Section:
    """Return the section."""
    parts = [("metrics-groups", telling.by_group(content.by))] if content.groups else []
    parts += [("metrics-wishes", telling.WISHES_TITLE)] if content.wishes else []
    parts += [("metrics-partners", telling.MOVES_TITLE)] if content.partners else []
    parts += [("metrics-prices", telling.PRICES_TITLE)] if content.prices else []
    model = {
        "lead": telling.lead(content.summary),
        "known": telling.what_is_known(content.known),
        "chart": _chart(content.summary),
        "summary": _summary(content.summary),
        "groups": _groups(content) if content.groups else None,
        "groups_title": telling.by_group(content.by),
        "wishes": _wishes(content.wishes) if content.wishes else None,
        "partners": _flat(telling.moves(content.summary), content.partners, telling.PARTNERS)
        if content.partners
        else None,
        "prices": [_priced(name, prices) for name, prices in content.prices.items()],
        "spread": _spread(content.spread) if content.spread else None,
        "serial": telling.about_serial(content.random_serial["allocations"], content.random_serial["orders"]),
        "withheld": content.withheld,
        "telling": telling,
    }
    return drawn("metrics", telling.COMPARED, parts, model)


def section_from(content: Mapping[str, Any], _goals: Mapping[str, int | None]) -> Section:
    """Return the section from the content of ``metrics.json``, for the report of a run with these goals.

    Raises ``ValidationError`` for what is no such content.
    """
    return section(Content.model_validate(content))


def _chart(lines: Sequence[Row]) -> Table:
    """What people ask first, as bars: who has a place, their first wish, how the worst served partner fares."""
    names = ("placed_share", "first_wish", "worst_rate")
    columns = [Column(telling.ALLOCATION), *(Column(telling.CHARTED[name], numeric=True) for name in names)]

    def cells(line: Row) -> list[Cell]:
        bars = [
            Bar(telling.shown(name, line.get(name)), share(line.get(name), 1), mark)
            for name, mark in zip(names, MARKS, strict=False)
        ]
        return [str(line["allocation"]), *bars]

    return table(telling.CHART_TITLE, columns, lines, cells, rest=telling.REST)


def _summary(lines: Sequence[Row]) -> Table:
    """A row per measure, a column per allocation."""
    columns = [
        Column(telling.MEASURE),
        *(Column(str(line["allocation"]), numeric=True) for line in lines),
    ]
    names = [name for name in telling.SUMMARY if name != "allocation" and any(name in line for line in lines)]

    def cells(name: str) -> list[Cell]:
        title = telling.capital(telling.measure(name))
        return [title, *(telling.shown(name, line.get(name)) for line in lines)]

    return table(telling.SUMMARY_TITLE, columns, names, cells, rest=telling.REST)


def _flat(caption: str, lines: Sequence[Row], headings: Mapping[str, str]) -> Table:
    """Rows as they are, under their headings; columns that no row has are left out."""
    names = [name for name in headings if any(name in line for line in lines)]
    columns = [
        Column(telling.capital(headings[name]), numeric=at > 0 and name not in telling.TEXTS)
        for at, name in enumerate(names)
    ]

    def cells(line: Row) -> list[Cell]:
        return [telling.shown(name, line.get(name)) for name in names]

    return table(caption, columns, lines, cells, rest=telling.REST)


def _across(lines: Sequence[Row], key: str) -> tuple[list[str], dict[str, dict[str, Row]]]:
    """The allocations, and of each group (or wish) the row of each."""
    found: dict[str, dict[str, Row]] = {}
    for line in lines:
        found.setdefault(str(line[key]), {})[str(line["allocation"])] = line
    return list(dict.fromkeys(str(line["allocation"]) for line in lines)), found


def _groups(content: Content) -> Table:
    """A row per group, a bar with its interval per allocation."""
    names, found = _across(content.groups, "group")
    columns = [Column(telling.GROUP), Column(telling.LEARNERS, numeric=True)]
    columns += [Column(name, numeric=True) for name in names]

    def cells(item: tuple[str, dict[str, Row]]) -> list[Cell]:
        group, rows = item
        some = next(iter(rows.values()))
        return [
            group,
            telling.shown("learners", some["learners"]),
            *(_rate(rows.get(name)) for name in names),
        ]

    return table(telling.GROUPS_TITLE, columns, found.items(), cells, rest=telling.REST)


def _rate(line: Row | None) -> Cell:
    if line is None or any(line.get(name) is None for name in ("rate", "low", "high")):
        return telling.NOTHING
    return Range(telling.shown("rate", line["rate"]), line["rate"], line["low"], line["high"])


def _wishes(lines: Sequence[Row]) -> Table:
    """A row per wish, a bar per allocation."""
    names, found = _across(lines, "wish")
    columns = [Column(telling.WISH), *(Column(name, numeric=True) for name in names)]

    def cell(line: Row | None, mark: str) -> Cell:
        if line is None or line.get("share") is None:
            return telling.NOTHING
        text = f"{telling.shown('learners', line['learners'])} ({telling.shown('share', line['share'])})"
        return Bar(text, share(line["share"], 1), mark)

    def cells(item: tuple[str, dict[str, Row]]) -> list[Cell]:
        wish, rows = item
        bars = [cell(rows.get(name), MARKS[at % len(MARKS)]) for at, name in enumerate(names)]
        return [telling.wish(wish), *bars]

    return table(telling.WISHES_CAPTION, columns, found.items(), cells, rest=telling.REST)


def _spread(lines: Sequence[Row]) -> Table:
    columns = [
        Column(telling.capital(heading), numeric=at > 0) for at, heading in enumerate(telling.SPREAD.values())
    ]
    return table(
        telling.SPREAD_TITLE,
        columns,
        lines,
        lambda line: list(telling.varying({**line, "metric": str(line["metric"])}).values()),
        rest=telling.REST,
    )


def _priced(name: str, content: Mapping[str, Any]) -> Priced:
    prices = TypeAdapter(Prices).validate_python(content)
    frame = prices.frame().astype(object)
    rows = frame.where(pd.notna(frame), None).to_dict("records")
    lines = [{str(key): cell for key, cell in row.items()} for row in rows]
    return Priced(_flat(telling.PRICED[name], lines, telling.PRICES), telling.about_prices(name, prices))
