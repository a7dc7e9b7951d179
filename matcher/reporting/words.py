"""Numbers, goals, proofs and reasons in plain words."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

import numpy as np

from matcher import goals
from matcher.reporting.model import Goal
from models.ladder import levels_of

NARROW: Final = "\u202f"
"""The space between thousands; it does not break."""
LADDER: Final = "leximin"
NOTHING: Final = "–"
"""Stands for what was not computed or does not exist."""

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Words(NamedTuple):
    """A goal: what it is called, what a proof of it says, what its unit is (blank: it counts learners)."""

    title: str
    proof: str
    unit: str = ""


GOALS: Final = {
    "placed": Words("Learners placed", "no allocation places more"),
    "equity": Words("Share placed of the partner served worst", "no allocation serves that partner better"),
    "fit": Words("Fit of the placements", "no allocation fits better", " points"),
    "cost": Words("Total cost", "no allocation is cheaper"),
    "kept": Words("Placements kept from before", "no allocation keeps more"),
    "equity_schools": Words(
        "Share placed of the school served worst", "no allocation serves that school better"
    ),
    "equity_countries": Words(
        "Share placed of the country served worst", "no allocation serves that country better"
    ),
    "equity_fields": Words(
        "Share placed of the trade served worst", "no allocation serves that trade better"
    ),
    "equity_reasons": Words(
        "Share placed of the fewer-opportunities reason served worst",
        "no allocation serves that reason better",
    ),
    LADDER: Words(
        "Shares placed of the sending partners, the worst first",
        "no allocation raises the first of them that it changes",
    ),
    "owed": Words(
        "Places made good that were owed from earlier rounds", "no allocation makes good more", " points"
    ),
    "first_choices": Words("First choices met", "no allocation meets more"),
}
FIRST_LEVELS: Final = 6
"""How many shares of a ladder are shown."""
BY_PRIORITY: Final = Words(
    "Learners placed, counted by priority", "no allocation reaches a higher sum of priorities"
)

STATUS: Final = {
    "optimal": ("✓", "Best possible, proven"),
    "feasible": ("≈", "Valid, not proven best"),
    "infeasible": ("✕", "No allocation satisfies the rules"),
    "no_solution": ("?", "None found, none proven impossible"),
}

STOPPED: Final = {
    "time_limit": "the time given ran out",
    "cancelled": "it was cancelled",
    "gap_reached": "the gap asked for was reached",
    "method": "the method ends without a proof",
}

REASONS: Final = {
    "outcompeted": "there are options, but the seats, beds, money or quotas went elsewhere",
    "no_option": "several rules together bar every option",
    "profile": "no offer suits the field of study or the EQF level",
    "dates": "no flow lies within the learner's and an offer's dates",
    "language": "no company's working language is spoken well enough",
    "age": "every company asks for a higher age, or the birth date is not given",
    "needs": "no host and company provide what is needed",
    "locks": "a lock forbids every option",
    "agreements": "the sending partner has no agreement with a host that would suit",
}


def number(value: float | None) -> str:
    """``1 234``: thousands apart; a dash for what is not known."""
    return NOTHING if value is None else f"{value:,}".replace(",", NARROW)


def euros(value: float | None) -> str:
    """``€ 1 234``."""
    return NOTHING if value is None else f"€{NARROW}{number(value)}"


def percent(share: float | None) -> str:
    """``98.8 %``; nothing but all is 100 %, and nothing but none is 0 %."""
    if share is None:
        return NOTHING
    shown = round(100 * share, 1)
    if shown in (0, 100) and share not in (0, 1):
        shown = 0.1 if shown == 0 else 99.9
    return f"{shown:g}{NARROW}%"


def one_decimal(value: float | None) -> str:
    """``78.4``; a dash for what is not known."""
    return NOTHING if value is None else f"{value:.1f}"


def short_day(day: date) -> str:
    """``5 Sep``, in English whatever the machine speaks."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def long_day(day: date) -> str:
    """``5 Sep 2022``."""
    return f"{short_day(day)} {day.year}"


