"""From the pumps to whoever wants to know: typed updates, one bounded queue for each taker.

A taker that is slow loses its own oldest updates, and they are counted; it never slows a pump or another taker.
"""

import asyncio
from datetime import datetime
from typing import NamedTuple

from pumplink import messages as m
from warmflow.monitor import Finding, Measured, Rig
from warmflow.session import Boot
from warmflow.status import LinkState


class Reading(NamedTuple):
    """A reading with its UTC time and what the monitor found."""

    pump: str
    boot: Boot
    message: m.Telemetry
    measured: Measured
    utc: datetime
    late: bool
    finding: Finding | None
    rig: Rig | None
    speed_x: int


class BoardEvent(NamedTuple):
    pump: str
    boot: Boot
    message: m.Event
    utc: datetime
    late: bool


class Summary(NamedTuple):
    """A minute that the board kept while nobody listened. `utc` is None for a boot whose clock nobody knows."""

    pump: str
    boot: Boot
    message: m.MinuteSummary
    utc: datetime | None


class Gap(NamedTuple):
    pump: str
    boot: Boot
    first: int
    last: int | None
    reason: str


class Link(NamedTuple):
    """State of a link; `pump` is empty until the board has said its name."""

    pump: str
    state: LinkState
    detail: str
    since: datetime


class Inner(NamedTuple):
    """The emulator's truth, for teaching."""

    pump: str
    message: m.Truth
    utc: datetime


Update = Reading | BoardEvent | Summary | Gap | Link | Inner


class Taker:
    """One queue of updates."""

    def __init__(self, size: int) -> None:
        self._queue: asyncio.Queue[Update] = asyncio.Queue(size)
        self.dropped = 0

    def put(self, update: Update) -> None:
        if self._queue.full():
            self._queue.get_nowait()
            self.dropped += 1
        self._queue.put_nowait(update)

    async def get(self) -> Update:
        return await self._queue.get()

    def get_all(self) -> list[Update]:
        """What is there now, without waiting."""
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]


class Hub:
    def __init__(self) -> None:
        self._takers: list[Taker] = []

    def taker(self, size: int = 50_000) -> Taker:
        taker = Taker(size)
        self._takers.append(taker)
        return taker

    def publish(self, update: Update) -> None:
        for taker in self._takers:
            taker.put(update)
