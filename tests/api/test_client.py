"""The client on a service: tables, versions, pages, events, refusals; what a notebook gets."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from api.access.roles import Role
from api.runs import events
from api.runs.states import EventKind
from matcher.client import (
    Client,
    Conflict,
    Forbidden,
    Missing,
    Retrying,
    RunFailed,
    Stale,
    Unauthenticated,
    Wrong,
)
from matcher.client.answers import RunEvent
from tests.api.collecting.people import PARTS, People
from tests.api.conftest import Service
from tests.api.rounds import frozen, member
from tests.api.servers import Wire, app_of, breaking, listening

FIRST_WORD, SECOND_WORD = "a long enough password", "another long password"
AT_ONCE = Retrying(sleep=lambda _seconds: None)


@dataclass
class Desk:
    """The round ``spring`` and the clients of its people, on a wire that a test may break."""

    people: People
    wire: Wire
    clients: dict[str, Client]

    def __getitem__(self, login: str) -> Client:
        if login not in self.clients:
            self.clients[login] = Client(self.wire.url, self.people.service.secrets[login], patience=AT_ONCE)
        return self.clients[login]


@pytest.fixture
def desk(service: Service) -> Iterator[Desk]:
    """A round in draft whose partners take part, with nothing loaded."""
    with listening(app_of(service)) as url, breaking(url) as wire:
        desk = Desk(People(service), wire, {})
        yield desk
        for client in desk.clients.values():
            client.close()


def learners() -> pd.DataFrame:
    """What the sender ccis loads."""
    text = io.StringIO(PARTS["learners", "ccis"])
    return pd.read_csv(text, dtype="str", keep_default_na=False)


def test_what_is_put_is_got(desk: Desk) -> None:
    """A data frame comes back with its rows, each column of its own type."""
    report = desk["of-ccis"].tables.put("spring", "learners", learners())
    assert report.upload is not None
    assert (report.rows, report.upload.revision) == (len(learners()), 1)
    got = desk["of-ccis"].tables.get("spring", "learners")
    assert got["id"].tolist() == learners()["id"].tolist()
    assert got["available_from"].dtype.kind == "M"
    assert got["field"].tolist() == learners()["field"].tolist()


def test_files_bytes_and_frames_are_the_same_upload(desk: Desk, tmp_path: Path) -> None:
    """CSV as a path and as bytes, a workbook, a data frame: the same digest."""
    text, frame = PARTS["learners", "ccis"], learners()
    (csv := tmp_path / "learners.csv").write_text(text, encoding="utf-8")
    frame.to_excel(book := tmp_path / "learners.xlsx", index=False, sheet_name="learners")
    sender = desk["of-ccis"].tables
    checked = {sender.check("spring", "learners", rows).digest for rows in (csv, text.encode(), book, frame)}
    assert len(checked) == 1
    assert list(sender.uploads("spring", "learners")) == []


def test_what_is_wrong_is_a_frame(desk: Desk) -> None:
    """Every error with its row and column; nothing is stored."""
    with pytest.raises(Wrong) as wrong:
        desk["of-ccis"].tables.put("spring", "learners", learners().assign(languages="en:B7", stay="brief"))
    assert set(wrong.value.errors["column"]) == {"languages", "stay"}
    assert wrong.value.errors["row"].min() == 2
    assert list(desk["of-ccis"].tables.list("spring")) == []


def test_nobody_replaces_what_they_have_not_seen(desk: Desk) -> None:
    """A second client of the same sender is refused until it has read; ``whatever`` says that it does not mind."""
    mine, other = desk["of-ccis"].tables, Client(desk.wire.url, desk.people.service.secrets["of-ccis"])
    with other:
        mine.put("spring", "learners", learners())
        with pytest.raises(Stale):
            other.tables.put("spring", "learners", learners().head(1))
        other.tables.get("spring", "learners")
        other.tables.put("spring", "learners", learners().head(1))
        with pytest.raises(Stale):
            mine.put("spring", "learners", learners())
        mine.put("spring", "learners", learners(), whatever=True)
        assert [one.rows for one in mine.uploads("spring", "learners")] == [
            len(learners()),
            1,
            len(learners()),
        ]


def test_whatever_is_also_nothing(desk: Desk) -> None:
    """``whatever`` puts where there was nothing yet."""
    report = desk["of-ccis"].tables.put("spring", "learners", learners(), whatever=True)
    assert report.upload is not None
    assert report.upload.revision == 1


def test_an_edit_is_made_on_what_is_there(desk: Desk) -> None:
    """Somebody is faster while a table is edited: it is made again, on what they have put."""
    mine, rows = desk["of-ccis"].tables, learners()
    mine.put("spring", "learners", rows)
    with Client(desk.wire.url, desk.people.service.secrets["of-ccis"]) as faster:
        seen: list[int] = []

        def without_the_first(table: pd.DataFrame) -> pd.DataFrame:
            seen.append(len(table))
            if len(seen) == 1:
                faster.tables.get("spring", "learners")
                faster.tables.put("spring", "learners", rows.head(2))
            return table.iloc[1:]

        mine.edit("spring", "learners", without_the_first)
    assert seen == [len(rows), 2]
    assert mine.get("spring", "learners")["id"].tolist() == [rows["id"][1]]


def test_an_upload_whose_answer_is_lost_is_there_once(desk: Desk) -> None:
    """Three answers to uploads are lost: the client asks again, and every upload is one revision."""
    for number in range(3):
        desk.wire.cuts.append(0)
        with Client(desk.wire.url, desk.people.service.secrets["of-ccis"], patience=AT_ONCE) as sender:
            rows = learners().assign(priority=str(number + 1))
            sender.tables.put("spring", "learners", rows, whatever=True)
    assert [one.revision for one in desk["of-ccis"].tables.uploads("spring", "learners")] == [3, 2, 1]
    assert desk.wire.broken == 3


def test_history_is_read_and_undone(desk: Desk) -> None:
    """An old revision is read, made to count again, and everything is taken out: each a revision of its own."""
    sender = desk["of-ccis"].tables
    sender.put("spring", "learners", learners())
    sender.put("spring", "learners", learners().head(1))
    assert len(sender.upload("spring", "learners", 1)) == len(learners())
    restored = sender.restore("spring", "learners", 1)
    assert restored.upload is not None
    assert (restored.upload.revision, restored.upload.restored_from) == (3, 1)
    assert sender.clear("spring", "learners").rows == 0


def test_progress_is_told(desk: Desk) -> None:
    """A function is told the bytes that went out, up to all of them."""
    told: list[tuple[int, int]] = []
    content = PARTS["learners", "ccis"].encode()
    desk["of-ccis"].tables.put("spring", "learners", content, progress=lambda *step: told.append(step))
    assert told[0] == (0, len(content))
    assert told[-1] == (len(content), len(content))


def test_a_round_changes_for_the_version_that_was_read(desk: Desk) -> None:
    """A round passed as it was read is refused once somebody has changed it; its id means any version."""
    cora = desk["cora"].rounds
    seen = cora.get("spring")
    assert cora.update(seen, name="Spring, again").name == "Spring, again"
    with pytest.raises(Stale):
        cora.move(seen, "collecting")
    assert cora.open("spring").state == "collecting"
    assert cora.log("spring").first()[0].action == "round.collecting"


def test_a_check_is_a_frame(desk: Desk) -> None:
    """What is in the way of freezing: tables that are absent too."""
    report = desk["cora"].rounds.check("spring")
    assert not report.valid
    assert "zni/flows.csv" in set(report.frame()["file"])
    assert "zni/flows.csv" in report._repr_html_()


def test_lists_are_fetched_page_by_page(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven users with pages of two: each once, newest first; the beginning costs no more pages than it takes."""
    monkeypatch.setattr("matcher.client.resource.PAGE", 2)
    for number in range(6):
        service.person(f"user{number}", Role.ANALYST)
    service.person("root", Role.ADMIN)
    with listening(app_of(service)) as url, Client(url, service.secrets["root"]) as admin:
        users = admin.people.users()
        assert [user.login for user in users] == ["root", *(f"user{number}" for number in range(5, -1, -1))]
        assert len(users.frame()) == 7
        assert [user.login for user in users.first(3)] == ["root", "user5", "user4"]
        assert "user3" in users._repr_html_()


