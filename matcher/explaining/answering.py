"""Everything there is to say of one learner: the row of the placements, or the one that says why there is none."""

from __future__ import annotations

from typing import Any

from matcher.explaining import unplaced
from matcher.result import Result


def answer(result: Result, learner: str, company: str | None) -> dict[str, Any]:
    """The learner's placement, or the row that says why there is none; and why not at the company."""
    found: dict[str, Any] = {"learner_id": learner}
    for rows in (result.placements, unplaced(result, [learner])):
        for row in rows[rows["learner_id"] == learner].to_dict("records"):
            found |= {str(name): value for name, value in row.items()}
    if company is not None:
        found |= {"asked_about": company, "why_not": result.why_not(learner, company=company)}
    return found
