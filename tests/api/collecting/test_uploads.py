"""Uploads: a table's rows replaced whole or not at all, in three formats, with versions and a history."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from openpyxl import Workbook

from api.access.roles import Role
from api.store import chain
from api.store.schema import Upload
from tests.api.collecting.people import CSV, FIRST, People, rows_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_json(text: str) -> bytes:
    """A table's rows as JSON, lists as arrays where a cell holds several."""
    rows = [
        {name: cell.split(";") if ";" in cell else cell or None for name, cell in row.items()}
        for row in rows_of(text)
    ]
    return json.dumps(rows).encode()


def as_workbook(text: str, sheet: str) -> bytes:
    """A table's rows as a workbook with one sheet."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet
    rows = rows_of(text)
    for cells in [list(rows[0]), *(list(row.values()) for row in rows)]:
        page.append([cell or None for cell in cells])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_three_formats_say_the_same(people: People) -> None:
    """CSV, JSON and a workbook (its sheet named for the table or the only one) store the same bytes."""
    text = people.parts["learners", "ccis"]
    bodies = [
        ("text/csv; charset=utf-8", text.encode()),
        ("application/json", as_json(text)),
        (XLSX, as_workbook(text, "learners")),
        (XLSX, as_workbook(text, "Sheet1")),
    ]
    client, url, digests = people.partner("ccis"), people.url("/tables/learners"), set()
    for number, (kind, body) in enumerate(bodies):
        match = {"If-Match": f'"{number}"'} if number else FIRST
        answer = client.put(url, content=body, headers={"Content-Type": kind, **match})
        assert answer.status_code == (200 if number else 201), answer.text
        assert answer.headers["ETag"] == f'"{number + 1}"'
        digests.add(answer.json()["digest"])
    assert len(digests) == 1


def test_what_is_read_can_be_sent_back(people: People) -> None:
    """JSON, CSV and the workbook that are read, sent back, change nothing."""
    people.load("learners", "ccis")
    client, url = people.partner("ccis"), people.url("/tables/learners")
    digest = client.get(people.url("/tables")).json()[0]["digest"]
    rows = client.get(url)
    bodies = [
        ("application/json", json.dumps(rows.json()["items"]).encode()),
        ("text/csv", client.get(url, headers={"Accept": "text/csv"}).content),
        (XLSX, client.get(f"{url}?format=xlsx").content),
    ]
    for kind, body in bodies:
        match = {"If-Match": client.get(url).headers["ETag"]}
        answer = client.put(url, content=body, headers={"Content-Type": kind, **match})
        assert answer.json()["digest"] == digest, kind


def test_wrong_data_are_refused_whole(people: People) -> None:
    """The engine's errors, with row, column, value and the nearest; nothing is stored, dry or not."""
    text = people.parts["learners", "ccis"].replace("en:A2", "en:B7").replace("0714", "07x")
    for dry in ("", "?dry_run=true"):
        answer = people.partner("ccis").put(
            people.url(f"/tables/learners{dry}"), content=text, headers=CSV | FIRST
        )
        assert answer.status_code == 422
        found = {(one["row"], one["column"]): one for one in answer.json()["errors"]}
        assert found[3, "languages"]["nearest"] == "en:B2"
        assert (2, "field") in found
    assert people.partner("ccis").get(people.url("/tables")).json() == []


def test_a_dry_run_only_checks(people: People) -> None:
    """It needs no precondition, says what would be stored, and stores nothing."""
    answer = people.partner("ccis").put(
        people.url("/tables/learners?dry_run=true"), content=people.parts["learners", "ccis"], headers=CSV
    )
    assert (answer.status_code, answer.json()["rows"], answer.json()["upload"]) == (200, 2, None)
    assert people.partner("ccis").get(people.url("/tables")).json() == []


