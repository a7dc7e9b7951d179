"""Uploads that an older version stored, without the columns that came later: blank cells, nothing else."""

from __future__ import annotations

import csv
import io

from sqlalchemy import select

from api.rounds.packing import pack_text, records
from api.store.schema import Upload
from models.tables import TABLES
from tests.api.collecting.people import People
from tests.api.collecting.test_freezing import snapshot_of

NEEDED = {name for name, table in TABLES.items() if table.needed}


def age(people: People, table: str, owner: str, *lacking: str) -> None:
    """Make of what an owner has loaded what a version would have stored that did not know these columns."""
    with people.service.store.writing() as session:
        query = select(Upload).where(Upload.table == table, Upload.owner == owner)
        upload = session.scalars(query).one()
        headings, *rows = records(upload.content)
        kept = [at for at, name in enumerate(headings) if name not in lacking]
        assert len(kept) == len(headings) - len(lacking)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(
            [cells[at] for at in kept] for cells in (headings, *rows)
        )
        packed = pack_text(text.getvalue(), len(rows))
        upload.content, upload.digest = packed.content, packed.digest


def test_a_column_that_refers_may_be_missing(people: People) -> None:
    """No school and no group is named where there is no column for one: all are told that nothing is wrong."""
    people.load_all()
    age(people, "learners", "cem", "school_id", "group_id")
    for who in (people.coordinator, people.partner("cem")):
        answer = who.get(people.url("/check"))
        assert answer.status_code == 200, answer.text
        assert answer.json()["errors"] == []


def test_what_nothing_else_is_loaded_for_is_told(people: People) -> None:
    """Learners alone, stored without columns that refer: the tables that every round needs are named as missing."""
    people.load("learners", "cem")
    age(people, "learners", "cem", "school_id", "group_id")
    answer = people.coordinator.get(people.url("/check"))
    assert answer.status_code == 200, answer.text
    missing = {one["file"] for one in answer.json()["errors"] if one["row"] is None}
    assert missing == {f"{table}.csv" for table in NEEDED - {"learners"}}


def test_what_others_say_in_a_newer_column_is_kept(people: People) -> None:
    """The owner who comes first by code knew no preferences; the next one's are in the snapshot all the same."""
    people.load_all()
    age(people, "learners", "ccis", "preferences", "needs")
    assert people.move("collecting").status_code == 200
    frozen = people.move("frozen")
    assert frozen.status_code == 200, frozen.text
    learners = snapshot_of(people)[2].learners
    assert dict(zip(learners.cells("id"), learners.cells("preferences"), strict=True)) == {
        "L1": (),
        "L2": (),
        "L3": ("c2",),
    }
