"""uvicorn inside our event loop, on a socket that is bound already: it takes no signals and writes no access log.

What uvicorn does by default and could be used against us is set here, each with its reason. It accepts nobody itself:
`accept.Door` does. If the server fails, this is logged, and the pumps keep running. It ends within LONGEST_S, whoever
is still connected.
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
from warmflow.sinks.web.accept import Accepted, Door
from warmflow.sinks.web.connection_limits import HEADER_BYTES, MESSAGE_BYTES, Limits, limits_here
from warmflow.sinks.web.http_connection import HttpConnection

STOP_S = 0.5  # for answers that are on their way
LONGEST_S = STOP_S + 0.5


class Tls(NamedTuple):
    """PEM files, for https."""

    cert_file: Path | None
    key_file: Path | None


class WebServer:
    """`start` it, ask it to `leave`, wait until it has `ended`."""

    def __init__(self, sock: socket.socket, log: Log, tls: Tls | None = None, limits: Limits | None = None) -> None:
        self._sock, self._log, self._tls = sock, log, tls or Tls(None, None)
        self._door = Door(sock, limits or limits_here(), log)
        self._server: _Uvicorn | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, application: ASGIApp) -> None:
        """Serves from now on."""
        config = uvicorn.Config(
            application,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # who asks is who is connected: anybody can write X-Forwarded-For
            timeout_graceful_shutdown=STOP_S,  # type: ignore[arg-type]  # seconds for `wait_for`
            timeout_keep_alive=5,
            limit_concurrency=None,  # counts no WebSockets and refuses /health, too: the door and `in_flight` do it
            h11_max_incomplete_event_size=HEADER_BYTES,
            ws="websockets-sansio",  # reads no message while one is worked on
            ws_max_size=MESSAGE_BYTES,
            ws_ping_interval=20.0,
            ws_ping_timeout=20.0,
            ws_per_message_deflate=False,  # costs more processor than the loopback or a bench network has to lose
            ssl_certfile=self._tls.cert_file,
            ssl_keyfile=self._tls.key_file,
        )
        self._server = _Uvicorn(config, self._door)
        self._task = asyncio.create_task(self._server.serve(), name="web server")
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
        self._door.close()
        self._door.drop_all()
        self._sock.close()

    def _told(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error:
            toned(self._log, logging.ERROR)(f"the web server failed and stays off until the next start: {error!r}")


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, door: Door) -> None:
        super().__init__(config)
        self._door = door

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """In place of asyncio's servers, which would accept without a limit."""
        await self.lifespan.startup()
        self.servers: list[asyncio.base_events.Server] = []
        self._door.start(self._connection, self.config.ssl)
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._door.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The command line stops the daemon in order; uvicorn would take the signal away from it."""
        yield

    def _connection(self, place: Accepted) -> asyncio.Protocol:
        return HttpConnection(place, self.config, self.server_state)
