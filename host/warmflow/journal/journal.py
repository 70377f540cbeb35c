"""The journal itself: append a batch, keep cursors, remove what is old. Synchronous: `AsyncJournal` keeps it off
the loop.

One writer a file. Every method that writes raises JournalError when the disk refuses, and when the file that took the
write has lost its name: for the caller to show, and to try again after. What sessions ask (`through`, `latest`) is
answered from memory, without a wait for a disk.
"""

import contextlib
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pumplink.fastcodec import ENCODERS
from warmflow.device.clock.redating import Redating, Segment
from warmflow.device.host_clock import LastSeen
from warmflow.device.identity import Boot, PumpName, fitted_name
from warmflow.device.updates import Declaration, Reading
from warmflow.journal import (
    ages,
    alarm_rows,
    bounds,
    cursors,
    datings,
    gaps,
    held,
    names,
    redating,
    remake,
    retention,
    rollup,
)
from warmflow.journal.bad_rows import BadRows, good_rows
from warmflow.journal.cursors import all_cursors
from warmflow.journal.faults import DatabaseFault, Fault, JournalError, database_errors, remedy, require_file
from warmflow.journal.file_lock import Lock
from warmflow.journal.file_watch import FileWatch
from warmflow.journal.insert import insert
from warmflow.journal.memory import Memory
from warmflow.journal.migration import through
from warmflow.journal.numbering import number_from, renumber
from warmflow.journal.reader import JournalReader
from warmflow.journal.retention import HOUR_S, Limits, Removed
from warmflow.journal.row_codec import EVENT, READING, Entry, Record, ms, row
from warmflow.journal.tables import connect
from warmflow.runtime.private_files import private_folder
from warmflow.runtime.wall_clock import Clock, ClockWatch, SteadyClock, steady_clock, wall_clock

CLOSE_WAIT_MS = 500  # for readers of other processes
LOST = "lost with the journal's file"
BOOTS_MAX = 10_000  # whose numbers are remembered: there may be one for each minute of a board that restarts
T = TypeVar("T")