def test_a_log_in_is_a_client(service: Service) -> None:
    """Log in, change the password, log out: the token is refused from then on, a key is not."""
    service.person("root", Role.ADMIN)
    with listening(app_of(service)) as url:
        with Client(url, service.secrets["root"]) as admin:
            made = admin.people.create_user("eva", "analyst", password=FIRST_WORD)
            admin.people.change_user(made.id, password=SECOND_WORD)
            with pytest.raises(Conflict):
                admin.people.create_user("eva", "analyst")
        with Client.log_in(url, "eva", SECOND_WORD) as eva:
            key = eva.people.create_key("notebook", days=1)
            assert key.secret not in repr(key) + key._repr_html_()
            eva.people.log_out()
            with pytest.raises(Unauthenticated):
                eva.me()
        with Client(url, key.secret) as eva:
            assert eva.me().role == "analyst"
            with pytest.raises(Forbidden):
                eva.people.users().first()


@pytest.fixture
def queued(service: Service) -> Iterator[tuple[Service, Wire, Client, str]]:
    """A run that waits, and its coordinator's client on a wire."""
    round_id = frozen(service.store)
    member(service, "cora", Role.COORDINATOR, round_id)
    with (
        listening(app_of(service)) as url,
        breaking(url) as wire,
        Client(wire.url, service.secrets["cora"], patience=AT_ONCE) as cora,
    ):
        yield service, wire, cora, cora.runs.create(round_id, "first").id


