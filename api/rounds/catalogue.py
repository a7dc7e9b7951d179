"""The places that a round offers, as those who submit learners may know them: what preferences can name, and no more.

Neither money nor demand nor how many come: seats and beds are between hosts and coordinators.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from api.access.roles import Caller
from api.rounds.parts import Part
from api.rounds.reading import Reading, loaded
from api.rounds.rows import Row, rows_between
from api.rounds.uploads import part_of
from api.rounds.visibility import the_round

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "hosting_partners": ("id", "name", "country", "city"),
    "companies": ("id", "host_id", "name", "city", "sector", "working_languages", "min_age"),
    "offers": (
        "id",
        "company_id",
        "fields",
        "available_from",
        "available_to",
        "stay",
        "min_eqf",
        "max_eqf",
    ),
    "flows": ("id", "host_id", "stay", "start", "end"),
}
"""What is shown, by table."""


def catalogue(session: Session, caller: Caller, round_id: str, table: str) -> Reading:
    """The rows of all hosts of a table, as they are loaded now; to be shown by ``shown``."""
    record = the_round(session, caller, round_id)
    found = session.execute(loaded(record, table)).all()
    parts: tuple[Part, ...] = tuple(part_of(upload) for _, upload in found)
    return Reading(table, parts, None, sum(sheet.version for sheet, _ in found))


def shown(found: Reading, first: int, last: int) -> list[Row]:
    """The rows from ``first`` up to ``last`` (not included), with the columns that are shown."""
    names = COLUMNS[found.table]
    return [{name: row.get(name) for name in names} for row in rows_between(found.parts, first, last)]
