"""The journal itself: append a batch, keep cursors, remove what is old. Synchronous; `desk.py` keeps it off the loop.

One writer a file. Every method that writes raises sqlite3.Error when the disk does: a full disk is for the caller to
show and to try again after. What sessions ask (`through`, `latest`) is answered from memory, without a wait for a disk.
"""

import contextlib
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pumplink.fastcodec import ENCODERS
from warmflow.device.identity import Boot, PumpName
from warmflow.device.updates import Declaration, Reading
from warmflow.journal import ages, alarm_rows, names, retention, rollup
from warmflow.journal.file_lock import Lock
from warmflow.journal.migration import through
from warmflow.journal.reader import JournalReader
from warmflow.journal.retention import HOUR_S, Limits, Removed
from warmflow.journal.row_codec import EVENT, READING, Entry, JournalError, Record, Row, ms, row
from warmflow.journal.tables import connect
from warmflow.runtime.wall_clock import Clock, ClockWatch, SteadyClock, steady_clock, wall_clock

INSERT = "INSERT INTO records (boot, sequence, kind, utc_ms, late, payload) VALUES (?,?,?,?,?,?)"
BOOTS_MAX = 10_000  # whose numbers are remembered: there may be one for each minute of a board that restarts
T = TypeVar("T")


class _Heard(NamedTuple):
    """Of one boot: the last sequence kept or said to be lost, and its newest reading or event."""

    through: int
    last_record: int


