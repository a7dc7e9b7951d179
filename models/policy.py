"""What a round is optimised for, and which rules hold: the ``[policy]`` of ``round.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

ALWAYS_ON = "one_placement"
"""The one rule that cannot be switched off."""

Share = Annotated[int, Field(ge=0, le=100, strict=True)]
Weight = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]


class FitWeights(BaseModel):
    """How the four components of fit points weigh against each other; at least one is above 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    profile: Weight = 50
    language: Weight = 20
    preference: Weight = 30
    affinity: Weight = 0

    @model_validator(mode="after")
    def _something_counts(self) -> FitWeights:
        if self.total == 0:
            raise ValueError("at least one fit weight must be above 0")
        return self

    @property
    def total(self) -> int:
        """The sum of the weights, above 0."""
        return self.profile + self.language + self.preference + self.affinity


class Policy(BaseModel):
    """Goals (in order, or weighted), thresholds, and the rules that are switched off.

    ``goals`` is lexicographic: an earlier goal is never given up for a later one. With ``weights`` the one
    objective is the weighted sum, in which goals that are minimised count negative; ``goals`` then only says
    what is reported. ``rules`` maps a rule's name to whether it holds; a rule that is not named holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    goals: tuple[str, ...] = ("placed", "fit", "cost")
    weights: Mapping[str, Decimal] | None = None
    min_profile_fit: Share = 30
    fit_weights: FitWeights = FitWeights()
    min_fewer_opportunities_share: Share = 0
    rules: Mapping[str, bool] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _makes_sense(self) -> Policy:
        if not (self.goals or self.weights):
            raise ValueError("at least one goal is needed")
        if len(set(self.goals)) < len(self.goals):
            raise ValueError("a goal may be named once")
        if any(weight < 0 or not weight.is_finite() for weight in (self.weights or {}).values()):
            raise ValueError(
                "weights are finite and not negative; a goal that is minimised counts negative by itself"
            )
        if not self.rules.get(ALWAYS_ON, True):
            raise ValueError(f"the rule {ALWAYS_ON} cannot be switched off")
        return self

    @property
    def reported_goals(self) -> tuple[str, ...]:
        """The goals to state, in policy order (a weighted policy: in the order of its weights)."""
        return tuple(self.weights) if self.weights is not None else self.goals

    def holds(self, rule: str) -> bool:
        """Whether the rule of that name is switched on."""
        return self.rules.get(rule, True)
