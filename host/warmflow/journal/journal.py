"""What the daemon asks of its journal: append a batch, go on at a cursor, keep alarms and notes, remove what is old.
Synchronous: `AsyncJournal` keeps it off the loop.

One writer a file. Every method that writes raises JournalError when the disk refuses, and when the file that took the
write has lost its name: for the caller to show, and to try again after. What sessions ask (`through`, `latest`) is
answered from memory, without a wait for a disk.

Here is only who does it: `append` writes, `reader` reads, `record_table` knows how records are stored, `open_file` has
the transactions, `retention` and `retention_pace` remove, `recovery` mends a file that was lost.
"""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from warmflow.device.clock.redating import Redating, Segment
from warmflow.device.host_clock import LastSeen
from warmflow.device.identity import Boot, PumpName
from warmflow.device.updates import Declaration
from warmflow.journal import (
    alarm_rows,
    append,
    cursors,
    datings,
    held,
    names,
    record_table,
    recovery,
    redating,
    retention,
)
from warmflow.journal.bad_rows import BadRows
from warmflow.journal.boots import WHERE, Boots, Heard
from warmflow.journal.faults import JournalError
from warmflow.journal.memory import Memory
from warmflow.journal.numbering import renumber
from warmflow.journal.open_file import OpenFile
from warmflow.journal.reader import JournalReader
from warmflow.journal.retention import Limits
from warmflow.journal.retention_pace import RetentionPace
from warmflow.journal.row_codec import Entry, Record
from warmflow.runtime.wall_clock import Clock, SteadyClock, steady_clock, wall_clock

T = TypeVar("T")


