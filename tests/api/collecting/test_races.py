"""What happens to changes that wait for another one of the same round: they see what it has made of the round."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.store.schema import Participant, RoundRecord, Sheet
from tests.api.collecting.people import People

LONG = 1.5
"""Seconds after which the change that has to wait is sure to wait."""


@contextmanager
def holding(people: People) -> Iterator[Session]:
    """A transaction that has locked the round; what is begun in it has to wait for its end."""
    with people.service.store.writing() as session:
        session.scalars(select(RoundRecord).where(RoundRecord.id == people.round_id).with_for_update()).one()
        yield session
        session.flush()
        time.sleep(LONG)


def test_no_table_is_cleared_in_a_round_that_was_frozen_meanwhile(people: People) -> None:
    """Who waits for a freeze finds the round frozen, also where it was looked at before the lock."""
    people.load_all()
    people.move("collecting")
    ccis, url = people.partner("ccis"), people.url("/tables/learners")
    with ThreadPoolExecutor(1) as threads:
        with holding(people) as session:
            session.get_one(RoundRecord, people.round_id).state = "frozen"
            waiting = threads.submit(ccis.delete, url, headers={"If-Match": "*"})
        answer = waiting.result()
    assert answer.status_code == 409, answer.text
    with people.service.store.reading() as session:
        assert session.get_one(Sheet, (people.round_id, "learners", "ccis")).revision == 1


def test_nothing_is_loaded_by_who_was_taken_out_meanwhile(people: People) -> None:
    """Who waits for the change that takes them out of the round is not of it any more."""
    people.load_all()
    partner = people.partner("ccis")
    with ThreadPoolExecutor(1) as threads:
        with holding(people) as session:
            session.execute(delete(Participant).where(Participant.organisation_id == "ccis"))
            waiting = threads.submit(people.load, "learners", "ccis", If_Match="*")
        answer = waiting.result()
    assert answer.status_code == 404, answer.text
    assert partner.get(people.url()).status_code == 404
    with people.service.store.reading() as session:
        assert session.get_one(Sheet, (people.round_id, "learners", "ccis")).revision == 1
