"""All records, out of the journal and through a cursor that follows what the peer of a sink has acknowledged.

For every durable sink. It knows the journal and a `deliver` coroutine that returns when the peer has acknowledged a
batch; it sends nothing itself. What a connection or a process did not get acknowledged is delivered again by the next
one, marked.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable

from warmflow.journal.async_journal import AsyncJournal
from warmflow.sinks.record_batches import Batch, batches, marked

READ_MAX = 1000  # records at a time
CURSOR_S = 0.5  # the cursor is stored so often: what a crash sends again

Deliver = Callable[[Batch], Awaitable[None]]


class NotAcknowledged(Exception):
    """The peer did not acknowledge in time; the records are delivered again."""


class RecordStream:
    """Of one sink, over all its connections. `cursor` is its name in the journal, no other sink's; so many batches are
    `in_flight` at once, and all of them are to be acknowledged within `answer_s`.
    """

    def __init__(self, async_journal: AsyncJournal, cursor: str, in_flight: int = 1, answer_s: float = 10.0) -> None:
        self.acknowledged = -1  # number of the last record that the peer has; -1 before the cursor is read
        self._async_journal, self._cursor, self._in_flight, self._answer_s = async_journal, cursor, in_flight, answer_s
        self._doubtful = 0  # records up to this number may have been sent before
        self._waited = 0  # records up to this number waited for the present connection
        self._stored_at_s = 0.0
        self._sending = asyncio.Lock()  # held while batches are in flight
        self._until_s = math.inf  # of the event loop's clock: no further round begins after it

    @property
    def lag(self) -> int:
        """Records in the journal that the peer has not acknowledged."""
        return max(0, self._async_journal.journal.last() - max(0, self.acknowledged))

    async def begin(self) -> None:
        """Once, before the first connection."""
        self.acknowledged = await self._async_journal.cursor(self._cursor)
        self._doubtful = await self._async_journal.last()

    async def connected(self) -> None:
        """A connection begins: what there is has waited for it."""
        self._waited = await self._async_journal.last()

    async def follow(self, deliver: Deliver) -> None:
        """Until cancelled: delivers what there is and what comes. Raises what `deliver` raises, or NotAcknowledged."""
        while True:
            if not await self.send_some(deliver):
                await self._some()

    async def send_some(self, deliver: Deliver) -> bool:
        """Delivers some of what the journal has after the cursor; False if there is nothing, or no time left.

        Raises: what `deliver` raises, or NotAcknowledged.
        """
        async with self._sending:
            return await self._send_what_there_is(deliver)

    async def leave(self, drain_s: float) -> None:
        """Starts no new round after `drain_s`. Waits for the acknowledgement of the one in flight; if it does not come,
        those batches are sent again later.
        """
        self._until_s = 0.0
        async with self._sending:
            self._until_s = asyncio.get_running_loop().time() + drain_s

    async def store_cursor(self) -> None:
        """On disk: the next process goes on there."""
        await self._async_journal.move_cursor(self._cursor, self.acknowledged)

    async def _some(self) -> None:
        async with self._async_journal.grown:
            if await self._async_journal.last() <= self.acknowledged:
                await self._async_journal.grown.wait()

    async def _send_what_there_is(self, deliver: Deliver) -> bool:
        entries = await self._async_journal.after(self.acknowledged, READ_MAX)
        if not entries:
            return False
        due = batches(entries)
        doubtful, self._doubtful = self._doubtful, max(self._doubtful, entries[-1].id)
        for at in range(0, len(due), self._in_flight):
            if asyncio.get_running_loop().time() > self._until_s:
                return at > 0
            round_ = [marked(batch, self._waited, doubtful) for batch in due[at : at + self._in_flight]]
            await self._acknowledged(deliver, round_)
            rest = due[at + self._in_flight :]
            self.acknowledged = rest[0][0].id - 1 if rest else entries[-1].id
            now_s = asyncio.get_running_loop().time()
            if now_s - self._stored_at_s > CURSOR_S:
                self._stored_at_s = now_s
                await self.store_cursor()
        return True

    async def _acknowledged(self, deliver: Deliver, round_: list[Batch]) -> None:
        try:
            async with asyncio.timeout(self._answer_s) as limit:
                await asyncio.gather(*(deliver(batch) for batch in round_))
        except TimeoutError:
            if not limit.expired():
                raise
            raise NotAcknowledged(f"no answer within {self._answer_s:g} s") from None
