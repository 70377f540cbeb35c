"""The journal at the event loop's side: batches in, cursors out, all SQL in threads of its own.

A record is safe when its batch is on disk; then, and only then, `safe` is called for it. A disk that is full is a
state: what waits stays in memory up to the inbox's bound, nothing is acknowledged, and the same batch is tried again
until it fits.
"""

import asyncio
import logging
import math
import sqlite3
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeVar

from warmflow.device.clock.redating import Redating, Segment
from warmflow.device.host_clock import LastSeen
from warmflow.device.identity import Boot
from warmflow.device.updates import Declaration, Gap, Summary, SummaryGap
from warmflow.journal.alarm_rows import AlarmRow
from warmflow.journal.faults import Fault, JournalError, database_fault, remedy
from warmflow.journal.journal import Journal
from warmflow.journal.journal_log import JournalLog, clock_stepped
from warmflow.journal.reader import Part
from warmflow.journal.redating import Asked
from warmflow.journal.row_codec import Entry, Record
from warmflow.journal.trouble import Trouble
from warmflow.journal.write_queue import WriteQueue
from warmflow.runtime.logs import toned

BATCH_S = 0.13  # a record waits so long for company: one sync of the disk, and one message a pump, for all of them
AGAIN_S = 1.0
RETENTION_S = 60.0
LOOK_S = 2.0  # a file that is gone is noticed within so long though no record comes
ALARMED_S = 60.0  # so long a file that was made anew is a failure on `/health`
REMEMBERED_S = 3600.0  # and so long a warning
BATCH_MAX = 2000

T = TypeVar("T")


