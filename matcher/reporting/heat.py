"""The heat maps: how full beds and seats are, per hosting partner, day by day or week by week."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from matcher.reporting.facts import Facts
from matcher.reporting.occupancy import Bucket, Occupancy, buckets
from matcher.reporting.views import Heat, HeatCell, Named, cut_note
from matcher.reporting.words import short_day
from models.round import IntArray, Round

COLUMNS: Final = 13
"""Weeks side by side that fit on a page of paper: a quarter of a year."""
DAYS: Final = 14
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

    return _heat("Heads (learners and escorts) of beds", facts.rnd, found, cell)


def seat_heat(facts: Facts, found: Occupancy) -> Heat:
    """Return learners against the seats of open offers: of each bucket the day with the fewest seats free."""

    def cell(host: int, days: Bucket) -> HeatCell:
        learners, seats = found.learners[host, slice(*days)], found.seats[host, slice(*days)]
        day = tightest(learners, seats)
        return heat_cell(int(learners[day]), int(seats[day]))

    return _heat("Learners of seats", facts.rnd, found, cell)


def tightest(present: IntArray, room: IntArray) -> int:
    """The position of the day with the least room left; days on which nobody is present count last."""
    left = np.where(present > 0, room - present, np.iinfo(np.int64).max)
    return int(left.argmin())


def heat_cell(present: int, room: int | None) -> HeatCell:
    """A cell for so many present; ``room`` is what there is room for (``None``: no limit)."""
    limit = "" if room is None else str(room)
    if not present:
        return HeatCell("0", limit, 0, full=False)
    if room is None:
        return HeatCell(str(present), "", 1, full=False)
    used = present / room if room else 1.0
    return HeatCell(str(present), limit, 1 + sum(used >= level for level in LEVELS), full=present >= room)


def _heat(caption: str, rnd: Round, found: Occupancy, cell: CellAt) -> Heat:
    spans = buckets(found)
    single = spans[0].stop - spans[0].start == 1 and len(spans) == found.days
    by_heads = np.argsort(-found.heads.sum(axis=1), kind="stable")[:MOST_HOSTS]
    shown = np.sort(by_heads).tolist()
    wide = DAYS if single else COLUMNS
    pieces = [spans[start : start + wide] for start in range(0, len(spans), wide)]
    note = cut_note(len(shown), len(rnd.hosting_partners), "those with most people")
    title = f"{caption}, {'day by day' if single else 'on the fullest day of each week'}"
    return Heat(title, [_piece(rnd, found, piece, shown, cell) for piece in pieces], note)


def _piece(
    rnd: Round, found: Occupancy, spans: Sequence[Bucket], hosts: Sequence[int], cell: CellAt
) -> tuple[list[str], list[tuple[Named, list[HeatCell]]]]:
    days = [(found.first + np.timedelta64(span.start, "D")).astype(object) for span in spans]
    headings = [short_day(day) for day in days]
    ids, names = rnd.hosting_partners["id"], rnd.hosting_partners["name"]
    return headings, [(Named(ids[host], names[host]), [cell(host, span) for span in spans]) for host in hosts]
