"""The database as commands use it: opened from the settings, brought to the present form, closed again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from matcher.cli.console import Leave, complain
from models.errors import InputErrors

if TYPE_CHECKING:
    from api.store.engine import Store

ACTOR: Final = "command line"
"""Who acts, in the audit log: whoever has the database at hand."""

WRONG: Final = 1


@contextmanager
def opened(*, migrated: bool = True) -> Iterator[Store]:
    """The store of ``MATCHER_DATABASE_URL``. What is refused becomes a message and exit code 1."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    from api.errors import Refused, Wrong
    from api.settings import settings
    from api.store.engine import Store
    from api.store.migrate import migrate

    store = Store.at(settings().database_url.get_secret_value())
    try:
        if migrated:
            migrate(store)
        yield store
    except Wrong as wrong:
        if wrong.problems:
            raise InputErrors(wrong.problems) from wrong
        complain(wrong.detail)
        raise Leave(WRONG) from wrong
    except Refused as wrong:
        complain(wrong.detail)
        raise Leave(WRONG) from wrong
    except (OperationalError, InterfaceError) as wrong:
        complain("The database does not answer, or is not one of this service: see MATCHER_DATABASE_URL.")
        raise Leave(WRONG) from wrong
    finally:
        store.close()