def test_rows_of_others_are_errors_that_tell_nothing(people: People) -> None:
    """A row of another partner, of one that exists and of one that does not: the same words, with row and column."""
    people.load_all()
    client = people.partner("ccis")
    answers = []
    for foreign in ("cem", "nobody"):
        text = people.parts["learners", "ccis"].replace("L2,ccis,s1", f"L2,{foreign},s1")
        answer = client.put(people.url("/tables/learners"), content=text, headers=CSV | {"If-Match": '"1"'})
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["row"], error["column"], error.pop("value")) == (3, "partner_id", foreign)
        answers.append(error)
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("owner", "table", "text"),
    [
        ("ccis", "micro_credentials", "learner_id,title,field\n{},Welding,0715\n"),
        ("ccis", "pairs", "learner_a,learner_b,kind\nL1,{},apart\n"),
        (
            "zni",
            "offers",
            "id,company_id,fields,seats,available_from,available_to\no9,{},07,1,2022-01-01,2022-12-31\n",
        ),
        ("zni", "beds", "host_id,from,to,beds\n{},2022-09-01,2022-10-31,8\n"),
    ],
)
def test_references_to_others_cannot_be_told_from_references_to_nothing(
    people: People, owner: str, table: str, text: str
) -> None:
    """An id of another partner's row and one that nobody has get the same error; nothing foreign is suggested."""
    people.load_all()
    theirs = {"learners": "L3", "offers": "c2", "beds": "uniser"}
    foreign = theirs.get(table, "L3")
    answers = []
    for key in (foreign, foreign + "x"):
        answer = people.who(owner).put(
            people.url(f"/tables/{table}?dry_run=true"), content=text.format(key), headers=CSV
        )
        assert answer.status_code == 422, (key, answer.text)
        (error,) = answer.json()["errors"]
        assert error.pop("value") == key
        assert foreign not in error["message"]
        answers.append({name: part for name, part in error.items() if name != "nearest"})
        assert foreign not in str(error.get("nearest"))
    assert answers[0] == answers[1]


def test_hosts_and_senders_keep_to_their_tables(people: People) -> None:
    """A table of the other kind is refused; naming another owner is as naming one that does not exist."""
    client = people.partner("zni")
    kinds = client.put(people.url("/tables/learners"), content="id\n", headers=CSV | FIRST)
    assert kinds.status_code == 403
    answers = [
        client.put(people.url(f"/tables/beds?owner={owner}"), content="id\n", headers=CSV | FIRST)
        for owner in ("uniser", "nobody")
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].status_code == 404
    own = client.put(
        people.url("/tables/beds?owner=zni"), content=people.parts["beds", "zni"], headers=CSV | FIRST
    )
    assert own.status_code == 201


def test_coordinators_act_for_partners_and_for_nobody(people: People) -> None:
    """With owner= the partner's rows, held to the same rules; without it the tables that no partner owns."""
    cora, url = people.coordinator, people.url
    for path, table, status in (
        ("?owner=ccis", "learners", 201),
        ("", "sending_partners", 201),
        ("", "learners", 422),
        ("?owner=zni", "learners", 422),
        ("?owner=nobody", "learners", 404),
        ("?owner=ccis", "sending_partners", 422),
    ):
        text = people.parts.get((table, "ccis")) or people.parts[table, ""]
        answer = cora.put(url(f"/tables/{table}{path}"), content=text, headers=CSV | FIRST)
        assert answer.status_code == status, (path, table, answer.text)
    wrong = people.parts["learners", "cem"]
    answer = cora.put(url("/tables/learners?owner=ccis&dry_run=true"), content=wrong, headers=CSV)
    assert answer.json()["errors"][0]["column"] == "partner_id"
    assert people.partner("ccis").get(url("/tables/learners")).json()["items"][0]["id"] == "L1"


def test_a_hosting_partner_is_its_own_single_row(people: People) -> None:
    """A second row, and a row of another name, are errors."""
    text = people.parts["hosting_partners", "zni"]
    for wrong in (text + text.splitlines()[1] + "\n", text.replace("zni", "other")):
        assert people.load("hosting_partners", "zni", wrong).status_code == 422
    assert people.load("hosting_partners", "zni").status_code == 201


