"""The commands that work on the database itself: who may use the service, keys, the audit log, copies."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.access.roles import Role
from api.clock import now
from api.commands.daily import Daily
from api.settings import settings
from api.store.schema import RoundRecord, Snapshot
from matcher.cli.app import run
from tests.api.conftest import Service
from tests.api.rounds import frozen, until

PASSWORD = "correct horse battery"
Run = Callable[..., int]


@pytest.fixture
def matcher(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs one command on the test's database, with a text on standard input; its exit code."""
    monkeypatch.setenv("MATCHER_DATABASE_URL", database_url)
    monkeypatch.setattr("api.settings.settings", settings.__wrapped__)

    def matcher(*words: object, stdin: str = "") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        return run([str(word) for word in words])

    return matcher


def test_the_first_admin_comes_from_the_command_line(
    matcher: Run, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """On an empty database: a user, a password, a key that is printed once; each opens the service."""
    assert matcher("users", "add", "ada", "--role", "admin", "--stdin", stdin=f"{PASSWORD}\n") == 0
    assert matcher("keys", "create", "ada", "--days", 1) == 0
    secret = capsys.readouterr().out.strip()
    assert service.holding(secret).get("/v1/me").json()["role"] == "admin"
    content = {"login": "ada", "password": PASSWORD}
    assert service.client.post("/v1/sessions", json=content).status_code == 201
    capsys.readouterr()
    assert matcher("users", "list", "--json") == 0
    assert [user["login"] for user in json.loads(capsys.readouterr().out)] == ["ada"]
    assert matcher("keys", "list", "--login", "ada") == 0
    listed = capsys.readouterr().out
    assert secret not in listed
    assert "command line" in listed


def test_users_are_disabled_and_keys_revoked_at_once(
    matcher: Run, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """The running service refuses them with the next request."""
    ana = service.person("ana", Role.HOST, "h01")
    assert matcher("users", "disable", "ana") == 0
    assert ana.get("/v1/me").status_code == 401
    assert matcher("users", "disable", "ana", "--undo") == 0
    assert ana.get("/v1/me").status_code == 200
    capsys.readouterr()
    matcher("keys", "list", "--json")
    (key,) = json.loads(capsys.readouterr().out)
    assert matcher("keys", "revoke", key["id"]) == 0
    assert ana.get("/v1/me").status_code == 401


def test_another_password_ends_log_ins(matcher: Run, service: Service) -> None:
    """What was opened with the old one is refused."""
    matcher("users", "add", "ada", "--role", "admin", "--stdin", stdin=f"{PASSWORD}\n")
    begun = service.client.post("/v1/sessions", json={"login": "ada", "password": PASSWORD}).json()
    assert matcher("users", "password", "ada", "--stdin", stdin="another long password\n") == 0
    assert service.holding(begun["secret"]).get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    "words",
    [
        ("users", "add", "Big", "--role", "admin"),
        ("users", "add", "ana", "--role", "host"),
        ("users", "add", "ana", "--role", "host", "--organisation", "h01"),
        ("users", "add", "ana", "--role", "king"),
        ("users", "add", "ana", "--role", "admin", "--stdin"),
        ("users", "disable", "nobody"),
        ("keys", "create", "nobody"),
        ("keys", "revoke", "nothing"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_is_said_and_changes_nothing(
    matcher: Run, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 and a sentence."""
    assert matcher(*words, stdin="short\n") == 1
    assert capsys.readouterr().err
    matcher("users", "list", "--json")
    assert json.loads(capsys.readouterr().out) == []


def test_many_users_come_from_a_file(
    matcher: Run, service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Users, their partners and a key each, in a file that only its owner may read."""
    file, keys = tmp_path / "users.csv", tmp_path / "keys.csv"
    file.write_text(
        "login,role,organisation,organisation_name\nana,host,h01,Agency\nbea,host,h01,\ncleo,coordinator,,\n"
    )
    assert matcher("users", "import", file, "--keys", keys) == 0
    assert keys.stat().st_mode & 0o077 == 0
    rows = dict(line.split(",") for line in keys.read_text().splitlines()[1:])
    assert set(rows) == {"ana", "bea", "cleo"}
    assert service.holding(rows["bea"]).get("/v1/me").json()["organisation"] == "h01"


def test_a_file_with_errors_makes_nobody(
    matcher: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything that is wrong is listed with row and column, and nothing is changed."""
    file = tmp_path / "users.csv"
    file.write_text(
        "login,role,organisation\nana,hots,h01\nok,admin,\nok,admin,\nBad Name,admin,\nbea,host,h99\n"
    )
    assert matcher("users", "import", file) == 1
    told = capsys.readouterr().err
    assert all(word in told for word in ("hots", "host", "taken", "Bad Name", "h99"))
    file.write_text("login,rule\n")
    assert matcher("users", "import", file) == 1
    matcher("users", "list", "--json")
    assert json.loads(capsys.readouterr().out) == []


def test_the_audit_log_is_verified(
    matcher: Run, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole: exit code 0. With an entry changed behind its back: exit code 3, and the entry is named."""
    for login in ("ada", "bob", "cleo"):
        matcher("users", "add", login, "--role", "admin")
    assert matcher("audit", "verify") == 0
    assert "3 entries" in capsys.readouterr().err
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        drop = "DROP TRIGGER audit_log_no_update"
        if engine.dialect.name == "postgresql":
            drop = "DROP TRIGGER audit_log_append_only ON audit_log"
        connection.execute(sa.text(drop))
        connection.execute(sa.text("UPDATE audit_log SET actor = 'eve' WHERE number = 2"))
    engine.dispose()
    assert matcher("audit", "verify") == 3
    assert "entry 2 is not what it was" in capsys.readouterr().err


def test_a_copy_is_made_and_restored(
    matcher: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Backup, a change, restore: refused without --force, then as it was, with an entry that tells of it."""
    matcher("users", "add", "ada", "--role", "admin")
    assert matcher("backup", tmp_path / "copy") == 0
    matcher("users", "add", "bob", "--role", "admin")
    assert matcher("backup", tmp_path / "copy") == 1
    assert matcher("restore", tmp_path / "copy") == 1
    assert matcher("restore", tmp_path / "copy", "--force") == 0
    capsys.readouterr()
    matcher("users", "list", "--json")
    assert [user["login"] for user in json.loads(capsys.readouterr().out)] == ["ada"]
    assert matcher("audit", "verify") == 0
    assert "2 entries" in capsys.readouterr().err
    assert matcher("restore", tmp_path / "nothing") == 1


@pytest.mark.parametrize("way", ["command", "daily"])
def test_rounds_whose_time_is_over_are_purged(
    way: str, matcher: Run, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """A round that was closed longer ago than its retention loses its snapshot: on command, and day by day."""
    round_id = frozen(service.store)
    with service.store.writing() as session:
        record = session.get_one(RoundRecord, round_id)
        record.state, record.retention_days = "closed", 30
        record.closed_at = now() - timedelta(days=29)
    assert matcher("purge") == 0
    assert "No round" in capsys.readouterr().err
    with service.store.writing() as session:
        session.get_one(RoundRecord, round_id).closed_at = now() - timedelta(days=31)
    if way == "command":
        assert matcher("purge") == 0
        assert round_id in capsys.readouterr().err
    else:
        with Daily(service.store, service.settings, every=0.01):
            until(lambda: content_of(service, round_id) == b"")
    assert content_of(service, round_id) == b""


def content_of(service: Service, round_id: str) -> bytes:
    """The content of a round's snapshot."""
    with service.store.reading() as session:
        query = sa.select(Snapshot.content).where(Snapshot.round_id == round_id)
        content: bytes = session.scalars(query).one()
        return content
