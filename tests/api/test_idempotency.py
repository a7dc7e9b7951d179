"""Retries with an Idempotency-Key: one execution, one answer, whatever happens at the same moment or in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest import mock

from api.access.roles import Role
from api.clock import now
from api.store import chain
from api.store.schema import AuditEntry, Organisation, Replay
from tests.api.conftest import Service

WANTED = {"id": "h01", "kind": "host", "name": "Agency"}
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


def test_a_retry_gets_the_first_answer(service: Service) -> None:
    """The second request changes nothing and is answered as the first was, marked as a replay."""
    admin = service.person("ada", Role.ADMIN)
    first, again = (admin.post("/v1/organisations", json=WANTED, headers=KEY) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    with service.store.reading() as session:
        assert session.query(AuditEntry).count() == 1


def test_a_key_belongs_to_one_request(service: Service) -> None:
    """The same key with other content, or for another operation, is refused; another user's is another key."""
    admin = service.person("ada", Role.ADMIN)
    admin.post("/v1/organisations", json=WANTED, headers=KEY)
    for path, content in (
        ("/v1/organisations", WANTED | {"id": "h02"}),
        ("/v1/users", {"login": "x", "role": "admin"}),
    ):
        assert admin.post(path, json=content, headers=KEY).status_code == 422
    other = service.person("second", Role.ADMIN)
    assert other.post("/v1/organisations", json=WANTED | {"id": "h02"}, headers=KEY).status_code == 201


def test_requests_at_one_moment_are_carried_out_once(service: Service) -> None:
    """Eight equal requests at once: one execution, eight equal answers."""
    admin = service.person("ada", Role.ADMIN)

    def attempt(_number: int) -> tuple[int, bytes]:
        found = admin.post("/v1/organisations", json=WANTED, headers=KEY)
        return found.status_code, found.content

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(attempt, range(8)))
    assert [status for status, _ in found] == [201]
    with service.store.reading() as session:
        assert session.query(Organisation).count() == 1


def test_what_was_refused_is_tried_again(service: Service) -> None:
    """A refusal is not remembered: when its reason is gone, the same request succeeds."""
    admin = service.person("ada", Role.ADMIN)
    wanted = {"login": "ana", "role": "host", "organisation": "h01"}
    assert admin.post("/v1/users", json=wanted, headers=KEY).status_code == 422
    admin.post("/v1/organisations", json=WANTED)
    assert admin.post("/v1/users", json=wanted, headers=KEY).status_code == 201


def test_effect_and_answer_are_committed_together(service: Service) -> None:
    """A process that dies after the effect but before the commit leaves neither: the retry carries it out."""
    admin = service.person("ada", Role.ADMIN)
    with mock.patch.object(chain, "record", side_effect=RuntimeError):
        assert admin.post("/v1/organisations", json=WANTED, headers=KEY).status_code == 500
    with service.store.reading() as session:
        assert (session.query(Organisation).count(), session.query(Replay).count()) == (0, 0)
    assert admin.post("/v1/organisations", json=WANTED, headers=KEY).status_code == 201


def test_answers_are_remembered_for_a_day(service: Service) -> None:
    """After that the key is free again, and its row goes."""
    admin = service.person("ada", Role.ADMIN)
    admin.post("/v1/organisations", json=WANTED, headers=KEY)
    with service.store.writing() as session:
        session.query(Replay).update({"at": now() - timedelta(hours=25)})
    assert admin.post("/v1/organisations", json=WANTED | {"id": "h02"}, headers=KEY).status_code == 201
    with service.store.reading() as session:
        assert session.query(Replay).count() == 1


def test_secrets_are_never_remembered(service: Service) -> None:
    """Making a key takes no Idempotency-Key: its secret would be kept with the answer."""
    made = service.person("ana", Role.ANALYST).post("/v1/keys", json={"label": "x"}, headers=KEY)
    assert made.status_code == 201
    with service.store.reading() as session:
        assert session.query(Replay).count() == 0
