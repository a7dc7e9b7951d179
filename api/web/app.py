"""The application put together: routes, access, errors."""

from __future__ import annotations

import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import SecretStr

from api.access.table import ACCESS, OPEN
from api.rounds.children import children, stop_children
from api.settings import Settings
from api.store.engine import Store
from api.web import layers, problems, routes
from api.web.context import authenticate
from api.web.metrics import Metrics
from api.web.openapi import described
from api.web.rates import Rates
from api.web.streaming import Feeds
from models.version import VERSION


def create_app(store: Store, settings: Settings) -> FastAPI:
    """The service over a store whose database has its present form.

    Raises ``AssertionError`` for a route that has no row in the access table, or a row that has no route.
    """

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(children().warm)
        yield
        await run_in_threadpool(stop_children)
        app.state.store.close()

    app = FastAPI(
        title="placement-matcher",
        version=VERSION,
        summary="Partners load, coordinators run, analysts measure.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        dependencies=[Depends(authenticate)],
        responses=problems.documented(422),
    )
    put_on(app, store, settings)
    layers.wrap(app, settings)
    for router in discover():
        app.include_router(router)
    problems.install(app)
    _insist_on_access(app)
    return app


def put_on(app: FastAPI, store: Store, settings: Settings) -> None:
    """Put an application on a store, with counters that stand at nothing and nobody who listens; ``settings`` are those
    that it was made with, but for the database.
    """
    app.state.store, app.state.settings = store, settings
    app.state.rates, app.state.metrics = Rates(settings), Metrics(store)
    app.state.feeds = Feeds(store)


def interface() -> dict[str, Any]:
    """The description of the interface, for documents and tests: no database is opened for it."""
    store = Store.at("sqlite:///never-opened.sqlite")
    return described(create_app(store, Settings(database_url=SecretStr("sqlite:///never-opened.sqlite"))))


def discover() -> Iterator[APIRouter]:
    """The router of every file in ``api/web/routes``, by name."""
    for found in sorted(pkgutil.iter_modules(routes.__path__), key=lambda module: module.name):
        router: APIRouter = import_module(f"{routes.__name__}.{found.name}").router
        yield router


def operations(app: FastAPI) -> set[str]:
    """The ids of all operations."""
    return {
        str(route.operation_id)
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
    }


def _insist_on_access(app: FastAPI) -> None:
    listed = set(ACCESS) | OPEN
    found = operations(app)
    assert not found - listed, f"routes without a row in the access table: {sorted(found - listed)}"
    assert not listed - found, f"rows of the access table without a route: {sorted(listed - found)}"
