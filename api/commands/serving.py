"""`matcher serve`: the web, and workers that solve what is queued, in one process or several."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fastapi import FastAPI

GRACE = 3
"""Seconds that requests get to end when the service is asked to stop; streams of events are then broken off, at which
listeners come back to whoever follows.
"""


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port to listen on.")] = 8_000,
    processes: Annotated[
        int,
        typer.Option(
            "--processes", min=1, max=64, help="Processes that answer requests; solving has its own."
        ),
    ] = 1,
) -> None:
    """Serve the API, and solve what is queued; configured by MATCHER_… variables.

    The database is brought to its present form first. SIGTERM and Ctrl-C end requests, put running runs back into the
    queue, and leave.
    """
    from api.commands.daily import Daily
    from api.commands.leaving import until_asked
    from api.runs.supervisor import Supervisors
    from api.settings import settings
    from api.store.engine import Store
    from api.store.migrate import migrate
    from api.web import logs

    given = settings()
    logs.configure(given.log_level)
    store = Store.at(given.database_url.get_secret_value())
    migrate(store)
    with until_asked(), Daily(store, given), Supervisors(store, given, given.solvers):
        _listen(host, port, processes)
    store.close()


def _listen(host: str, port: int, processes: int) -> None:
    """Answer requests until asked to stop."""
    import uvicorn

    if processes > 1:
        os.environ[PARENT] = str(os.getpid())
    uvicorn.run(
        "api.commands.serving:application",
        factory=True,
        host=host,
        port=port,
        workers=processes,
        access_log=False,  # addresses name learners
        log_config=None,  # its own words go where ours go
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )


PARENT = "MATCHER_SERVE_PARENT"
"""Tells a process that answers requests which process it works for."""


def application() -> FastAPI:
    """The application of this process; one of several dies with the process that started it."""
    from api.settings import settings
    from api.store.engine import Store
    from api.web import logs
    from api.web.app import create_app
    from solvers.orphans import die_with_parent

    if PARENT in os.environ:
        die_with_parent(int(os.environ[PARENT]))
    given = settings()
    logs.configure(given.log_level)
    app = create_app(Store.at(given.database_url.get_secret_value()), given)
    _settle()
    return app


def _settle() -> None:
    """Leave what is there for good, routes and models, out of the search for cycles of garbage: every answer on its way
    would wait while it is looked through, a tenth of a second and more.
    """
    gc.collect()
    gc.freeze()
