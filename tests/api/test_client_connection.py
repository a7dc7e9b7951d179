"""The client on a wire that breaks: what is lost is asked again, what was done is not done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from api.access.roles import Role
from matcher.client import Client, Missing, TooMany, Unauthenticated, Unreachable
from matcher.client.retrying import Retrying
from tests.api.conftest import Service
from tests.api.servers import Wire, app_of, breaking, listening

AT_ONCE = Retrying(sleep=lambda _seconds: None)
"""As patient as the default, without the waits."""


@pytest.fixture
def wire(service: Service) -> Iterator[Wire]:
    """A wire to the service."""
    with listening(app_of(service)) as url, breaking(url) as wire:
        yield wire


@pytest.fixture
def key(service: Service) -> str:
    """The key of an analyst."""
    service.person("ana", Role.ANALYST)
    return service.secrets["ana"]


def test_a_lost_answer_is_asked_for_again(wire: Wire, key: str) -> None:
    """Three answers in a row are lost, one of them in the middle; the fourth arrives."""
    wire.cuts.extend([0, 0, 40])
    with Client(wire.url, key, patience=AT_ONCE) as client:
        assert client.me().login == "ana"
    assert wire.broken == 3


def test_a_change_whose_answer_was_lost_is_made_once(service: Service, wire: Wire) -> None:
    """The retry carries the same Idempotency-Key: one organisation is made, and nobody says that it was there."""
    service.person("root", Role.ADMIN)
    wire.cuts.extend([0, 0])
    with Client(wire.url, service.secrets["root"], patience=AT_ONCE) as client:
        made = client.people.create_organisation("h01", "host", "Agency of Lisbon")
        assert client.people.organisation("h01") == made
    assert wire.broken == 2


def test_a_key_whose_secret_was_lost_is_not_made_again(wire: Wire, key: str) -> None:
    """The service keeps no secrets to show again: the client tells, and the key can be found and revoked."""
    wire.cuts.append(0)
    with Client(wire.url, key, patience=AT_ONCE) as client:
        with pytest.raises(Unreachable):
            client.people.create_key("notebook", days=1)
        (lost,) = [one for one in client.people.my_keys() if one.label == "notebook"]
        client.people.revoke_key(lost.id)
    assert wire.broken == 1


def test_what_stays_away_is_unreachable(wire: Wire, key: str) -> None:
    """When patience is at its end, the client says that no answer came, and from where."""
    wire.cuts.extend([0] * 4)
    with (
        Client(wire.url, key, patience=Retrying(times=3, sleep=lambda _seconds: None)) as client,
        pytest.raises(Unreachable, match=wire.url),
    ):
        client.me()


def test_a_refusal_is_not_asked_again(wire: Wire) -> None:
    """401 is an answer: one request, one exception."""
    with Client(wire.url, "mk_wrong", patience=AT_ONCE) as client, pytest.raises(Unauthenticated) as refused:
        client.me()
    assert refused.value.status == 401
    assert "unknown" in refused.value.detail


def test_too_many_requests_wait_as_long_as_they_are_told(
    make_service: Callable[..., Service],
) -> None:
    """A client over its limit waits for what ``Retry-After`` says before it tries again, and then gives up."""
    service = make_service(requests_per_minute=3)
    waits: list[float] = []
    service.person("ana", Role.ANALYST)
    key, once = service.secrets["ana"], Retrying(times=1, longest=120, seconds=120, sleep=waits.append)
    with listening(app_of(service)) as url, Client(url, key, patience=once) as client:
        for _ in range(3):
            client.me()
        with pytest.raises(TooMany) as refused:
            client.me()
        assert refused.value.seconds is not None
        assert waits[0] >= 1


def test_an_id_is_one_segment_of_the_path(wire: Wire, key: str) -> None:
    """What is not an id is not found, and never becomes another path."""
    with Client(wire.url, key) as client, pytest.raises(Missing):
        client.people.revoke_key("01k8m0c2q5h4v6w8x9y0z1a2b3")
