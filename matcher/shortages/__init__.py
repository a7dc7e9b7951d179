"""What is short, what one more would be worth, and where to win more places: every claim proven or marked."""

from matcher.shortages.answer import Answer
from matcher.shortages.asking import PLACES, TOP, shortages

__all__ = ["PLACES", "TOP", "Answer", "shortages"]
