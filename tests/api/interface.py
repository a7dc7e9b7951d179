"""The interface as it describes itself, for tests that walk all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.web.app import interface
from api.web.openapi import example_of, operations_of


@dataclass(frozen=True)
class Operation:
    """One operation with what it takes."""

    id: str
    method: str
    path: str
    description: dict[str, Any]

    @property
    def parameters(self) -> list[str]:
        """The names of the path parameters, in the order of the path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    def request(self) -> dict[str, Any]:
        """What the example sends: body, required queries and headers."""
        sent: dict[str, Any] = {"headers": {}, "params": {}}
        for parameter in self.description.get("parameters", []):
            if parameter.get("required") and parameter["in"] in {"query", "header"}:
                place = "params" if parameter["in"] == "query" else "headers"
                sent[place][parameter["name"]] = str(example_of(_with_examples(parameter), document()))
        for kind, content in self.description.get("requestBody", {}).get("content", {}).items():
            example = content.get("example")
            if kind == "application/json":
                sent["json"] = example
            else:
                sent["content"], sent["headers"]["Content-Type"] = example, kind
            break
        return sent


def _with_examples(parameter: dict[str, Any]) -> dict[str, Any]:
    return {
        **parameter["schema"],
        **{key: parameter[key] for key in ("example", "examples") if key in parameter},
    }


@cache
def document() -> dict[str, Any]:
    """The description of the whole interface."""
    return interface()


def operations() -> Iterator[Operation]:
    """Every operation, by path and method."""
    for path, method, description in operations_of(document()):
        yield Operation(description["operationId"], method, path, description)
