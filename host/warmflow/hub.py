"""From the pumps to whoever wants to know: typed updates, one bounded queue for each taker.

A taker that is slow loses its own oldest updates, and they are counted; it never slows a pump or another taker. The
journal is no such taker: its inbox drops nothing, and the sessions ask it for room.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from warmflow.device.updates import Update


class Puts(Protocol):
    """Whatever takes updates at once."""

    def put(self, update: Update) -> None: ...


class Vital:
    """A taker whose failure is its pump's: what it did not take is lost, and has to be said to be."""


class Taker:
    """One queue of updates; `dropped` counts what it lost."""

    def __init__(self, size: int, name: str = "") -> None:
        self._queue: asyncio.Queue[Update] = asyncio.Queue(size)
        self.name = name
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

    @property
    def waiting(self) -> int:
        return self._queue.qsize()


class Hub:
    """`takers` are there to be counted: how much waits, and what was dropped. One that fails harms no other, and no
    pump: that is said, and it goes on with the next update.
    """

    def __init__(self, log: Callable[[str], None] = lambda line: None) -> None:
        self._log = log
        self.takers: list[Taker] = []
        self._puts: list[Puts] = []

    def taker(self, size: int = 50_000, name: str = "") -> Taker:
        taker = Taker(size, name)
        self.takers.append(taker)
        self._puts.append(taker)
        return taker

    def add(self, taker: Puts) -> None:
        """One that looks after itself."""
        self._puts.append(taker)

    def publish(self, update: Update) -> None:
        for taker in self._puts:
            try:
                taker.put(update)
            except Exception as error:
                if isinstance(taker, Vital):
                    raise
                self._log(f"{type(taker).__name__} failed at a {type(update).__name__}: {error!r}")
