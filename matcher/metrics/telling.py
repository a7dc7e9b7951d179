"""The words for metrics: headings of columns, sentences, and numbers as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from matcher.metrics.pricing import Prices

NOTHING: Final = "–"

SUMMARY: Final[Mapping[str, str]] = {
    "allocation": "allocation",
    "valid": "rules kept",
    "placed": "placed",
    "placed_share": "share",
    "mean_fit": "mean fit",
    "cost_eur": "cost €",
    "first_wish": "1st wish",
    "worst_rate": "worst partner",
    "gini_rate": "Gini of rates",
    "gini_fit_all": "Gini of fit",
    "blocking_pairs": "blocking pairs",
    "feasible_blocking_pairs": "feasible ones",
    "justified_envy": "justified envy",
    "envious": "who envy",
}
GROUPS: Final[Mapping[str, str]] = {
    "allocation": "allocation",
    "group": "group",
    "learners": "learners",
    "placed": "placed",
    "rate": "rate",
    "low": "from",
    "high": "to",
    "mean_fit": "mean fit",
    "first_wish": "1st wish",
    "mean_wish": "mean wish",
}
WISHES: Final[Mapping[str, str]] = {
    "allocation": "allocation",
    "wish": "wish",
    "learners": "learners",
    "share": "share",
    "cumulative": "this or better",
}
PARTNERS: Final[Mapping[str, str]] = {
    "allocation": "to allocation",
    "partner_id": "partner",
    "learners": "learners",
    "placed_a": "placed before",
    "placed_b": "placed",
    "gained": "gain a place",
    "lost": "lose it",
    "moved": "move",
    "kept": "stay",
    "better": "better off",
    "worse": "worse off",
}
SPREAD: Final[Mapping[str, str]] = {
    "metric": "random serial",
    "allocations": "allocations",
    "mean": "mean",
    "sd": "standard deviation",
    "least": "least",
    "most": "most",
}
PRICES: Final[Mapping[str, str]] = {
    "name": "asked for",
    "known": "what is known",
    "worst": "worst share",
    "placed": "placed",
    "more_placed": "more or fewer",
    "fit": "fit",
    "more_fit": "more or less",
    "cost_eur": "cost €",
    "more_cost_eur": "more or less",
    "blocking_pairs": "blocking pairs",
    "feasible_blocking_pairs": "feasible ones",
    "justified_envy": "justified envy",
}

GROUPED: Final[Mapping[str, str]] = {
    "partner": "sending partner",
    "school": "school",
    "country": "country",
    "field": "trade (ISCED-F)",
    "trade": "trade (ISCED-F)",
    "fewer_opportunities": "fewer-opportunities reason",
    "reason": "fewer-opportunities reason",
}
PRICED: Final[Mapping[str, str]] = {
    "parity": "What the same share for all costs",
    "stability": "What stability costs",
}

SHARES: Final = frozenset(
    {"placed_share", "first_wish", "second_wish", "third_wish", "worst_rate", "rate", "low", "high", "share"}
    | {"cumulative"}
)
"""Columns of numbers from 0 to 1 that are shown in percent."""
PRECISE: Final = frozenset({"gini_rate", "gini_fit", "gini_fit_all"})
"""Columns of which three decimals tell something."""
DIFFERENCES: Final = frozenset({"more_placed", "more_fit", "more_cost_eur"})
"""Columns that are shown with their sign."""

KNOWN: Final[Mapping[str, str]] = {
    "optimal": "proven best",
    "feasible": "valid, not proven best",
    "stable": "no feasible blocking pair",
    "unstable": "feasible blocking pairs left",
    "infeasible": "impossible, proven",
    "no_solution": "none found",
}

INTERVALS: Final = (
    "Intervals are Wilson's, 95 %: they take a group's learners for a sample of those who might have applied."
)
LEFT_OUT: Final = (
    "Groups with counts from 1 to 4 are put together, if need be with the next larger ones; what each partner's "
    "learners gain or lose is left out."
)


def shown(column: str, value: object) -> str:
    """A cell for people."""
    if value is None or value is pd.NA or value != value:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return KNOWN.get(str(value), str(value)) if column == "known" else str(value)
    if column in SHARES:
        return f"{100 * value:.1f} %"
    if column == "worst":
        return f"{value / 10:g} %"
    if column in DIFFERENCES:
        return f"{value:+,.0f}".replace(",", " ").replace("-", "−")
    if column in PRECISE:
        return f"{value:.3f}"
    return (
        f"{value:,.0f}".replace(",", " ") if float(value).is_integer() else f"{value:,.2f}".replace(",", " ")
    )


def varying(row: Mapping[Any, object]) -> dict[str, str]:
    """A row of ``spread`` for people: each number as its metric is shown."""
    metric = str(row["metric"])
    exact = {
        "metric": SUMMARY.get(metric, metric.replace("_", " ")),
        "allocations": shown("", row["allocations"]),
    }
    return exact | {name: shown(metric, row[name]) for name in ("mean", "sd", "least", "most")}


def about_serial(found: int, asked: int) -> str:
    """How many random orders led to an allocation."""
    return f"random_serial: the mean of {found} allocations; {asked - found} of {asked} random orders led to none."


def about_prices(name: str, prices: Prices) -> str:
    """Whether the differences are exact."""
    if prices.exact:
        known = "Every line is solved and proven: the differences to the first are exact."
    else:
        known = "Not every line is proven: a difference is between the two allocations that were found."
    return known + (STABILITY if name == "stability" else "")


STABILITY: Final = (
    " Another stable allocation, if there is one, may cost less. Each goal's best is of that goal alone."
)
