"""Conflicts planted on purpose, each by name: rounds that have no solution, for a reason that is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from matcher.generating.tying import fit_to
from matcher.generating.world import World
from models.errors import UnknownName
from models.tables import Beds, Lock, Pair, Quota
from models.vocabulary import hint


@dataclass(frozen=True)
class Plant:
    """A conflict: the rules that cannot all hold, what was done, and the hand that does it."""

    name: str
    rules: tuple[str, ...]
    text: str
    change: Callable[[World], None]


def plant(world: World, name: str) -> None:
    """Plant a conflict by name. Raises ``UnknownName``."""
    if name not in PLANTS:
        raise UnknownName(f"no conflict {name!r}{hint(name, PLANTS)}; there are {', '.join(PLANTS)}")
    PLANTS[name].change(world)


Anchor = tuple[int, int, int]


def _taken(world: World, fits: Callable[[Anchor], bool] = lambda _: True) -> Anchor:
    """An anchor that nothing uses yet. Raises ``UnknownName`` where the round is too small to have one."""
    found = next((each for each in reversed(world.spare) if fits(each)), None)
    if found is None:
        raise UnknownName(f"a round of {world.spec.learners} learners is too small for this conflict")
    world.spare.remove(found)
    return found


def _pin(world: World, learner: int, **places: str) -> None:
    world.rows.append(Lock(learner_id=world.learner_id(learner), kind="pin", **places))


def _pinned(world: World) -> tuple[int, int, int]:
    """An anchor that nothing uses yet, pinned to its flow."""
    learner, offer, flow = _taken(world)
    _pin(world, learner, flow_id=world.flow_id(flow))
    return learner, offer, flow


def _quota(world: World) -> None:
    """As many learners asked for at a host as could be placed there for certain, and one head less than they are."""
    flows, (_, _, flow) = world.flows, _taken(world)
    same = (flows.host == flows.host[flow]) & (flows.stay == flows.stay[flow])
    sure = np.bincount([each for _, _, each in world.anchors], minlength=len(same)) * same
    flows.max_heads[same] = sure[same]
    flows.max_heads[flow] -= 1
    flows.per_escort[same] = np.nan
    host, stay = world.host_id(int(flows.host[flow])), ("short", "long")[int(flows.stay[flow])]
    world.rows.append(Quota(host_id=host, stay=stay, min_learners=int(sure.sum())))


def _two_pins(world: World) -> None:
    """A learner pinned to two hosts."""
    learner, _, flow = _taken(world)
    host = int(world.flows.host[flow])
    _pin(world, learner, host_id=world.host_id(host))
    _pin(world, learner, host_id=world.host_id((host + 1) % world.spec.host_count))


def _no_beds(world: World) -> None:
    """A learner pinned to a flow whose host has no beds on those days."""
    flow = _pinned(world)[2]
    host = world.host_id(int(world.flows.host[flow]))
    world.rows[:] = [row for row in world.rows if not (isinstance(row, Beds) and row.host_id == host)]
    span = np.array([world.flows.start[flow], world.flows.end[flow]]).astype("datetime64[D]").tolist()
    world.rows.append(Beds(host_id=host, from_=span[0], to=span[1], beds=0))


def _split_group(world: World) -> None:
    """Two learners of a group that stays in one flow, pinned to different flows."""
    partner = world.learners.partner
    one = _taken(world)
    other = _taken(world, lambda each: partner[each[0]] == partner[one[0]] and each[2] != one[2])
    for learner, _, flow in (one, other):
        world.learners.group[learner] = len(world.groups)
        _pin(world, learner, flow_id=world.flow_id(flow))
    world.groups.append((int(partner[one[0]]), "same_flow"))


def _no_money(world: World) -> None:
    """A learner pinned whose partner has no money at all."""
    learner = _pinned(world)[0]
    world.broke.append(int(world.learners.partner[learner]))


def _one_seat(world: World) -> None:
    """Two learners pinned to the one seat of an offer in one flow."""
    learner, offer, flow = _taken(world)
    world.companies.seats[offer] = 1
    people = world.learners
    other = _taken(world, lambda each: people.stay[each[0]] == people.stay[learner])[0]
    people.partner[other], people.school[other] = people.partner[learner], people.school[learner]
    fit_to(world, other, offer, flow)
    for each in (learner, other):
        _pin(world, each, offer_id=world.offer_id(offer), flow_id=world.flow_id(flow))


def _far_pair(world: World) -> None:
    """Two learners who must be together, pinned to different flows."""
    one = _taken(world)
    other = _taken(world, lambda each: each[2] != one[2])
    for learner, _, flow in (one, other):
        _pin(world, learner, flow_id=world.flow_id(flow))
    ids = world.learner_id(one[0]), world.learner_id(other[0])
    world.rows.append(Pair(learner_a=ids[0], learner_b=ids[1], kind="together"))


def _lone_traveller(world: World) -> None:
    """A learner pinned to a flow that asks for more learners of a partner than there are."""
    flow = _pinned(world)[2]
    world.flows.min_group[flow] = world.spec.learners + 1


PLANTS: Final = {
    each.name: each
    for each in (
        Plant("quota", ("quotas", "flow_heads"), "a minimum above the heads of the host's flows", _quota),
        Plant("pin", ("locks",), "a learner pinned to two hosts", _two_pins),
        Plant("beds", ("locks", "beds"), "a learner pinned where there are no beds", _no_beds),
        Plant("group", ("locks", "groups"), "a group for one flow, pinned to two", _split_group),
        Plant("budget", ("locks", "budget"), "a learner pinned whose partner has no money", _no_money),
        Plant("seats", ("locks", "seats"), "two learners pinned to one seat", _one_seat),
        Plant("pair", ("locks", "pairs"), "two who must be together, pinned to different flows", _far_pair),
        Plant(
            "min_group",
            ("locks", "min_group"),
            "a learner pinned to a flow that asks for many",
            _lone_traveller,
        ),
    )
}
"""Every conflict by name."""
