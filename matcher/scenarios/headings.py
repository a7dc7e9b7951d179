"""What stands over the pages and sections of scenarios and frontiers, in one place, to be translated with ``words``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matcher.scenarios.words import listed, lower

SCENARIOS: Final = "Scenarios"
ALL_PROVEN: Final = "Every scenario proven"
NOT_ALL_PROVEN: Final = "Not all proven"
CONFLICTS: Final = "Without an allocation"
GAINS: Final = "Who gains, who loses"
CHANGES: Final = "What each scenario changes"
MADE: Final = "How the scenarios were made"
PARTIES: Final = {"partners": "Sending partners, by scenario", "hosts": "Hosting partners, by scenario"}
STEPS_TITLE: Final = "What one more costs"
FRONTIER_MADE: Final = "How the frontier was made"


def page_title(name: str) -> str:
    """The title of a page of scenarios."""
    return f"{name}: scenarios"


def frontier_title(name: str, first: str, second: str) -> str:
    """The title of a page of a frontier."""
    return f"{name}: {first} and {second}"


def against(first: str, second: str) -> str:
    """Which goals are traded."""
    return f"{first} against {lower(second)}"


def otherwise(titles: Sequence[str]) -> str:
    """That the round as it is came out otherwise when it was solved for the comparison."""
    what = listed([lower(title) for title in titles])
    return (
        f"For this comparison the round as it is was solved again, and came out otherwise than above in {what}: "
        "where not all is proven, more time or another method finds something else."
    )
