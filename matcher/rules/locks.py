"""What is agreed for a learner holds, and what is ruled out does not happen (contract, rule 17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from matcher.columns import Columns, at_least, unique_rows
from matcher.conditions import Named
from matcher.options import Options
from matcher.placements import Placed, Placements
from matcher.rules.base import Mask, Rule
from matcher.slots import Slots, ranges
from models.outcome import Breach
from models.problem import Block
from models.round import IntArray, Round
from models.tables import Lock

PLACES: Mapping[str, str] = {
    "offer_id": "offers",
    "company_id": "companies",
    "flow_id": "flows",
    "host_id": "hosting_partners",
}
"""The columns of a lock, those that name fewest slots first, and the tables that they refer to."""


class Locks(Rule):
    """``pin``: placed, in agreement with every given column. ``forbid``: never in agreement with every given
    column.
    """

    name = "locks"
    number = 17

    def bars(self, rnd: Round, options: Options) -> Mask:
        """Options against a pin, and options that a forbid names."""
        learner = rnd.ref("locks", "learner_id")
        first = np.searchsorted(options.learner, learner, "left")
        count = np.searchsorted(options.learner, learner, "right") - first
        option, lock = ranges(first, count), np.repeat(np.arange(len(learner)), count)
        barred = np.zeros(len(options), bool)
        barred[option[_agree(rnd, lock, options, option) != (rnd.locks["kind"] == "pin")[lock]]] = True
        return barred

    def named(self, slots: Slots) -> Named:
        """The slots at what a lock names most closely; a pin bars all others."""
        rnd, learners, places = slots.rnd, [], []
        lock = np.arange(len(rnd.locks))
        for column, table in PLACES.items():
            wanted = rnd.ref("locks", column)
            own, lock = lock[wanted[lock] >= 0], lock[wanted[lock] < 0]
            at = slots.rows(table)
            order = np.argsort(at, kind="stable")
            first = np.searchsorted(at[order], wanted[own], "left")
            count = np.searchsorted(at[order], wanted[own], "right") - first
            learners.append(np.repeat(rnd.ref("locks", "learner_id")[own], count))
            places.append(order[ranges(first, count)])
        (learner, slot), _ = unique_rows(np.concatenate(learners), np.concatenate(places))
        pinned = np.zeros(len(rnd.learners), bool)
        pinned[rnd.ref("locks", "learner_id")[rnd.locks["kind"] == "pin"]] = True
        return Named(learner, slot, pinned)

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """A pinned learner is placed, even when no option is left."""
        pinned = np.unique(rnd.ref("locks", "learner_id")[rnd.locks["kind"] == "pin"])
        row_of = np.full(len(rnd.learners), -1)
        row_of[pinned] = np.arange(len(pinned))
        row = row_of[columns.options.learner]
        option = np.flatnonzero(row >= 0)
        yield at_least(
            self.name,
            row[option],
            option,
            np.ones(len(pinned), np.int64),
            "learner {learner} is pinned",
            {"learner": rnd.learners["id"][pinned]},
        )

    def why(self, rnd: Round, learner: int, offer: int, flow: int) -> str:
        """The learner's locks."""
        own = np.flatnonzero(rnd.ref("locks", "learner_id") == learner)
        return "; ".join(_words(rnd, lock) for lock in own.tolist())

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per lock that no placement of its learner honours (pin), or that one runs into (forbid)."""
        for lock in placed.suspect_rows("locks", _doubtful(rnd, placed)):
            places = placed.by_learner.get(lock.learner_id, ())
            agreeing = [place for place in places if _runs_into(lock, place)]
            if bool(agreeing) == (lock.kind == "pin"):
                continue
            at = [f"offer {place.offer.id} in flow {place.flow.id}" for place in places]
            message = f"learner {lock.learner_id}, {_asked(lock)}: {'; '.join(at) or 'not placed'}"
            yield Breach(self.name, message, (lock.learner_id,))


def _doubtful(rnd: Round, placed: Placements) -> Mask:
    """The locks of learners with several placements, and those that the one placement or none does not honour."""
    seated, who = placed.seated, rnd.ref("locks", "learner_id")
    place = seated.at[who]
    agrees = place >= 0
    given = zip(_COLUMNS, (seated.host, seated.company, seated.offer, seated.flow), strict=True)
    for column, there in given:
        wanted = rnd.ref("locks", column)
        agrees &= (wanted < 0) | (np.append(there, -1)[place] == wanted)
    doubtful: Mask = (seated.times[who] > 1) | (agrees != (rnd.locks["kind"] == "pin"))
    return doubtful


_COLUMNS = ("host_id", "company_id", "offer_id", "flow_id")


def _agree(rnd: Round, lock: IntArray, options: Options, option: IntArray) -> Mask:
    """Whether ``option[i]`` agrees with every given column of ``lock[i]``."""
    given: tuple[tuple[str, IntArray], ...] = (
        ("host_id", options.host),
        ("company_id", options.company),
        ("offer_id", options.offer),
        ("flow_id", options.flow),
    )
    agrees = np.ones(len(lock), bool)
    for column, places in given:
        wanted = rnd.ref("locks", column)[lock]
        agrees &= (wanted < 0) | (wanted == places[option])
    return agrees


def _words(rnd: Round, lock: int) -> str:
    places = (rnd.locks[column][lock] for column in ("host_id", "company_id", "offer_id", "flow_id"))
    return f"{rnd.locks['kind'][lock]} " + ", ".join(place for place in places if place is not None)


def _runs_into(lock: Lock, place: Placed) -> bool:
    """Whether a placement agrees with every column that the lock gives."""
    return (
        lock.host_id in (None, place.host.id)
        and lock.company_id in (None, place.company.id)
        and lock.offer_id in (None, place.offer.id)
        and lock.flow_id in (None, place.flow.id)
    )


def _asked(lock: Lock) -> str:
    places = (lock.host_id, lock.company_id, lock.offer_id, lock.flow_id)
    given = zip(("host", "company", "offer", "flow"), places, strict=True)
    return f"{lock.kind} {', '.join(f'{what} {where}' for what, where in given if where is not None)}"
