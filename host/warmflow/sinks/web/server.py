"""uvicorn inside our event loop, on a socket that is bound already: it takes no signals and writes no access log.

A server that breaks is said to be broken, and the pumps go on. It ends within LONGEST_S, whoever is still connected.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import uvicorn
from starlette.types import ASGIApp

from warmflow.runtime.logs import Log, toned
from warmflow.runtime.tasks import end

STOP_S = 1  # for answers that are on their way
LONGEST_S = STOP_S + 0.5


class Tls(NamedTuple):
    """PEM files, for https."""

    cert_file: Path | None
    key_file: Path | None


class WebServer:
    """`start` it, ask it to `leave`, wait until it has `ended`."""

    def __init__(self, sock: socket.socket, log: Log, tls: Tls | None = None) -> None:
        self._sock, self._log, self._tls = sock, log, tls or Tls(None, None)
        self._server: _Uvicorn | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, application: ASGIApp) -> None:
        """Serves from now on."""
        self._server = _Uvicorn(
            uvicorn.Config(
                application,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=STOP_S,
                limit_concurrency=200,  # above that it answers 503: a flood of visitors must not starve the pumps
                h11_max_incomplete_event_size=16_384,
                ws_max_size=16_384,
                ws_per_message_deflate=False,  # costs more processor than the loopback or a bench network has to lose
                ssl_certfile=self._tls.cert_file,
                ssl_keyfile=self._tls.key_file,
            )
        )
        self._task = asyncio.create_task(self._server.serve(sockets=[self._sock]), name="web server")
        self._task.add_done_callback(self._told)

    def leave(self) -> None:
        """Takes nobody any more; returns at once."""
        if self._server:
            self._server.should_exit = True

    async def ended(self) -> None:
        """Waits for its end, and ends it if that takes too long."""
        self.leave()
        if self._task:
            await asyncio.wait({self._task}, timeout=LONGEST_S)
            await end(self._task)
        self._sock.close()

    def _told(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error:
            toned(self._log, logging.ERROR)(f"the web server broke and is gone until the next start: {error!r}")


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The command line stops the daemon in order; uvicorn would take the signal away from it."""
        yield
