"""Every sentence that scenarios and frontiers say to people, in one place, to be translated as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from models.vocabulary import Cefr

SHOWN: Final = 3
"""How many different changes of a column are spelt out before the rest are counted."""


def listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def cell(value: Any) -> str:
    """A cell of a table."""
    match value:
        case None | ():
            return "blank"
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case tuple():
            return "; ".join(
                f"{one[0]}:{Cefr(one[1]).name}" if isinstance(one, tuple) else str(one) for one in value
            )
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def edited(column: str, pairs: Sequence[tuple[Any, Any]]) -> str:
    """What became of a column, from its old and new cells (those that differ)."""
    if not pairs:
        return f"{column} as before"
    numbers = [was is not None and now is not None and type(was) is type(now) is int for was, now in pairs]
    if all(numbers) and len(pairs) > 1:
        before, after = sum(was for was, _ in pairs), sum(now for _, now in pairs)
        return f"{column} of {len(pairs)} from {before} to {after} in all"
    kinds = Counter((cell(was), cell(now)) for was, now in pairs)
    parts = [
        f"{was} to {now}" + (f" ({count} times)" if count > 1 else "")
        for (was, now), count in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    ]
    rest = len(kinds) - SHOWN
    return f"{column} from {', '.join(parts)}{f' and {rest} other changes' if rest > 0 else ''}"


def changed(table: str, rows: int, of: int, columns: Sequence[str]) -> str:
    """Rows of a table that were changed."""
    which = f"all {of} rows" if rows == of > 1 else f"{rows} of {of} rows"
    return f"{table}, {which}: {'; '.join(columns)}"


def removed(table: str, rows: int, gone: Mapping[str, int]) -> str:
    """Rows of a table that went, and those of others with them."""
    also = listed([f"{count} of {other}" for other, count in gone.items()])
    return f"{table}: {counted(rows, 'row')} removed" + (
        f", and with {'it' if rows == 1 else 'them'} {also}" if also else ""
    )


def added(table: str, rows: int) -> str:
    """New rows of a table."""
    return f"{table}: {counted(rows, 'new row')}"


def counted(count: int, what: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def amount(value: int | None) -> str:
    """Whole euros, or that there is no limit."""
    return "no limit" if value is None else f"{value} €"


def budget(before: int | None, after: int | None) -> str:
    """The round's budget."""
    return f"budget of the round from {amount(before)} to {amount(after)}"


def rate_table(year: int, file: str | None) -> str:
    """Which rates are taken."""
    return f"rates of call year {year}" + (f", overridden by {file}" if file else "")


def rate_keys(own: Mapping[str, Any]) -> str:
    """Which rates are given."""
    parts = [f"{key} = {_toml(value)}" for key, value in own.items()]
    return f"rates: {', '.join(parts)}"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def rate_factors(factor: Mapping[str, Any]) -> list[str]:
    """Which rates are scaled."""
    return [f"rates: {name} times {by}" for name, by in factor.items()]


def scaled(source: str) -> str:
    """Where a scaled rate comes from."""
    return f"{source}; scaled in a scenario"


def policy(wanted: Mapping[str, Any]) -> str:
    """What of the policy is changed."""
    return f"policy: {', '.join(f'{key} = {_toml(value)}' for key, value in wanted.items())}"


AS_IT_IS: Final = "The round as it is"


def solving(done: int, of: int) -> str:
    """How many scenarios are solved."""
    return f"{done} of {of} scenarios solved"


def points_found(found: int, of: int) -> str:
    """How far a frontier is."""
    return f"{found} of up to {of} points found"


UNITS: Final = {
    "placed": ("learner placed", "learners placed"),
    "fit": ("fit point", "fit points"),
    "cost": ("euro", "euros"),
    "kept": ("placement kept", "placements kept"),
    "first_choices": ("first choice met", "first choices met"),
    "equity": (
        "thousandth of the worst served partner's share",
        "thousandths of the worst served partner's share",
    ),
}
"""What one and more units of a goal are."""


def unit(goal: str, *, many: bool = False, by_priority: bool = False) -> str:
    """What a unit of a goal is."""
    if goal == "placed" and by_priority:
        return "points of priority placed" if many else "point of priority placed"
    one, more = UNITS.get(goal, (f"unit of {goal}", f"units of {goal}"))
    return more if many else one


def lead(names: Sequence[str], infeasible: Sequence[str], unproven: Sequence[str]) -> str:
    """What a comparison of scenarios says at once."""
    said = f"{counted(len(names), 'scenario')} beside the round as it is."
    if infeasible:
        said += f" Without any allocation: {listed(infeasible)}."
    if unproven:
        said += f" Not proven, so that differences may be due to that: {listed(unproven)}."
    return said


