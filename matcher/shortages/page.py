"""The answer as a section of the run's report, and as ``shortages.html``; bars with the numbers beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcher.reporting.studies import Head, Section, drawn, sheet
from matcher.reporting.views import Bar, Cell, Column, Table, share, table
from matcher.reporting.words import goal_words, number
from matcher.shortages import headings, words
from matcher.shortages.answer import Answer, PriceLine, SetLine, Shortage

MOST_PRICES = 25
"""Prices that the page lists; all are in prices.csv."""

MOST_LEARNERS = 60
"""Learners of a shortage whom the page names; all are in shortages.csv."""


def page(answer: Answer) -> str:
    """Return the page."""
    head = Head(
        title=headings.title(answer.round_id),
        over=headings.PAGE,
        heading=answer.round_id,
        status="optimal" if answer.proven else "feasible",
        mark=("✓", headings.PROVEN) if answer.proven else ("≈", headings.OPEN),
        footer=headings.FOOTER,
    )
    return sheet(section(answer), head)


def section(answer: Answer) -> Section:
    """Return the section: shortages, prices, more places, how to read them."""
    model = drawing(answer)
    parts = [("prices", headings.PRICES)] if model["prices"] else []
    parts += [("places", headings.PLACES)] if model["sets"] else []
    return drawn("shortages", headings.SHORTAGES, [*parts, ("reading", headings.READING)], model)


def section_from(content: Mapping[str, Any], _goals: Mapping[str, int | None]) -> Section:
    """Return the section from the content of ``shortages.json``, for the report of a run with these goals.

    Raises ``ValidationError`` for what is no such content.
    """
    return section(Answer.from_dict(content))


def drawing(answer: Answer) -> dict[str, Any]:
    """What the section's template draws."""
    return {
        "answer": answer,
        "words": words,
        "overview": _overview(answer.shortages) if answer.shortages else None,
        "cards": [_card(place, one) for place, one in enumerate(answer.shortages, start=1)],
        "prices": _prices(answer) if any(line.brings for line in answer.prices) else None,
        "idle": sum(not line.brings for line in answer.prices),
        "exact": sum(line.mark == "exact" for line in answer.prices),
        "resolved": sum(line.how == "re-solved" for line in answer.prices),
        "sets": _sets(answer) if answer.best_set else None,
        "won": won(answer),
    }


def won(answer: Answer) -> str:
    """The sentence of the best set of places; blank where it was not looked for."""
    best = answer.best_set
    if best is None:
        return ""
    return words.won(answer.places, dict(best.seats), best.told, best.proven, best.checked)


def _overview(shortages: Sequence[Shortage]) -> Table:
    most = max(one.short for one in shortages)
    columns = [
        Column("Shortage"),
        Column("Learners", numeric=True),
        Column("Places", numeric=True),
        Column("Too few", numeric=True),
        Column("Who", wide=True),
        Column("Proof"),
    ]

    def cells(pair: tuple[int, Shortage]) -> list[Cell]:
        place, one = pair
        return [
            f"No. {place}",
            number(len(one.learners)),
            number(one.places),
            Bar(number(one.short), share(one.short, most)),
            " ".join(one.shared) or "no common feature",
            one.proof,
        ]

    return table("Shortages, the biggest first", columns, enumerate(shortages, start=1), cells, rest=REST)


REST = "all in shortages.csv"


def _card(place: int, one: Shortage) -> Mapping[str, Any]:
    more = len(one.learners) - MOST_LEARNERS
    ids = ", ".join(one.learners[:MOST_LEARNERS]) + (f" and {more} more" if more > 0 else "")
    return {
        "id": f"shortage-{place}",
        "number": place,
        "sentence": one.sentence,
        "proved": one.proved,
        "apart": one.apart,
        "ids": ids,
    }


def _prices(answer: Answer) -> Table:
    names, some = list(answer.values), [line for line in answer.prices if line.brings]
    columns = [Column("One more"), *(Column(goal_words(name).title, numeric=True) for name in names)]
    columns += [Column("Weighted sum", numeric=True)] if _weighted(answer) else []
    columns += [Column("Mark")]
    most = {name: max((abs(_value(line, name)) for line in answer.prices), default=0.0) for name in names}

    def cells(line: PriceLine) -> list[Cell]:
        found: list[Cell] = [line.what]
        found += [_bar(line, name, most[name]) for name in names]
        if _weighted(answer):
            found.append("–" if line.objective is None else _signed(line.objective))
        return [*found, line.mark if line.how != "proven from prices" else "exact (by bound)"]

    return table(
        "One more, by goal; the best first", columns, some, cells, most=MOST_PRICES, rest="all in prices.csv"
    )


def _weighted(answer: Answer) -> bool:
    return any(line.objective is not None for line in answer.prices)


def _value(line: PriceLine, name: str) -> float:
    known = line.estimate.get(name) if line.exact is None else line.exact[name]
    return float(known or 0.0)


def _bar(line: PriceLine, name: str, most: float) -> Cell:
    if line.exact is None and line.estimate.get(name) is None:
        return "–"
    value = _value(line, name)
    text = _signed(value) if line.exact is not None else f"≈ {_signed(round(value, 2))}"
    return Bar(text, share(abs(value), most), "a" if line.exact is not None else "b")


def _signed(value: float) -> str:
    return words.gain("", value).strip().replace("-", "−") if value else "0"


def _sets(answer: Answer) -> Table:
    """The best set beside what picking by hand gives."""
    names = list(answer.values)
    columns = [
        Column("How they are chosen"),
        Column("Seats", numeric=True),
        *(Column(goal_words(name).title, numeric=True) for name in names),
        Column("Where", wide=True),
        Column("Mark"),
    ]
    rows = [
        ("The best set", answer.best_set),
        (words.SINGLES, answer.singles),
        (words.ONE_BY_ONE, answer.one_by_one),
    ]

    def cells(row: tuple[str, SetLine]) -> list[Cell]:
        how, line = row
        where = ", ".join(f"{more}× {offer}" for offer, more in line.seats.items()) or "nowhere"
        mark = (
            "exact, proven best"
            if line.proven and line is answer.best_set
            else "exact"
            if line.checked
            else "found"
        )
        worth = [_signed(line.worth[name]) for name in names]
        return [how, number(sum(line.seats.values())), *worth, where, mark]

    known = [(how, line) for how, line in rows if line is not None]
    return table(f"{answer.places} more places", columns, known, cells)
