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
from warmflow.journal.faults import PASSING, Fault, JournalError, database_fault, remedy
from warmflow.journal.journal import Journal
from warmflow.journal.reader import Part
from warmflow.journal.redating import Asked
from warmflow.journal.row_codec import Entry, Record
from warmflow.journal.write_queue import WriteQueue
from warmflow.runtime.duration import duration
from warmflow.runtime.logs import toned
from warmflow.runtime.wall_clock import CALM_S

BATCH_S = 0.13  # a record waits so long for company: one sync of the disk, and one message a pump, for all of them
AGAIN_S = 1.0
LOUD_S = 60.0  # a lasting fault is logged again at this interval
RETENTION_S = 60.0
LOOK_S = 2.0  # a file that is gone is noticed within so long though no record comes
ALARMED_S = 60.0  # so long a file that was made anew is a failure on `/health`
REMEMBERED_S = 3600.0  # and so long a warning
REMOVED_S = 3600.0  # what retention removed is logged so often
BATCH_MAX = 2000
REMOVED = {
    "age": "records older than raw_days",
    "size": "records beyond raw_bytes",
    "rollups by age": "roll-ups older than rollup_days",
    "declarations": "declarations beyond a board's share",
    "conflicts": "conflicts beyond a board's share",
    "boots": "boots without records beyond a board's share",
}

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
        self.trouble = ""
        self.grown = asyncio.Condition()
        self._safe, self._log = safe, log
        self._summary_safe = summary_safe
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="journal-read")
        self._retained_at = self._said_at = 0.0
        self._logged_at, self._logged = -math.inf, self.journal.removed()
        self._stepped_s = 0.0  # the step of the clock that was logged last
        self._unread = sum(self._counts_of_unread().values())
        self._remade: tuple[float, str] | None = None  # when, of the loop's clock, and in which words
        self._bad_rows = ""

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
        step_s = self.journal.clock_watch.stepped_s
        if not step_s:
            return ""
        ahead = "forward" if step_s > 0 else "back"
        return f"this computer's date jumped {ahead} by {duration(abs(step_s))}: check its clock (timedatectl)"

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
            self._well()
        except JournalError as error:
            self._refused(error)

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
            self._refused(error)
            return False
        self._well()
        return True

    async def forget_alarms(self, pump: str) -> None:
        """Best effort: an alarm that is read back without a pump is forgotten with the next request for it."""
        try:
            await self._call(self._writing, lambda: self.journal.forget_alarms(pump))
        except JournalError as error:
            self._refused(error)

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
            self._refused(error)
            await self._look()
            return False
        self._say("")
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
                self._say_unread(await self._call(self._reading, self._counts_of_unread))
                self._log_removed(await self._call(self._reading, self.journal.removed), now)
            self._log_clock()
            self._log_bad_rows()
            self._well()
        except JournalError as error:
            self._refused(error)

    def _counts_of_unread(self) -> dict[str, int]:
        return {what: n for what, n in self.journal.removed().items() if what.startswith("unread")}

    def _say_unread(self, counts: dict[str, int]) -> None:
        if sum(counts.values()) > self._unread:
            words = ", ".join(f"{n} {what}" for what, n in counts.items())
            log = toned(self._log, logging.WARNING)
            log(f"JOURNAL: retention removed records before they were read; so far {words}")
        self._unread = sum(counts.values())

    def _log_removed(self, removed: dict[str, int], now: float) -> None:
        """What went since the last such line, once an hour."""
        new = {why: n - self._logged.get(why, 0) for why, n in removed.items() if not why.startswith("unread")}
        if not any(new.values()) or now - self._logged_at < REMOVED_S:
            return
        what = ", ".join(f"{n} {REMOVED.get(why, why)}" for why, n in new.items() if n)
        self._log(f"JOURNAL: retention removed {what}")
        self._logged, self._logged_at = removed, now

    def _log_clock(self) -> None:
        """Each step once, and once that the date is trusted again."""
        step_s = self.journal.clock_watch.stepped_s
        if step_s == self._stepped_s:
            return
        self._stepped_s = step_s
        if step_s:
            toned(self._log, logging.WARNING)(
                f"JOURNAL: {self.clock_stepped}. Nothing is removed by age until the date has been steady for "
                f"{duration(CALM_S)}"
            )
        else:
            self._log(f"JOURNAL: the date has been steady for {duration(CALM_S)}; records are removed by age again")

    async def _look(self) -> None:
        """Makes the journal's file anew if it has lost its name. Until it has one nothing is acknowledged."""
        lost = await self._call(self._writing, self.journal.lost_file)
        if not lost:
            return
        self._say(f"{lost}. {remedy(self.journal.path, Fault.MOVED)}")
        try:
            how = await self._call(self._writing, self.journal.remake)
        except JournalError as error:
            self._refused(error, f"{lost}; it cannot be made anew: ")
            return
        self._remade = asyncio.get_running_loop().time(), f"{lost}; it was {how}. Find out who touches its folder"
        toned(self._log, logging.WARNING)(f"JOURNAL {self.journal.path}: {how}")
        self._well()
        async with self.grown:
            self.grown.notify_all()

    def _refused(self, error: JournalError, before: str = "") -> None:
        """Writing to the database failed: this becomes the state that is shown. Raises the error if no later attempt
        can be better.
        """
        text = before + str(error)
        if error.fault not in PASSING:
            self.trouble = text
            raise error
        self._say(text.removeprefix(f"{self.journal.path}: "))

    def _log_bad_rows(self) -> None:
        """Rows that could not be read, whenever there are more of them."""
        rows = (self.journal.bad_rows, self.journal.reader.bad_rows)
        text = "; ".join(each.text() for each in rows if each.counts)
        if text != self._bad_rows:
            self._bad_rows = text
            toned(self._log, logging.WARNING)(
                f"JOURNAL: left out, since they cannot be read: {text}. `warmflow journal check` lists them"
            )

    def _well(self) -> None:
        """Something small was written: the trouble is over, unless records wait. Then theirs is the word: a disk that
        is full for them may still take a cursor.
        """
        if not self.inbox.waiting:
            self._say("")

    def _say(self, trouble: str) -> None:
        """At once when it begins and when it ends, and once a minute between."""
        now = asyncio.get_running_loop().time()
        if bool(trouble) != bool(self.trouble) or (trouble and now - self._said_at >= LOUD_S):
            held = f"{self.inbox.waiting} records wait in memory, and no board is told that they are safe"
            full = "; memory is full: the boards keep the rest" if self.inbox.full else ""
            log = toned(self._log, logging.ERROR if trouble else logging.INFO)
            log(f"JOURNAL {self.journal.path}: " + (f"{trouble}; {held}{full}" if trouble else "is written again"))
            self._said_at = now
        self.trouble = trouble

    async def _call(self, thread: Executor, work: Callable[[], T]) -> T:
        """The one way to the database. Raises JournalError in place of SQLite's own errors."""
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, work)
        except sqlite3.Error as error:
            raise database_fault(self.journal.path, error) from error
