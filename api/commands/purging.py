"""`matcher purge`: rounds whose retention has ended lose what they hold of learners, now."""

from __future__ import annotations

from api.commands.opening import opened
from matcher.cli.console import remark


def purge() -> None:
    """Purge rounds whose retention has ended of what they hold of learners; `matcher serve` does it daily by itself."""
    from api.commands.tidying import tidy
    from api.rounds.retention import purge_expired
    from api.settings import settings

    with opened() as store:
        tidy(store)
        gone = purge_expired(store, settings())
    for round_id in gone:
        remark(f"Purged: {round_id}.")
    if not gone:
        remark("No round's retention has ended.")
