"""What fairness costs: the same share for everybody, or at least so much; stability. Solves compared with each other.

Each solve is by a method that proves, and audited; a line says whether it was proven. What a line costs is its
difference to the first, which is the best by the policy: exact where both are proven, else what the two allocations
differ by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from matcher.belonging import membership
from matcher.compiling import goals_of
from matcher.metrics.baselines import Effort
from matcher.metrics.scene import Held, Scene
from matcher.result import Result
from models.errors import UnknownName
from models.outcome import Status
from models.round import Round
from models.tables import Quota
from models.vocabulary import hint

EQUITY: Mapping[str, str] = {
    "partner": "leximin",
    "school": "equity_schools",
    "country": "equity_countries",
    "field": "equity_fields",
    "fewer_opportunities": "equity_reasons",
}
"""The goal that raises the worst share, by what learners are grouped by; that of partners goes on with the second."""

POLICY, EQUAL = "policy", "as equal as can be"
QUOTAS = "quotas"


@dataclass(frozen=True)
class Line:
    """One solve.

    ``known`` is its status (of the method ``stable``: ``stable`` or ``unstable``); ``proven``: everything asked for is
    proven, of the method ``stable`` that no feasible blocking pair is left. ``worst`` is the smallest placement rate of
    a group, in thousandths. ``goals`` are the policy's, from the audit. ``blocking_pairs``, ``justified_envy`` and
    ``feasible_blocking_pairs`` as in ``summary``. All are None where there is no allocation.
    """

    name: str
    known: str
    proven: bool
    worst: int | None = None
    placed: int | None = None
    fit: int | None = None
    cost_eur: int | None = None
    goals: Mapping[str, int] | None = None
    blocking_pairs: int | None = None
    justified_envy: int | None = None
    feasible_blocking_pairs: int | None = None


@dataclass(frozen=True)
class Prices:
    """Lines to be compared with the first; ``by`` says of which groups ``worst`` speaks."""

    by: str
    lines: tuple[Line, ...]

    @property
    def exact(self) -> bool:
        """Whether every line is proven: then the differences are exact."""
        return all(line.proven for line in self.lines)

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"by": self.by, "exact": self.exact, "lines": [asdict(line) for line in self.lines]}

    def frame(self) -> pd.DataFrame:
        """A row per line; ``more_placed``, ``more_fit``, ``more_cost_eur`` and so on are differences to the first."""
        first = self.lines[0]
        return pd.DataFrame([_row(line, first) for line in self.lines])


NUMBERS = ("worst", "placed", "fit", "cost_eur")


def _row(line: Line, first: Line) -> dict[str, object]:
    found: dict[str, object] = {"name": line.name, "known": line.known, "proven": line.proven}
    for name in NUMBERS:
        now, then = getattr(line, name), getattr(first, name)
        found |= {name: now, f"more_{name}": None if now is None or then is None else now - then}
    for name in ("blocking_pairs", "justified_envy", "feasible_blocking_pairs"):
        found[name] = getattr(line, name)
    return found


def parity(
    rnd: Round, shares: Sequence[int] = (), *, by: str = "partner", effort: Effort | None = None
) -> Prices:
    """What it costs to serve all groups alike: the best by the policy, with at least each of ``shares`` (in percent) of
    every sending partner's learners placed, and with the worst share raised as far as can be before
    anything else (of sending partners then the second worst, and so on: ``leximin``).

    Shares are asked for as minimum quotas, which only sending partners can have; one that cannot be given to everybody
    is a line that is ``infeasible``. Raises ``UnknownName`` for groups that are none of ``EQUITY``, and ``ValueError``
    for shares of other groups, or beyond 0 to 100.
    """
    if by not in EQUITY:
        raise UnknownName(f"no key {by!r}{hint(by, list(EQUITY))}; there are {', '.join(EQUITY)}")
    if shares and by != "partner":
        raise ValueError("a least share can be asked for sending partners only")
    if any(not 0 <= share <= 100 for share in shares):
        raise ValueError("a share is 0 to 100 percent")
    effort = effort or Effort()
    asked = {POLICY: rnd} | {f"at least {share} %": at_least(rnd, share) for share in shares}
    asked[EQUAL] = _first(rnd, EQUITY[by])
    return _priced(rnd, {name: (one, "auto") for name, one in asked.items()}, by, effort)


def stability(rnd: Round, *, effort: Effort | None = None) -> Prices:
    """What it costs to leave no feasible blocking pair.

    The best by the policy, the method ``stable``, and for each goal the best of it alone, whatever becomes of the
    others (``best fit`` …). The allocation of ``stable`` is one of several that may be stable: another may cost less.
    """
    asked: dict[str, tuple[Round, str]] = {POLICY: (rnd, "auto"), "stable": (rnd, "stable")}
    for goal in goals_of(rnd):
        asked[f"best {goal.name}"] = (_alone(rnd, goal.name), "auto")
    return _priced(rnd, asked, "partner", effort or Effort())


def at_least(rnd: Round, percent: int) -> Round:
    """The round with a minimum quota for every sending partner: so many percent of its learners, rounded up."""
    members = membership(rnd, "partner")
    rows = [
        Quota(partner_id=name, min_learners=-(-percent * size // 100))
        for name, size in zip(members.names, members.sizes.tolist(), strict=True)
    ]
    held = rnd.policy.holds(QUOTAS)
    rules = dict(rnd.policy.rules) | {QUOTAS: True}
    return rnd.replace(
        rows={"quotas": [*(rnd.quotas.records if held else ()), *rows]},
        policy=rnd.policy.model_copy(update={"rules": rules}),
    )


def _first(rnd: Round, goal: str) -> Round:
    """The round with a goal before all others; of a weighted policy the goals follow in the order of their weights."""
    others = [name for name in rnd.policy.reported_goals if name != goal]
    return rnd.replace(policy=rnd.policy.model_copy(update={"goals": (goal, *others), "weights": None}))


def _alone(rnd: Round, goal: str) -> Round:
    return rnd.replace(policy=rnd.policy.model_copy(update={"goals": (goal,), "weights": None}))


def _priced(rnd: Round, asked: Mapping[str, tuple[Round, str]], by: str, effort: Effort) -> Prices:
    results = {}
    for name, (one, method) in asked.items():
        effort.told(name)
        results[name] = effort.solve(one, method)
    frames = {name: result.placements for name, result in results.items() if result.audit is not None}
    _, held = Scene.of(rnd, frames, effort.seed)
    lines = (_line(name, result, held.get(name), by) for name, result in results.items())
    return Prices(by, tuple(lines))


def _line(name: str, result: Result, held: Held | None, by: str) -> Line:
    known, proven = str(result.status), result.status in (Status.OPTIMAL, Status.INFEASIBLE)
    if held is None:
        return Line(name, known, proven)
    if result.outcome.stability is not None:
        proven = held.feasible == 0
        known = "stable" if proven else "unstable"
    rnd = held.scene.rnd
    members = membership(rnd, by).named()
    worst = min((1000 * members.count(held.fit >= 0) // members.sizes).tolist(), default=1000)
    return Line(
        name,
        known,
        proven,
        worst=int(worst),
        placed=len(held.placed),
        fit=int(held.placed.fits.sum()),
        cost_eur=int(held.placed.spent_by.sum()),
        goals=dict(held.audit.goals),
        blocking_pairs=len(held.blocking),
        justified_envy=int(held.envied.sum()),
        feasible_blocking_pairs=held.feasible,
    )
