"""Who sends and who receives: partners, schools and hosts in real towns, and who has agreed with whom."""

from __future__ import annotations

from functools import cache

import numpy as np

from matcher.generating import marginals
from matcher.generating.drawing import BoolArray, Draws, FloatArray, IntArray
from matcher.generating.world import Hosts, Senders, World, picked
from models.gazetteer import towns

LARGEST_TOWNS = 40
STAY_PROVISIONS = ("stay:halal", "stay:single_room", "stay:step_free", "stay:vegetarian")


def make_senders(world: World) -> None:
    """Sending partners of different size and their schools."""
    spec, draws = world.spec, world.draws
    count = spec.partner_count
    country = _countries(draws, spec.senders, "sending", count)
    weight = 0.4 + draws.uniform(count)
    schools = max(count, round(spec.learners * spec.schools_per_learner))
    partner = np.sort(np.concatenate([np.arange(count), draws.even(weight, schools - count)]))
    world.senders = Senders(
        country=country,
        city=[_town(draws, each) for each in country],
        weight=weight,
        school_partner=partner,
        school_city=_towns_of(draws, country, partner),
        first_school=np.searchsorted(partner, np.arange(count + 1)),
    )


def make_hosts(world: World) -> None:
    """Hosting partners, and which of them each sending partner has agreed with."""
    spec, draws = world.spec, world.draws
    count = spec.host_count
    country = _countries(draws, spec.receivers, "receiving", count)
    offered = draws.uniform(count * len(STAY_PROVISIONS)).reshape(count, -1) < 0.6
    bound = draws.chance(spec.agreements, spec.partner_count)
    half = _half(world) if spec.agreements_per_partner is None else None
    city = [_town(draws, each) for each in country]
    weight = 0.5 + draws.uniform(count)
    agreed = _few(world, weight, spec.agreements_per_partner or count) if half is None else half
    world.hosts = Hosts(
        country=country,
        city=city,
        weight=weight,
        provides=[
            tuple(code for code, given in zip(STAY_PROVISIONS, row, strict=True) if given) for row in offered
        ],
        agreed=agreed | ~bound[:, None],
        bound=bound,
    )


def _half(world: World) -> BoolArray:
    """About half of the hosts for each partner (row), one at least."""
    partners, count = world.spec.partner_count, world.spec.host_count
    agreed = world.draws.uniform(partners * count).reshape(-1, count) < 0.5
    agreed[np.arange(partners), world.draws.whole(0, count - 1, partners)] = True
    return agreed


def _few(world: World, weight: FloatArray, each: int) -> BoolArray:
    """For each partner (row) at most ``each`` hosts; a host has partners in proportion to its weight."""
    partners = world.spec.partner_count
    agreed = np.zeros((partners, len(weight)), bool)
    agreed[np.repeat(np.arange(partners), each), world.draws.even(weight, partners * each)] = True
    return agreed


def _countries(draws: Draws, given: tuple[str, ...], direction: str, count: int) -> list[str]:
    if given:
        return [given[number % len(given)] for number in range(count)]
    known = marginals.countries(direction)
    return picked(known.values, draws.even(known.weights, count).tolist())


def _town(draws: Draws, country: str) -> str:
    """One of the ten largest towns."""
    names = _known(country)[:10]
    return names[int(draws.index([people + 1 for _, people in names], 1)[0])][0]


@cache
def _known(country: str) -> tuple[tuple[str, int], ...]:
    """The largest towns of a country, read once."""
    return towns(country)[:LARGEST_TOWNS]


def _towns_of(draws: Draws, country: list[str], partner: IntArray) -> list[str]:
    """A town per school in its partner's country; large towns have more schools than small ones."""
    found = [""] * len(partner)
    for number in range(len(country)):
        own = np.flatnonzero(partner == number)
        known = _known(country[number])
        chosen = draws.index([np.sqrt(people + 1) for _, people in known], len(own))
        for school, town in zip(own.tolist(), chosen.tolist(), strict=True):
            found[school] = known[town][0]
    return found
