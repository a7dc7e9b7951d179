"""Who is served how well, who would rather be elsewhere: counted in whole columns, as the result is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from matcher.belonging import membership
from matcher.metrics.measures import gini, wilson
from matcher.metrics.scene import Held, Scene, wish_of
from matcher.metrics.summing import profile
from matcher.reporting.facts import Facts
from matcher.reporting.model import Fairness, RateLine, WishLine
from solvers.blocking import Market

if TYPE_CHECKING:
    from matcher.result import Result

COUNTED_UP_TO: Final = 2_000_000
"""Options up to which claims are counted: the count takes some microseconds and some hundred bytes for each."""


def fairness(facts: Facts, result: Result) -> Fairness:
    """Rates of the sending partners with intervals, wishes met, blocking pairs and justified envy."""
    rnd = facts.rnd
    counted = len(result.options) <= COUNTED_UP_TO and result.outcome.chosen is not None
    held = _held(result) if counted else None
    has = facts.placed.seated.times > 0
    members = membership(rnd, "partner")
    placed, learners = members.count(has), members.sizes
    low, high = wilson(placed, learners)
    fit = np.zeros(len(rnd.learners), np.int64)
    fit[facts.options.learner] = facts.fit
    lines = zip(*(column.tolist() for column in (learners, placed, low, high)), strict=True)
    return Fairness(
        partners=tuple(
            RateLine(id=str(name), learners=size, placed=some, low=round(least, 4), high=round(most, 4))
            for name, (size, some, least, most) in zip(members.names, lines, strict=True)
        ),
        gini_rates=_known(gini(placed / np.maximum(learners, 1))),
        gini_fit=_known(gini(fit)),
        wishes=wishes(facts),
        blocking_pairs=None if held is None else len(held.blocking),
        justified_envy=None if held is None else int(held.envied.sum()),
        envious=None if held is None else len(np.unique(held.scene.options.learner[held.envied > 0])),
    )


def _held(result: Result) -> Held:
    """The allocation among the options that were solved for: none of them is barred."""
    chosen = result.outcome.chosen
    assert result.audit is not None
    assert chosen is not None
    every = np.ones(len(result.options), bool)
    market = Market.of(result.problem, result.seed)
    return Held(Scene(result.round, result.options, every, result.problem, market), result.audit, chosen)


def wishes(facts: Facts) -> tuple[WishLine, ...]:
    """Which wish was met how often, of the learners who state wishes."""
    found = profile(facts.rnd, wish_of(facts.rnd, facts.options))
    rows = zip(found["wish"].tolist(), found["learners"].tolist(), strict=True)
    return tuple(WishLine(wish=name, learners=count) for name, count in rows)


def _known(value: float) -> float | None:
    return None if value != value else round(value, 4)
