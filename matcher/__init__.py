"""From the files of a mobility round to a proven, audited allocation.

from matcher import load, match

result = match(load("sample_data/intervet"), time_limit=30)
print(result.status, result.placements.head())
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcher.engine import match
    from matcher.intake import load
    from matcher.result import Result

__all__ = ["Result", "load", "match"]

_HOMES = {"Result": "matcher.result", "load": "matcher.intake", "match": "matcher.engine"}


def __getattr__(name: str) -> object:
    """A name of the package, from its module when it is first asked for: `matcher --help` waits for no pandas."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
