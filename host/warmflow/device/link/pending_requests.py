"""Questions to a board that wait for its answer, by their numbers. Sends nothing."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from pumplink import messages as m

FIRST, LAST = 2, 0xFFFE  # 0 asks for no answer, 1 is that of HELLO_REQUEST


class PendingRequests:
    """Of one board."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = itertools.cycle(range(FIRST, LAST + 1))
        self._waiting: dict[int, asyncio.Future[m.Ack | m.Nack]] = {}

    def number(self) -> int:
        """One that nobody else has."""
        return next(self._numbers)

    @asynccontextmanager
    async def answer(self) -> AsyncIterator[tuple[int, asyncio.Future[m.Ack | m.Nack]]]:
        """A number to ask with, and what will hold the answer while the block lasts."""
        number = self.number()
        self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            yield number, self._waiting[number]
        finally:
            del self._waiting[number]

    def answered(self, answer: m.Ack | m.Nack) -> None:
        """Any answer of the board; nobody may wait for it any more."""
        future = self._waiting.get(answer.request_id)
        if future and not future.done():
            future.set_result(answer)