def overview_caption() -> str:
    """Over the table of all scenarios."""
    return "Goals with their bounds where these are not reached; in brackets the difference to the round as it is"


def by_partner(which: str) -> str:
    """Over the tables of shares."""
    who = "from each sending partner" if which == "partners" else "at each hosting partner"
    return f"Learners placed {who}; in brackets the difference to the round as it is"


def placed_by(which: str) -> str:
    """Over the same tables, in short."""
    return f"Learners placed, by {'sending' if which == 'partners' else 'hosting'} partner"


def chart(title: str) -> str:
    """Over a chart of one goal."""
    return f"{title}, by scenario"


STATUS: Final = {
    "optimal": "best possible, proven",
    "feasible": "valid, not proven best",
    "infeasible": "impossible, proven",
    "no_solution": "none found, not proven impossible",
}

TIME: Final = "{seconds:g} s for each scenario: what is not proven may come out otherwise on another machine."
NO_TIME: Final = "None: every solve ended by itself, so that the same input gives the same numbers."
WEIGHTED: Final = "Weighted sum"
MADE_OF: Final = "Every allocation was audited against every rule, from the tables alone."
TIME_EACH: Final = (
    "{seconds:g} s for each question: what is not proven may come out otherwise on another machine."
)
POINT_PROVEN: Final = "proven: none is better"
POINT_OPEN: Final = "not proven"
PLOT_CAPTION: Final = (
    "Each point is an audited allocation; filled: proven that none is at least as good in both and better in one. "
    "The line only joins neighbours."
)
FOOTER: Final = "Ids are pseudonyms; this page names no learner and no school. It needs no network."


def held(names: Mapping[str, str], *, proven: bool) -> str:
    """Which goals were held at their best while two others were traded."""
    if not names:
        return "No other goal was held: the two were free."
    what = listed([f"{title} ({value})" for title, value in names.items()])
    return f"Held {'at the best possible' if proven else 'at what was found, not proven best'}: {what}."


def ends(first: str, second: str, low: Sequence[str], high: Sequence[str]) -> str:
    """From where to where a frontier goes."""
    return f"{first} from {low[0]} to {high[0]}, while {lower(second)} goes from {low[1]} to {high[1]}."


def lower(text: str) -> str:
    """In the middle of a sentence."""
    return text[:1].lower() + text[1:]


def single(first: str, second: str) -> str:
    """The two goals are no rivals."""
    return f"{first} and {lower(second)} are no rivals here: one allocation is best for both."


HINT: Final = (
    "What is held may leave no choice: --hold names other goals to hold, --hold none no goal at all."
)


def proof(*, proven: bool, complete: bool, points: int, asked: int, least: str) -> str:
    """What is known of a frontier's points."""
    if not proven:
        return "Not every point is proven: where a point says so, better ones may exist."
    said = "Every point is proven: no allocation is at least as good in both and better in one."
    if complete:
        return f"{said} There are no other points."
    if points < asked:
        return f"{said} Further points lie closer together than {least} of both ranges."
    return f"{said} There may be further points between them."


def more_of(goal: str, *, by_priority: bool) -> str:
    """One unit more of a goal, and whether that costs something or brings it; of money, a thousand euros."""
    if goal == "cost":
        return f"{PER} euros more bring"
    return f"One {unit(goal, by_priority=by_priority)} more costs"


PER: Final = 1000
"""Euros are too small a unit to be paid with: so many of them are one."""


def price(what: str, low: str, high: str) -> str:
    """What one unit costs, or brings, along a frontier."""
    span = low if low == high else f"from {low} to {high}, by where on the frontier"
    return f"{what} {span}."


def step_kind(units: int, *, exact: bool, nothing_between: bool) -> str:
    """What the price of a step is."""
    if exact:
        return "exact"
    return f"mean over {units}; nothing lies between" if nothing_between else f"mean over {units}"


STEPS: Final = (
    "From each point to the next. Exact: the two differ by a single unit. A mean is the difference of the two points "
    "divided by the units between them; single units in between may cost more or less."
)


def ties(names: str) -> str:
    """What decides among equally good points."""
    return f"the policy's further goals decide: {names}" if names else "the policy has no further goal"


def point_open(goal: str, bound: str) -> str:
    """What no allocation passes that is as good in the other goal."""
    return f"{POINT_OPEN}: {lower(goal)} {bound} in any allocation as good in the other goal"
