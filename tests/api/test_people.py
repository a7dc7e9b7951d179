"""Organisations and users: made by admins, known to whom they concern, shut out at once."""

from __future__ import annotations

import pytest

from api.access.roles import Role
from api.store.schema import AuditEntry
from tests.api.conftest import Service

PASSWORD = "correct horse battery"


def test_a_partner_is_made_once(service: Service) -> None:
    """A code that is taken is refused, whatever the kind and name."""
    admin = service.person("ada", Role.ADMIN)
    first = admin.post("/v1/organisations", json={"id": "h01", "kind": "host", "name": "Agency"})
    again = admin.post("/v1/organisations", json={"id": "h01", "kind": "sender", "name": "Other"})
    assert (first.status_code, again.status_code) == (201, 409)
    assert (
        admin.patch("/v1/organisations/h01", json={"name": "Agency of Lisbon"}).json()["name"]
        == "Agency of Lisbon"
    )


def test_hosts_and_senders_know_their_own_organisation_only(service: Service) -> None:
    """The list of a host holds its organisation; a coordinator's holds all of them, by code, in pages."""
    service.person("bea", Role.SENDER, "s01")
    host = service.person("ana", Role.HOST, "h01")
    assert [one["id"] for one in host.get("/v1/organisations").json()["items"]] == ["h01"]
    assert host.get("/v1/organisations/s01").status_code == 404
    coordinator = service.person("cleo", Role.COORDINATOR)
    first = coordinator.get("/v1/organisations?limit=1").json()
    second = coordinator.get("/v1/organisations", params={"limit": 1, "cursor": first["next"]}).json()
    assert [page["items"][0]["id"] for page in (first, second)] == ["h01", "s01"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("role", "organisation"), [("host", None), ("host", "s01"), ("host", "h99"), ("admin", "s01")]
)
def test_a_user_belongs_to_an_organisation_of_their_kind(
    service: Service, role: str, organisation: str | None
) -> None:
    """A host without one, of a sender, of one that is not there, and an admin with one are refused, at the column."""
    service.person("bea", Role.SENDER, "s01")
    wanted = {"login": "new", "role": role, "organisation": organisation}
    found = service.person("ada", Role.ADMIN).post("/v1/users", json=wanted)
    assert found.status_code == 422
    assert [fault["column"] for fault in found.json()["errors"]] == ["organisation"]


def test_a_taken_login_and_a_taken_subject_are_refused(service: Service) -> None:
    """Logins and subjects name one user each."""
    admin = service.person("ada", Role.ADMIN)
    wanted = {"login": "new", "role": "analyst", "subject": "123"}
    made = admin.post("/v1/users", json=wanted)
    assert made.status_code == 201
    assert admin.post("/v1/users", json=wanted | {"subject": None}).status_code == 409
    assert admin.post("/v1/users", json=wanted | {"login": "other"}).status_code == 409
    assert admin.get("/v1/users?login=new").json()["items"] == [made.json()]


def test_a_disabled_user_is_shut_out_at_once(service: Service) -> None:
    """Their keys are refused with the next request, and taken again when they are let in again."""
    ana, admin = service.person("ana", Role.ANALYST), service.person("ada", Role.ADMIN)
    user = ana.get("/v1/me").json()["id"]
    assert admin.patch(f"/v1/users/{user}", json={"disabled": True}).json()["disabled_at"] is not None
    assert ana.get("/v1/me").status_code == 401
    assert admin.patch(f"/v1/users/{user}", json={"disabled": False}).status_code == 200
    assert ana.get("/v1/me").status_code == 200


def test_the_last_admin_cannot_be_shut_out(service: Service) -> None:
    """Somebody has to be able to let people in."""
    admin = service.person("ada", Role.ADMIN)
    user = admin.get("/v1/me").json()["id"]
    assert admin.patch(f"/v1/users/{user}", json={"disabled": True}).status_code == 409
    service.person("second", Role.ADMIN)
    assert admin.patch(f"/v1/users/{user}", json={"disabled": True}).status_code == 200


def test_an_admin_sees_and_revokes_anybodys_keys(service: Service) -> None:
    """Keys of a user are listed without their secrets, and refused once they are revoked."""
    ana, admin = service.person("ana", Role.ANALYST), service.person("ada", Role.ADMIN)
    user = ana.get("/v1/me").json()["id"]
    listed = admin.get(f"/v1/users/{user}/keys")
    assert "mk_" not in listed.text
    (key,) = listed.json()["items"]
    mine = admin.get("/v1/keys").json()["items"][0]["id"]
    assert admin.delete(f"/v1/users/{user}/keys/{mine}").status_code == 404
    assert admin.delete(f"/v1/users/{user}/keys/{key['id']}").status_code == 204
    assert ana.get("/v1/me").status_code == 401


def test_every_change_is_in_the_audit_log_without_names(service: Service) -> None:
    """Entries say who did what to which id; neither names nor passwords stand in them."""
    admin = service.person("ada", Role.ADMIN)
    admin.post("/v1/organisations", json={"id": "h01", "kind": "host", "name": "Hidden name"})
    wanted = {"login": "new", "role": "host", "organisation": "h01", "password": PASSWORD}
    user = admin.post("/v1/users", json=wanted).json()["id"]
    admin.patch(f"/v1/users/{user}", json={"disabled": True, "password": None, "subject": "x"})
    with service.store.reading() as session:
        entries = session.query(AuditEntry).order_by(AuditEntry.number).all()
        session.expunge_all()
    assert [(entry.action, entry.subject) for entry in entries] == [
        ("organisation.create", "h01"),
        ("user.create", user),
        ("user.disable", user),
        ("user.password", user),
        ("user.subject", user),
    ]
    assert not any(secret in str(entry.details) for entry in entries for secret in ("Hidden", PASSWORD))
