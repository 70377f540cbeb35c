"""Accepts connections: each gets a place or is closed at once, before anything is made for it.

asyncio's own server is not used: it accepts up to its whole backlog in one turn of the event loop, counts nothing, and
writes a traceback for each attempt when the process has no file descriptor left.
"""

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable

from warmflow.runtime.logs import Log, toned
from warmflow.sinks.web.connection_limits import TLS_HANDSHAKE_S, Limits
from warmflow.sinks.web.connection_slots import REFUSED, Slots, neighbourhood

AT_ONCE = 16  # in one turn of the event loop: pumps are read in between
RETRY_S = 1.0  # after there was no file descriptor
SAY_EVERY_S = 60.0
NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Accepted:
    """One connection and its place. `transport` is set when its protocol has one."""

    def __init__(self, sock: socket.socket, address: str, door: "Door") -> None:
        self.address = address
        self.transport: asyncio.Transport | None = None
        self._sock = _Counted(sock, self, door)
        self._door = door
        self._task: asyncio.Task[None] | None = None

    def begin(self, protocol: Callable[["Accepted"], asyncio.Protocol], tls: ssl.SSLContext | None) -> None:
        """Serves it from now on."""
        self._task = asyncio.create_task(self._connect(protocol, tls), name="web connection")
        self._task.add_done_callback(self._connected)

    def drop(self) -> None:
        """Closes it at once."""
        if self.transport:
            self.transport.abort()
        elif self._task:
            self._task.cancel()
        else:
            self._sock.close()

    def use(self, in_use: bool) -> None:
        """Whether it keeps its place."""
        self._door.http.use(self, in_use)
        self._door.websockets.use(self, in_use)

    def upgrade(self) -> bool:
        """It becomes a WebSocket, if there is a place for one."""
        return self._door.upgraded(self)

    async def _connect(self, protocol: Callable[["Accepted"], asyncio.Protocol], tls: ssl.SSLContext | None) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: protocol(self), self._sock, ssl=tls, ssl_handshake_timeout=TLS_HANDSHAKE_S if tls else None
        )

    def _connected(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or (error := task.exception()) is not None:
            self._sock.close()
            if not task.cancelled() and not isinstance(error, OSError):  # OSError: a TLS handshake that failed
                self._door.say_broken(repr(error))


class Door:
    """`start` it on a socket that listens; `close` it."""

    def __init__(self, sock: socket.socket, limits: Limits, log: Log) -> None:
        self.http: Slots[Accepted] = Slots(limits.http, max(1, limits.http // 2))
        self.websockets: Slots[Accepted] = Slots(limits.websockets, max(1, limits.websockets // 2))
        self._sock, self._log, self._open = sock, log, False
        self._turned_away = 0
        self._connections: set[Accepted] = set()

    def start(self, protocol: Callable[[Accepted], asyncio.Protocol], tls: ssl.SSLContext | None) -> None:
        self._protocol, self._tls, self._open = protocol, tls, True
        self._sock.setblocking(False)
        self._listen()

    def close(self) -> None:
        """Takes nobody any more; those who are connected stay."""
        if self._open:
            self._open = False
            asyncio.get_running_loop().remove_reader(self._sock)

    def drop_all(self) -> None:
        """Ends every connection at once."""
        for one in list(self._connections):
            one.drop()

    def left(self, one: Accepted) -> None:
        self._connections.discard(one)
        self.http.leave(one)
        self.websockets.leave(one)

    def upgraded(self, one: Accepted) -> bool:
        """Moves a connection to the places of the WebSockets; False if there is none."""
        self.http.leave(one)
        return self._admit(self.websockets, one)

    def say_broken(self, error: str) -> None:
        toned(self._log, logging.ERROR)(f"a connection of the web server broke: {error}")

    def _listen(self) -> None:
        if self._open:
            asyncio.get_running_loop().add_reader(self._sock, self._ready)

    def _ready(self) -> None:
        for _ in range(AT_ONCE):
            try:
                sock, address = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return
            except OSError as error:
                self._wait(error)
                return
            sock.setblocking(False)
            one = Accepted(sock, neighbourhood(str(address[0])), self)
            self._connections.add(one)
            if self._admit(self.http, one):
                one.begin(self._protocol, self._tls)
            else:
                one.drop()

    def _admit(self, slots: Slots[Accepted], one: Accepted) -> bool:
        gone = slots.enter(one, one.address)
        if gone is None:
            return True
        self._count()
        if gone == REFUSED:
            return False
        gone.drop()
        return True

    def _wait(self, error: OSError) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._sock)
        loop.call_later(RETRY_S, self._listen)
        if error.errno in NO_ROOM:
            self._count()
        else:
            toned(self._log, logging.ERROR)(f"the web server cannot accept connections: {error.strerror}")

    def _count(self) -> None:
        self._turned_away += 1
        if self._turned_away == 1:
            toned(self._log, logging.WARNING)(
                "the web server has no place for more connections: those that do not ask for anything are closed"
            )
            asyncio.get_running_loop().call_later(SAY_EVERY_S, self._say)

    def _say(self) -> None:
        if self._turned_away > 1:
            toned(self._log, logging.WARNING)(
                f"the web server closed or refused {self._turned_away} connections in the last {SAY_EVERY_S:.0f} s"
            )
        self._turned_away = 0


class _Counted(socket.socket):
    """A socket that gives its place back when it is closed, whoever closes it."""

    def __init__(self, sock: socket.socket, one: Accepted, door: Door) -> None:
        super().__init__(sock.family, sock.type, sock.proto, sock.detach())
        self.setblocking(False)
        self._one, self._door = one, door

    def close(self) -> None:
        self._door.left(self._one)
        super().close()
