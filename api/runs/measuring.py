"""What analysts see of a run's figures by group: a part is shown whole, or not at all where a count in it is small.

The totals of a run are exact, so a single cell that is left out of a part could be reckoned from the others; and what
one run's part leaves out could be reckoned from another run's, as the learners of a partner are the same in all. So
nothing of a part is shown where any count of learners in it is from 1 to ``SMALLEST`` - 1. A comparison shows by
partner or host no more than both reports do, and else does not say how many are elsewhere. Source: Hundepool et al.,
Statistical Disclosure Control (2012), chapter 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

from api.rounds.suppression import SMALLEST
from api.runs.comparing import Comparison

COUNTS: Final = {"partners": ("learners", "placed", "unplaced"), "hosts": ("learners",)}
"""The parts of a report that are lists, with their counts of learners."""

TOTALS: Final = ("placed_a", "placed_b")
"""The counts of a comparison that both reports state as well."""

REASONS: Final = "unplaced"
"""The part of a report that says how many were left out for which reason."""

FAIRNESS: Final = "fairness"
"""The part that says again how many of each partner's learners are placed, and how many got which wish."""

VACANCIES: Final = "vacancies"
"""The part on empty seats, which is never shown: an offer's seats less the empty ones are a learner or two."""

SENTENCES: Final = ("ways_out", "repair")
"""Further parts with sentences that name learners."""


def withheld_of(report: Mapping[str, Any]) -> list[str]:
    """The parts of a report in which a count of learners is small, by name."""
    lists = [part for part, names in COUNTS.items() if _is_small(_cells(report[part], names))]
    lists += [REASONS] if _is_small((report[REASONS] or {}).values()) else []
    lists += [FAIRNESS] if _is_small(_of_fairness(report.get(FAIRNESS))) else []
    return sorted([*lists, *([VACANCIES] if report.get(VACANCIES) else [])])


def _of_fairness(fairness: Mapping[str, Any] | None) -> list[int | None]:
    """The counts of learners in it, with those whom a count leaves over."""
    if fairness is None:
        return []
    partners = fairness["partners"]
    missing = [row["learners"] - row["placed"] for row in partners]
    return [*_cells(partners, ("learners", "placed")), *missing, *_cells(fairness["wishes"], ("learners",))]


def measured(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report as analysts see it: no sentences that name learners; ``withheld`` names the parts that are left out."""
    withheld = withheld_of(report)
    silent = dict.fromkeys(name for name in SENTENCES if name in report)
    return {**report, **dict.fromkeys(withheld), **silent, "conflict": [], "withheld": withheld}


def compared(found: Comparison, *reports: Mapping[str, Any]) -> Comparison:
    """A comparison as analysts see it, from the reports of both runs."""
    withheld = {part for report in reports for part in withheld_of(report)}
    partners, hosts = (
        None if part in withheld or shares is None else _without_small_moves(shares)
        for part, shares in (("partners", found.partners), ("hosts", found.hosts))
    )
    return replace(found, partners=partners, hosts=hosts, counts=_counts(found, withheld))


def _counts(found: Comparison, withheld: AbstractSet[str]) -> dict[str, int | None]:
    """How many are elsewhere bounds how far a part that is withheld is from one that another run shows."""
    if not withheld & set(COUNTS):
        return found.counts
    return {name: count if name in TOTALS else None for name, count in found.counts.items()}


def _without_small_moves(shares: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many are elsewhere adds up to a total that is shown: all of it or nothing."""
    if not _is_small(_cells(shares, ("elsewhere",))):
        return shares
    return [share | {"elsewhere": None} for share in shares]


def _cells(rows: Iterable[Mapping[str, Any]], names: Iterable[str]) -> list[int | None]:
    return [row[name] for row in rows for name in names]


def _is_small(counts: Iterable[int | None]) -> bool:
    return any(count is not None and 0 < count < SMALLEST for count in counts)
