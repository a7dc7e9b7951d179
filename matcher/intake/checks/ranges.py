"""Checks that no range is turned round, and that the beds of a host do not overlap."""

from __future__ import annotations

import numpy as np

from matcher.intake.drafts import Draft, DraftRound, where
from matcher.intake.findings import Bad, Findings

RANGES = {
    "learners": (("available_from", "available_to"),),
    "offers": (("available_from", "available_to"), ("min_eqf", "max_eqf")),
    "flows": (("start", "end"),),
    "beds": (("from", "to"),),
    "quotas": (("min_learners", "max_learners"),),
    "previous_rounds": (("placed", "asked"),),
}
"""Pairs of columns of which the first may not exceed the second, by table."""


def ranges_in_order(rnd: DraftRound, findings: Findings) -> None:
    """The end of a range does not come before its beginning."""
    for table, pairs in RANGES.items():
        for low, high in pairs:
            _check(rnd[table], low, high, findings)


def _check(draft: Draft, low: str, high: str, findings: Findings) -> None:
    both = draft.given(low) & draft.given(high)
    turned = np.zeros(len(draft), bool)
    turned[both] = draft.values[high][both] < draft.values[low][both]
    for position in where(turned):
        beginning = str(draft.text(low, position)).strip()
        word = "before" if draft.values[low].dtype.kind == "M" else "below"
        draft.fault(findings, high, position, Bad(f"{word} {draft.headings[low]} ({beginning})", beginning))


def beds_apart(rnd: DraftRound, findings: Findings) -> None:
    """No day of a hosting partner is covered by two rows of ``beds``."""
    beds = rnd["beds"]
    usable = beds.given("host_id") & beds.given("from") & beds.given("to")
    hosts, first, last = (beds.values[name] for name in ("host_id", "from", "to"))
    seen: dict[str, int] = {}
    for position in sorted(where(usable), key=lambda at: (str(hosts[at]), first[at], last[at], at)):
        before = seen.get(hosts[position])
        if before is not None and first[position] <= last[before]:
            days = f"{first[before]} to {last[before]}"
            text = f"overlaps row {beds.numbers[before]} of the same host ({days})"
            beds.fault(findings, "from", position, Bad(text, str(last[before] + 1)))
        if before is None or last[position] > last[before]:
            seen[hosts[position]] = position