def test_nobody_overwrites_what_they_have_not_seen(people: People) -> None:
    """Neither header: 428. The first twice, an old version, any version of nothing: 412."""
    text = people.parts["learners", "ccis"]
    client, url = people.partner("ccis"), people.url("/tables/learners")

    def put(**headers: str) -> int:
        sent = CSV | {name.replace("_", "-"): value for name, value in headers.items()}
        return client.put(url, content=text, headers=sent).status_code

    assert put() == 428
    assert put(If_Match='"1"') == 412
    assert put(If_None_Match='"7"') == 428
    assert put(If_None_Match="*") == 201
    assert put(If_None_Match="*") == 412
    assert put() == 428
    assert put(If_Match='"1"') == 200
    assert put(If_Match='"1"') == 412
    assert put(If_Match="*") == 200


def test_the_history_is_read_and_rolled_back(people: People) -> None:
    """Every revision with who and when; an old one read, and restored as a new one that says where it is from."""
    text = people.parts["learners", "ccis"]
    people.load("learners", "ccis")
    people.load("learners", "ccis", "\n".join(text.splitlines()[:2]), If_Match='"1"')
    client, url = people.partner("ccis"), people.url("/tables/learners")
    assert [one["id"] for one in client.get(url).json()["items"]] == ["L1"]
    assert [one["id"] for one in client.get(f"{url}/uploads/1").json()["items"]] == ["L1", "L2"]
    assert client.post(f"{url}/uploads/1/restore").status_code == 428
    restored = client.post(f"{url}/uploads/1/restore", headers={"If-Match": '"2"'})
    assert restored.status_code == 200, restored.text
    history = client.get(f"{url}/uploads").json()
    assert [(one["revision"], one["rows"], one["restored_from"]) for one in history] == [
        (3, 2, 1),
        (2, 1, None),
        (1, 2, None),
    ]
    assert history[0]["digest"] == history[2]["digest"]
    assert {one["uploaded_by"] for one in history} == {"of-ccis"}
    assert client.get(f"{url}/uploads/9").status_code == 404
    assert people.partner("cem").get(f"{url}/uploads/1").status_code == 404


def test_rows_are_taken_out_by_clearing_or_by_an_empty_table(people: People) -> None:
    """DELETE, and a file with headings only, leave a revision without rows; nothing loaded: 404."""
    client, url = people.partner("ccis"), people.url("/tables/learners")
    assert client.delete(url, headers={"If-Match": "*"}).status_code == 404
    people.load("learners", "ccis")
    assert client.delete(url).status_code == 428
    assert client.delete(url, headers={"If-Match": '"1"'}).json()["rows"] == 0
    assert client.get(url).json()["items"] == []
    head = people.parts["learners", "ccis"].splitlines()[0]
    assert people.load("learners", "ccis", head + "\n", If_Match='"2"').json()["rows"] == 0
    sent = {"Content-Type": "application/json", "If-Match": '"3"'}
    assert client.put(url, content=b"[]", headers=sent).json()["rows"] == 0


def test_what_another_table_loses_is_a_warning(people: People) -> None:
    """Companies that go while offers still name them: the upload stands, the owner is told, and `check` too."""
    people.load_all()
    head, *_ = people.parts["companies", "zni"].splitlines()
    answer = people.load("companies", "zni", head + "\n", If_Match='"1"')
    assert answer.status_code == 200
    assert {one["file"] for one in answer.json()["warnings"]} == {"offers.csv"}
    found = people.partner("zni").get(people.url("/check")).json()
    assert {(one["file"], one["column"]) for one in found["errors"]} == {("offers.csv", "company_id")}


