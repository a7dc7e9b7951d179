"""The database: its tables, sessions, migrations, and the hash-chained audit log."""
