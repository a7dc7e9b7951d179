"""The whole interface with made-up requests, in every role, on both databases: what is described is what happens.

No answer is a fault of ours, none has a status or a form that is not described, and nothing that the description calls
wrong is taken. The operations are those of the description: a new one is tried without being named here. `pytest
--examples 500` tries longer; what is tried is the same on every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from functools import cache
from typing import Any
from unittest import mock

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.access.roles import Role
from api.web.layers.deadline import Deadline
from tests.api.conftest import Service
from tests.api.interface import Operation, document, operations
from tests.api.things import BUILDERS, Path, Person, person

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
LEFT_OUT = {"log_out", "change_password", "run_events"}
"""The first two end the key that all share; a stream of events has no end while its run goes on."""

KEY = "authorization"
SECONDS = 120
"""Long enough for a child process to start on a machine that has other things to do."""

ROLES = [*Role, None]

Names = tuple[str, ...]


def requests_of(operation: Operation, somebody: Person | None) -> Iterator[tuple[GenerationMode, Path]]:
    """Right and wrong requests, on made-up things and on things that are there."""
    yield GenerationMode.POSITIVE, {}
    yield GenerationMode.NEGATIVE, {}
    if somebody is not None and operation.parameters:
        path: Path = {}
        for name in operation.parameters:
            path[name] = BUILDERS[name].own(somebody, path)
        yield GenerationMode.POSITIVE, path


@cache
def schema_for(app: Any) -> Any:
    """The description as requests are made from it, sent to this application."""
    schema = schemathesis.openapi.from_dict(document())
    schema.app = app
    return schema


@cache  # finding out how to make requests from a description takes longer than making them: once for all roles
def as_described(app: Any, path: str, method: str) -> Any:
    """An operation as requests are made from it."""
    return schema_for(app)[path][method]


@contextmanager
def quick() -> Iterator[None]:
    """Without the children that read uploads being asked for longer than a request may take."""
    with mock.patch.object(Deadline, "__call__", lambda self, *call: self._app(*call)):
        yield


@cache  # making requests up takes several times as long as answering them: once for all roles and databases
def made_up(
    app: Any, path: str, method: str, mode: GenerationMode, given_by: Names, number: int
) -> list[Any]:
    """So many requests for an operation; what is in ``given_by`` are parameters of the path that the sender fills in.

    Nothing where no request of the kind can be made.
    """
    filled = dict.fromkeys(given_by, "filled in by the sender")
    described = as_described(app, path, method)
    cases: st.SearchStrategy[Any] = described.as_strategy(
        generation_mode=mode, path_parameters=filled or None
    )
    made: list[Any] = []

    @settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def draw(case: Any) -> None:
        made.append(case)

    with suppress(Unsatisfiable):
        draw()
    return made


def from_sender(case: Any, headers: dict[str, str], path: Path) -> Any:
    """The request once more, with the sender's key and parameters of the path."""
    parts = ("path_parameters", "headers", "cookies", "query", "multipart_content_types")
    fresh = case.operation.Case(
        media_type=case.media_type,
        body=case.body if case.body is NOT_SET else deepcopy(case.body),
        _meta=deepcopy(case._meta),
        **{part: deepcopy(getattr(case, part)) for part in parts},
    )
    if path:
        fresh.path_parameters = {**fresh.path_parameters, **path}
    fresh.headers = {
        name: value for name, value in (fresh.headers or {}).items() if name.lower() != KEY
    } | headers
    return fresh


def tried(
    operation: Operation,
    app: Any,
    headers: dict[str, str],
    mode: GenerationMode,
    path: Path,
    number: int,
) -> set[int]:
    """Send so many made-up requests; each answer is held against the description. The statuses that came."""
    cases = made_up(app, operation.path, operation.method.upper(), mode, tuple(path), number)
    assert cases or mode is GenerationMode.NEGATIVE, operation.id  # what takes nothing has no wrong requests
    seen: set[int] = set()
    checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS
    for made in cases:
        case = from_sender(made, headers, path)
        response = case.call(timeout=SECONDS)
        seen.add(response.status_code)
        assert response.status_code < 500, (operation.id, response.status_code, response.text)
        case.validate_response(response, checks=checks)
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES, ids=str)
def test_the_interface_is_as_it_describes_itself(
    make_service: Any, role: Role | None, pytestconfig: pytest.Config
) -> None:
    """Every operation, in this role, with requests that are right and requests that are wrong."""
    number = int(pytestconfig.getoption("--examples"))
    service: Service = make_service(requests_per_minute=10**6, logins_per_minute=10**6)
    somebody = None if role is None else person(service, role)
    headers = {} if somebody is None else {KEY: somebody.client.headers[KEY]}
    wrong, seen = [], set()
    with quick():
        for operation in operations():
            if operation.id in LEFT_OUT:
                continue
            for mode, path in requests_of(operation, somebody):
                try:
                    seen |= tried(operation, service.client.app, headers, mode, path, number)
                except (AssertionError, FailureGroup) as failure:
                    told = "; ".join(str(one) for one in getattr(failure, "exceptions", [failure]))
                    wrong.append(f"{operation.id}, {mode} {path or ''}: {told}")
    assert not wrong, "\n".join(wrong)
    assert ({200, 422} if role else {200, 401}) <= seen  # the key was sent, and not all of it was refused