def test_events_go_on_where_the_wire_broke(queued: tuple[Service, Wire, Client, str]) -> None:
    """The wire breaks in the middle of the events, three times: each comes once, in order."""
    service, wire, cora, run_id = queued
    with service.store.writing() as session:
        for number in range(20):
            events.append(session, run_id, EventKind.PROGRESS, {"phase": "solve", "number": number})
    cora.runs.cancel(run_id)
    with Client(wire.url, service.secrets["cora"], patience=AT_ONCE) as listener:
        wire.cuts.extend([700, 900, 1_100])
        found = list(listener.runs.events(run_id))
    assert [event.number for event in found] == list(range(1, 23))
    assert [event.kind for event in found] == ["queued", *["progress"] * 20, "cancelled"]
    assert wire.broken == 3
    assert list(cora.runs.events(run_id, after=21)) == found[21:]


def test_a_run_that_ends_without_a_result_is_raised(queued: tuple[Service, Wire, Client, str]) -> None:
    """Waiting for a cancelled run raises, with the run; waiting longer than told raises, and the run goes on."""
    _, _, cora, run_id = queued
    told: list[str] = []
    with pytest.raises(TimeoutError):
        cora.runs.wait(run_id, lambda run: told.append(str(run)), seconds=0.2)
    assert told[0] == f"run {run_id}: queued, number 1 in the queue"
    cora.runs.cancel(run_id)
    with pytest.raises(RunFailed) as failed:
        cora.runs.wait(run_id, progress=False)
    assert failed.value.run.state == "cancelled"
    with pytest.raises(Conflict):
        cora.runs.placements(run_id)


def test_a_foreign_run_is_missing(queued: tuple[Service, Wire, Client, str]) -> None:
    """Another coordinator gets the same exception as for a run that does not exist."""
    service, wire, _, run_id = queued
    service.person("carl", Role.COORDINATOR)
    with Client(wire.url, service.secrets["carl"]) as carl:
        for stranger in (run_id, "01k8m0c2q5h4v6w8x9y0z1a2b3"):
            with pytest.raises(Missing):
                carl.runs.get(stranger)


def test_events_tell_themselves_in_a_line() -> None:
    """The phase and the values so far."""
    data = json.loads('{"phase": "solve", "goals": [{"name": "placed", "value": 4, "bound": 5}]}')
    assert str(RunEvent(number=3, kind="progress", data=data)) == "solve, placed 4"
    assert str(RunEvent(number=1, kind="queued", data={})) == "queued"
