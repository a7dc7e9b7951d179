"""All that shortages and prices say to people, in one place: short sentences in plain English, by id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from matcher.explaining.words import count, few
from matcher.shortages.units import Unit
from models.vocabulary import Cefr, isced, languages
from models.vocabulary import countries as country_names

MOST_NAMED: Final = 8
"""So many values are counted one by one before the rest is counted together."""

KINDS: Final = {"field": "fields", "country": "countries", "partner": "sending partners", "stay": "stays"}

HOLDS: Final = {
    "seats": "the seats at offer",
    "beds": "the beds of",
    "flow_heads": "the heads of flow",
    "quotas": "the quota",
    "budget": "the budget of",
    "same_school": "learners of one school at company",
    "min_group": "the smallest group in flow",
    "groups": "staying together, group",
    "pairs": "the pair",
    "inclusion": "the share with fewer opportunities",
    "locks": "pins",
}


def fields(codes: Sequence[str]) -> str:
    """``of field 0713 Electricity and energy``."""
    named = [f"{code} {isced.label(code)}" if isced.exists(code) else code for code in codes]
    return f"of field {joined(named, 'or')}"


def language(code: str, level: int) -> str:
    """``with English B1+``."""
    name = languages.name(code) if languages.exists(code) else code
    return f"with {name} {Cefr(level).name}{'+' if level < max(Cefr) else ''}"


def stay(values: Sequence[str]) -> str:
    """``on a long stay``."""
    return f"on a {joined(values, 'or')} stay"


def countries(codes: Sequence[str]) -> str:
    """``from RS and BA``, by name."""
    return f"from {joined([country_names.name(code) for code in codes], 'and')}"


def partners(ids: Sequence[str]) -> str:
    """``of ccis and rea``."""
    return f"sent by {joined(ids, 'and')}"


def levels(low: int, high: int) -> str:
    """``of EQF 3–4``."""
    return f"of EQF level {low}" if low == high else f"of EQF levels {low}–{high}"


def free(first: np.datetime64, last: np.datetime64) -> str:
    """Who can be away on all of some days."""
    return f"free from {first} to {last}"


def between(first: np.datetime64, last: np.datetime64) -> str:
    """Who cannot be away before one day or after another."""
    return f"away within {first} to {last} only"


def differs(kind: str, counts: Sequence[tuple[str, int]]) -> str:
    """``3 fields: 0713 (9), 0715 (4), 0411 (1)``."""
    shown = [f"{value} ({number})" for value, number in counts[:MOST_NAMED]]
    more = f" and {len(counts) - MOST_NAMED} more" if len(counts) > MOST_NAMED else ""
    return f"{len(counts)} {KINDS[kind]}: {', '.join(shown)}{more}"


def joined(values: Sequence[str], last: str) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    return f" {last} ".join([", ".join(values[:-1]), values[-1]]) if len(values) > 1 else "".join(values)


def weeks(first: np.datetime64, last: np.datetime64) -> str:
    """``weeks 36–40 of 2022``: ISO weeks."""
    begin, end = (date.fromisoformat(str(day)).isocalendar() for day in (first, last))
    if begin.year != end.year:
        return f"week {begin.week} of {begin.year} to week {end.week} of {end.year}"
    span = f"week {begin.week}" if begin.week == end.week else f"weeks {begin.week}–{end.week}"
    return f"{span} of {begin.year}"


def limit(rule: str, which: str, day: str, school: str, takes: int) -> str:
    """What a limit takes: ``2 seats at offer o1 on 2022-09-12``."""
    on = f" on {day}" if day else ""
    match rule:
        case "seats":
            return f"{count(takes, 'seat')} at offer {which}{on}"
        case "beds":
            return f"{count(takes, 'bed')} for learners at {which}{on}"
        case "flow_heads":
            return f"{count(takes, 'place')} in flow {which}"
        case "quotas":
            return f"{count(takes, 'place')} in quota {which}"
        case "budget":
            whose = which or "the round"
            return f"{count(takes, 'place')} that the budget of {whose} can pay"
        case _:
            return f"{count(takes, 'place')} for school {school} at company {which}{on}"


def held(rule: str, which: str) -> str:
    """A limit that has a price in a shortage that is shown by solving."""
    name = which or ("the round" if rule == "budget" else "")
    return f"{HOLDS.get(rule, rule)}{f' {name}' if name else ''}"


def shortage(
    learners: int,
    most: int,
    shared: Sequence[str],
    others: int,
    when: str,
    limits: Sequence[str],
    counted: bool,
) -> str:
    """The shortage in one sentence, with what holds it."""
    who = count(learners, "learner") + (f" {', '.join(shared)}" if shared else "")
    like = f" (of whom there are {others} more in the round)" if others and shared else ""
    head = f"{who}{like}: {count(most, 'place') if most else 'no place in any allocation'}"
    head = f"{head}, {when}" if when else head
    if counted:
        return f"{head}. Every option of theirs lies in {few_of(limits)}"
    held_by = f". What holds them: {few_of(limits)}" if limits else ""
    return f"{head}{held_by}"


def few_of(texts: Sequence[str]) -> str:
    """Some of a list, and how many more there are."""
    shown = list(texts[:MOST_NAMED])
    if len(texts) > MOST_NAMED:
        return f"{', '.join(shown)} and {len(texts) - MOST_NAMED} more"
    return joined(shown, "and")


def proof(learners: int, most: int, how: str, sure: bool) -> str:
    """What makes the shortage certain."""
    if how == "counted":
        left = learners - most
        stays = f"{left} {'stays' if left == 1 else 'stay'} without"
        return f"Counted: these limits take {most} at most, so that of {count(learners, 'learner')} {stays}."
    open_ = "" if sure else " Perhaps fewer of them are already too many: the search was cut."
    what = "it cannot be placed" if learners == 1 else f"at most {most} of these {learners} can be placed"
    return f"Solved: {what}, whoever else stays at home.{open_}"


NOTHING_SHORT: Final = "No set of learners is too large for the places that its members could take."
NOT_LOOKED_FOR: Final = "Shortages were not looked for: the round has {options} options, more than {most}."
SEARCH_STOPPED: Final = "The search for shortages was stopped."
FEW_BARS: Final = "Bars were looked at for learners without a place only: the round is large."
NO_BARS: Final = "Bars were not looked at: the round is too large."


def without_options(ids: Sequence[str]) -> str:
    """Who has no option at all, which no place more would change."""
    verbs = ("has", "competes") if len(ids) == 1 else ("have", "compete")
    return (
        f"{count(len(ids), 'learner')} {verbs[0]} no option at all, and {verbs[1]} with nobody: {few(ids)}."
    )


def unexplained(ids: Sequence[str]) -> str:
    """Who is left out though no shortage was found."""
    verb = "is" if len(ids) == 1 else "are"
    return (
        f"{count(len(ids), 'learner')} {verb} left out without a shortage that could be shown ({few(ids)}): "
        "others count more for the goals, or the search ended before."
    )


UNITS: Final = {
    "seat": "{n} more at offer {which}",
    "bed": "{n} more at {which}, {days}",
    "head": "{n} more in flow {which}",
    "quota": "{n} more in quota {which}",
    "quota minimum": "{n} fewer asked by quota {which}",
    "partner budget": "{amount} EUR more for the budget of {which}",
    "round budget": "{amount} EUR more for the budget of {which}",
    "same school": "{n} more of one school at company {which}",
    "smallest group": "smallest group of flow {which} smaller by {amount}",
    "language": "company {which} asks one level less of {language}",
    "lowest EQF": "offer {which} takes one EQF level lower",
    "highest EQF": "offer {which} takes one EQF level higher",
    "age": "company {which} takes learners one year younger",
}
"""One more of each kind, for a list."""

NOUNS: Final = {"seat": "seat", "bed": "bed", "head": "head"}
"""What is counted; learners, where a kind is not here."""


def unit(one: Unit) -> str:
    """One more of something, for a list."""
    return UNITS[one.kind].format(
        n=count(one.amount, NOUNS.get(one.kind, "learner")),
        which=one.which,
        amount=one.amount,
        days=" to ".join(map(str, one.days)) if one.kind == "bed" else "",
        language=languages.name(one.detail) if one.kind == "language" else "",
    )


def gain(name: str, value: float) -> str:
    """``placed +1``."""
    shown = f"{value:+,.2f}".rstrip("0").rstrip(".") if value != int(value) else f"{int(value):+,}"
    return f"{name} {shown.replace(',', ' ')}"


def listed(shown: int, some: int, every: int) -> str:
    """How many prices a list shows, how many bring something, how many there are."""
    rest = f"; {every - some} more units bring nothing, as far as is known" if every > some else ""
    return (
        f"{shown} of {some} prices that bring something{rest}; all are in prices.csv (--out) and with --json."
    )


def at_most(name: str, value: int) -> str:
    """What a goal can gain at most: ``placed +1 at most``."""
    return f"{gain(name, value)} at most" if value else f"{name} no better"


def gains(names: Sequence[str], values: Sequence[float | None]) -> str:
    """What changes, goal by goal."""
    found = [gain(name, value) for name, value in zip(names, values, strict=True) if value]
    return ", ".join(found) or "nothing"


def won(places: int, seats: dict[str, int], worth: str, proven: bool, checked: bool) -> str:
    """The best set of added places."""
    asked = f"{count(places, 'more place')}"
    if not seats:
        return f"With {asked}: no seat anywhere would help" + (" (proven)." if proven else " (not proven).")
    where = ", ".join(f"{number}× {offer}" for offer, number in seats.items())
    total = sum(seats.values())
    fewer = (
        ""
        if total == places
        else f" {count(total, 'seat')} are enough:"
        if total != 1
        else " 1 seat is enough:"
    )
    proof_ = "proven best" if proven else "not proven best"
    again = "checked by solving the round with them" if checked else "solved with them, not proven"
    return f"Where to win {asked}:{fewer} {where}. Worth {worth} ({proof_}; {again})."


def picked(what: str, seats: dict[str, int], worth: str) -> str:
    """What picking by hand would give."""
    where = ", ".join(f"{number}× {offer}" for offer, number in seats.items()) or "no seat"
    return f"{what}: {where}. Worth {worth}."


SINGLES: Final = "The best single seats, each by its own price, all together"
ONE_BY_ONE: Final = "The best seat, then the best next one, and so on"

PRICES_ONLY: Final = (
    "Nothing was solved again: prices are from the relaxation, and the best set of places was not looked for."
)
UNPROVEN: Final = (
    "{count} of {asked} changed rounds were not solved to a proof within {seconds:g} s each: "
    "their prices are not exact."
)
STOPPED: Final = "It was stopped before every changed round was solved."
NOT_PROVEN: Final = "The round itself was not solved to a proof, so that nothing can be called exact."
TOO_LARGE: Final = (
    "The round has {options} options, more than the {most} up to which changed rounds are solved again."
)
