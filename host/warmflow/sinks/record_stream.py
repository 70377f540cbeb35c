"""All records, out of the journal and through a cursor that follows the broker's word.

What a connection or a process did not get acknowledged is sent again by the next one, marked. Publishes nothing itself.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence

import aiomqtt

from warmflow.journal import Entry
from warmflow.journal.async_journal import Desk
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt import record_batches
from warmflow.sinks.mqtt.client import IN_FLIGHT, TIMEOUT_S

READ_MAX = 1000  # records at a time
CURSOR = "mqtt"
CURSOR_S = 0.5  # the cursor is kept so often: what a crash sends again

Send = Callable[[str, str, bytes, int], Awaitable[None]]  # kind, pump, payload and how many records are in it


class Records:
    """Of one sink, over all its connections."""

    def __init__(self, desk: Desk) -> None:
        self.acknowledged = -1  # number of the last record that the broker has; -1 before the cursor is read
        self._doubtful = 0  # records up to this number may have been sent before
        self._replayed = 0  # records up to this number waited for the present connection
        self._kept_at = 0.0
        self._desk = desk
        self._sending = asyncio.Lock()  # held while messages are in flight
        self._until_s = math.inf  # of the event loop's clock: no further round begins after it

    async def begin(self) -> None:
        """Once, before the first connection."""
        self.acknowledged = await self._desk.cursor(CURSOR)
        self._doubtful = await self._desk.last()

    async def connected(self) -> None:
        """A connection begins: what there is has waited for it."""
        self._replayed = await self._desk.last()

    async def some(self) -> None:
        """Waits until there is something to send."""
        async with self._desk.grown:
            if await self._desk.last() <= self.acknowledged:
                await self._desk.grown.wait()

    async def send_some(self, send: Send) -> bool:
        """What the journal has after the cursor; True if some of it was sent. Raises MqttError."""
        async with self._sending:
            return await self._send_what_there_is(send)

    async def leave(self, drain_s: float) -> None:
        """No round begins after so long from now. Waits for the broker's word on the one that is in flight: who gives
        up before has to send it again.
        """
        self._until_s = 0.0
        async with self._sending:
            self._until_s = asyncio.get_running_loop().time() + drain_s

    async def _send_what_there_is(self, send: Send) -> bool:
        entries = await self._desk.after(self.acknowledged, READ_MAX)
        if not entries:
            return False
        batches = record_batches.batches(entries)
        doubtful, self._doubtful = self._doubtful, max(self._doubtful, entries[-1].id)
        for at in range(0, len(batches), IN_FLIGHT):
            if asyncio.get_running_loop().time() > self._until_s:
                return at > 0
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    await asyncio.gather(*(self._send(send, b, doubtful) for b in batches[at : at + IN_FLIGHT]))
            except TimeoutError:
                raise aiomqtt.MqttError(f"no answer within {TIMEOUT_S:g} s") from None
            rest = batches[at + IN_FLIGHT :]
            self.acknowledged = rest[0][0].id - 1 if rest else entries[-1].id
            now = asyncio.get_running_loop().time()
            if now - self._kept_at > CURSOR_S:
                self._kept_at = now
                await self.keep_cursor()
        return True

    async def keep_cursor(self) -> None:
        """On disk: the next process goes on there."""
        await self._desk.move_cursor(CURSOR, self.acknowledged)

    async def _send(self, send: Send, batch: Sequence[Entry], doubtful: int) -> None:
        kind, payload = record_batches.message(batch, self._replayed, doubtful)
        await send(kind, batch[0].record.pump, dump(payload), len(batch))