class _Heard(NamedTuple):
    """Of one boot: the last sequence stored or reported lost, and its newest reading or event."""

    through: int
    last_record: int


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
        self.clock_watch = ClockWatch()
        self.bad_rows = BadRows()  # of what the writer reads; its readers have their own
        self._clock, self._steady = clock, steady
        self._memory = Memory()
        self._marked_s = self._looked_s = steady()
        self._may_go = 0.0  # raw records that may be removed by age now: grows with time, from nothing at the start
        self._in_use: set[str] = set()  # cursors of sinks that are there
        with database_errors(path), contextlib.ExitStack() as undo:
            if not path.exists():
                private_folder(path.parent)
            require_file(path)
            self._held = Lock(path)
            undo.callback(self._held.release)
            self._db = connect(path)
            undo.callback(self._db.close)
            self._look_into()
            self._watch = FileWatch(self._db, path)
            undo.callback(self._watch.close)
            self.reader = JournalReader(path)
            self._readers = [self.reader]
            self.names = names.load(self._db)
            undo.pop_all()
        self._copy: tuple[Path, bool] | None = None  # a file that is to take the place of one that is lost
        self._lock = threading.RLock()  # of the writing connection
        self._boots: dict[Boot, tuple[int, str]] = {}

    def _look_into(self) -> None:
        """What is known of the file that is open now."""
        renumber(self._db)
        if not held.counted(self._db):
            held.recount(self._db)
        self._heard = self._all_heard()
        self._last = int(self._db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0])
        self._memory.cursors = all_cursors(self._db, self.bad_rows)
        self._memory.stored_alarms(alarm_rows.rows(self._db, self.bad_rows))

    def append(self, batch: Sequence[Record | Declaration]) -> None:
        """Keeps the records, all or none; on disk when it returns. What is there already is not kept twice."""
        now = self._clock()
        declarations = [each for each in batch if isinstance(each, Declaration)]
        records: list[Record] = [each for each in batch if not isinstance(each, Declaration)]
        with self._transaction():
            declared = [self._boot(each.boot, each.pump, ms(now), is_declared=True) for each in declarations]
            renamed = [self._boot(each.boot, each.pump, ms(now)) for each in records]
            dated = self._declare(declarations, [number for number, _ in declared])
            rows = [(number, *row(each, now)) for (number, _), each in zip(renamed, records, strict=True)]
            counts: Counter[str] = Counter()
            kept = insert(self._db, rows, counts)
            new = [each for each, number in zip(records, kept, strict=True) if number and isinstance(each, Reading)]
            self._db.executemany(rollup.UPSERT, rollup.rolled_up(new))
            heard = self._hear(records, rows, kept)
            dated += [
                (number, values[2], values[1], getattr(each, "dating", None))
                for each, values, (number, _), new in zip(records, rows, renamed, kept, strict=True)
                if new
            ]
            datings.store(self._db, dated)
        self._memory.stored(records, declarations)
        self._heard |= heard
        if len(self._boots) > BOOTS_MAX:
            self._boots.clear()
        self._last = max([self._last, *kept])
        self.counts.update(counts)
        if any(is_new for _, is_new in (*declared, *renamed)):
            self.reader.forget_names()

    def after(self, record_id: int, limit: int = 1000) -> list[Entry]:
        """The next records after this one, in the order of their arrival."""
        return self.reader.after(record_id, limit)

    def last(self) -> int:
        """Number of the newest record, 0 in an empty journal."""
        return self._last

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
        with self._reading() as db:
            found = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
        return max(self._last, int(found[0]) if found else 0)

    def cursors(self) -> dict[str, int]:
        """How far each taker has come."""
        with self._reading() as db:
            return all_cursors(db, self.bad_rows)

    def move_cursor(self, name: str, record_id: int) -> None:
        """This sink has everything up to here."""
        self._in_use.add(name)
        self._memory.cursors[name] = record_id
        with self._transaction():
            cursors.move(self._db, name, record_id)

    def forget_cursor(self, name: str) -> bool:
        """Removes the cursor of a sink that does not come back: nothing is held for it any more. False if there is
        none.
        """
        self._in_use.discard(name)
        self._memory.cursors.pop(name, None)
        with self._transaction():
            return cursors.forget(self._db, name)

    def through(self, boot: Boot) -> int:
        """The last sequence of a boot that is stored or reported lost; 0 for an unknown boot."""
        return self._heard[boot].through if boot in self._heard else 0

    def latest(self, board_id: str) -> Boot | None:
        """The boot of this board that was heard last."""
        heard = self._heard.copy()  # the writer's thread may add one
        known = (boot for boot in heard if boot.board_id == board_id and heard[boot].last_record)
        return max(known, key=lambda boot: heard[boot].last_record, default=None)

    def name_of(self, boot: Boot) -> PumpName | None:
        """The name under which this boot is kept; None for a boot that nobody knows."""
        with self._lock:
            return names.of_boot(self._db, boot)

    def keep_alarms(self, rows: Sequence[alarm_rows.AlarmRow]) -> None:
        """How these alarms stand, and what happened; on disk when it returns."""
        self._memory.stored_alarms(rows)
        with self._transaction():
            alarm_rows.store(self._db, rows)

    def forget_alarms(self, pump: str) -> None:
        """Removes a pump."""
        self._memory.forget_alarms(pump)
        with self._transaction():
            alarm_rows.forget(self._db, pump)

    def alarms(self) -> list[dict[str, Any]]:
        """How each alarm stood last."""
        with self._reading() as db:
            return alarm_rows.standing(db, self.bad_rows)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What people write: whole or not at all, on disk when it returns."""
        with self._transaction():
            return work(self._db)

    def remove_old(self, now: datetime | None = None, days: float | None = None, max_bytes: int | None = None) -> int:
        """Removes some of what retention says; how many records. Counted by reason; call again while it gives more
        than 0. Nothing goes by age while the date is in doubt. `now` is the date; default: that of the journal's clock.
        """
        limits = self.limits._replace(
            raw_days=self.limits.raw_days if days is None else days,
            raw_bytes=self.limits.raw_bytes if max_bytes is None else max_bytes,
        )
        date, steady_s = now or self._clock(), self._steady()
        self.clock_watch.look(steady_s, date)
        dated = not self.clock_watch.stepped_s
        with self._transaction():
            marked_s = self._mark(steady_s, date)
            self._allow(steady_s, retention.most_an_hour(self._db, limits))
            raw = retention.remove_raw(self._db, date, limits, int(self._may_go) if dated else 0)
            rollups = retention.remove_rollups(self._db, date, limits) if dated else Removed()
            if bounds.remove_beyond(self._db, partial(retention.add_removed, self._db)):
                self._boots.clear()
                self._heard = self._all_heard()
        self._marked_s = marked_s
        self._may_go -= raw.by_age
        return raw.by_age + raw.by_size + rollups.rollups

    def last_seen(self, session: str) -> LastSeen | None:
        """How the last process of this session of the steady clock left the date."""
        with self._reading() as db:
            return datings.last_seen(db, session)

    def see(self, seen: LastSeen) -> None:
        """The date is in use as this: the next process goes on there."""
        with self._transaction():
            datings.see(self._db, seen)

    def segments(self, asked: redating.Asked) -> list[Segment]:
        """Records that may need other times."""
        with self._transaction():
            return redating.segments(self._db, asked)

    def redate(self, move: Redating) -> int:
        """Some of these records get other times, and are the newest ones then; how many. All are on disk."""
        where = "WHERE board_id = ? AND boots = ? AND random = ?"
        with self._transaction():
            boot, pump = self._db.execute(f"SELECT id, pump FROM boots {where}", move.segment.boot).fetchone()
            moved = redating.carry_out(self._db, move, pump, boot)
            last = int(self._db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0])
        self._last = max(self._last, last)
        return moved

    def removed(self) -> dict[str, int]:
        """What retention has removed, by reason; "unread by X": of it, what the sink X had not read yet."""
        return self.reader.removed()

    def size(self) -> int:
        """Bytes in use: the file without what is free inside it."""
        with self._reading():
            pages, free, page_size = (self._pragma(name) for name in ("page_count", "freelist_count", "page_size"))
        return (pages - free) * page_size

    def raw_bytes(self) -> int:
        """What the raw records take of it: the figure that `limits.raw_bytes` is about."""
        with self._reading() as db:
            return retention.raw_bytes(db)

    def open_reader(self) -> JournalReader:
        """A reader of its own, for whoever must not wait for the others. It is closed before the writer, so that the
        file is whole when the writer has closed it.
        """
        reader = JournalReader(self.path)
        with self._lock:
            self._readers.append(reader)
        return reader

    def lost_file(self) -> str:
        """What has happened to the files of the journal, "" if they are where they belong."""
        with self._lock:
            return self._watch.look()

    def remake(self) -> str:
        """The file anew, at its place, after `lost_file`; how, in words. Raises JournalError: nothing has changed then,
        and it can be tried again.
        """
        with self._lock:
            reason = self._watch.look()
            if not reason and self._copy is None:
                self._look_into()
                return "is back in its place"
            if self._copy is None:
                self._copy = remake.copied(self._db, self.path, self._last, "truncated" in reason)
            moved = remake.put_in_place(self._copy[0], self.path) if self._copy[0].exists() else []
            whole, heard, last = self._copy[1], self._heard, self._last
            self._reopen()
            self._copy = None
            lost = 0 if whole else self._add_remembered(heard, last, reason)
        what = "with everything that was stored" if whole else f"without {lost} records that could not be read (gaps)"
        aside = f"; moved aside: {', '.join(str(each) for each in moved)}" if moved else ""
        return f"made anew {what}{aside}"

    def _reopen(self) -> None:
        """The file that has the journal's name now; the old one, which has none, is left."""
        lock, watch = self._held, self._watch
        if not lock.holds():
            self._held = Lock(self.path)
            lock.release()
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        self._db = connect(self.path)
        for reader in self._readers:
            reader.reopen()
        watch.close()
        self._watch = FileWatch(self._db, self.path)
        self._boots.clear()
        self._look_into()

    def _add_remembered(self, heard: dict[Boot, _Heard], last: int, reason: str) -> int:
        """What memory holds and the file does not, and gaps for the rest; of how many records."""
        memory, self._memory = self._memory, Memory()
        with self._transaction():
            number_from(self._db, "records", last)
            for name, record_id in memory.cursors.items():
                cursors.move(self._db, name, record_id)
        self.append([*memory.declarations(), *memory.records])
        self.keep_alarms(memory.alarms())
        with self._transaction():
            ends = dict[int, int]()
            for boot, known in heard.items():
                number = self._number_of(boot)
                ends[number] = known.through
                self._db.execute("UPDATE boots SET through = max(through, ?) WHERE id = ?", (known.through, number))
            lost = gaps.holes(self._db, ends, dict.fromkeys(ends, 1))
            gaps.store(self._db, lost, f"{LOST}: {reason}", self._clock())
            held.recount(self._db)
        self._look_into()
        return sum(hole.last - hole.first + 1 for hole in lost)

    def close(self) -> None:
        """Readers first, then the log is folded into the file: a copy of the file alone is whole."""
        with self._lock:
            for reader in self._readers:
                reader.close()
            with contextlib.suppress(sqlite3.Error):  # a reader of another process may be in the middle of something
                self._db.execute(f"PRAGMA busy_timeout = {CLOSE_WAIT_MS}")
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._watch.close()
            self._held.release()

    def _mark(self, steady_s: float, date: datetime) -> float:
        """Time has passed with the journal open: everything in it has aged by so much. When the last mark was made."""
        if steady_s - self._marked_s < ages.MARK_S:
            return self._marked_s
        open_s = ages.newest(self._db).open_s + steady_s - self._marked_s
        ages.add(self._db, ages.Mark(open_s, self._last, ms(date)), self._in_use)
        return steady_s

    def _allow(self, steady_s: float, most_an_hour: float) -> None:
        self._may_go = min(most_an_hour, self._may_go + most_an_hour * (steady_s - self._looked_s) / HOUR_S)
        self._looked_s = steady_s

    def _declare(self, declarations: Sequence[Declaration], numbers: Sequence[int]) -> list[datings.Dated]:
        dated: list[datings.Dated] = []
        for each, boot in zip(declarations, numbers, strict=True):
            values = (boot, ms(each.utc), ENCODERS[type(each.message)](each.message))
            cursor = self._db.execute("INSERT INTO declarations (boot, utc_ms, payload) VALUES (?,?,?)", values)
            dated.append((boot, datings.DECLARATION, cursor.lastrowid or 0, each.dating))
        return dated

    def _hear(
        self, records: Sequence[Record], rows: list[tuple[int, int, int, int, int, bytes]], kept: list[int]
    ) -> dict[Boot, _Heard]:
        heard: dict[Boot, _Heard] = {}
        for each, (_, sequence, kind, *_, payload), number in zip(records, rows, kept, strict=True):
            old = heard.get(each.boot) or self._heard.get(each.boot) or _Heard(0, 0)
            newest = number if kind in (READING, EVENT) else 0
            heard[each.boot] = _Heard(max(old.through, through(sequence, kind, payload)), max(old.last_record, newest))
        heard = {boot: values for boot, values in heard.items() if any(values)}  # not those of which minutes alone came
        self._db.executemany(
            "UPDATE boots SET through = ?, last_record = ? WHERE id = ?",
            [(*values, self._boots[boot][0]) for boot, values in heard.items()],
        )
        return heard

    def _all_heard(self) -> dict[Boot, _Heard]:
        columns = "id, board_id, boots, random, pump, through, last_record"
        rows = self._db.execute(f"SELECT {columns} FROM boots WHERE through OR last_record").fetchall()
        return {Boot(*each[1:4]): _Heard(*each[5:]) for each in good_rows("boots", rows, self.bad_rows)}

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

    def _boot(self, boot: Boot, pump: PumpName, now_ms: int, *, is_declared: bool = False) -> tuple[int, bool]:
        """Its number, and whether it has a name that it had not. Only a declaration of the rig renames a boot; records
        of an earlier boot keep its name.
        """
        known = self._boots.get(boot)
        if known and (known[1] == pump or not is_declared):
            return known[0], False
        self._db.execute(
            "INSERT INTO boots (board_id, boots, random, pump) VALUES (?,?,?,?) ON CONFLICT DO "
            + ("UPDATE SET pump = excluded.pump" if is_declared else "NOTHING"),
            (*boot, pump),
        )
        number = self._number_of(boot)
        name = names.of_boot(self._db, boot) or pump
        self._boots[boot] = (number, name)
        if name == pump:
            names.store(self._db, name, boot.board_id, now_ms)
            self.names.claim(name, boot.board_id)
        return number, True

    def _number_of(self, boot: Boot) -> int:
        where = "WHERE board_id = ? AND boots = ? AND random = ?"
        found = self._db.execute(f"SELECT id FROM boots {where}", boot).fetchone()
        if found is None:  # its row went with the file
            insert = "INSERT INTO boots (board_id, boots, random, pump) VALUES (?,?,?,?)"
            return int(self._db.execute(insert, (*boot, fitted_name(f"lost-{boot.board_id[-8:]}"))).lastrowid or 0)
        return int(found[0])

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, database_errors(self.path):
            yield self._db

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """BEGIN and COMMIT, one at a time; on any error all is as before, the remembered boots too. A commit counts
        while the file that took it has its name: that is looked at before and after it.
        """
        with self._lock, database_errors(self.path):
            self._require_file()
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._boots.clear()
                with contextlib.suppress(sqlite3.Error):
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                raise
            self._require_file()

    def _require_file(self) -> None:
        """Raises JournalError where a write would go, or has gone, to a file that has lost its name."""
        if lost := self._watch.look():
            self._boots.clear()
            raise DatabaseFault(f"{self.path}: {lost}. {remedy(self.path, Fault.MOVED)}", Fault.MOVED)
