"""Reading the journal: in the order of arrival, by pump and time, by roll-up. Its own read-only connection, so that no
reader waits for the writer's disk and none can hold the writer up.

Each call is one short transaction: a reader that stays in one would keep the log beside the file from being folded in.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pumplink import messages as m
from pumplink.fastcodec import DECODERS
from warmflow.device.identity import Boot, PumpName, fitted_name, is_name
from warmflow.device.updates import Reading
from warmflow.journal import alarm_rows, annotation_rows, datings, record_table
from warmflow.journal.annotation_rows import AnnotationRow
from warmflow.journal.bad_rows import BadRows, NotReadable, good_rows
from warmflow.journal.faults import database_errors
from warmflow.journal.record_table import ALL, Stored, Wanted
from warmflow.journal.row_codec import READING, Entry, Row, record, unreadable
from warmflow.journal.tables import connect_reader


class Part(NamedTuple):
    """Records in the order of their arrival. Up to the number `through` there are no others that were asked for."""

    entries: list[Entry]
    through: int


class Rollup(NamedTuple):
    """One span of one pump's readings: `span_s` seconds from `start_s` (UTC)."""

    start_s: int
    span_s: int
    n: int
    probe_min_mc: int | None
    probe_mean_mc: float | None
    probe_max_mc: int | None
    flow_min_nl_h: int
    flow_mean_nl_h: float
    flow_max_nl_h: int
    volume_nl: int


FOREVER_MS = 2**62
BOOTS_MAX = 10_000  # whose names are remembered
SOME = 5000  # rows of one transaction
# of a roll-up whose values are numbers: the file may be damaged
SOUND_ROLLUP = " AND ".join(
    f"typeof({column}) IN ('integer', 'null')"
    for column in (
        "start_s", "n", "probes", "probe_min_mc", "probe_sum_mc", "probe_max_mc", "flow_min_nl_h", "flow_sum_nl_h",
        "flow_max_nl_h", "volume_nl",
    )
)  # fmt: skip


