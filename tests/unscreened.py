"""Placements that no screen picks from: what the audit's close look finds by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from matcher.placements import Party, Placed, Placements
from matcher.seated import Mask


class Unscreened(Placements):
    """Placements every one of which is a suspect: the close look alone, to which the screens are held."""

    def suspects(self, mask: Mask) -> Iterator[Placed]:
        """All placements."""
        return super().suspects(np.ones(len(mask), bool))

    def suspect_parties(self, mask: Mask) -> Iterator[Party]:
        """All parties."""
        return super().suspect_parties(np.ones(len(mask), bool))

    def suspect_rows(self, table: str, mask: Mask) -> Iterator[Any]:
        """All rows of the table."""
        return super().suspect_rows(table, np.ones(len(mask), bool))