def test_tables_change_only_while_the_round_is_loaded(people: People) -> None:
    """Once it is frozen, uploads, clearing and rolling back are refused; after reopening they work."""
    people.freeze()
    assert people.load("learners", "ccis", If_Match='"1"').status_code == 409
    client, url = people.partner("ccis"), people.url("/tables/learners")
    assert client.delete(url, headers={"If-Match": '"1"'}).status_code == 409
    assert client.post(f"{url}/uploads/1/restore", headers={"If-Match": '"1"'}).status_code == 409
    assert people.move("collecting", "one more partner").status_code == 200
    assert people.load("learners", "ccis", If_Match='"1"').status_code == 200


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"id\n", 415),
        ("", b"id\n", 415),
        ("application/json", b"{", 422),
        ("application/json", b"{}", 422),
        ("application/json", b"[1]", 422),
        ("application/json", b'[{"id": {"a": 1}}]', 422),
        ("application/json", b'[{"id": "\\ud800"}]', 422),
        ("application/json", b"[" * 100_000, 422),
        ("application/json", b'[{"id": 1' + b"0" * 10_000 + b"}]", 422),
        ("text/csv", b"", 422),
        ("text/csv", b"\x00\x00", 422),
        ("text/csv", b"PK\x03\x04", 422),
        (XLSX, b"", 422),
        (XLSX, b"PK\x03\x04", 422),
        (XLSX, b"id,name\n", 422),
    ],
)
def test_nothing_that_is_no_table_is_taken(people: People, kind: str, body: bytes, status: int) -> None:
    """Other content types, broken files, files of another kind: refused with a reason, never a fault of ours."""
    headers = {"Content-Type": kind} if kind else {}
    answer = people.partner("zni").put(
        people.url("/tables/flows?dry_run=true"), content=body, headers=headers
    )
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_beyond_the_limit_is_refused_while_it_arrives(make_service: Any) -> None:
    """With a length that is announced and without one: 413, and nothing is kept."""
    people = People(make_service(upload_bytes=1_000))
    client, url = people.partner("ccis"), people.url("/tables/learners")
    large = b"x" * 2_000
    for content in (large, iter([large[:600], large[600:]])):
        assert client.put(url, content=content, headers=CSV | FIRST).status_code == 413
    assert people.load("learners", "ccis").status_code == 201


def test_twenty_uploads_at_once_are_all_whole(people: People) -> None:
    """Twenty senders load at the same time: each has exactly its own rows, one revision each, the chain is whole."""
    codes = [f"s{number:02}" for number in range(20)]
    head = people.parts["learners", "ccis"].splitlines()[0]
    for code in codes:
        people.service.person(f"of-{code}", Role.SENDER, code)
        people.path_put(f"/participants/{code}")

    def load(code: str) -> int:
        rows = [f"{code}-{n},{code},,0714,4,short,2022-09-01,2022-12-31,en:B1,,,,,,," for n in range(30)]
        answer = people.service.person(f"of-{code}", Role.SENDER, code).put(
            people.url("/tables/learners"), content="\n".join([head, *rows]), headers=CSV | FIRST
        )
        return answer.status_code

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(load, codes)) == [201] * 20
    listed = people.coordinator.get(people.url("/tables")).json()
    assert {(one["owner"], one["rows"], one["revision"]) for one in listed} == {(c, 30, 1) for c in codes}
    everything = people.coordinator.get(people.url("/tables/learners?format=csv")).text.splitlines()
    assert len(everything) == len(set(everything)) == 601
    with people.service.store.reading() as session:
        assert not list(chain.verify(session))


def test_of_writers_who_saw_the_same_version_one_wins(people: People) -> None:
    """Eight replace the same version at once: one is taken, seven are told that they are stale."""
    people.load("learners", "ccis")

    def load(_number: int) -> int:
        return people.load("learners", "ccis", If_Match='"1"').status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(load, range(8))) == [200] + [412] * 7
    with people.service.store.reading() as session:
        assert session.query(Upload).count() == 2


def test_pages_hold_every_row_once(people: People) -> None:
    """The coordinator's page by page is the whole table; a change in between is noticed; so is a foreign cursor."""
    people.load_all()
    cora, url = people.coordinator, people.url("/tables/learners")
    first = cora.get(f"{url}?limit=2").json()
    second = cora.get(f"{url}?limit=2&cursor={first['next']}").json()
    assert [one["id"] for one in first["items"] + second["items"]] == ["L1", "L2", "L3"]
    assert second["next"] is None
    people.load("learners", "ccis", If_Match='"1"')
    assert cora.get(f"{url}?limit=2&cursor={first['next']}").status_code == 412
    assert cora.get(f"{url}?cursor=WyJhIl0").status_code == 422
