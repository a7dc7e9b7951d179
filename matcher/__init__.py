"""From the files of a mobility round to a proven, audited allocation.

    from matcher import load, match

    result = match(load("sample_data/intervet"), time_limit=30)
    print(result.status, result.placements.head())
"""

from __future__ import annotations

from matcher.engine import match
from matcher.intake import load
from matcher.result import Result

__all__ = ["Result", "load", "match"]
