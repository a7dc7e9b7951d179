"""Logs: JSON, a line for each event, ids only."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from api.access.roles import Role
from api.web import logs
from tests.api.conftest import Service
from tests.api.servers import app_of, listening

CONFIGURED = (None, "uvicorn.access", "httpx2", "httpcore2", "sqlalchemy.engine")
"""The loggers that a configuration touches; None is the root."""


@pytest.fixture
def own_logs() -> Iterator[None]:
    """For tests that configure the logs of the process: afterwards they are as before."""
    loggers = [logging.getLogger(name) for name in CONFIGURED]
    before = [(one, one.handlers[:], one.level, one.disabled) for one in loggers]
    yield
    structlog.reset_defaults()
    for one, handlers, level, disabled in before:
        one.handlers[:], one.disabled = handlers, disabled
        one.setLevel(level)


def test_the_log_holds_ids_only(service: Service) -> None:
    """A line for each request: operation, status, time, ids of user and key; no path, query, body or secret."""
    ana = service.person("ana", Role.ANALYST)
    me = ana.get("/v1/me").json()["id"]
    with capture_logs() as written:
        ana.get("/v1/keys?limit=5&cursor=WyJodW50ZXIyIl0")
        ana.get("/v1/nothing/hunter2")
        service.client.post("/v1/sessions", json={"login": "hunter2", "password": "hunter2"})
        service.client.get("/livez")
    assert [(one["operation"], one["status"]) for one in written] == [
        ("list_keys", 200),
        (None, 404),
        ("log_in", 401),
    ]
    assert written[0]["user_id"] == me
    text_of_all = json.dumps(written)
    assert not any(
        secret in text_of_all for secret in ("hunter2", "WyJodW50ZXIyIl0", *service.secrets.values())
    )


@pytest.mark.usefixtures("own_logs")
def test_logs_are_json_lines(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours and those of libraries alike, on stderr, also where a server has run in this process before."""
    with listening(app_of(service)):
        pass
    logs.configure("INFO")
    structlog.get_logger().info("something", number=1)
    logging.getLogger("uvicorn.error").warning("careful")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["something", "careful"]
    assert all(line["timestamp"].endswith("Z") for line in lines)
