"""What stands over the page and the section of shortages, in one place, to be translated with ``words``."""

from __future__ import annotations

from typing import Final

SHORTAGES: Final = "Shortages"
PAGE: Final = "Shortages and prices"
PRICES: Final = "What one more is worth"
PLACES: Final = "More places"
READING: Final = "How to read this"
PROVEN: Final = "The best allocation is proven"
OPEN: Final = "The best allocation is not proven"
FOOTER: Final = "Ids are pseudonyms; this page names no learner and no school. It needs no network."


def title(round_id: str) -> str:
    """The title of the page."""
    return f"{round_id}: shortages and prices"
