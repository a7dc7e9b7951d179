"""The description of the interface: complete, with examples that are valid, and the same for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from api.access.table import OPEN
from api.web.openapi import example_of
from tests.api.conftest import Service
from tests.api.interface import Operation, document, operations

OPERATIONS = [pytest.param(operation, id=operation.id) for operation in operations()]


def contents(operation: Operation) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What is sent and what comes back: where, media type, description."""
    for kind, content in operation.description.get("requestBody", {}).get("content", {}).items():
        yield "request", kind, content
    for status, response in operation.description["responses"].items():
        for kind, content in response.get("content", {}).items():
            yield status, kind, content


def test_it_is_openapi_3_1(service: Service) -> None:
    """Anybody may read it, and it says of which version it is."""
    found = service.client.get("/v1/openapi.json")
    assert found.status_code == 200
    assert found.json()["openapi"].startswith("3.1")
    assert set(found.json()["paths"]) == {operation.path for operation in operations()}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_says_what_it_does(operation: Operation) -> None:
    """A summary, a description that says more, a tag, and a description and an example of each parameter."""
    description = operation.description
    assert len(description["summary"]) > 3
    assert len(description["description"]) > len(description["summary"])
    assert description["tags"]
    for parameter in description.get("parameters", []):
        assert parameter.get("description"), parameter["name"]
        assert parameter.get("examples") or parameter.get("example") or parameter["schema"].get("examples"), (
            parameter["name"]
        )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_examples_that_are_valid(operation: Operation) -> None:
    """What is sent and what comes back has an example, and each example fits its schema."""
    for place, kind, content in contents(operation):
        assert "example" in content or "examples" in content, (place, kind)
        if "schema" in content and "json" in kind and "example" in content:
            schema = {**content["schema"], "components": document()["components"]}
            jsonschema_rs.validator_for(schema).validate(content["example"])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_says_how_it_may_end(operation: Operation) -> None:
    """What every layer may answer with is documented: keys, roles, paths, bodies, limits, no database."""
    wanted = {"422", "429", "503"}
    wanted |= set() if operation.id in OPEN else {"401", "403"}
    wanted |= {"404"} if operation.parameters else set()
    wanted |= {"408", "413", "415"} if "requestBody" in operation.description else set()
    assert wanted <= set(operation.description["responses"])
    assert any(status < "400" for status in operation.description["responses"])


def test_a_field_without_an_example_is_found() -> None:
    """The examples are put together from those of the fields: one that has none is an error, not left out."""
    with pytest.raises(LookupError):
        example_of({"type": "object", "properties": {"x": {"type": "string"}}}, {})
