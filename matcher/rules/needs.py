"""Every derived need of the learner is met: lodging by the host, work by the company (contract, rule 14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from matcher.conditions import Condition
from matcher.fitting import by_distinct_pair
from matcher.options import Options
from matcher.placements import Placements
from matcher.rules.base import Mask, Rule
from models.outcome import Breach
from models.round import Round


class Needs(Rule):
    """Every ``stay:`` code is in the host's ``provides``, every ``work:`` code in the company's."""

    name = "needs"
    number = 14

    def conditions(self) -> tuple[Condition, ...]:
        """A code is missing at the host or at the company."""
        return (
            Condition(_without_lodging, learners=("needs",), hosting_partners=("provides",)),
            Condition(_without_work, learners=("needs",), companies=("provides",)),
        )

    def why(self, rnd: Round, learner: int, offer: int, flow: int) -> str:
        """The codes that nobody provides."""
        company = rnd.ref("offers", "company_id")[offer]
        host = rnd.ref("flows", "host_id")[flow]
        provided = {*rnd.hosting_partners["provides"][host], *rnd.companies["provides"][company]}
        return "not provided: " + ";".join(
            code for code in rnd.learners["needs"][learner] if code not in provided
        )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per placement with needs that its host or its company does not provide for."""
        for place in placed.suspects(_doubtful(rnd, placed)):
            provided = {"stay": place.host.provides, "work": place.company.provides}
            unmet = [need for need in place.learner.needs if need not in provided[need.partition(":")[0]]]
            if unmet:
                message = (
                    f"learner {place.learner.id} at company {place.company.id} of host {place.host.id} "
                    f"needs {', '.join(unmet)}"
                )
                yield Breach(self.name, message, (place.learner.id,))


def _doubtful(rnd: Round, placed: Placements) -> Mask:
    """The placements with needs not all of which the host and the company provide for."""
    seated, doubtful = placed.seated, np.zeros(len(placed), bool)
    needs = rnd.learners["needs"][seated.learner]
    some = np.flatnonzero(needs.astype(bool))
    lodging = rnd.hosting_partners["provides"][seated.host[some]]
    work = rnd.companies["provides"][seated.company[some]]
    doubtful[some] = list(map(_lacks_some, needs[some], lodging, work))
    return doubtful


def _lacks_some(needs: Sequence[str], lodging: Sequence[str], work: Sequence[str]) -> bool:
    return any(code not in (lodging if code.startswith("stay:") else work) for code in needs)


def _without_lodging(rnd: Round, options: Options) -> Mask:
    provides = rnd.hosting_partners["provides"]
    unmet = by_distinct_pair(rnd.learners["needs"], provides, options.learner, options.host, _unmet_lodging)
    barred: Mask = unmet > 0
    return barred


def _without_work(rnd: Round, options: Options) -> Mask:
    provides = rnd.companies["provides"]
    unmet = by_distinct_pair(rnd.learners["needs"], provides, options.learner, options.company, _unmet_work)
    barred: Mask = unmet > 0
    return barred


def _unmet_lodging(needs: Sequence[str], provided: Sequence[str]) -> int:
    return sum(code.startswith("stay:") and code not in provided for code in needs)


def _unmet_work(needs: Sequence[str], provided: Sequence[str]) -> int:
    return sum(code.startswith("work:") and code not in provided for code in needs)
