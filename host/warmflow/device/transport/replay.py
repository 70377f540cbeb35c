"""A recording as a source: the same bytes in the same pieces, at the recorded speed, N times as fast, or as fast as
they are read. `replay:FILE?speed=max`; FILE may be a folder with the recordings of one port.

What comes out of it is marked: the board's id begins with "replay-", the pump's name ends in it. Commands to it have
no effect.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from warmflow.device.host_clock import Stamp
from warmflow.device.identity import REPLAYED
from warmflow.device.states import LinkState
from warmflow.device.transport import recording
from warmflow.device.transport.recording import Entry, Kind, RecordingError
from warmflow.device.transport.serial_port import PortError

SCHEME = "replay:"
MAX = "max"
SHARE = 50  # entries at full speed, then others have their turn
WAIT_S = 0.02

_log = logging.getLogger(__name__)


class ReplaySource:
    """All lives of a recorded port, one after the other: each `open` goes on behind the last loss."""

    mark = REPLAYED

    def __init__(self, wanted: str, room: Callable[[], bool] = lambda: True) -> None:
        self.ended = False
        self._room = room
        self._wanted = wanted
        self._entries: Iterator[Entry] | None = None

    async def open(self, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> "ReplayPort":
        """Raises PortError for a file that is not there or no recording."""
        try:
            path, speed = parsed(self._wanted)
            if self._entries is None:
                self._entries = _all(recording.files(path))
            first = next((entry for entry in self._entries if entry.kind in (Kind.BYTES, Kind.HELLO)), None)
        except (RecordingError, ValueError) as error:
            raise PortError(LinkState.NOT_FOUND, str(error)) from None
        if first is None:
            self.ended = True
            raise PortError(LinkState.STOPPED, "the recording has ended")
        return ReplayPort(str(path), speed, first, self._entries, self._room, on_bytes, on_lost)


class ReplayPort:
    """One life of the recorded port."""

    def __init__(
        self,
        path: str,
        speed: float | None,
        first: Entry,
        rest: Iterator[Entry],
        room: Callable[[], bool],
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self.path = path
        self._speed, self._room, self._on_bytes, self._on_lost = speed, room, on_bytes, on_lost
        self._at = first.at
        self._began_s, self._began = time.monotonic(), first.at.steady_s
        self._task = asyncio.create_task(self._play(first, rest), name=f"replay {path}")

    async def write(self, data: bytes) -> None:
        _log.debug("%s: a recording hears no command: %r", self.path, data)

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def stamp(self) -> Stamp:
        return self._at

    def now_s(self) -> float:
        if self._speed is None:
            return self._at.steady_s
        return self._began + (time.monotonic() - self._began_s) * self._speed

    async def _play(self, first: Entry, rest: Iterator[Entry]) -> None:
        reason = "the recording has ended"
        try:
            await self._deliver(first, 0)
            for number, entry in enumerate(rest):
                if entry.kind is Kind.LOST:
                    reason = entry.data.decode(errors="replace")
                if entry.kind in (Kind.LOST, Kind.OPENED):
                    break
                if entry.kind is Kind.MISSED:
                    _log.warning("%s: %s", self.path, entry.data.decode(errors="replace"))
                    continue
                await self._deliver(entry, number)
        except RecordingError as error:
            reason = str(error)
        await self._until_room()
        self._on_lost(reason)

    async def _deliver(self, entry: Entry, number: int) -> None:
        if self._speed is not None:
            await asyncio.sleep(max(0.0, entry.at.steady_s - self.now_s()) / self._speed)
        elif number % SHARE == 0:
            await asyncio.sleep(0)
        await self._until_room()
        self._at = entry.at
        self._on_bytes(entry.data)

    async def _until_room(self) -> None:
        while not self._room():
            await asyncio.sleep(WAIT_S)


def check(path: Path, speed: str) -> str:
    """The port to ask for; raises RecordingError at once for what cannot be played."""
    wanted = f"{SCHEME}{path}?speed={speed}"
    try:
        parsed(wanted)
    except ValueError as error:
        raise RecordingError(str(error)) from None
    next(recording.read(recording.files(path)[0]), None)
    return wanted


def parsed(wanted: str) -> tuple[Path, float | None]:
    """File and speed of `replay:FILE?speed=N`; None for as fast as can be. Raises ValueError."""
    name, mark, options = wanted.removeprefix(SCHEME).partition("?")
    speed = options.removeprefix("speed=") if mark else "1"
    if speed == MAX:
        return Path(name), None
    with contextlib.suppress(ValueError):
        if 0 < float(speed) <= 1e6:
            return Path(name), float(speed)
    raise ValueError(f"{wanted}: write replay:FILE, replay:FILE?speed=10 or replay:FILE?speed=max")


def _all(paths: list[Path]) -> Iterator[Entry]:
    for number, path in enumerate(paths):
        yield from recording.read(path, first=number == 0)
