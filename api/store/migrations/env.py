"""What Alembic runs: the migrations on the connection that it is given (see ``api/store/migrate.py``).

From the command line, for a new migration: `alembic -c api/store/alembic.ini revision --autogenerate -m "…"`.
"""

from typing import Literal

from alembic import context

from api.store.engine import make_engine
from api.store.schema import Base, Utc

connection = context.config.attributes.get("connection")
if connection is None:
    url = context.config.get_main_option("sqlalchemy.url")
    assert url is not None, "a URL is given, or a connection"
    connection = make_engine(url).connect()


def render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations name plain types, not ours, so that they stand when ours change."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Utc) else False


context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
