"""What every request meets: limits, deadlines, problem details, headers, ids, figures, a log without names."""

from __future__ import annotations

import gzip
import inspect
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from api.access.roles import Role
from api.store.engine import Store
from api.traces import frames_of
from api.web.app import put_on
from api.web.layers.bodies import UPLOAD
from tests.api.conftest import Service
from tests.api.servers import app_of, listening

THREADS = 40
"""As many requests as are worked on at a time."""

Make = Callable[..., Service]
pytestmark = pytest.mark.usefixtures("own_application")


def is_problem(response: Any, status: int) -> bool:
    """Whether an answer is problem details of a status."""
    body = response.json()
    is_one = response.headers["content-type"] == "application/problem+json" and body["status"] == status
    return bool(
        is_one and response.status_code == status and body["type"] and body["title"] and body["detail"]
    )


def open_route(service: Service, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
    """Add a route for a test, open to all, to a service."""
    app = service.client.app
    assert isinstance(app, FastAPI)
    app.post(path, operation_id="livez", **options)(endpoint)


def test_everything_that_is_refused_is_a_problem(service: Service) -> None:
    """No such path, no such method, wrong content, wrong parameters, no key: all in one form."""
    ana = service.person("ana", Role.ANALYST)
    assert is_problem(ana.get("/v1/nothing"), 404)
    assert is_problem(ana.put("/v1/me"), 405)
    assert is_problem(ana.post("/v1/keys", json={"label": "x", "other": 1}), 422)
    assert is_problem(ana.get("/v1/keys?limit=none"), 422)
    assert is_problem(ana.get("/v1/keys?cursor=%21"), 422)
    assert is_problem(service.client.get("/v1/me"), 401)
    assert is_problem(ana.get("/v1/users"), 403)


@pytest.mark.parametrize(
    "body", [b'{"label": ', b"\xff\xfe", b"[" * 100_000, b'{"label": "\\ud800"}', b'{"label": "\\u0000"}']
)
def test_a_body_that_cannot_be_read_is_wrong_content(service: Service, body: bytes) -> None:
    """Broken JSON, bytes that are no text, depth without end, halves of characters, NUL: 422."""
    ana = service.person("ana", Role.ANALYST)
    found = ana.post("/v1/keys", content=body, headers={"Content-Type": "application/json"})
    assert is_problem(found, 422)


def test_what_is_sent_is_not_repeated(service: Service) -> None:
    """A refusal names where the fault is, not the value: it may be a password in the wrong place."""
    found = service.client.post("/v1/sessions", json={"login": ["hunter2"], "password": "hunter2"})
    assert found.status_code == 422
    assert "hunter2" not in found.text


def test_a_large_body_is_refused_before_it_is_read(make_service: Make) -> None:
    """By what it says of its length, and, where it says nothing, as soon as it is too long; uploads have a limit of
    their own.
    """
    service = make_service(body_bytes=1_000, upload_bytes=5_000)
    ana, pieces = service.person("ana", Role.ANALYST), []

    def stream() -> Iterator[bytes]:
        for _ in range(100):
            pieces.append(1)
            yield b" " * 100

    kind = {"Content-Type": "application/json"}
    assert is_problem(ana.post("/v1/keys", content=b" " * 2_000, headers=kind), 413)
    assert is_problem(ana.post("/v1/keys", content=stream(), headers=kind), 413)

    async def swallow(request: Any) -> dict[str, int]:
        return {"size": len(await request.body())}

    from fastapi import Request  # noqa: PLC0415 - for the annotation that the framework reads

    swallow.__annotations__["request"] = Request
    open_route(service, "/upload", swallow, openapi_extra=UPLOAD)
    assert service.client.post("/upload", content=b" " * 4_000).json() == {"size": 4_000}
    assert is_problem(service.client.post("/upload", content=b" " * 6_000), 413)


def test_nothing_is_read_of_what_may_not_be_sent(service: Service) -> None:
    """Who has no key, or the wrong role, is refused before the body is looked at, however wrong it is."""
    for client, status in ((service.client, 401), (service.person("ana", Role.ANALYST), 403)):
        assert is_problem(
            client.post("/v1/users", content=b"{", headers={"Content-Type": "text/csv"}), status
        )


@pytest.mark.parametrize("headers", [{"Content-Type": "text/csv"}, {}, {"Content-Encoding": "gzip"}])
def test_other_formats_are_refused(service: Service, headers: dict[str, str]) -> None:
    """JSON is what is taken, and as it is."""
    kind = {"Content-Type": "application/json"} if "Content-Encoding" in headers else {}
    found = service.person("ana", Role.ANALYST).post("/v1/keys", content=b"{}", headers=kind | headers)
    assert is_problem(found, 415)


def test_a_request_that_takes_too_long_is_given_up(make_service: Make) -> None:
    """The client gets 503 in time and is told when to come back, while the work in its thread goes on."""
    service = make_service(request_seconds=0.3)
    done: list[int] = []

    def slow() -> None:
        time.sleep(1)
        done.append(1)

    open_route(service, "/slow", slow)
    client = service.client
    started = time.monotonic()
    found = client.post("/slow")
    assert time.monotonic() - started < 0.95
    assert is_problem(found, 503)
    assert int(found.headers["retry-after"]) >= 1
    time.sleep(1.2)
    assert done == [1]


def test_requests_of_a_key_are_limited(make_service: Make) -> None:
    """What is allowed and what is left stands in every answer; then 429 says when to come back. Another key goes on."""
    service = make_service(requests_per_minute=3)
    ana, bob = service.person("ana", Role.ANALYST), service.person("bob", Role.ANALYST)
    answers = [ana.get("/v1/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"minute";q=3;w=60'
    assert answers[0].headers["ratelimit"].startswith('"minute";r=2;t=')
    assert is_problem(answers[3], 429)
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert bob.get("/v1/me").status_code == 200


def test_requests_without_a_valid_key_are_limited_by_address(make_service: Make) -> None:
    """Guessing keys ends after the limit of an address, without the database being asked; health is always told."""
    service = make_service(requests_per_minute=3)
    found = [service.holding(f"mk_{number}").get("/v1/me").status_code for number in range(5)]
    assert found == [401, 401, 401, 429, 429]
    assert [service.client.get("/livez").status_code for _ in range(5)] == [200] * 5


def test_attempts_to_log_in_are_limited_by_address(make_service: Make) -> None:
    """However many logins they name."""
    service = make_service(logins_per_minute=2)
    content = [{"login": f"n{number}", "password": "wrong"} for number in range(3)]
    assert [service.client.post("/v1/sessions", json=one).status_code for one in content] == [401, 401, 429]


def test_every_answer_is_safe_to_show(make_service: Make) -> None:
    """Not guessed, not framed, not cached, not sent on; HSTS where the service is reached by https."""
    service = make_service(public_url="https://matcher.example")
    for path in ("/v1/me", "/livez", "/v1/nothing"):
        headers = service.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "max-age" in headers["strict-transport-security"]
    assert "strict-transport-security" not in make_service().client.get("/livez").headers


def test_large_answers_are_compressed_when_asked(service: Service) -> None:
    """Who takes gzip gets it."""
    found = service.client.get("/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert found.headers["content-encoding"] == "gzip"
    plain = service.client.get("/v1/openapi.json", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert len(gzip.compress(plain.content)) < len(plain.content) / 4
    assert found.json() == plain.json()


def test_every_request_has_an_id(service: Service) -> None:
    """One that the client sent is kept if it is harmless; else a new one is made."""
    assert service.client.get("/livez", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    for sent in ("a b", "x" * 65, ""):
        assert len(service.client.get("/livez", headers={"X-Request-Id": sent}).headers["x-request-id"]) == 26


def test_a_fault_of_ours_tells_nothing(service: Service) -> None:
    """500 as a problem with the request's id; where it was stands in the log, what was there does not."""

    def broken() -> None:
        raise RuntimeError("hunter2")

    open_route(service, "/broken", broken)
    with capture_logs() as written:
        found = service.client.post("/broken")
    assert is_problem(found, 500)
    assert "hunter2" not in found.text + json.dumps(written)
    (fault,) = [entry for entry in written if entry["event"] == "fault"]
    assert fault["request_id"] == found.headers["x-request-id"] in found.text
    assert "broken" in fault["frames"][-1]


def test_a_database_that_does_not_answer_is_503(service: Service) -> None:
    """Not a fault of the request: come back later."""

    def unreachable() -> None:
        raise OperationalError("SELECT hunter2", {}, Exception("gone"))

    open_route(service, "/unreachable", unreachable)
    found = service.client.post("/unreachable")
    assert is_problem(found, 503)
    assert "retry-after" in found.headers


def test_the_service_is_ready_when_the_database_has_its_form(service: Service) -> None:
    """A database of another form answers 503, as one that is gone."""
    assert service.client.get("/readyz").json() == {"status": "ok"}
    with service.store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert is_problem(service.client.get("/readyz"), 503)
    with service.store.writing() as session:
        session.execute(text("DROP TABLE alembic_version"))
    assert is_problem(service.client.get("/readyz"), 503)


def test_figures_are_for_admins_and_scrapers(make_service: Make) -> None:
    """The key of an admin or the token of the settings opens them; they count by operation, never by id."""
    service = make_service(metrics_token="scrape-me")
    service.person("ana", Role.ANALYST).get("/v1/me")
    assert service.client.get("/metrics").status_code == 401
    assert service.person("ana", Role.ANALYST).get("/metrics").status_code == 403
    assert service.holding("scrape-me").get("/v1/me").status_code == 401
    for client in (service.holding("scrape-me"), service.person("ada", Role.ADMIN)):
        found = client.get("/metrics")
        assert found.status_code == 200
        assert 'matcher_requests_total{operation="who_am_i",status="200"} 1.0' in found.text
        assert 'matcher_request_seconds_bucket{le="0.15",operation="who_am_i"}' in found.text
        assert "matcher_database_seconds_count" in found.text


def test_statements_never_show_their_values(store: Store) -> None:
    """What the database refuses is told without what was sent to it."""
    with pytest.raises(Exception, match="no_such_table") as refused, store.reading() as session:
        session.execute(text("SELECT * FROM no_such_table WHERE x = :x"), {"x": "hunter2"})
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in json.dumps(frames_of(refused.value))


def test_an_application_on_another_store_listens_to_that_one(service: Service) -> None:
    """Whoever follows a run there would wait without end for one that the store before it does not have."""
    app = service.client.app
    assert isinstance(app, FastAPI)
    before = app.state.feeds
    put_on(app, service.store, service.settings)
    assert app.state.feeds is not before


def test_a_busy_server_still_says_that_it_lives(service: Service) -> None:
    """All threads wait for slow work: an orchestrator that asks is answered, and does not kill the server."""
    busy, over = threading.Semaphore(0), threading.Event()

    def slow() -> None:
        busy.release()
        over.wait(60)

    open_route(service, "/slow", slow)
    with listening(app_of(service)) as url, httpx2.Client(base_url=url, timeout=60) as http:
        asking = [threading.Thread(target=http.post, args=("/slow",)) for _ in range(60)]
        for each in asking:
            each.start()
        try:
            assert all(busy.acquire(timeout=30) for _ in range(THREADS))
            assert httpx2.get(f"{url}/livez", timeout=30).status_code == 200
            assert not over.is_set()
        finally:
            over.set()
            for each in asking:
                each.join()


def sync_parts(dependant: Dependant) -> Iterator[str]:
    """The parts of a route that the framework runs in a thread each, the route itself apart."""
    for part in dependant.dependencies:
        call = part.call
        assert call is not None
        if not (inspect.iscoroutinefunction(call) or inspect.isasyncgenfunction(call)):
            name = getattr(call, "__name__", type(call).__name__)
            if not inspect.iscoroutinefunction(getattr(call, "__call__", None)):  # noqa: B004 - is it awaited?
                yield str(name)
        yield from sync_parts(part)


def test_nothing_but_work_waits_for_a_thread(service: Service) -> None:
    """What only picks something out of a request is awaited: as a thread of its own, every reader would wait for it."""
    app = service.client.app
    assert isinstance(app, FastAPI)
    found = {
        (str(route.operation_id), part)
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, APIRoute)
        for part in sync_parts(route.dependant)
    }
    assert found == {("run_events", "known_run")}
