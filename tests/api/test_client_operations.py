"""The client knows the whole service: every operation, at its place, and nothing that there is not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from matcher.client.connection import place
from matcher.client.operations import OPERATIONS
from tests.api.conftest import Service
from tests.api.servers import app_of

NOT_CALLED = {"livez", "readyz", "openapi", "metrics", "oidc_begin", "oidc_finish"}
"""What machines and browsers ask for, and people in Python do not."""


def described(app: FastAPI) -> dict[str, tuple[str, str]]:
    """The method and path of every operation, by its id."""
    return {
        str(route.operation_id): (min(route.original_route.methods or ()), str(route.path))
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_operation_is_known_at_its_place(service: Service) -> None:
    """Ids, methods and paths are those of the service, both ways."""
    found = described(app_of(service))
    assert {name: where for name, where in found.items() if name not in NOT_CALLED} == OPERATIONS


def test_every_operation_is_called_by_a_method(root: Path) -> None:
    """An operation that is listed is named in a call."""
    texts = {
        node.value
        for file in (root / "matcher" / "client").glob("*.py")
        if file.name != "operations.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(OPERATIONS) <= texts


def test_a_value_is_one_segment() -> None:
    """What stands in a path is quoted whole; a place too few is a fault of ours."""
    assert (
        place("/v1/rounds/{round_id}/tables/{table}", "a/../b", "x y") == "/v1/rounds/a%2F..%2Fb/tables/x%20y"
    )
    with pytest.raises(AssertionError):
        place("/v1/me", "more")
