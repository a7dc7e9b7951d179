"""What a coordinator may ask of a run, and whether the engine knows what is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError, field_serializer

import solvers
from api.errors import Wrong
from matcher import goals, rules
from models.errors import InputProblem
from models.policy import Policy

REQUEST: Final = "request"
"""The file that problems with a request are said to be in."""

Name = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z_]+$")]
Share = Annotated[int, Field(strict=True, ge=0, le=100)]
Points = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Weight = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=16, allow_inf_nan=False)]


class FitChanges(BaseModel):
    """Weights of the four components of fit points; what is not named stays as the round has it."""

    model_config = ConfigDict(extra="forbid")
    profile: Points | None = Field(None, examples=[50])
    language: Points | None = Field(None, examples=[40])
    preference: Points | None = Field(None, examples=[10])
    affinity: Points | None = Field(None, examples=[0])


class PolicyChanges(BaseModel):
    """What a run does differently from the round's own policy; what is not named stays."""

    model_config = ConfigDict(extra="forbid")
    goals: Annotated[list[Name], Field(min_length=1, max_length=10)] | None = Field(
        None, examples=[["placed", "cost", "fit"]], description="In order; replaces the round's weights too."
    )
    weights: Annotated[dict[Name, Weight], Field(min_length=1, max_length=10)] | None = Field(
        None, examples=[None], description="The weighted sum in place of an order of goals."
    )
    min_profile_fit: Share | None = Field(None, examples=[40])
    fit_weights: FitChanges | None = None
    min_fewer_opportunities_share: Share | None = Field(None, examples=[20])
    rules: Annotated[dict[Name, StrictBool], Field(max_length=30)] | None = Field(
        None, examples=[{"same_school": False}], description="Rules switched on or off."
    )

    @field_serializer("weights")
    def _as_text(self, weights: Mapping[str, Decimal] | None) -> dict[str, str] | None:
        return None if weights is None else {name: str(weight) for name, weight in weights.items()}

    def given(self) -> dict[str, Any]:
        """What is named, ready for JSON."""
        return self.model_dump(mode="json", exclude_none=True)


class NewRun(BaseModel):
    """A run to be made of a frozen round."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["cheaper"])] = ""
    policy: PolicyChanges | None = None
    method: Annotated[
        str,
        Field(
            min_length=1,
            max_length=32,
            examples=["auto"],
            description="A method's name, or auto: chosen by structure and size.",
        ),
    ] = solvers.AUTO
    time_limit: Annotated[float, Field(strict=True, ge=0.1, le=1e6, allow_inf_nan=False)] | None = Field(
        None, examples=[60], description="Seconds of solving; the service's own limit where none is given."
    )
    gap: Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)] | None = Field(
        None, examples=[0.01], description="Stop at this relative gap; else at a proof."
    )
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1, examples=[0])] = 0


def check(wanted: NewRun, own: Policy, longest: float) -> Policy:
    """The policy that the run has: the round's own, changed as wanted.

    Raises ``Wrong`` with everything that is wrong: names that the engine does not know, a time limit beyond
    ``longest`` seconds, a policy that makes no sense.
    """
    problems = [*_unknown(wanted), *_too_long(wanted, longest)]
    if problems:
        raise _wrong(problems)
    try:
        return merged(own, wanted.policy)
    except ValidationError as wrong:
        found = [_problem("policy", None, str(one["msg"]), None) for one in wrong.errors()]
        raise _wrong(found) from None


def insist_on_goals(*names: str) -> None:
    """Raise ``Wrong`` for names of goals that do not exist."""
    problems = [*_strangers("goal", names, [goal.name for goal in goals.discover()])]
    if problems:
        raise _wrong(problems)


def merged(own: Policy, changes: PolicyChanges | None) -> Policy:
    """A policy with changes; ``ValidationError`` where the two together make no sense."""
    if changes is None:
        return own
    new = changes.model_dump(exclude_none=True)
    if changes.weights is not None:
        new["weights"] = changes.weights
    elif changes.goals is not None:
        new["weights"] = None
    if "rules" in new:
        new["rules"] = {**own.rules, **new["rules"]}
    if "fit_weights" in new:
        new["fit_weights"] = {**own.fit_weights.model_dump(), **new["fit_weights"]}
    return Policy.model_validate({**own.model_dump(), **new})


def _unknown(wanted: NewRun) -> Iterator[InputProblem]:
    """Names of methods, goals and rules that do not exist."""
    yield from _strangers("method", [wanted.method], [solvers.AUTO, *solvers.names()])
    if wanted.policy is not None:
        known = [goal.name for goal in goals.discover()]
        yield from _strangers("policy.goals", wanted.policy.goals or (), known)
        yield from _strangers("policy.weights", wanted.policy.weights or (), known)
        yield from _strangers(
            "policy.rules", wanted.policy.rules or (), [rule.name for rule in rules.discover()]
        )


def _strangers(column: str, names: Iterable[str], known: list[str]) -> Iterator[InputProblem]:
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.0)
            yield _problem(column, name, f"there are {', '.join(known)}", near[0] if near else None)


def _too_long(wanted: NewRun, longest: float) -> Iterator[InputProblem]:
    if wanted.time_limit is not None and wanted.time_limit > longest:
        text = f"a run may take at most {longest:g} seconds here"
        yield _problem("time_limit", f"{wanted.time_limit:g}", text, f"{longest:g}")


def _problem(column: str, value: str | None, message: str, near: str | None) -> InputProblem:
    return InputProblem(REQUEST, None, column, value, message, near)


def _wrong(problems: list[InputProblem]) -> Wrong:
    count = f"{len(problems)} error{'s' if len(problems) > 1 else ''}"
    return Wrong(f"{count} in what is asked of the run.", problems)