def shortened(text: str, longest: int) -> str:
    """The text, cut where it is too long for its place."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def goal_words(name: str, *, by_priority: bool = False) -> Words:
    """The words for a goal; a goal without any goes by its name. ``by_priority``: learners do not all count 1."""
    if name == "placed" and by_priority:
        return BY_PRIORITY
    return GOALS.get(name, Words(name.replace("_", " ").capitalize(), "no allocation does better"))


def goal_value(name: str, value: int | None) -> str:
    """A goal's value with its unit."""
    match name:
        case "cost":
            return euros(value)
        case _ if name == LADDER:
            return first_shares(value)
        case _ if name.startswith("equity"):
            return percent(None if value is None else value / 1000)
        case _:
            return f"{number(value)}{goal_words(name).unit if value is not None else ''}"


def first_shares(value: int | None) -> str:
    """The two lowest levels of a ladder, for a narrow place: ``95.4 %, 97.9 % …``."""
    levels = () if value is None else levels_of(value)
    first = ", ".join(percent(level / 1000) for level in levels[:2])
    return f"{first or NOTHING}{' …' if len(levels) > 2 else ''}"


def shares(value: int | None) -> str:
    """The lowest levels of a ladder and how many there are: ``95.4 %, 97.9 %, 98.4 % (the worst 3 of 6)``."""
    if value is None:
        return NOTHING
    levels = levels_of(value)
    first = ", ".join(percent(level / 1000) for level in levels[:FIRST_LEVELS])
    more = len(levels) - FIRST_LEVELS
    return f"{first or NOTHING}{f' (the worst {FIRST_LEVELS} of {len(levels)})' if more > 0 else ''}"


def proof(goal: Goal, earlier: int, *, by_priority: bool = False) -> str:
    """What is known of a goal with ``earlier`` goals before it, in a sentence."""
    given = ("", " without giving up the goal above", " without giving up a goal above")[min(earlier, 2)]
    if goal.proven:
        said = f"Proven: {goal_words(goal.name, by_priority=by_priority).proof}{given}."
        return f"{said} Shares: {shares(goal.value)}." if goal.name == LADDER else said
    if goal.value is None or goal.bound is None:
        return "Not proven; no bound is known."
    if goal.name == LADDER:
        return f"Not proven: {shares(goal.value)}; at most {shares(goal.bound)} could be possible{given}."
    away = goal_value(goal.name, abs(goal.bound - goal.value))
    better = "more" if sense(goal.name) > 0 else "less"
    return f"Not proven: at most {away} {better} could be possible{given}."


def sense(name: str) -> int:
    """+1 where more is better, −1 where less is."""
    return next((goal.sense for goal in goals.discover() if goal.name == name), 1)


def bound_words(goal: Goal) -> str:
    """A goal's bound with its direction."""
    if goal.bound is None:
        return NOTHING
    return f"{'≤' if sense(goal.name) > 0 else '≥'}{NARROW}{goal_value(goal.name, goal.bound)}"


def gap_words(value: float | None, bound: float | None) -> str:
    """How far value and bound are apart, as ``report.json`` counts it, to two digits: ``0.034 %``."""
    if value is None or bound is None:
        return NOTHING
    part = 100 * abs(bound - value) / max(1, abs(value))
    return f"{np.format_float_positional(float(f'{part:.2g}'), trim='-')}{NARROW}%"


def reason(name: str) -> str:
    """A reason for which somebody is left out, in a sentence."""
    return REASONS.get(name, f"the rule {name} bars every option")


def counted(count: int, what: str, plural: str | None = None) -> str:
    """``1 escort``, ``2 escorts``."""
    return f"{number(count)} {what if count == 1 else plural or f'{what}s'}"
