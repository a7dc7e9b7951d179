"""What analysts see of a frozen round's tables: no names, no free text, no needs, no birth dates, and nobody alone.

The rule for learners. Rows are grouped by what describes a learner; a group of ``SMALLEST`` or more is shown as it is.
What is left is grouped again by less, and so on through ``LEVELS``; who is still in a smaller group then is left out.
So whoever knows everything about a learner finds at least ``SMALLEST`` rows that may be theirs, or none. Whether a
learner has fewer opportunities is shown where at least ``SMALLEST`` of the group have and as many have not: otherwise a
group could tell it of each of its members. Source: Sweeney, k-Anonymity (2002); Machanavajjhala et al., l-Diversity
(2007).

Micro-credentials are counts without learners. Tables that speak of single learners (groups, pairs, locks, previous
placements, scores) are not shown, nor are schools.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from api.rounds.pseudonyms import ANALYSTS, pseudonym
from api.rounds.snapshots import unpack
from api.rounds.suppression import SMALLEST, suppressed
from models.round import Round
from models.tables import Learner
from models.vocabulary import Cefr

WITHHELD: Final[Mapping[str, tuple[str, ...]]] = {
    "sending_partners": ("name",),
    "hosting_partners": ("name",),
    "beds": (),
    "flows": (),
    "companies": ("name", "sector"),
    "offers": ("tasks",),
    "agreements": (),
    "quotas": (),
}
"""Tables of organisations, with the columns that analysts do not see: names and free text."""

TABLES: Final = ("learners", "micro_credentials", *WITHHELD)
"""The tables that analysts see."""

Row = dict[str, Any]
BANDS: Final = {1: "1-3", 2: "1-3", 3: "1-3", 4: "4-5", 5: "4-5", 6: "6-8", 7: "6-8", 8: "6-8"}


@dataclass(frozen=True)
class AnalysisOrder:
    """Which table of which snapshot, for whom: the key of the round's pseudonyms, and who was erased (partner, id)."""

    content: bytes
    table: str
    key: bytes
    erased: frozenset[tuple[str, str]]


def pseudonymised(_folder: Path, order: AnalysisOrder) -> list[Row]:
    """The rows of a table as analysts see them, in an order that tells nothing."""
    rnd = unpack(order.content)
    if order.table == "learners":
        return learners(rnd, order.key, order.erased)
    if order.table == "micro_credentials":
        return micro_credentials(rnd)
    return list(_of_organisations(rnd, order.table))


def learners(rnd: Round, key: bytes, erased: frozenset[tuple[str, str]] = frozenset()) -> list[Row]:
    """The learners, each under a pseudonym, described no more closely than others are."""
    found: list[Row] = []
    left = [row for row in rnd.learners.records if (row.partner_id, row.id) not in erased]
    for level in LEVELS:
        groups: defaultdict[tuple[Any, ...], list[Learner]] = defaultdict(list)
        for row in left:
            groups[tuple(level(row).values())].append(row)
        left = []
        for group in groups.values():
            if len(group) < SMALLEST:
                left += group
            else:
                found += _shown(group, level, key)
    return sorted(found, key=lambda row: str(row["id"]))


def micro_credentials(rnd: Round) -> list[Row]:
    """How many micro-credentials there are by field and level."""
    table = rnd.micro_credentials
    cells = zip((field[:3] for field in table.cells("field")), table.cells("eqf_level"), strict=True)
    shown = suppressed(Counter(cells)).cells
    return [
        {"field": field, "eqf_level": level, "micro_credentials": count}
        for (field, level), count in sorted(shown.items(), key=lambda item: (item[0][0], item[0][1] or 0))
    ]


def _shown(group: Sequence[Learner], level: Callable[[Learner], Row], key: bytes) -> Iterator[Row]:
    """The rows of a group that is large enough; what is not said at this level is blank."""
    reasons = sum(bool(row.fewer_opportunities) for row in group)
    tells = min(reasons, len(group) - reasons) >= SMALLEST
    for row in group:
        described = dict.fromkeys(LEVELS[0](row)) | level(row)
        reason = bool(row.fewer_opportunities) if tells else None
        yield {"id": pseudonym(key, ANALYSTS, row.id), **described, "has_fewer_opportunities": reason}


def _closely(row: Learner) -> Row:
    return {
        "partner_id": row.partner_id,
        "field": row.field[:3],
        "eqf_level": str(row.eqf_level),
        "stay": row.stay,
        "available_from": _month(row.available_from),
        "available_to": _month(row.available_to),
    }


def _broadly(row: Learner) -> Row:
    return {
        "partner_id": row.partner_id,
        "field": row.field[:2],
        "eqf_level": BANDS[row.eqf_level],
        "stay": row.stay,
    }


def _without_partner(row: Learner) -> Row:
    return {"field": row.field[:2], "eqf_level": BANDS[row.eqf_level], "stay": row.stay}


def _barely(row: Learner) -> Row:
    return {"stay": row.stay}


LEVELS: Final[tuple[Callable[[Learner], Row], ...]] = (_closely, _broadly, _without_partner, _barely)
"""What describes a learner, ever more broadly."""


def _month(day: date) -> str:
    return day.isoformat()[:7]


def _of_organisations(rnd: Round, name: str) -> Iterator[Row]:
    table = rnd.tables[name]
    columns = [column for column in table.names if column not in WITHHELD[name]]
    for cells in zip(*(table.cells(column) for column in columns), strict=True):
        yield {column: _plain(cell) for column, cell in zip(columns, cells, strict=True)}


def _plain(cell: object) -> object:
    """A cell as JSON has it."""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, tuple):
        return [f"{one[0]}:{Cefr(one[1]).name}" if isinstance(one, tuple) else one for one in cell]
    return cell