class JournalReader:
    """A journal, open for reading; any thread may ask. `bad_rows` counts what could not be read, which is left out.

    Every method raises JournalError for a file that cannot be read, or is no journal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bad_rows = BadRows()
        with database_errors(path):
            self._db = connect_reader(path)
        self._lock = threading.Lock()
        self._boots: dict[int, tuple[PumpName, Boot] | None] = {}

    def after(self, record_id: int, limit: int = 1000, wanted: Wanted = ALL) -> list[Entry]:
        """The next records after this one, in the order of their arrival. A record whose row cannot be read is a gap;
        a row that does not say which record it was is counted alone.
        """
        with self._asking() as db:
            while rows := record_table.after(db, record_id, limit, wanted):
                if some := self._entries(db, rows):
                    return some
                record_id = rows[-1][0]
            return []

    def part(
        self, after_id: int, through_id: int, limit: int, only: Collection[str] = (), without: Collection[str] = ()
    ) -> Part:
        """Records between two numbers, the first of them left out: of the boards `only`, or of all but `without`."""
        with self._asking() as db:
            rows = record_table.between(db, after_id, through_id, limit, only, without)
            entries = self._entries(db, rows)
        through = through_id if len(rows) < limit else rows[-1][0]
        return Part(entries, through)

    def last(self) -> int:
        """Number of the newest record, 0 in an empty journal."""
        with self._asking() as db:
            return record_table.newest_id(db)

    def removed(self) -> dict[str, int]:
        """What retention has removed, by reason; "unread by X": of it, what the taker X had not had yet."""
        with self._asking() as db:
            rows = good_rows("removed", db.execute("SELECT what, records FROM removed"), self.bad_rows)
        return dict(rows)

    def pumps(self) -> list[str]:
        with self._asking() as db:
            return [str(name) for (name,) in db.execute("SELECT DISTINCT pump FROM boots ORDER BY pump")]

    def boots(self) -> list[tuple[Boot, str]]:
        """Every boot that has been heard of, with its pump's name."""
        with self._lock:
            rows = self._db.execute("SELECT board_id, boots, random, pump FROM boots ORDER BY id").fetchall()
        return [(Boot(*boot), pump) for *boot, pump in rows]

    def rollups(self, pump: str, span_s: int, since_s: int, until_s: int) -> list[Rollup]:
        """Spans of 1 s or 60 s that begin in this time, oldest first."""
        query = (
            "SELECT start_s, span_s, n, probe_min_mc, 1.0 * probe_sum_mc / probes, probe_max_mc, flow_min_nl_h, "
            "1.0 * flow_sum_nl_h / n, flow_max_nl_h, volume_nl FROM rollups "
            f"WHERE pump = ? AND span_s = ? AND start_s BETWEEN ? AND ? AND {SOUND_ROLLUP} ORDER BY start_s"
        )
        with self._asking() as db:
            return [Rollup(*row) for row in db.execute(query, (pump, span_s, since_s, until_s))]

    def declared(self, pump: str, until_ms: int | None = None) -> list[tuple[int, m.Hello | m.Info]]:
        """What the rig of this name said that it is: since when (milliseconds, UTC) and what, oldest first."""
        query = (
            "SELECT id, boot, utc_ms, payload FROM declarations WHERE boot IN (SELECT id FROM boots WHERE pump = ?) "
            "AND utc_ms <= ? ORDER BY utc_ms, id"
        )
        with self._asking() as db:
            found = db.execute(query, (pump, FOREVER_MS if until_ms is None else until_ms)).fetchall()
        rows = good_rows("declarations", found, self.bad_rows)
        return [(utc_ms, DECODERS[payload[0]](payload)) for _, _, utc_ms, payload in rows]  # type: ignore[misc]

    def by_time(self, pump: str, since_ms: int, until_ms: int) -> Iterator[Reading]:
        """A pump's readings in the order of their times, some at a time; both ends included."""
        after: tuple[int, int] | None = None
        while True:
            with self._asking() as db:
                rows = record_table.readings_by_time(db, pump, since_ms, until_ms, SOME, after)
                found = [self._entry(number, boot, Row(*rest), datings.NO_MARKS) for number, boot, *rest in rows]
            yield from (each.record for each in found if each and isinstance(each.record, Reading))
            if len(rows) < SOME:
                return
            since_ms = rows[-1][4]
            after = since_ms, rows[-1][0]

    def newest_ms(self, pump: str) -> int | None:
        """When the reading of this pump was made that came last; milliseconds since 1970, UTC."""
        with self._asking() as db:
            return record_table.newest_reading_ms(db, pump)

    def limit_lines(self, pumps: Sequence[str], until_ms: int) -> list[dict[str, Any]]:
        """Every change of a limit of these pumps up to this time (milliseconds since 1970, UTC), oldest first."""
        with self._asking() as db:
            return alarm_rows.limit_lines(db, pumps, until_ms, self.bad_rows)

    def alarm_lines(self, pump: str | None, since_ms: int, until_ms: int, limit: int) -> list[dict[str, Any]]:
        """What happened to alarms, oldest first; of more than `limit` the newest. Milliseconds since 1970, UTC."""
        with self._asking() as db:
            return alarm_rows.lines(db, pump, since_ms, until_ms, limit, self.bad_rows)

    def annotations(self, pump: str | None, since_ms: int, until_ms: int, limit: int) -> list[AnnotationRow]:
        """What people wrote at moments of this time, oldest first; of more than `limit` the newest."""
        with self._asking() as db:
            found = annotation_rows.between(db, pump, since_ms, until_ms, limit)
        return [AnnotationRow(*row) for row in good_rows("annotations", found, self.bad_rows)]

    def readings(self, pump: str, since_ms: int, until_ms: int, limit: int) -> list[tuple[float | None, ...]]:
        """Readings by time: Unix seconds, flow in uL/h, probe in degC, ambient in kPa, delivered in uL."""
        with self._asking() as db:
            found = record_table.readings_by_time(db, pump, since_ms, until_ms, limit)
        return [_plotted(row[4], DECODERS[READING](row[6])) for row in good_rows("records", found, self.bad_rows)]

    def spans(self, pump: str, span_s: int, since_s: int, until_s: int) -> list[tuple[float | None, ...]]:
        """Roll-ups by time: start, count, flow and probe each as minimum, mean, maximum, delivered; units as above."""
        query = (
            "SELECT start_s, n, flow_min_nl_h / 1e3, flow_sum_nl_h / 1e3 / n, flow_max_nl_h / 1e3, probe_min_mc / 1e3, "
            "probe_sum_mc / 1e3 / probes, probe_max_mc / 1e3, volume_nl / 1e3 FROM rollups "
            f"WHERE pump = ? AND span_s = ? AND start_s BETWEEN ? AND ? AND {SOUND_ROLLUP} ORDER BY start_s"
        )
        with self._asking() as db:
            return db.execute(query, (pump, span_s, since_s, until_s)).fetchall()

    def copy_to(self, target: sqlite3.Connection) -> None:
        """The whole journal as it is at one moment, while it is written."""
        with self._asking() as db:
            db.backup(target, pages=-1)

    def forget_names(self) -> None:
        """A pump was renamed."""
        with self._lock:
            self._boots.clear()

    def reopen(self) -> None:
        """The file of this name is another one now."""
        with database_errors(self.path):
            db = connect_reader(self.path)
        with self._lock:
            self._db.close()
            self._db = db
            self._boots.clear()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def _asking(self) -> Iterator[sqlite3.Connection]:
        """The one way to the database: one question at a time, and its errors in words."""
        with self._lock, database_errors(self.path):
            yield self._db

    def _entries(self, db: sqlite3.Connection, rows: list[Stored]) -> list[Entry]:
        marks = datings.marks(db)
        found = [self._entry(number, boot, Row(*rest), marks) for number, boot, *rest in rows]
        return [entry for entry in found if entry]

    def _entry(self, number: int, boot: int, row: Row, marks: datings.Marks) -> Entry | None:
        known = self._known(boot)
        if known is None:
            self.bad_rows.add("records", number, f"no boot {boot!r:.20}")
            return None
        try:
            return Entry(number, record(*known, row, marks.of(boot, row.kind, row.sequence)))
        except NotReadable as error:
            self.bad_rows.add("records", number, error)
        lost = unreadable(*known, row)
        return Entry(number, lost) if lost else None

    def _known(self, number: int) -> tuple[PumpName, Boot] | None:
        """Pump and boot of this number; None where there is no such row, or none that can be read."""
        if number not in self._boots:
            if len(self._boots) >= BOOTS_MAX:
                self._boots.clear()
            columns = "id, board_id, boots, random, pump, through, last_record"
            rows = self._db.execute(f"SELECT {columns} FROM boots WHERE id = ?", (number,)).fetchall()
            good = good_rows("boots", rows, self.bad_rows)
            # a text that another program, or an older version, left there costs no record
            self._boots[number] = (_name(good[0][4]), Boot(*good[0][1:4])) if good else None
        return self._boots[number]


def _plotted(utc_ms: int, message: Any) -> tuple[float | None, ...]:
    probe_mc, ambient_pa = message.probe_mc, message.ambient_pa
    return (
        utc_ms / 1e3,
        message.metered_flow_nl_h / 1e3,
        None if probe_mc is None else probe_mc / 1e3,
        None if ambient_pa is None else ambient_pa / 1e3,
        message.metered_volume_nl / 1e3,
    )


def _name(text: str) -> PumpName:
    return PumpName(text) if is_name(text) else fitted_name(text)
