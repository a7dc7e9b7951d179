"""Let no sending country fall behind (docs/fairness.md, goal `equity_countries`)."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.worst import WorstShare
from models.round import Round


class EquityCountries(WorstShare):
    """``equity`` by the sending partners' countries."""

    name = "equity_countries"
    attribute = "country"

    def groups(self, rnd: Round) -> Iterable[tuple[str, ...]]:
        """Each learner's country: the sending partner's."""
        partners = rnd.sending_partners
        country = dict(zip(partners["id"].tolist(), partners["country"].tolist(), strict=True))
        return ((country[partner],) for partner in rnd.learners["partner_id"].tolist())
