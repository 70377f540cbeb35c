"""Records on their way to the disk. Nothing is dropped here: what waits is bounded because sessions ask before they
take a record.

`full` makes a session leave what comes on its board, unacknowledged, and ask for it again when there is room: the
board's ring is the rest of the memory, and what it loses it says in a GAP. Refuses to measure objects: it counts
records at what one was measured to take.
"""

import asyncio
from collections import deque
from itertools import islice

from warmflow.device.identity import Boot, pump_name
from warmflow.device.updates import BoardEvent, Declaration, Gap, Reading, Summary, SummaryGap
from warmflow.hub import MustDeliver, PumpUpdate
from warmflow.journal.journal import Journal
from warmflow.journal.row_codec import Record

StoredUpdate = Record | Declaration

MEMORY_BYTES = 64_000_000
RECORD_BYTES = 1_500  # of this process for one reading that waits; a test measures it
OTHERS = (Gap, SummaryGap, BoardEvent, Summary, Declaration)
AGAIN = 0.5  # room again at half: all boards send again what they hold, and that is a lot at once


class WriteQueue(MustDeliver):
    """Subscriber of the hub and memory of the sessions, in the event loop."""

    def __init__(self, journal: Journal, memory_bytes: int = MEMORY_BYTES) -> None:
        self.full = False
        self.most = 0  # records that ever waited at once
        self._journal = journal
        self._limit = max(1, memory_bytes // RECORD_BYTES)
        self._waiting: deque[StoredUpdate] = deque()
        self._some = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Records that are in memory only."""
        return len(self._waiting)

    def on_update(self, update: PumpUpdate) -> None:
        """Adds records to be stored. Gaps are accepted even if the queue is full: they are few and must be reported.
        Raises BadName, because nothing is stored of a pump without a name.
        """
        if isinstance(update, Reading):
            if not update.kept:
                return
        elif not isinstance(update, OTHERS):
            return
        pump_name(update.pump)
        self._waiting.append(update)
        self._some.set()
        self.most = max(self.most, len(self._waiting))
        self.full = self.full or len(self._waiting) >= self._limit

    async def some(self) -> None:
        """Waits until there is something."""
        await self._some.wait()

    def head(self, limit: int) -> list[StoredUpdate]:
        """The oldest ones; they stay."""
        return list(islice(self._waiting, limit))

    def done(self, count: int) -> None:
        """The oldest ones are on disk."""
        for _ in range(count):
            self._waiting.popleft()
        self.full = self.full and len(self._waiting) > AGAIN * self._limit
        if not self._waiting:
            self._some.clear()

    def through(self, boot: Boot) -> int:
        """The last sequence of a boot that is stored or reported lost on disk; 0 for an unknown boot."""
        return self._journal.through(boot)

    def latest(self, board_id: str) -> Boot | None:
        """The boot of this board that was heard last."""
        return self._journal.latest(board_id)
