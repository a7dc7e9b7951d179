"""The description of the interface in OpenAPI 3.1, completed: examples everywhere, and what every layer may answer.

Examples are put together from those of the fields, so that they stay true with the models; a field without one is
found by a test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI

from api.access.table import OPEN
from api.web.problems import MEDIA_TYPE, TITLES

METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
ANYWHERE: Final = (422, 429, 503)
"""What any operation may answer with: wrong parameters, too many requests, no database or no time."""
WITH_A_KEY: Final = (401, 403)
WITH_A_PATH: Final = (404,)
WITH_A_BODY: Final = (408, 413, 415)


def described(app: FastAPI) -> dict[str, Any]:
    """The description, made once."""
    if app.openapi_schema is None:
        document = app.openapi()
        for path, _method, operation in operations_of(document):
            _complete(operation, path, document)
    return app.openapi_schema or {}


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation: path, method, description."""
    for path, methods in document["paths"].items():
        for method in sorted(METHODS & set(methods)):
            yield path, method, methods[method]


def _complete(operation: dict[str, Any], path: str, document: dict[str, Any]) -> None:
    is_open = operation["operationId"] in OPEN
    if is_open:
        operation["security"] = []
    wanted = set(ANYWHERE) | (set() if is_open else set(WITH_A_KEY))
    wanted |= set(WITH_A_PATH) if "{" in path else set()
    wanted |= set(WITH_A_BODY) if "requestBody" in operation else set()
    for status in sorted(wanted):
        operation["responses"].setdefault(str(status), {"description": TITLES[status]})
    for status, response in operation["responses"].items():
        if status.isdecimal() and int(status) >= 400:
            response["content"] = {MEDIA_TYPE: _problem(int(status))}
    operation["responses"] = dict(sorted(operation["responses"].items()))
    for body in _contents(operation):
        if "example" not in body and "examples" not in body and "schema" in body:
            body["example"] = example_of(body["schema"], document)


def _contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is sent and what comes back, by media type."""
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for response in operation["responses"].values():
        yield from response.get("content", {}).values()


def _problem(status: int) -> dict[str, Any]:
    title = TITLES.get(status, "Refused")
    kind = title.lower().replace(" ", "-")
    example = {"type": f"urn:matcher:problem:{kind}", "title": title, "status": status, "detail": f"{title}."}
    return {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}


def example_of(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """An example of a schema: its own, or one put together from those of its parts.

    Raises ``LookupError`` where there is neither.
    """
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return example_of(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document)
    for given in ("const", "example", "default"):
        if schema.get(given) is not None:
            return schema[given]
    if "enum" in schema:
        return schema["enum"][0]
    for alternatives in ("anyOf", "oneOf", "allOf"):
        if alternatives in schema:
            return example_of(schema[alternatives][0], document)
    return _by_type(schema, document)


def _by_type(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            parts = schema.get("properties", {})
            return {name: example_of(part, document) for name, part in parts.items()}
        case "array":
            return [example_of(schema["items"], document)]
        case "boolean":
            return False
        case "null":
            return None
        case "string" if schema.get("format") == "date-time":
            return "2026-03-01T09:00:00Z"
        case _:
            raise LookupError(f"no example of {schema.get('title', schema)}")
