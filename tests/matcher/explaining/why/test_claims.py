"""Every claim that a change would place or improve somebody is confirmed by solving the changed round anew.

``scripts/claims.py`` asks 200 random rounds and the INTERVET sample; here it is asked of some.
"""

from __future__ import annotations

from scripts.claims import random_rounds

ROUNDS = 6


def test_every_claim_is_confirmed() -> None:
    """On random rounds: all of them, of every kind."""
    counts, refuted = random_rounds(ROUNDS)
    assert refuted == []
    assert min(counts["place"], counts["improve"], counts["fill"]) > 0
