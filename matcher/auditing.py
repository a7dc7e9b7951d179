"""Does an allocation keep every rule, and what is it worth? From the tables and the placements alone.

Trusts nobody: neither options nor solvers nor the arithmetic that made them. What every result passes before
it is handed out, and what ``matcher verify`` runs. Contract: "The option", "Rules", "Goals".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from matcher import goals, rules
from matcher.goals.base import Goal
from matcher.placements import Party, Placed, Placements
from matcher.seated import Mask
from models.errors import UnknownName
from models.outcome import Breach, Placement
from models.round import Round
from models.vocabulary import Suggester

OPTION = "option"
"""The name of the breaches of what an option is; no policy switches it off."""


@dataclass(frozen=True)
class Audit:
    """What the audit found.

    ``breaches`` are in the order of the rules' numbers, what is no option at all first. ``goals`` holds the
    value of every goal that the policy reports, in policy order; ``objective`` the weighted sum (``None``:
    the policy is an order of goals). ``placed`` has the rows, the fit points and the costs.
    """

    placed: Placements
    breaches: tuple[Breach, ...]
    goals: Mapping[str, int]
    objective: float | None

    @property
    def valid(self) -> bool:
        """Whether no rule is broken."""
        return not self.breaches

    @property
    def escorts(self) -> tuple[Party, ...]:
        """The parties that escorts accompany, sorted by partner and flow: the rows of ``escorts.csv``."""
        return tuple(party for party in self.placed.parties if party.escorts)


def audit(rnd: Round, placements: Iterable[Placement]) -> Audit:
    """Audit an allocation: every rule that the policy holds, every goal that it reports.

    Raises ``UnknownName`` for a goal that does not exist. An id that does not exist is a breach; its
    placement counts nowhere else.
    """
    placed = Placements(rnd, placements)
    values = {goal.name: goal.value(rnd, placed) for goal in _reported(rnd)}
    return Audit(placed, tuple(breaches(rnd, placed)), values, _objective(rnd, values))


def breaches(rnd: Round, placed: Placements) -> Iterator[Breach]:
    """Every breach, of what an option is and of the rules that the policy holds."""
    yield from _strangers(placed)
    for place in placed.suspects(_doubtful(rnd, placed)):
        yield from _no_option(place)
    for rule in rules.discover():
        if rnd.policy.holds(rule.name):
            yield from rule.audit(rnd, placed)


def _strangers(placed: Placements) -> Iterator[Breach]:
    suggest: dict[str, Suggester] = {}
    for unknown in placed.unknown:
        what = unknown.column.removesuffix("_id")
        if what not in suggest:
            suggest[what] = Suggester(placed.rnd.tables[f"{what}s"]["id"].tolist())
        nearest = suggest[what](unknown.value)
        hint = "" if nearest is None else f" (nearest: {nearest})"
        learner = unknown.placement.learner_id
        yield Breach(OPTION, f"placement of {learner}: there is no {what} {unknown.value}{hint}", (learner,))


def _doubtful(rnd: Round, placed: Placements) -> Mask:
    """The placements whose hosting partners or stays do not agree."""
    seated = placed.seated
    elsewhere = rnd.ref("companies", "host_id")[seated.company] != seated.host
    stay, own = rnd.flows["stay"][seated.flow], rnd.learners["stay"][seated.learner]
    asked = rnd.offers["stay"][seated.offer]
    doubtful: Mask = elsewhere | (stay != own) | ((asked != stay) & (asked != None))  # noqa: E711
    return doubtful


def _no_option(place: Placed) -> Iterator[Breach]:
    """What is wrong with a placement before any rule is asked: hosting partners and stays have to agree."""
    learner, offer, flow = place.learner, place.offer, place.flow
    who = f"placement of {learner.id} at offer {offer.id} in flow {flow.id}"
    if place.company.host_id != flow.host_id:
        message = f"{who}: the company is at host {place.company.host_id}, the flow at {flow.host_id}"
        yield Breach(OPTION, message, (learner.id,))
    if flow.stay != learner.stay:
        message = f"{who}: the learner's stay is {learner.stay}, the flow's {flow.stay}"
        yield Breach(OPTION, message, (learner.id,))
    if offer.stay not in (None, flow.stay):
        message = f"{who}: the offer's stay is {offer.stay}, the flow's {flow.stay}"
        yield Breach(OPTION, message, (learner.id,))


def _reported(rnd: Round) -> tuple[Goal, ...]:
    known = {goal.name: goal for goal in goals.discover()}
    for name in rnd.policy.reported_goals:
        if name not in known:
            raise UnknownName(f"there is no goal {name!r}; there are {', '.join(known)}")
    return tuple(known[name] for name in rnd.policy.reported_goals)


def _objective(rnd: Round, values: Mapping[str, int]) -> float | None:
    """The weighted sum, exact until it is stated."""
    weights = rnd.policy.weights
    if weights is None:
        return None
    return float(
        sum((weights[goal.name] * goal.sense * values[goal.name] for goal in _reported(rnd)), Decimal(0))
    )
