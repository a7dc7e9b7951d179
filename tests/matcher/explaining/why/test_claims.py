"""Every claim that a change would place or improve somebody is confirmed by solving the changed round anew.

``scripts/claims.py`` asks 200 random rounds and the INTERVET sample; here it is asked of some.
"""

from __future__ import annotations

from scripts.claims import random_rounds

ROUNDS = 20


def test_every_claim_is_confirmed() -> None:
    """On random rounds: all of them, of every kind."""
    counts, refuted = random_rounds(ROUNDS)
    assert refuted == []
    assert counts["place"] > ROUNDS / 4
    assert counts["improve"] > 0
    assert counts["fill"] > ROUNDS / 4