class Journal:
    """One open journal. `counts`: appended, repeated (the same again), conflicts (the same identity with other
    bytes). `clock_watch` says whether the date has stepped. Raises JournalError if the file can not be used, or if
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
        self._clock, self._steady = clock, steady
        self._marked_s = self._looked_s = steady()
        self._may_go = 0.0  # raw records that may be removed by age now: grows with time, from nothing at the start
        self._in_use: set[str] = set()  # cursors of sinks that are there
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._held = Lock(path)
        except OSError as error:
            raise JournalError(f"{path}: {error.strerror or error}") from error
        try:
            self._db = connect(path)
            self.reader = JournalReader(path)
            self._heard = self._all_heard()
            self.names = names.load(self._db)
        except (sqlite3.Error, OSError, ValueError) as error:
            self._held.release()
            raise JournalError(f"{path}: {error}") from error
        except JournalError:
            self._held.release()
            raise
        self._last = self.reader.last()
        self._lock = threading.RLock()  # of the writing connection
        self._boots: dict[Boot, tuple[int, str]] = {}

    def append(self, batch: Sequence[Record | Declaration]) -> None:
        """Keeps the records, all or none; on disk when it returns. What is there already is not kept twice."""
        now = self._clock()
        declarations = [each for each in batch if isinstance(each, Declaration)]
        records: list[Record] = [each for each in batch if not isinstance(each, Declaration)]
        with self._transaction():
            declared = [self._boot(each.boot, each.pump, ms(now), is_declared=True) for each in declarations]
            renamed = [self._boot(each.boot, each.pump, ms(now)) for each in records]
            self._declare(declarations, [number for number, _ in declared])
            rows = [(number, *row(each, now)) for (number, _), each in zip(renamed, records, strict=True)]
            counts: Counter[str] = Counter()
            kept = self._insert(rows, counts)
            new = [each for each, number in zip(records, kept, strict=True) if number and isinstance(each, Reading)]
            self._db.executemany(rollup.UPSERT, rollup.rolled_up(new))
            heard = self._hear(records, rows, kept)
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
        with self._lock:
            found = self._db.execute("SELECT record FROM cursors WHERE name = ?", (name,)).fetchone()
        if not found:
            with contextlib.suppress(sqlite3.Error), self._transaction():  # the first move does it else
                self._db.execute("INSERT OR IGNORE INTO cursors VALUES (?, 0, ?)", (name, ages.newest(self._db).open_s))
        return int(found[0]) if found else 0

    def cursors(self) -> dict[str, int]:
        """How far each taker has come."""
        with self._lock:
            return dict(self._db.execute("SELECT name, record FROM cursors").fetchall())

    def move_cursor(self, name: str, record_id: int) -> None:
        """This sink has everything up to here."""
        self._in_use.add(name)
        with self._transaction():
            self._db.execute(
                "INSERT INTO cursors VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record",
                (name, record_id, ages.newest(self._db).open_s),
            )

    def forget_cursor(self, name: str) -> bool:
        """Removes the cursor of a sink that does not come back: nothing is held for it any more. False if there is
        none.
        """
        self._in_use.discard(name)
        with self._transaction():
            return bool(self._db.execute("DELETE FROM cursors WHERE name = ?", (name,)).rowcount)

    def through(self, boot: Boot) -> int:
        """The last sequence of a boot that is kept or said to be lost; 0 for a boot that nobody knows."""
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
        with self._transaction():
            alarm_rows.store(self._db, rows)

    def forget_alarms(self, pump: str) -> None:
        """A pump that is no more."""
        with self._transaction():
            alarm_rows.forget(self._db, pump)

    def alarms(self) -> list[dict[str, Any]]:
        """How each alarm stood last."""
        with self._lock:
            return alarm_rows.standing(self._db)

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
        self._marked_s = marked_s
        self._may_go -= raw.by_age
        return raw.by_age + raw.by_size + rollups.rollups

    def removed(self) -> dict[str, int]:
        """What retention has removed, by reason; "unread by X": of it, what the sink X had not read yet."""
        return self.reader.removed()

    def size(self) -> int:
        """Bytes in use: the file without what is free inside it."""
        with self._lock:
            pages, free, page_size = (self._pragma(name) for name in ("page_count", "freelist_count", "page_size"))
        return (pages - free) * page_size

    def raw_bytes(self) -> int:
        """What the raw records take of it: the figure that `limits.raw_bytes` is about."""
        with self._lock:
            return retention.raw_bytes(self._db)

    def close(self) -> None:
        with self._lock:
            self.reader.close()
            self._db.close()
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

    def _insert(self, rows: list[tuple[int, int, int, int, int, bytes]], counts: Counter[str]) -> list[int]:
        """The record numbers that the rows got, 0 for what is there already. At once if all are new, as they mostly
        are.
        """
        self._db.execute("SAVEPOINT all_new")
        try:
            self._db.executemany(INSERT, rows)
        except sqlite3.IntegrityError:
            self._db.execute("ROLLBACK TO all_new")
            kept = [self._insert_one(values, counts) for values in rows]
        else:
            newest = int(self._db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0])
            kept = list(range(newest - len(rows) + 1, newest + 1))
        added = [len(values[-1]) for values, number in zip(rows, kept, strict=True) if number]
        retention.count(self._db, len(added), sum(added))
        counts["appended"] += len(added)
        return kept

    def _insert_one(self, values: tuple[int, int, int, int, int, bytes], counts: Counter[str]) -> int:
        cursor = self._db.execute(INSERT.replace("INSERT", "INSERT OR IGNORE"), values)
        if cursor.rowcount:
            assert cursor.lastrowid
            return cursor.lastrowid
        counts[self._again(values[0], Row(*values[1:]))] += 1
        return 0

    def _declare(self, declarations: Sequence[Declaration], numbers: Sequence[int]) -> None:
        rows = [
            (number, ms(each.utc), ENCODERS[type(each.message)](each.message))
            for each, number in zip(declarations, numbers, strict=True)
        ]
        self._db.executemany("INSERT INTO declarations (boot, utc_ms, payload) VALUES (?,?,?)", rows)

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
        columns = "board_id, boots, random, through, last_record"
        found = self._db.execute(f"SELECT {columns} FROM boots WHERE through OR last_record").fetchall()
        return {Boot(*boot): _Heard(last, newest) for *boot, last, newest in found}

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

    def _boot(self, boot: Boot, pump: PumpName, now_ms: int, *, is_declared: bool = False) -> tuple[int, bool]:
        """Its number, and whether it has a name that it had not. Only what the rig declares renames a boot: what is
        said of an earlier boot leaves it its name.
        """
        known = self._boots.get(boot)
        if known and (known[1] == pump or not is_declared):
            return known[0], False
        self._db.execute(
            "INSERT INTO boots (board_id, boots, random, pump) VALUES (?,?,?,?) ON CONFLICT DO "
            + ("UPDATE SET pump = excluded.pump" if is_declared else "NOTHING"),
            (*boot, pump),
        )
        where = "WHERE board_id = ? AND boots = ? AND random = ?"
        number, name = self._db.execute(f"SELECT id, pump FROM boots {where}", boot).fetchone()
        self._boots[boot] = (number, name)
        if name == pump:
            names.store(self._db, name, boot.board_id, now_ms)
            self.names.claim(name, boot.board_id)
        return number, True

    def _again(self, boot: int, values: Row) -> str:
        """A record that is there already: the same, or a conflict that is kept beside it."""
        where = "boot = ? AND sequence = ? AND kind = ?"
        found = self._db.execute(f"SELECT payload FROM records WHERE {where}", (boot, *values[:2])).fetchone()
        if found[0] == values.payload:
            return "repeated"
        self._db.execute("INSERT INTO conflicts VALUES (?,?,?,?,?)", (boot, *values[:3], values.payload))
        return "conflicts"

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """BEGIN and COMMIT, one at a time; on any error all is as before, the remembered boots too."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._boots.clear()
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
