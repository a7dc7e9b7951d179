"""The page's section on fairness: the partners' rates with intervals, wishes met, claims that were passed over."""

from __future__ import annotations

from typing import Final, NamedTuple

from matcher.reporting.model import Fairness
from matcher.reporting.views import MOST_LINES, Bar, Cell, Column, Named, Range, Table, share, table
from matcher.reporting.words import NARROW, counted, number, percent
from models.round import Round

RATES: Final = "Share of each sending partner's learners who have a place"
INTERVALS: Final = (
    "The line over a bar is Wilson's interval of 95 %, which takes the learners for a sample of those who might have "
    "applied: where two lines overlap, the difference may be chance."
)
WISHES: Final = "Wishes met, of those who state wishes"
UNLISTED: Final = {"unlisted": "not among the wishes", "unplaced": "no place"}
NOT_COUNTED: Final = (
    "Blocking pairs and envy are left out of a report on so many options; matcher metrics has them."
)
LOWEST_GINI: Final = "0 where all partners are served alike"


class View(NamedTuple):
    """What the section shows: sentences, the rates, the wishes (None: nobody states any), what the intervals are."""

    sentences: tuple[str, ...]
    rates: Table
    wishes: Table | None
    note: str = INTERVALS


def fairness_view(rnd: Round, found: Fairness) -> View:
    """The section."""
    return View(_sentences(found), _rates(rnd, found), _wishes(found))


def _sentences(found: Fairness) -> tuple[str, ...]:
    alike = (
        []
        if found.gini_rates is None
        else [f"Gini coefficient of these shares: {found.gini_rates:.3f} ({LOWEST_GINI})."]
    )
    if found.blocking_pairs is None or found.justified_envy is None or found.envious is None:
        return (*alike, NOT_COUNTED)
    pairs = counted(found.justified_envy, "such pair")
    blocking = counted(found.blocking_pairs, "blocking pair")
    envious = counted(found.envious, "learner has", "learners have")
    reason = (
        f"{blocking}: a learner would rather have an option whose seats are free or held by weaker claims. Beds, "
        "groups and budgets are not looked at, so that such a claim need not be possible."
    )
    justified = (
        f"{envious} reason to envy somebody who has the very offer and flow that they would rather have, with the "
        f"weaker claim to it ({pairs})."
    )
    return (*alike, reason, justified)


def _rates(rnd: Round, found: Fairness) -> Table:
    names = dict(zip(rnd.sending_partners["id"], rnd.sending_partners["name"], strict=True))
    columns = [
        Column("Sending partner"),
        Column("Placed", numeric=True),
        Column("Share", numeric=True),
        Column("Interval", numeric=True),
    ]

    def cells(place: int) -> list[Cell]:
        line = found.partners[place]
        text = f"{number(line.placed)} of {number(line.learners)}"
        part = share(line.placed, line.learners)
        return [
            Named(line.id, names[line.id]),
            Range(text, part, line.low, line.high),
            percent(part),
            f"{100 * line.low:.1f} to {100 * line.high:.1f}{NARROW}%",
        ]

    return table(RATES, columns, range(len(found.partners)), cells, most=MOST_LINES)


def _wishes(found: Fairness) -> Table | None:
    total = sum(line.learners for line in found.wishes)
    if not total:
        return None
    columns = [
        Column("Wish"),
        Column("Learners", numeric=True),
        Column("Share", numeric=True),
        Column("This or better", numeric=True),
    ]
    reached = 0
    rows: list[list[Cell]] = []
    for line in found.wishes:
        reached += line.learners
        if line.learners:
            bar = Bar(number(line.learners), share(line.learners, total), "c")
            better = percent(reached / total) if line.wish.isdecimal() else ""
            name = UNLISTED.get(line.wish, f"wish {line.wish}")
            rows.append([name, bar, percent(line.learners / total), better])
    return Table(WISHES, columns, rows)
