"""What ``report.json`` says of the ways out of an infeasible round."""

from __future__ import annotations

from pydantic import Field

from matcher.reporting.parts import Part


class WayStep(Part):
    """One change."""

    rule: str = Field(description="the rule that gives way")
    text: str
    effort: int = Field(description="points that make unlike changes comparable; see docs/explaining.md")
    euros: int | None = Field(description="null: no money is meant")


class WayOut(Part):
    """Changes with which the round has an allocation, and that are all needed."""

    effort: int
    euros: int | None
    steps: tuple[WayStep, ...]
    feasible: bool = Field(description="the changed round was solved, and the allocation audited")
    irreducible: bool = Field(description="proven: without any one of the changes there is no allocation")
    cheapest: bool = Field(
        description="proven: nothing else that was considered takes less effort, but for the ways before it"
    )


class WaysOut(Part):
    """The ways out, the cheapest first."""

    ways: tuple[WayOut, ...]
    considered: int = Field(description="how many things could give way")
    notes: tuple[str, ...] = Field(description="what limited the search")
