"""`matcher worker`: workers that solve what is queued, on this machine or any other that reaches the database."""

from __future__ import annotations

from typing import Annotated

import typer


def worker(
    count: Annotated[int, typer.Option("--count", min=1, max=64, help="Runs solved here at a time.")] = 1,
) -> None:
    """Solve what is queued, without serving the API; configured by MATCHER_… variables as `matcher serve` is.

    Start as many as you like, on as many machines as you like, over one PostgreSQL. SIGTERM and Ctrl-C put running runs
    back into the queue, and leave.
    """
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
    with until_asked() as asked, Supervisors(store, given, count):
        while not asked.wait(3_600):
            pass
    store.close()
