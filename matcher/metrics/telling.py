"""The words for metrics: headings of columns, sentences, and numbers as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
MEASURES: Final[Mapping[str, str]] = {
    "second_wish": "2nd wish",
    "third_wish": "3rd wish",
    "gini_fit": "Gini of fit, placed only",
}
"""What further measures are called."""
TEXTS: Final = frozenset({"known", "partner_id"})
"""Columns that hold words."""
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
        "metric": measure(metric),
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


COMPARED: Final = "Held against others"
AUDITED: Final = "Every allocation measured in the same way"
ALLOCATION: Final = "Allocation"
MEASURE: Final = "Measure"
GROUP: Final = "Group"
LEARNERS: Final = "Learners"
WISH: Final = "Wish"
CHARTED: Final[Mapping[str, str]] = {
    "placed_share": "Learners placed",
    "first_wish": "First wish met",
    "worst_rate": "Placed of the partner served worst",
}
CHART_TITLE: Final = "At a glance"
SUMMARY_TITLE: Final = "Every measure"
GROUPS_TITLE: Final = "Share of the learners placed, with Wilson's interval of 95 %"
WISHES_TITLE: Final = "Wishes, by allocation"
WISHES_CAPTION: Final = "Wishes met, of those who state wishes"
MOVES_TITLE: Final = "Who gains and who loses"
SPREAD_TITLE: Final = "How random serial varies"
PRICES_TITLE: Final = "What fairness costs"
REST: Final = "all in metrics.json"
FOOTER: Final = "Ids are pseudonyms; this page names no learner and no school. It needs no network."
NAMES: Final[Mapping[str, str]] = {
    "best": "the best possible",
    "first_come": "first come first served",
    "stable": "deferred acceptance",
    "random_serial": "random serial (the mean)",
}
WISHED: Final[Mapping[str, str]] = {"unlisted": "not among the wishes", "unplaced": "no place"}


def capital(text: str) -> str:
    """With a capital letter in front."""
    return text[:1].upper() + text[1:]


def page_title(name: str) -> str:
    """The title of a page of metrics."""
    return f"{name}: allocations compared"


def by_group(key: str) -> str:
    """What learners are grouped by."""
    return f"By {GROUPED[key]}"


def wish(name: str) -> str:
    """A wish by its number, or what came instead."""
    return WISHED.get(name, name)


def lead(lines: Sequence[Mapping[str, Any]]) -> str:
    """How many each allocation places, the first in front."""
    first, *others = lines
    said = (
        f"{_count(first)} of {shown('', first['learners'])} learners have a place in “{first['allocation']}”"
    )
    parts = [
        f"{NAMES.get(str(one['allocation']), str(one['allocation']))} {_count(one)}"
        for one in others
        if one.get("placed") is not None
    ]
    return f"{said}{'; beside it ' if parts else ''}{', '.join(parts)}."


def _count(line: Mapping[str, Any]) -> str:
    return f"{line['placed']:.1f}".removesuffix(".0")


def what_is_known(status: Mapping[str, str]) -> str:
    """What is known of the allocations that were made to be held against; of random serial see its own sentence."""
    parts = [
        f"“{name}”: {NAMES.get(name, name)}, {KNOWN.get(known, known)}"
        for name, known in status.items()
        if name != "random_serial"
    ]
    return f"{'; '.join(parts)}." if parts else ""


def measure(name: str) -> str:
    """What a measure is called."""
    return SUMMARY.get(name, MEASURES.get(name, name.replace("_", " ")))


def moves(lines: Sequence[Mapping[str, Any]]) -> str:
    """From which allocation people move."""
    return f"From {lines[0]['allocation']} to each other allocation"
