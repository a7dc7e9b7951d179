"""Every sentence that scenarios and frontiers say to people, in one place: plain English, to be translated as a whole."""

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
