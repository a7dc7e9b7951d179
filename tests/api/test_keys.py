"""Keys: shown once, refused when they are unknown, expired, revoked or somebody else's."""

from __future__ import annotations

from datetime import timedelta

from api.access.roles import Role
from api.clock import now
from api.store.schema import Key
from tests.api.conftest import Service


def test_a_key_acts_as_its_user(service: Service) -> None:
    """`me` says who the key belongs to."""
    found = service.person("ana", Role.HOST, "h01").get("/v1/me")
    assert found.status_code == 200
    assert found.json()["organisation"] == "h01"


def test_without_a_key_nothing_is_told(service: Service) -> None:
    """No key, and a wrong one, get 401 as problem details."""
    for client in (service.client, service.holding("mk_wrong")):
        found = client.get("/v1/me")
        assert found.status_code == 401
        assert found.headers["content-type"] == "application/problem+json"
        assert found.headers["www-authenticate"] == "Bearer"


def test_a_new_key_works_until_it_is_revoked(service: Service) -> None:
    """The secret is in the answer to its making only; after revocation it is refused."""
    ana = service.person("ana", Role.ANALYST)
    made = ana.post("/v1/keys", json={"label": "notebook", "days": 1})
    assert made.status_code == 201
    other = service.holding(made.json()["secret"])
    assert other.get("/v1/me").status_code == 200
    assert "secret" not in ana.get("/v1/keys").text
    assert other.delete(f"/v1/keys/{made.json()['id']}").status_code == 204
    assert other.get("/v1/me").status_code == 401


def test_an_expired_key_is_refused(service: Service) -> None:
    """A key whose time is over gets 401."""
    ana = service.person("ana", Role.ANALYST)
    with service.store.writing() as session:
        session.query(Key).update({"expires_at": now() - timedelta(seconds=1)})
    assert ana.get("/v1/me").status_code == 401


def test_somebody_elses_key_cannot_be_told_from_none(service: Service) -> None:
    """Revoking another's key answers as for an id that does not exist."""
    made = service.person("ana", Role.ANALYST).post("/v1/keys", json={"label": "x"}).json()
    bob = service.person("bob", Role.ADMIN)
    foreign, unknown = bob.delete(f"/v1/keys/{made['id']}"), bob.delete("/v1/keys/01k8m0c2q5h4v6w8x9y0z1a2b3")
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
    assert foreign.status_code == 404
