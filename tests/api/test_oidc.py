"""Log-in through an identity provider: a real one on loopback, with real signatures, and everything that it may get
wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from pydantic import ValidationError

from api.access.roles import Role
from api.settings import Settings
from tests.api.conftest import Service
from tests.api.provider import CLIENT, SECRET, Provider, running


@pytest.fixture(scope="module")
def shared_provider() -> Iterator[Provider]:
    """The provider of all tests here."""
    with running() as provider:
        yield provider


@pytest.fixture
def provider(shared_provider: Provider) -> Provider:
    """The provider, with nothing wrong."""
    shared_provider.wrong, shared_provider.signs_with = {}, None
    return shared_provider


@pytest.fixture
def service(make_service: Callable[..., Service], provider: Provider) -> Service:
    """A service that knows the provider, with a user who is linked to the account there."""
    service = make_service(
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        public_url="http://testserver",
    )
    wanted = {"login": "ana", "role": "analyst", "subject": provider.subject}
    assert service.person("ada", Role.ADMIN).post("/v1/users", json=wanted).status_code == 201
    return service


def begin(service: Service) -> Any:
    """The way to the provider."""
    return service.client.get("/v1/oidc/login", follow_redirects=False)


def come_back(service: Service, provider: Provider) -> Any:
    """There and back."""
    there = begin(service)
    assert there.status_code == 303
    return service.client.get("/v1/oidc/callback", params=provider.authorize(there.headers["location"]))


def test_a_linked_user_gets_a_session(service: Service, provider: Provider) -> None:
    """The provider's word opens a session of the user whose subject it names; the cookie is for the way only."""
    there = begin(service)
    assert "httponly" in there.headers["set-cookie"].lower()
    assert "samesite=lax" in there.headers["set-cookie"].lower()
    found = service.client.get("/v1/oidc/callback", params=provider.authorize(there.headers["location"]))
    assert found.status_code == 200, found.text
    assert found.json()["kind"] == "session"
    assert service.holding(found.json()["secret"]).get("/v1/me").json()["login"] == "ana"
    assert "matcher_oidc" not in service.client.cookies


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"exp": int(time.time()) - 3_600},
        {"iat": int(time.time()) + 3_600},
        {"nonce": "of another log-in"},
        {"sub": "a stranger"},
    ],
    ids=",".join,
)
def test_a_token_that_is_not_for_this_log_in_is_refused(
    service: Service, provider: Provider, wrong: dict[str, Any]
) -> None:
    """Another issuer, audience, party or nonce, one that is over or not yet, a stranger: 403."""
    provider.wrong = wrong
    assert come_back(service, provider).status_code == 403


def test_a_signature_of_another_key_is_refused(service: Service, provider: Provider) -> None:
    """Only what the provider's published keys have signed counts."""
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)
    assert come_back(service, provider).status_code == 403


def test_a_new_key_of_the_provider_is_found(service: Service, provider: Provider) -> None:
    """Keys that it publishes later are fetched when they are first seen."""
    assert come_back(service, provider).status_code == 200
    provider.key = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)
    assert come_back(service, provider).status_code == 200


def test_only_the_browser_that_went_may_come_back(service: Service, provider: Provider) -> None:
    """Without the cookie, with one that was changed, with another state, and with a code twice: 403."""
    there = begin(service)
    brought = provider.authorize(there.headers["location"])
    other = service.holding("")
    assert other.get("/v1/oidc/callback", params=brought).status_code == 403
    forged = {"Cookie": "matcher_oidc=eyJhbGciOiJub25lIn0.e30."}
    assert other.get("/v1/oidc/callback", params=brought, headers=forged).status_code == 403
    cookie = {"Cookie": f"matcher_oidc={there.cookies['matcher_oidc']}"}
    changed = brought | {"state": "another"}
    assert other.get("/v1/oidc/callback", params=changed, headers=cookie).status_code == 403
    assert other.get("/v1/oidc/callback", params=brought, headers=cookie).status_code == 200
    assert other.get("/v1/oidc/callback", params=brought, headers=cookie).status_code == 403
    assert other.get("/v1/oidc/callback", params={"error": "access_denied"}).status_code == 403


def test_a_disabled_user_is_refused(service: Service, provider: Provider) -> None:
    """Whatever the provider says."""
    admin = service.person("ada", Role.ADMIN)
    user = admin.get("/v1/users?login=ana").json()["items"][0]["id"]
    admin.patch(f"/v1/users/{user}", json={"disabled": True})
    assert come_back(service, provider).status_code == 403


def test_a_provider_that_does_not_answer_is_503(make_service: Callable[..., Service]) -> None:
    """It is not the user's fault: come back later."""
    service = make_service(
        oidc_issuer="http://127.0.0.1:9",
        oidc_client_id="x",
        oidc_client_secret="x",
        public_url="http://testserver",
    )
    assert begin(service).status_code == 503


def test_without_a_provider_the_paths_are_not_there(make_service: Callable[..., Service]) -> None:
    """404, as for any path that there is not."""
    service = make_service()
    nothing = service.client.get("/v1/nothing").content
    for path in ("/v1/oidc/login", "/v1/oidc/callback?code=x"):
        found = service.client.get(path)
        assert (found.status_code, found.content) == (404, nothing)


def test_half_of_the_settings_is_refused() -> None:
    """An issuer without a client, or without encryption to somewhere else, does not start."""
    with pytest.raises(ValidationError, match="oidc_client_id"):
        Settings(oidc_issuer="https://id.example")
    with pytest.raises(ValidationError):
        Settings(
            oidc_issuer="http://id.example",
            oidc_client_id="x",
            oidc_client_secret="x",
            public_url="https://m",
        )
