"""Log-in with a password: a token for hours; failures slow the next one down, for the login and for the address."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from api.access import logins, passwords
from api.access.roles import Role
from api.clock import new_id, now
from api.errors import TooMany, Unauthenticated
from api.store.engine import Store
from api.store.schema import Failure, User
from tests.api.conftest import Service

PASSWORD = "correct horse battery"
HOUR = timedelta(hours=1)


def made(service: Service, login: str = "ana", password: str = PASSWORD) -> str:
    """The id of an analyst who has a password."""
    wanted = {"login": login, "role": "analyst", "password": password}
    found = service.person("ada", Role.ADMIN).post("/v1/users", json=wanted)
    assert found.status_code == 201
    return str(found.json()["id"])


def log_in(service: Service, login: str = "ana", password: str = PASSWORD) -> Any:
    """The answer to an attempt."""
    return service.client.post("/v1/sessions", json={"login": login, "password": password})


def test_a_password_opens_a_session_until_it_is_ended(service: Service) -> None:
    """The token acts as its user; after the log-out it is refused. A key cannot be logged out."""
    made(service)
    begun = log_in(service, "Ana")
    assert begun.status_code == 201
    assert begun.json()["kind"] == "session"
    ana = service.holding(begun.json()["secret"])
    assert ana.get("/v1/me").json()["login"] == "ana"
    assert ana.delete("/v1/sessions/current").status_code == 204
    assert ana.get("/v1/me").status_code == 401
    assert service.person("ada", Role.ADMIN).delete("/v1/sessions/current").status_code == 409


def test_no_answer_tells_which_logins_exist(service: Service) -> None:
    """Unknown logins, wrong passwords, users without one and disabled users get the same bytes."""
    user = made(service)
    service.person("keys-only", Role.ANALYST)
    answers = [log_in(service, login, "wrong").content for login in ("ana", "nobody", "keys-only")]
    service.person("ada", Role.ADMIN).patch(f"/v1/users/{user}", json={"disabled": True})
    answers.append(log_in(service).content)
    assert len(set(answers)) == 1


def test_an_unknown_login_costs_the_same_work(store: Store) -> None:
    """The slow comparison is made once whether or not there is a user: timing tells nothing."""
    with mock.patch.object(passwords._HASHING, "verify", wraps=passwords._HASHING.verify) as verify:
        with pytest.raises(Unauthenticated):
            logins.prove(store, "nobody", "wrong", "192.0.2.1")
        assert verify.call_count == 1


def test_failures_make_a_login_wait(service: Service) -> None:
    """After nine failures no attempt is heard for a minute, right or wrong; from another address is no better."""
    made(service)
    assert log_in(service, "ana", "wrong").status_code == 401
    with service.store.writing() as session:
        session.query(Failure).where(Failure.subject.startswith("login:")).update({"count": 9})
    refused = log_in(service)
    assert refused.status_code == 429
    assert 30 < int(refused.headers["retry-after"]) <= 60
    with pytest.raises(TooMany):
        logins.log_in(service.store, "ana", PASSWORD, "198.51.100.7", HOUR)
    assert log_in(service, "other", "wrong").status_code == 401


def test_waiting_ends_and_success_forgets(service: Service) -> None:
    """When the time is over the right password is heard, and then nothing is left to wait for."""
    made(service)
    for _ in range(3):
        log_in(service, "ana", "wrong")
    with service.store.writing() as session:
        session.query(Failure).update({"last_at": now() - timedelta(minutes=2)})
    assert log_in(service).status_code == 201
    with service.store.reading() as session:
        left = {failure.subject.split(":")[0]: failure.count for failure in session.query(Failure)}
    assert left == {"address": 3}


def test_an_address_that_tries_many_logins_waits(store: Store) -> None:
    """Twenty failures from one address, each for another login, and it waits; another address does not."""
    with mock.patch.object(passwords, "is_right", return_value=False):
        for number in range(20):
            with pytest.raises(Unauthenticated):
                logins.prove(store, f"n{number}", "wrong", "2001:db8::1")
        with pytest.raises(TooMany):
            logins.prove(store, "n20", "wrong", "2001:db8::2")  # the same /64
        with pytest.raises(Unauthenticated):
            logins.prove(store, "n20", "wrong", "2001:db8:0:1::1")


def test_attempts_at_one_moment_count_as_many(store: Store) -> None:
    """Of ten attempts at once, three are looked at: the others have to wait."""

    def attempt(_number: int) -> type[Exception]:
        with pytest.raises((Unauthenticated, TooMany)) as refused:
            logins.prove(store, "ana", "wrong", "192.0.2.1")
        return refused.type

    with (
        mock.patch.object(passwords, "is_right", return_value=False),
        mock.patch.object(logins, "now", return_value=now()),  # one moment, however slow the machine is
        ThreadPoolExecutor(10) as threads,
    ):
        found = list(threads.map(attempt, range(10)))
    assert found.count(Unauthenticated) == 3


def test_an_attempt_that_came_first_and_is_counted_second_counts(store: Store) -> None:
    """Clocks of servers differ, and who read the time first may wait for the row: no failure is lost to either."""
    later = now()
    earlier = later - timedelta(milliseconds=5)
    for count, at in ((1, later), (2, earlier), (3, earlier)):
        with store.writing() as session:
            logins.charge(session, "login:x", logins.OF_A_LOGIN, at)
            failure = session.get_one(Failure, "login:x")
            assert (failure.count, failure.last_at) == (count, later)
    with pytest.raises(TooMany) as refused, store.writing() as session:
        logins.charge(session, "login:x", logins.OF_A_LOGIN, earlier)
    assert refused.value.seconds == 1


def test_right_passwords_at_one_moment_are_all_heard(store: Store) -> None:
    """A log-in that succeeds takes the login's failures away under another that is about to be counted there."""
    with store.writing() as session:
        session.add(
            User(
                id=new_id(),
                login="ana",
                role="analyst",
                organisation_id=None,
                password_hash=None,
                subject=None,
                created_at=now(),
                disabled_at=None,
            )
        )

    def attempts(thread: int) -> int:
        return len({logins.prove(store, "ana", PASSWORD, f"192.0.{thread}.{number}") for number in range(20)})

    endless = logins.Patience(free=10**6, longest=1)
    with (
        mock.patch.object(passwords, "is_right", return_value=True),
        mock.patch.object(logins, "OF_A_LOGIN", endless),
        ThreadPoolExecutor(8) as threads,
    ):
        assert list(threads.map(attempts, range(8))) == [1] * 8


