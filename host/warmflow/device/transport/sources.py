"""The sources of a pump's bytes: a serial port, a pyserial URL, or a recording. All are opened through the same two
calls. The properties of a recording are fields of the source, so that the link needs no special case.
"""

from collections.abc import Callable
from typing import Protocol

import serial

from warmflow.device.host_clock import Now, Stamp
from warmflow.device.transport.replay import SCHEME, ReplaySource
from warmflow.device.transport.serial_port import SerialPort, find_port, open_exclusive
from warmflow.runtime.threads import in_thread


class Port(Protocol):
    """An open one. `path` is what was opened in the end."""

    path: str

    async def write(self, data: bytes) -> None: ...

    async def close(self) -> None: ...

    def stamp(self) -> Stamp:
        """The time of what arrives now."""

    def now_s(self) -> float:
        """A clock for timeouts: it goes as fast as the bytes come."""


class Source(Protocol):
    """`mark` is put before the board's id and after its name. `ended`: no more data will follow."""

    mark: str
    ended: bool

    async def open(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> Port:
        """Raises PortError with the reason and the remedy."""


class SerialSource:
    """A port that can be opened by path, USB serial number or URL; looked up afresh each time."""

    mark = ""
    ended = False

    def __init__(self, wanted: str | None, now: Now) -> None:
        self._wanted, self._now = wanted, now

    async def open(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> Port:
        def opened() -> tuple[str, serial.Serial]:
            path = find_port(self._wanted)
            return path, open_exclusive(path)

        path, port = await in_thread(opened, lambda opened: opened[1].close())
        return SerialPort(path, on_bytes, on_lost, port=port, stamp=self._now)


def source_of(wanted: str | None, room: Callable[[], bool], now: Now) -> Source:
    """`room` says whether more can be taken: a recording waits for it, a board is not asked. `now` dates what a board
    sends.
    """
    if wanted and wanted.startswith(SCHEME):
        return ReplaySource(wanted, room)
    return SerialSource(wanted, now)
