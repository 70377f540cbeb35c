"""One stream of typed updates to every subscriber, each with a bounded queue of its own.

A subscriber that is slow loses its own oldest updates, and they are counted; it never slows a pump or another
subscriber. The journal has no such queue: its write queue drops nothing, and the sessions ask it for room.

The hub knows no class of update. Those of a link are in `device.updates`, those of alarms in `alarms.updates`; all that
they have in common is the pump that they are about.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol


class PumpUpdate(Protocol):
    """What can be published. `pump` is empty while a board has not sent its name."""

    @property
    def pump(self) -> str: ...


class Subscriber(Protocol):
    """A subscriber. It gets every update and ignores those that it does not know."""

    def on_update(self, update: PumpUpdate) -> None: ...


class MustDeliver:
    """A subscriber that must not fail silently: if it raises, the publisher has to know."""


class UpdateQueue:
    """One queue of updates; `dropped` counts what it lost. Updates of a class in `never_drops` are not dropped: where
    nothing else is left, the queue grows beyond its size.
    """

    def __init__(self, size: int, name: str = "", never_drops: tuple[type, ...] = ()) -> None:
        self.name = name
        self.dropped = 0
        self._size, self._never_drops = size, never_drops
        self._queue: deque[PumpUpdate] = deque()
        self._some = asyncio.Event()

    def on_update(self, update: PumpUpdate) -> None:
        if len(self._queue) >= self._size:
            self._drop_oldest()
        self._queue.append(update)
        self._some.set()

    async def get(self) -> PumpUpdate:
        """The oldest one. For one reader."""
        while not self._queue:
            self._some.clear()
            await self._some.wait()
        return self._queue.popleft()

    def get_all(self) -> list[PumpUpdate]:
        """What is there now, without waiting."""
        waiting, self._queue = list(self._queue), deque()
        return waiting

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def _drop_oldest(self) -> None:
        for at, update in enumerate(self._queue):
            if not isinstance(update, self._never_drops):
                del self._queue[at]
                self.dropped += 1
                return


class Hub:
    """Every subscriber gets all updates in the same order: one that publishes while it is given an update (the alarms
    do) has its own update delivered after that one. One that fails harms no other, and no pump: the failure is logged.

    `takers` are there to be counted: how much waits, and what was dropped.
    """

    def __init__(self, log: Callable[[str], None] = lambda line: None) -> None:
        self._log = log
        self.subscribers: list[UpdateQueue] = []
        self._puts: list[Subscriber] = []
        self._undelivered: deque[PumpUpdate] = deque()
        self._delivering = False

    def subscriber(self, size: int = 50_000, name: str = "", never_drops: tuple[type, ...] = ()) -> UpdateQueue:
        subscriber = UpdateQueue(size, name, never_drops)
        self.subscribers.append(subscriber)
        self._puts.append(subscriber)
        return subscriber

    def add(self, subscriber: Subscriber) -> None:
        """A subscriber with a queue of its own, or without one."""
        self._puts.append(subscriber)

    def publish(self, update: PumpUpdate) -> None:
        """Raises what a `MustDeliver` subscriber raises, after everything was delivered."""
        self._undelivered.append(update)
        if self._delivering:
            return
        self._delivering, failed = True, None
        while self._undelivered:
            try:
                self._deliver(self._undelivered.popleft())
            except Exception as error:
                failed = failed or error
        self._delivering = False
        if failed:
            raise failed

    def _deliver(self, update: PumpUpdate) -> None:
        for subscriber in self._puts:
            try:
                subscriber.on_update(update)
            except Exception as error:
                if isinstance(subscriber, MustDeliver):
                    raise
                self._log(f"{type(subscriber).__name__} failed at a {type(update).__name__}: {error!r}")