def test_failures_of_a_day_ago_are_forgotten(store: Store) -> None:
    """Who mistypes once a day never waits."""
    with store.writing() as session:
        long_ago = now() - timedelta(days=2)
        session.add(Failure(subject="login:x", count=50, last_at=long_ago))
    with store.writing() as session:
        logins.charge(session, "login:x", logins.OF_A_LOGIN, now())
        assert session.get_one(Failure, "login:x").count == 1


def test_waits_double_up_to_a_limit() -> None:
    """3 failures: 1 s, 4: 2 s, 5: 4 s; never more than a minute."""
    assert [logins.OF_A_LOGIN.seconds(count) for count in (2, 3, 4, 5, 1000)] == [0, 1, 2, 4, 60]


def test_changing_the_password_ends_every_session(service: Service) -> None:
    """The current password has to be right; then log-ins end and only the new password opens."""
    made(service)
    ana = service.holding(log_in(service).json()["secret"])
    change = {"current": "wrong", "new": "another long password"}
    assert ana.put("/v1/me/password", json=change).status_code == 403
    assert ana.put("/v1/me/password", json=change | {"current": PASSWORD, "new": "short"}).status_code == 422
    assert ana.put("/v1/me/password", json=change | {"current": PASSWORD}).status_code == 204
    assert ana.get("/v1/me").status_code == 401
    assert log_in(service).status_code == 401
    assert log_in(service, password="another long password").status_code == 201


def test_a_session_ends_by_itself(service: Service) -> None:
    """It is valid for the hours of the settings."""
    made(service)
    begun = log_in(service).json()
    hours = service.settings.session_hours
    assert begun["expires_at"][:13] == (now() + timedelta(hours=hours)).isoformat()[:13]


def test_a_login_that_no_database_takes_is_wrong_content(service: Service) -> None:
    """NUL is refused before anybody is looked for."""
    assert log_in(service, "a\0").status_code == 422
