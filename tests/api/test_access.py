"""Every route, in every role, on one's own things and on those of others, against the one table of access.

The routes are those that the interface describes; what they name comes from ``things.py``. A role that may not gets
403; somebody else's thing gets, byte for byte, the answer that an id gets which does not exist; everything else is let
in. A new route without a row in the table does not start, one whose path names a new kind of thing fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.access.roles import Role
from api.access.table import ACCESS, OPEN, Scope, scope_of
from tests.api.conftest import Service
from tests.api.interface import Operation, operations
from tests.api.things import BUILDERS, Path, Person, person

SHUT = {401, 403, 404}
OWN = "own"

VARYING = {"x-request-id", "ratelimit", "ratelimit-policy", "retry-after"}
"""Headers that differ between two equal requests."""

NAMED_FREELY = {("add_participant", "organisation_id")}
"""Things that are not under what stands before them until the operation puts them there: coordinators know them all."""

LAST = {"log_out", "change_password"}
"""Operations that end the caller's own key when they are let in, with what else they need."""


def test_every_path_parameter_has_a_builder() -> None:
    """The walk can make what every path names."""
    wanted = {(name, operation.id) for operation in operations() for name in operation.parameters}
    lacking = sorted(f"{name} of {operation}" for name, operation in wanted if name not in BUILDERS)
    assert not lacking, f"tests/api/things.py has no builder for: {', '.join(lacking)}"


def test_every_operation_is_in_the_walk() -> None:
    """What the interface describes is what the table lists: no route is hidden from the description."""
    assert {operation.id for operation in operations()} == set(ACCESS) | OPEN


def cases(operation: Operation) -> Iterator[tuple[str, ...]]:
    """Whose each named thing is: somebody else's, or nobody's, one at a time; at last all one's own."""
    names = operation.parameters
    for place, name in enumerate(names):
        if BUILDERS[name].foreign is None or (operation.id, name) in NAMED_FREELY:
            continue
        yield (*[OWN] * place, "foreign", *[OWN] * (len(names) - place - 1))
    yield tuple([OWN] * len(names))


def called(operation: Operation, somebody: Person, whose: tuple[str, ...]) -> Any:
    """The answer to the example's request on things of these owners."""
    path: Path = {}
    for name, owner in zip(operation.parameters, whose, strict=True):
        path[name] = str(made(name, owner, somebody, path))
    return sent(operation, somebody.client, path)


def made(name: str, owner: str, somebody: Person, path: Path) -> str | None:
    """What stands in the place of a parameter."""
    builder = BUILDERS[name]
    if owner == "unknown":
        return builder.unknown
    return (
        (builder.foreign or builder.own)(somebody, path)
        if owner == "foreign"
        else builder.own(somebody, path)
    )


def sent(operation: Operation, client: Any, path: Path) -> Any:
    """The answer to the example's request on these things."""
    url = operation.path
    for name, value in path.items():
        url = url.replace(f"{{{name}}}", value)
    return client.request(operation.method.upper(), url, **operation.request(), follow_redirects=False)


def told(response: Any) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer tells."""
    headers = {name: value for name, value in response.headers.items() if name not in VARYING}
    return response.status_code, response.content, headers


def findings(operation: Operation, somebody: Person) -> Iterator[str | None]:
    """One for each combination tried: None where it is as the table says, else what is wrong."""
    scope = scope_of(operation.id, somebody.role)
    for whose in cases(operation):
        response = called(operation, somebody, whose)
        status, what = (
            response.status_code,
            f"{operation.id} as {somebody.role} on {'/'.join(whose) or 'nothing'}",
        )
        is_hidden = "foreign" in whose and (scope is not Scope.ALL or whose[0] == OWN)
        if status >= 500:
            yield f"{what}: {status}"
        elif scope is Scope.NO:
            yield None if status == 403 else f"{what}: {status}, the table says never"
        elif is_hidden:
            nobody = called(
                operation, somebody, tuple(owner.replace("foreign", "unknown") for owner in whose)
            )
            if status != 404:
                yield f"{what}: {status}, the table says {scope}"
            else:
                yield None if told(response) == told(nobody) else f"{what}: told apart from an unknown id"
        else:
            yield f"{what}: {status}, the table says {scope}" if status in SHUT else None


@pytest.mark.parametrize("role", Role)
def test_every_route_lets_in_whom_the_table_says(
    service: Service, role: Role, capsys: pytest.CaptureFixture[str]
) -> None:
    """No combination of route and owner is open that the table shuts, and none is shut that it opens."""
    tried, wrong = 0, []
    somebody = person(service, role)
    for operation in operations():
        if operation.id in OPEN or operation.id in LAST:
            continue
        for finding in findings(operation, somebody):
            tried += 1
            wrong += [] if finding is None else [finding]
    with capsys.disabled():
        print(f"\naccess as {role}: {tried} combinations, {len(wrong)} not as the table says")  # noqa: T201
    assert wrong == []


def test_nothing_is_open_without_a_key(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key, and with one that is wrong, every operation that is not open answers 401 and nothing else."""
    tried, answers = 0, set()
    for operation in operations():
        path = {name: BUILDERS[name].unknown or "learners" for name in operation.parameters}
        for client in (service.client, service.holding("mk_wrong")):
            if operation.id not in OPEN:
                tried += 1
                answers.add(sent(operation, client, path).status_code)
    with capsys.disabled():
        print(f"\naccess without a key: {tried} combinations")  # noqa: T201
    assert answers == {401}


@pytest.mark.parametrize("role", Role)
def test_everybody_may_end_their_own_session(service: Service, role: Role) -> None:
    """Log-out and change of password, which the walk leaves out as they end its key, are open to every role."""
    somebody = person(service, role)
    for operation in operations():
        if operation.id in LAST:
            assert scope_of(operation.id, role) is Scope.OWN
            status = sent(operation, somebody.client, {}).status_code
            assert status in {403, 409}  # a key is no session, and the example's password is wrong


@pytest.mark.parametrize("role", Role)
def test_lists_show_no_trace_of_what_is_not_ones_own(service: Service, role: Role) -> None:
    """No answer to a list, in a role that may see only its own, holds the id of somebody else's thing."""
    somebody = person(service, role)
    foreign = {
        name: builder.foreign(somebody, {})
        for name, builder in BUILDERS.items()
        if builder.foreign is not None
    }
    for operation in operations():
        if operation.method != "get" or operation.parameters or operation.id in OPEN:
            continue
        if scope_of(operation.id, role) in {Scope.OWN, Scope.ROUND}:
            text = sent(operation, somebody.client, {}).text
            assert [name for name, value in foreign.items() if value in text] == [], operation.id
