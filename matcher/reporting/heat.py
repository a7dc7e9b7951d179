"""The heat maps: how full beds and seats are, per hosting partner, over days or weeks.

Neighbouring weeks in which nothing changes anywhere become one column of numbers, and weeks in which nobody is
away none; the strip above the numbers has every week, so that it shows time as it passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby
from typing import Final

import numpy as np

from matcher.reporting.facts import Facts
from matcher.reporting.occupancy import Bucket, Occupancy, buckets
from matcher.reporting.views import Heat, HeatCell, HeatRow, Named, Piece, cut_note
from matcher.reporting.words import MONTHS, short_day
from models.round import IntArray

COLUMNS: Final = 10
"""Columns side by side that fit on a page of paper."""
MOST_HOSTS: Final = 40
LEVELS: Final = (0.25, 0.5, 0.75, 0.9)
"""Shares from which on a cell is a level darker."""

CellAt = Callable[[int, Bucket], HeatCell]


def bed_heat(facts: Facts, found: Occupancy) -> Heat:
    """Return heads against beds: of each bucket the day with the fewest beds free (without a limit: most heads)."""

    def cell(host: int, days: Bucket) -> HeatCell:
        heads, beds = found.heads[host, slice(*days)], found.beds[host, slice(*days)]
        if not found.limited[host]:
            return heat_cell(int(heads.max()), None)
        day = tightest(heads, beds)
        return heat_cell(int(heads[day]), int(beds[day]))

    return _heat("Heads (learners and escorts) of beds", facts, found, cell)


def seat_heat(facts: Facts, found: Occupancy) -> Heat:
    """Return learners against the seats of open offers: of each bucket the day with the fewest seats free."""

    def cell(host: int, days: Bucket) -> HeatCell:
        learners, seats = found.learners[host, slice(*days)], found.seats[host, slice(*days)]
        day = tightest(learners, seats)
        return heat_cell(int(learners[day]), int(seats[day]))

    return _heat("Learners of seats", facts, found, cell)


def tightest(present: IntArray, room: IntArray) -> int:
    """The position of the day with the least room left; days on which nobody is present count last."""
    left = np.where(present > 0, room - present, np.iinfo(np.int64).max)
    return int(left.argmin())


def heat_cell(present: int, room: int | None) -> HeatCell:
    """A cell for so many present; ``room`` is what there is room for (``None``: no limit)."""
    if not present:
        return HeatCell("·", "", 0, full=False)
    if room is None:
        return HeatCell(str(present), "", 1, full=False)
    used = present / room if room else 1.0
    return HeatCell(str(present), str(room), 1 + sum(used >= level for level in LEVELS), full=present >= room)


def _heat(caption: str, facts: Facts, found: Occupancy, cell: CellAt) -> Heat:
    spans = buckets(found)
    by_heads = np.argsort(-found.heads.sum(axis=1), kind="stable")
    some = [int(host) for host in by_heads if found.heads[host].any()]
    shown = sorted(some[:MOST_HOSTS])
    cells = {host: [cell(host, span) for span in spans] for host in shown}
    columns = _runs(spans, [tuple(cells[host][place] for host in shown) for place in range(len(spans))])
    width = -(-len(columns) // -(-len(columns) // COLUMNS))  # pieces of one size, as few as fit
    parts = [columns[start : start + width] for start in range(0, len(columns), width)]
    names = dict(zip(facts.rnd.hosting_partners["id"], facts.rnd.hosting_partners["name"], strict=True))
    ids = [str(facts.rnd.hosting_partners["id"][host]) for host in shown]
    single = all(span.stop - span.start == 1 for span in spans)
    return Heat(
        caption=caption if single else f"{caption}, on the fullest day of each week",
        months=_months(found, spans),
        strip=[HeatRow(Named(ids[row], names[ids[row]]), cells[host]) for row, host in enumerate(shown)],
        pieces=[_piece(found, part, [Named(one, names[one]) for one in ids]) for part in parts],
        note=cut_note(len(shown), len(some), "those with most people"),
    )


Columns = list[tuple[Bucket, tuple[HeatCell, ...]]]


def _runs(spans: Sequence[Bucket], columns: Sequence[tuple[HeatCell, ...]]) -> Columns:
    """Equal neighbours put together; columns in which nobody is away left out."""
    found: Columns = []
    for cells, run in groupby(zip(spans, columns, strict=True), key=lambda item: item[1]):
        members = [span for span, _ in run]
        if any(cell.level for cell in cells):
            found.append((Bucket(members[0].start, members[-1].stop), cells))
    return found


def _piece(found: Occupancy, columns: Columns, hosts: Sequence[Named]) -> Piece:
    days = [(day_of(found, span.start), day_of(found, span.stop - 1)) for span, _ in columns]
    years = sorted({day.year for pair in days for day in pair})
    headings = [(short_day(first), "" if first == last else f"– {short_day(last)}") for first, last in days]
    rows = [HeatRow(host, [cells[row] for _, cells in columns]) for row, host in enumerate(hosts)]
    return Piece("–".join(map(str, sorted({years[0], years[-1]}))), headings, rows)


def _months(found: Occupancy, spans: Sequence[Bucket]) -> list[tuple[str, int]]:
    """The months above the strip: what each is called (January by its year), how many buckets begin in it."""
    firsts = [day_of(found, span.start) for span in spans]
    grouped = groupby(firsts, key=lambda day: (day.year, day.month))
    return [
        (str(year) if month == 1 else MONTHS[month - 1], len(list(run))) for (year, month), run in grouped
    ]


def day_of(found: Occupancy, position: int) -> date:
    """The date of a day by its position."""
    day: date = (found.first + np.timedelta64(position, "D")).astype(object)
    return day