class AsyncJournal:
    """Run `run()` as a task; then `flush` and `close`. `trouble` says why nothing can be kept, "" if all is well."""

    def __init__(
        self,
        journal: Journal,
        inbox: WriteQueue,
        safe: Callable[[str, Boot, int], None],
        log: Callable[[str], None],
        summary_safe: Callable[[str, int], None] = lambda board_id, minute: None,
    ) -> None:
        self.journal, self.inbox = journal, inbox
        self._trouble = Trouble(journal.path, inbox, log)
        self.journal_log = JournalLog(journal, log)
        self.grown = asyncio.Condition()
        self._safe, self._log = safe, log
        self._summary_safe = summary_safe
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="journal-read")
        self._retained_at = 0.0
        self._remade: tuple[float, str] | None = None  # when, of the loop's clock, and in which words

    @property
    def trouble(self) -> str:
        return self._trouble.text

    @property
    def remade(self) -> tuple[bool, str]:
        """Whether the journal's file had to be made anew, and in words; True while that is new. (False, ""): it had
        not, or long ago.
        """
        age_s = asyncio.get_running_loop().time() - self._remade[0] if self._remade else math.inf
        if self._remade is None or age_s > REMEMBERED_S:
            return False, ""
        return age_s < ALARMED_S, self._remade[1]

    @property
    def bad_rows(self) -> dict[str, int]:
        """How many rows could not be read so far, by table."""
        return dict(self.journal.bad_rows.counts + self.journal.reader.bad_rows.counts)

    @property
    def clock_stepped(self) -> str:
        """Why this computer's date is in doubt, "" if it is not."""
        return clock_stepped(self.journal.clock_watch.stepped_s)

    async def run(self) -> None:
        """Until cancelled. Raises JournalError for a file that no later attempt can write or read."""
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self.inbox.some()
                await asyncio.sleep(BATCH_S)
            except TimeoutError:
                pass  # retention, and the look at the file, do not wait for records
            while self.inbox.waiting:
                if not await self._keep():
                    await asyncio.sleep(AGAIN_S)
            await self._look()
            await self._retain()

    async def flush(self) -> None:
        """Keeps what waits, once."""
        await self._look()
        while self.inbox.waiting and await self._keep():
            pass

    async def close(self) -> None:
        """Closes the file; nothing can be asked any more."""
        await self._call(self._reading, lambda: None)
        await self._call(self._writing, self.journal.close)
        self._writing.shutdown()
        self._reading.shutdown()

    async def after(self, record_id: int, limit: int) -> list[Entry]:
        return await self._call(self._reading, lambda: self.journal.after(record_id, limit))

    async def part(
        self, after_id: int, through_id: int, limit: int, only: Collection[str] = (), without: Collection[str] = ()
    ) -> Part:
        reader = self.journal.reader
        return await self._call(self._reading, lambda: reader.part(after_id, through_id, limit, only, without))

    async def last(self) -> int:
        return self.journal.last()

    async def cursor(self, name: str) -> int:
        return await self._call(self._writing, lambda: self.journal.cursor(name))

    async def move_cursor(self, name: str, record_id: int) -> None:
        """Best effort: a cursor that stays behind means that some records are sent again."""
        try:
            await self._call(self._writing, lambda: self.journal.move_cursor(name, record_id))
            self._trouble.written()
        except JournalError as error:
            self._trouble.refused(error)

    async def see(self, seen: LastSeen) -> None:
        """Raises JournalError."""
        await self._call(self._writing, lambda: self.journal.see(seen))

    async def segments(self, asked: Asked) -> list[Segment]:
        """Raises JournalError."""
        return await self._call(self._writing, lambda: self.journal.segments(asked))

    async def redate(self, move: Redating) -> int:
        """Some of these records get other times, and are delivered again; how many. Raises JournalError."""
        moved = await self._call(self._writing, lambda: self.journal.redate(move))
        if moved:
            async with self.grown:
                self.grown.notify_all()
        return moved

    async def keep_alarms(self, rows: Sequence[AlarmRow]) -> bool:
        """On disk when it returns True; False if the disk refused them: they are for the caller to bring again."""
        try:
            await self._call(self._writing, lambda: self.journal.keep_alarms(rows))
        except JournalError as error:
            self._trouble.refused(error)
            return False
        self._trouble.written()
        return True

    async def forget_alarms(self, pump: str) -> None:
        """Best effort: an alarm that is read back without a pump is forgotten with the next request for it."""
        try:
            await self._call(self._writing, lambda: self.journal.forget_alarms(pump))
        except JournalError as error:
            self._trouble.refused(error)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What people write, on disk when it returns. Raises JournalError: who wrote it has to know."""
        return await self._call(self._writing, lambda: self.journal.write(work))

    async def _keep(self) -> bool:
        """One batch to disk; False if the disk refused it."""
        batch = self.inbox.head(BATCH_MAX)
        conflicts = self.journal.counts["conflicts"]
        try:
            await self._call(self._writing, lambda: self.journal.append(batch))
        except JournalError as error:
            self._trouble.refused(error)
            await self._look()
            return False
        self._trouble.show("")
        self.inbox.done(len(batch))
        if self.journal.counts["conflicts"] > conflicts:
            log = toned(self._log, logging.ERROR)
            log("JOURNAL: a record came again with other bytes; both are kept, see table conflicts")
        self._tell_safe(batch)
        async with self.grown:
            self.grown.notify_all()
        return True

    def _tell_safe(self, batch: Sequence[Record | Declaration]) -> None:
        newest: dict[tuple[str, Boot], int] = {}
        for record in batch:
            if isinstance(record, Declaration):
                continue
            if isinstance(record, Summary):
                self._summary_safe(record.boot.board_id, record.message.minute)
                continue
            if isinstance(record, SummaryGap):
                self._summary_safe(record.boot.board_id, record.last)
                continue
            last = record.last if isinstance(record, Gap) else record.message.sequence
            if last is not None:
                newest[record.pump, record.boot] = last
        for (pump, boot), sequence in newest.items():
            self._safe(pump, boot, sequence)

    async def _retain(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._retained_at < RETENTION_S:
            return
        try:
            if not await self._call(self._writing, self.journal.remove_old):
                self._retained_at = now
                self.journal_log.removed(await self._call(self._reading, self.journal.removed), now)
            self.journal_log.clock()
            self.journal_log.bad_rows()
            self._trouble.written()
        except JournalError as error:
            self._trouble.refused(error)

    async def _look(self) -> None:
        """Makes the journal's file anew if it has lost its name. Until it has one nothing is acknowledged."""
        lost = await self._call(self._writing, self.journal.lost_file)
        if not lost:
            return
        self._trouble.show(f"{lost}. {remedy(self.journal.path, Fault.MOVED)}")
        try:
            how = await self._call(self._writing, self.journal.remake)
        except JournalError as error:
            self._trouble.refused(error, f"{lost}; it cannot be made anew: ")
            return
        self._remade = asyncio.get_running_loop().time(), f"{lost}; it was {how}. Find out who touches its folder"
        toned(self._log, logging.WARNING)(f"JOURNAL {self.journal.path}: {how}")
        self._trouble.written()
        async with self.grown:
            self.grown.notify_all()

    async def _call(self, thread: Executor, work: Callable[[], T]) -> T:
        """The one way to the database. Raises JournalError in place of SQLite's own errors."""
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, work)
        except sqlite3.Error as error:
            raise database_fault(self.journal.path, error) from error
