"""What partners learn once a round is published: hosts who comes, senders what became of their own learners.

Nothing else: a sentence that mentions anybody or anything of another partner is kept back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from api.errors import Conflict
from api.rounds.life import State
from api.rounds.pseudonyms import host_readers, key_of, pseudonym
from api.runs.learners import NOBODY, Learners, learners_of
from api.runs.results import Row, rows_of
from api.store.schema import RoundRecord, Run

SHOWN: Final = frozenset({State.PUBLISHED, State.CLOSED})
"""The states of a round in which its published run is shown."""

KEPT_BACK: Final = "Ask the coordinator of the round: the reason has to do with others."
"""In the place of a sentence that mentions others."""


def published_run(session: Session, record: RoundRecord) -> Run:
    """The run whose result is shown. Raises ``Conflict`` before there is one."""
    if record.state not in SHOWN or record.published_run_id is None:
        raise Conflict(f"Round {record.id} is {record.state}: no result is published.")
    return session.get_one(Run, record.published_run_id)


@dataclass(frozen=True)
class Arrival:
    """A learner who comes to a host: nothing that says who it is."""

    pseudonym: str
    placement: Row
    learner: Mapping[str, str]


def arrivals(session: Session, record: RoundRecord, host: str) -> list[Arrival]:
    """Who comes to a host, by pseudonym."""
    run = published_run(session, record)
    rows, learners = rows_of(session, run, "placements.csv"), learners_of(session, run)
    at = rows.names.index("host_id")
    found = (rows.row(number) for number, row in enumerate(rows.cells) if row[at] == host)
    key, readers = key_of(record), host_readers(host)
    shown = (
        Arrival(pseudonym(key, readers, row["learner_id"]), row, learners.get(row["learner_id"], NOBODY))
        for row in found
    )
    return sorted(shown, key=lambda one: one.pseudonym)


@dataclass(frozen=True)
class Fate:
    """What became of a learner: a placement, or why there is none."""

    learner_id: str
    placement: Row | None
    reason: str | None = None
    detail: str | None = None
    nearest_fix: str | None = None


def fates(session: Session, record: RoundRecord, sender: str) -> Iterator[Fate]:
    """What became of the learners of a sending partner, by learner."""
    run = published_run(session, record)
    placed, unplaced = rows_of(session, run, "placements.csv"), rows_of(session, run, "unplaced.csv")
    learners = learners_of(session, run)
    others = _others(learners, sender)
    for learner in sorted(one for one, row in learners.items() if row["partner_id"] == sender):
        row, left = placed.of(learner), unplaced.of(learner)
        if left is None:
            yield Fate(learner, row)
        else:
            detail, fix = (_for_partner(left[name], others) for name in ("detail", "nearest_fix"))
            yield Fate(learner, None, left["reason"], detail, fix)


def _others(learners: Learners, sender: str) -> frozenset[str]:
    """The ids of whatever is another partner's: learners, groups, schools, the partner."""
    own, foreign = set[str](), set[str]()
    for learner, row in learners.items():
        ids = {learner, row["partner_id"], row["school_id"], row["group_id"]}
        (own if row["partner_id"] == sender else foreign).update(ids)
    return frozenset(foreign - own - {""})


def _for_partner(sentence: str, others: frozenset[str]) -> str:
    """A sentence that mentions nothing of others, or the one that says where to ask."""
    words = {
        *re.split(r"[\s,;]+", sentence),
        *re.split(r"[\s,;()\"'’]+", sentence),
        *re.split(r"[^\w.-]+", sentence),
    }
    mentioned = words | {word.strip(".:()") for word in words}
    return KEPT_BACK if mentioned & others else sentence
