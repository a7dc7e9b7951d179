"""Alembic's migrations, the same ones for SQLite and PostgreSQL."""
