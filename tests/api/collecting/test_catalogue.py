"""What senders learn of places: every id that a preference can name, and nothing that is not theirs to know."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from api.access.roles import Role
from api.rounds.catalogue import COLUMNS
from models.tables import TABLES, columns_of
from tests.api.collecting.people import People, rows_of

PRIVATE = {"seats", "beds", "max_heads", "min_group", "learners_per_escort", "max_same_school", "lat", "lon"}


@pytest.mark.parametrize("kind", COLUMNS)
def test_senders_find_every_place(people: People, kind: str) -> None:
    """All hosts' rows, with ids as they were loaded, whatever the format and the size of pages."""
    people.load_all()
    sender, url = people.partner("ccis"), people.url(f"/catalogue/{kind}")
    whole = sender.get(url).json()
    loaded = [
        row["id"] for (table, _), text in people.parts.items() if table == kind for row in rows_of(text)
    ]
    assert sorted(row["id"] for row in whole["items"]) == sorted(loaded)
    assert whole["next"] is None
    assert all(tuple(row) == COLUMNS[kind] for row in whole["items"])
    read = list(csv.DictReader(io.StringIO(sender.get(f"{url}?format=csv").text)))
    assert [row["id"] for row in read] == [row["id"] for row in whole["items"]]
    paged: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = sender.get(f"{url}?limit=1" + (f"&cursor={cursor}" if cursor else "")).json()
        paged, cursor = paged + page["items"], page["next"]
    assert paged == whole["items"]


def test_a_preference_can_name_what_is_listed(people: People) -> None:
    """The ids of hosts and companies are taken in uploads as they stand."""
    people.load_all()
    sender = people.partner("ccis")
    ids = [
        row["id"]
        for kind in ("hosting_partners", "companies")
        for row in sender.get(people.url(f"/catalogue/{kind}")).json()["items"]
    ]
    head, first, *rest = people.parts["learners", "ccis"].splitlines()
    cells = dict(zip(head.split(","), first.split(","), strict=True)) | {"preferences": ";".join(ids)}
    names = [*head.split(","), *([] if "preferences" in head.split(",") else ["preferences"])]
    blank = [row + "," * (len(names) - len(head.split(","))) for row in rest]
    text = "\n".join([",".join(names), ",".join(cells[name] for name in names), *blank]) + "\n"
    assert people.load("learners", "ccis", text, If_Match='"1"').status_code == 200


def test_no_more_is_shown_than_is_needed(people: People) -> None:
    """No capacity, no money, nobody's learners: only columns that are listed here as public, and only of places."""
    people.load_all()
    shown = {name for names in COLUMNS.values() for name in names}
    assert not shown & PRIVATE
    assert all(set(names) <= set(columns_of(TABLES[kind])) for kind, names in COLUMNS.items())
    sender = people.partner("ccis")
    for kind in ("beds", "learners", "agreements", "quotas", "sending_partners"):
        assert sender.get(people.url(f"/catalogue/{kind}")).status_code == 422
    assert people.partner("zni").get(people.url("/catalogue/companies")).status_code == 403
    stranger = people.service.person("of-none", Role.SENDER, "none")
    foreign = stranger.get(people.url("/catalogue/companies"))
    unknown = stranger.get("/v1/rounds/no-such/catalogue/companies")
    assert (foreign.status_code, unknown.status_code) == (404, 404)


def test_a_cursor_is_of_the_rows_that_were_read(people: People) -> None:
    """A host that loads anew in between makes the cursor stale."""
    people.load_all()
    sender, url = people.partner("ccis"), people.url("/catalogue/companies?limit=1")
    cursor = sender.get(url).json()["next"]
    assert cursor is not None
    assert people.load("companies", "zni", If_Match='"1"').status_code == 200
    assert sender.get(f"{url}&cursor={cursor}").status_code == 412
