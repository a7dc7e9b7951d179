"""Repair without upheaval: what changes, for whom and for what, when something happened after people were placed."""

from matcher.repairing.dropping import Assumptions
from matcher.repairing.happening import Happened, Moved
from matcher.repairing.repair import MOST_CHANGES, Repair, repair

__all__ = ["MOST_CHANGES", "Assumptions", "Happened", "Moved", "Repair", "repair"]