class Journal:
    """One open journal. `counts`: appended, repeated (the same again), conflicts (the same identity with other
    bytes). `clock_watch` says whether the date has stepped. Raises JournalError if the file cannot be used, or if
    another process writes it.
    """

    def __init__(
        self,
        path: Path,
        limits: Limits | None = None,
        clock: Clock = wall_clock,
        steady: SteadyClock = steady_clock,
    ) -> None:
        self.path = path
        self.limits = limits or Limits()
        self.counts: Counter[str] = Counter()
        self.bad_rows = BadRows()  # of what the writer reads; its readers have their own
        self.boots = Boots()
        self._clock, self._steady = clock, steady
        self._memory = Memory()
        self._pace = RetentionPace(steady())
        self._in_use: set[str] = set()  # cursors of sinks that are there
        self._copy: recovery.Copy | None = None  # of a file that is lost, until it is in its place
        self.file = OpenFile(path, self._begin, self.boots.forget)
        self.reader = self.file.reader
        self.clock_watch = self._pace.clock_watch

    def _begin(self, db: sqlite3.Connection) -> None:
        self._look_into(db)
        self.names = names.load(db)  # the daemon holds on to it: it stays, whatever becomes of the file

    def _look_into(self, db: sqlite3.Connection) -> None:
        """What is known of the file that is open now."""
        renumber(db)
        if not held.counted(db):
            held.recount(db)
        self.boots.load(db, self.bad_rows)
        self._last = record_table.newest_id(db)
        self._memory.cursors = cursors.all_cursors(db, self.bad_rows)
        self._memory.stored_alarms(alarm_rows.rows(db, self.bad_rows))

    # records

    def append(self, batch: Sequence[Record | Declaration]) -> None:
        """Keeps the records, all or none; on disk when it returns. What is there already is not kept twice."""
        now = self._clock()
        declarations = [each for each in batch if isinstance(each, Declaration)]
        records: list[Record] = [each for each in batch if not isinstance(each, Declaration)]
        with self.file.transaction() as db:
            done = append.append(db, self.boots, self.names, records, declarations, now)
        self._memory.stored(records, declarations)
        self.boots.stored(done.heard)
        self._last = max(self._last, done.newest_id)
        self.counts.update(done.counts)
        if done.renamed:
            self.reader.forget_names()

    def after(self, record_id: int, limit: int = 1000) -> list[Entry]:
        """The next records after this one, in the order of their arrival."""
        return self.reader.after(record_id, limit)

    def last(self) -> int:
        """Number of the newest record, 0 in an empty journal."""
        return self._last

    def through(self, boot: Boot) -> int:
        """The last sequence of a boot that is stored or reported lost; 0 for an unknown boot."""
        return self.boots.through(boot)

    def latest(self, board_id: str) -> Boot | None:
        """The boot of this board that was heard last."""
        return self.boots.latest(board_id)

    def name_of(self, boot: Boot) -> PumpName | None:
        """The name under which this boot is kept; None for a boot that nobody knows."""
        with self.file.lock:
            return names.of_boot(self.file.db, boot)

    def open_reader(self) -> JournalReader:
        """A reader of its own, for whoever must not wait for the others."""
        return self.file.open_reader()

    # cursors

    def cursor(self, name: str) -> int:
        """How far this sink has come; 0 for a new one: it gets everything. From now on it is known: nothing that it
        has not read is removed by age, and what is removed by size is a gap to it.
        """
        self._in_use.add(name)
        known = {sink: at for sink, at in self.cursors().items() if 0 <= at <= self._given()}  # else it is damaged
        if name not in known:
            with contextlib.suppress(JournalError):  # the first move does it else
                self.move_cursor(name, 0)
        return known.get(name, 0)

    def _given(self) -> int:
        """The highest number that a record ever had."""
        with self.file.reading() as db:
            return max(self._last, record_table.highest_id(db))

    def cursors(self) -> dict[str, int]:
        """How far each taker has come."""
        with self.file.reading() as db:
            return cursors.all_cursors(db, self.bad_rows)

    def move_cursor(self, name: str, record_id: int) -> None:
        """This sink has everything up to here."""
        self._in_use.add(name)
        self._memory.cursors[name] = record_id
        with self.file.transaction() as db:
            cursors.move(db, name, record_id)

    def forget_cursor(self, name: str) -> bool:
        """Removes the cursor of a sink that does not come back: nothing is held for it any more. False if there is
        none.
        """
        self._in_use.discard(name)
        self._memory.cursors.pop(name, None)
        with self.file.transaction() as db:
            return cursors.forget(db, name)

    # alarms, and what people write

    def keep_alarms(self, rows: Sequence[alarm_rows.AlarmRow]) -> None:
        """How these alarms stand, and what happened; on disk when it returns."""
        self._memory.stored_alarms(rows)
        with self.file.transaction() as db:
            alarm_rows.store(db, rows)

    def forget_alarms(self, pump: str) -> None:
        """Removes a pump."""
        self._memory.forget_alarms(pump)
        with self.file.transaction() as db:
            alarm_rows.forget(db, pump)

    def alarms(self) -> list[dict[str, Any]]:
        """How each alarm stood last."""
        with self.file.reading() as db:
            return alarm_rows.standing(db, self.bad_rows)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What people write: whole or not at all, on disk when it returns."""
        with self.file.transaction() as db:
            return work(db)

    # dates

    def last_seen(self, session: str) -> LastSeen | None:
        """How the last process of this session of the steady clock left the date."""
        with self.file.reading() as db:
            return datings.last_seen(db, session)

    def see(self, seen: LastSeen) -> None:
        """The date is in use as this: the next process goes on there."""
        with self.file.transaction() as db:
            datings.see(db, seen)

    def segments(self, asked: redating.Asked) -> list[Segment]:
        """Records that may need other times."""
        with self.file.transaction() as db:
            return redating.segments(db, asked)

    def redate(self, move: Redating) -> int:
        """Some of these records get other times, and are the newest ones then; how many. All are on disk."""
        with self.file.transaction() as db:
            boot, pump = db.execute(f"SELECT id, pump FROM boots {WHERE}", move.segment.boot).fetchone()
            moved = redating.carry_out(db, move, pump, boot)
            last = record_table.newest_id(db)
        self._last = max(self._last, last)
        return moved

    # retention

    def remove_old(self, now: datetime | None = None, days: float | None = None, max_bytes: int | None = None) -> int:
        """Removes some of what retention says; how many records. Counted by reason; call again while it gives more
        than 0. Nothing goes by age while the date is in doubt. `now` is the date; default: that of the journal's clock.
        """
        limits = self.limits._replace(
            raw_days=self.limits.raw_days if days is None else days,
            raw_bytes=self.limits.raw_bytes if max_bytes is None else max_bytes,
        )
        date = now or self._clock()
        with self.file.transaction() as db:
            removed, boots_went = self._pace.remove(db, limits, date, self._steady(), self._last, self._in_use)
            if boots_went:
                self.boots.load(db, self.bad_rows)
        self._pace.done()
        return removed

    def removed(self) -> dict[str, int]:
        """What retention has removed, by reason; "unread by X": of it, what the sink X had not read yet."""
        return self.reader.removed()

    def size(self) -> int:
        """Bytes in use: the file without what is free inside it."""
        with self.file.reading():
            pages, free, page_size = (self.file.pragma(name) for name in ("page_count", "freelist_count", "page_size"))
        return (pages - free) * page_size

    def raw_bytes(self) -> int:
        """What the raw records take of it: the figure that `limits.raw_bytes` is about."""
        with self.file.reading() as db:
            return retention.raw_bytes(db)

    # the file

    def lost_file(self) -> str:
        """What has happened to the files of the journal, "" if they are where they belong."""
        return self.file.lost()

    def remake(self) -> str:
        """The file anew, at its place, after `lost_file`; how, in words. Raises JournalError: nothing has changed then,
        and it can be tried again.
        """
        with self.file.lock:
            reason = self.file.lost()
            if not reason and self._copy is None:
                self._look_into(self.file.db)
                return "is back in its place"
            if self._copy is None:
                self._copy = recovery.copied(self.file.db, self.path, self._last, reason)
            copy, heard, last = self._copy, self.boots.heard, self._last
            moved = recovery.put_in_place(copy, self.path)
            self.file.reopen()
            self._look_into(self.file.db)
            self._copy = None
            lost = None if copy.whole else self._add_remembered(heard, last, reason)
        return recovery.in_words(lost, moved)

    def _add_remembered(self, heard: dict[Boot, Heard], last: int, reason: str) -> int:
        """What memory holds and the file does not, and gaps for the rest; of how many records."""
        memory, self._memory = self._memory, Memory()
        with self.file.transaction() as db:
            recovery.store_cursors(db, memory, last)
        self.append([*memory.declarations(), *memory.records])
        self.keep_alarms(memory.alarms())
        with self.file.transaction() as db:
            lost = recovery.store_gaps(db, heard, reason, self._clock())
        self._look_into(self.file.db)
        return lost

    def close(self) -> None:
        """Readers first, then the log is folded into the file: a copy of the file alone is whole."""
        self.file.close()
