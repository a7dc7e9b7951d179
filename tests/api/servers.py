"""Real servers on loopback: an application that listens, and a wire to it that breaks when a test wants it to."""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from tests.api.conftest import Service


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The URL of a server of this process; it ends with the block."""
    config = uvicorn.Config(
        app,
        port=0,
        log_config=None,  # as the service's own: else its loggers write past ours for the rest of the process
        log_level="warning",
        lifespan="off",
        ws="none",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


def app_of(service: Service) -> FastAPI:
    """The application of a service in this process."""
    app = service.client.app
    assert isinstance(app, FastAPI)
    return app


class Wire:
    """A wire to a server: connection by connection, ``cuts`` says after how many bytes of answers it breaks.

    With 0 the server has done what it was asked, and nobody hears of it. When ``cuts`` is empty the wire holds.
    """

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._upstream = (str(address.hostname), int(address.port or 80))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts: deque[int] = deque()
        self.broken = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                left = self.cuts.popleft() if self.cuts else None
                server = socket.create_connection(self._upstream)
                threading.Thread(target=self._ask, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client, left), daemon=True).start()

    @staticmethod
    def _ask(client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while piece := client.recv(65_536):
                server.sendall(piece)
        _end(server)

    def _answer(self, server: socket.socket, client: socket.socket, left: int | None) -> None:
        with suppress(OSError):
            while piece := server.recv(65_536):
                if left is not None and len(piece) > left:
                    client.sendall(piece[:left])
                    self.broken += 1
                    break
                left = None if left is None else left - len(piece)
                client.sendall(piece)
        _end(client)
        _end(server)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def breaking(url: str) -> Iterator[Wire]:
    """A wire to a server, for a block."""
    wire = Wire(url)
    try:
        yield wire
    finally:
        wire.close()
