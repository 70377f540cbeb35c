"""The journal at the event loop's side: batches in, cursors out, all SQL in one thread of its own.

A record is safe when its batch is on disk; then, and only then, `safe` is called for it. A disk that is full is a
state: what waits stays in memory, nothing is acknowledged, and the same batch is tried again until it fits.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from warmflow.hub import BoardEvent, Gap, Reading, Summary, Taker, Update
from warmflow.journal.journal import Journal
from warmflow.journal.rows import Entry, Record
from warmflow.session import Boot

BATCH_S = 0.1  # a record waits so long for company: one sync of the disk for all of them
AGAIN_S = 1.0
RETENTION_S = 60.0
BATCH_MAX = 2000

T = TypeVar("T")


class Desk:
    """Run `run()` as a task; then `flush` and `close`. `trouble` says why nothing can be kept, "" if all is well."""

    def __init__(
        self,
        journal: Journal,
        taker: Taker,
        safe: Callable[[str, Boot, int], None],
        log: Callable[[str], None],
        summary_safe: Callable[[str, int], None] = lambda board_id, minute: None,
    ) -> None:
        self.journal = journal
        self.trouble = ""
        self.grown = asyncio.Condition()
        self._taker, self._safe, self._log = taker, safe, log
        self._summary_safe = summary_safe
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._waiting: list[Record] = []
        self._retained_at = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._take([await self._taker.get()])
            await asyncio.sleep(BATCH_S)
            self._take(self._taker.get_all())
            while self._waiting:
                if not await self._keep():
                    await asyncio.sleep(AGAIN_S)
                    self._take(self._taker.get_all())
            await self._retain()

    async def flush(self) -> None:
        """Keeps what waits, once."""
        self._take(self._taker.get_all())
        while self._waiting and await self._keep():
            pass

    async def close(self) -> None:
        """Closes the file; nothing can be asked any more."""
        await self._call(self.journal.close)
        self._thread.shutdown()

    async def after(self, record_id: int, limit: int) -> list[Entry]:
        return await self._call(lambda: self.journal.after(record_id, limit))

    async def last(self) -> int:
        return await self._call(self.journal.last)

    async def cursor(self, name: str) -> int:
        return await self._call(lambda: self.journal.cursor(name))

    async def move_cursor(self, name: str, record_id: int) -> None:
        """Best effort: a cursor that stays behind means that some records are sent again."""
        try:
            await self._call(lambda: self.journal.move_cursor(name, record_id))
        except sqlite3.Error as error:
            self._say(str(error))

    async def _keep(self) -> bool:
        """One batch to disk; False if the disk refused it."""
        batch = self._waiting[:BATCH_MAX]
        conflicts = self.journal.counts["conflicts"]
        try:
            await self._call(lambda: self.journal.append(batch))
        except sqlite3.Error as error:
            self._say(f"{error}; {len(self._waiting)} records wait in memory, and no board is told that they are safe")
            return False
        self._say("")
        del self._waiting[: len(batch)]
        if self.journal.counts["conflicts"] > conflicts:
            self._log("JOURNAL: a record came again with other bytes; both are kept, see table conflicts")
        newest: dict[tuple[str, Boot], int] = {}
        for record in batch:
            if isinstance(record, Summary):
                self._summary_safe(record.boot.board_id, record.message.minute)
                continue
            last = record.last if isinstance(record, Gap) else record.message.sequence
            if last is not None:
                newest[record.pump, record.boot] = last
        for (pump, boot), sequence in newest.items():
            self._safe(pump, boot, sequence)
        async with self.grown:
            self.grown.notify_all()
        return True

    async def _retain(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._retained_at < RETENTION_S:
            return
        try:
            if not await self._call(lambda: self.journal.remove_old(datetime.now(UTC))):
                self._retained_at = now
        except sqlite3.Error as error:
            self._say(str(error))

    def _take(self, updates: Sequence[Update]) -> None:
        self._waiting += [update for update in updates if isinstance(update, (Reading, BoardEvent, Summary, Gap))]

    def _say(self, trouble: str) -> None:
        if bool(trouble) != bool(self.trouble):
            self._log(f"JOURNAL {self.journal.path}: {trouble or 'is written again'}")
        self.trouble = trouble

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
