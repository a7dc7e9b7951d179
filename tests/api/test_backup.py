"""Copies of the database: compared with it, restored into either database, refused when they are not whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.access import people
from api.access.roles import Role
from api.errors import Conflict, Wrong
from api.store import backup as copies
from api.store import chain
from api.store.engine import Store
from tests.api.conftest import DATABASES, Service, empty_database


@pytest.fixture
def filled(service: Service) -> Store:
    """A database with people, keys and an audit log."""
    admin = service.person("ada", Role.ADMIN)
    service.person("ana", Role.HOST, "h01")
    for code in ("s01", "s02"):
        made = admin.post(
            "/v1/organisations",
            json={"id": code, "kind": "sender", "name": "Škola ž"},
            headers={"Idempotency-Key": code},
        )
        assert made.status_code == 201
    return service.store


@pytest.fixture(params=DATABASES)
def other(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A second database, empty and of the present form, of either kind."""
    with empty_database(request, request.param, tmp_path_factory.mktemp("other")) as url:
        store = Store.at(url)
        yield store
        store.close()


def contents(store: Store) -> copies.Contents:
    """What a database holds."""
    with store.engine.connect() as connection:
        return copies.contents_of(connection)


def test_a_copy_goes_into_either_database(filled: Store, other: Store, tmp_path: Path) -> None:
    """What comes out of a restored copy is every row of every table, and an audit log that is whole."""
    before = copies.backup(filled, tmp_path / "copy")
    assert before["organisations"].rows == 3
    assert before["replays"].rows == 2
    copies.restore(tmp_path / "copy", other)
    assert contents(other) == before == contents(filled)
    with other.writing() as session:
        assert list(chain.verify(session)) == []
        people.add_organisation(session, "test", "s03", "sender", "later")
    with other.reading() as session:
        assert list(chain.verify(session)) == []


def test_a_copy_is_a_private_file_that_needs_no_other(filled: Store, tmp_path: Path) -> None:
    """Only its owner may read it, nothing lies beside it, and it does not replace another."""
    path = tmp_path / "copies" / "copy"
    path.parent.mkdir()
    copies.backup(filled, path)
    assert [file.name for file in path.parent.iterdir()] == ["copy"]
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(Conflict):
        copies.backup(filled, path)


def test_a_database_that_holds_something_is_left_alone_unless_forced(filled: Store, tmp_path: Path) -> None:
    """Without --force nothing changes; with it, what came after the copy is gone."""
    before = copies.backup(filled, tmp_path / "copy")
    with filled.writing() as session:
        people.add_organisation(session, "test", "s03", "sender", "later")
    with pytest.raises(Conflict, match="organisations"):
        copies.restore(tmp_path / "copy", filled)
    assert contents(filled)["organisations"].rows == 4
    copies.restore(tmp_path / "copy", filled, force=True)
    assert contents(filled) == before
    with pytest.raises(Exception, match="append-only"), filled.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM audit_log")


@pytest.mark.parametrize(
    "damage", ["DROP TRIGGER audit_log_no_update; UPDATE audit_log SET actor = 'eve'", "junk"]
)
def test_a_copy_that_is_not_whole_is_refused(filled: Store, tmp_path: Path, damage: str) -> None:
    """A changed entry of its audit log, and a file that is no copy, change nothing, even with --force."""
    path = tmp_path / "copy"
    before = copies.backup(filled, path)
    if damage == "junk":
        path.write_bytes(b"something else")
    else:
        with sqlite3.connect(path) as connection:
            connection.executescript(damage)
        connection.close()
    with pytest.raises(Wrong):
        copies.restore(path, filled, force=True)
    assert contents(filled) == before


def test_a_later_versions_copy_is_refused(filled: Store, tmp_path: Path) -> None:
    """A form of the database that this version does not know is not guessed at."""
    path = tmp_path / "copy"
    copies.backup(filled, path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(Wrong, match="this version"):
        copies.restore(path, filled, force=True)
