"""Reading the journal: in the order of arrival, by pump and time, by roll-up. Its own read-only connection, so that no
reader waits for the writer's disk and none can hold the writer up.

Each call is one short transaction: a reader that stays in one would keep the log beside the file from being folded in.
"""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pumplink import messages as m
from pumplink.fastcodec import DECODERS
from warmflow.device.identity import Boot, PumpName, fitted_name, is_name
from warmflow.device.updates import Reading
from warmflow.journal import alarm_rows, annotation_rows
from warmflow.journal.annotation_rows import AnnotationRow
from warmflow.journal.row_codec import READING, Entry, JournalError, Row, record
from warmflow.journal.tables import connect_reader


class Wanted(NamedTuple):
    """Which records: None means all. Times are milliseconds since 1970, UTC, both ends included."""

    pump: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None


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


ALL = Wanted()
FOREVER_MS = 2**62
BOOTS_MAX = 10_000  # whose names are remembered
SOME = 5000  # rows of one transaction


class JournalReader:
    """A journal, open for reading; any thread may ask. Raises JournalError for a file that is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._db = connect_reader(path)
        except (sqlite3.Error, OSError, ValueError) as error:
            raise JournalError(f"{path}: {error}") from error
        self._lock = threading.Lock()
        self._boots: dict[int, tuple[PumpName, Boot]] = {}

    def after(self, record_id: int, limit: int = 1000, wanted: Wanted = ALL) -> list[Entry]:
        """The next records after this one, in the order of their arrival. Raises sqlite3.Error."""
        where, values = "id > ?", [record_id]
        if wanted.pump is not None:
            where += " AND boot IN (SELECT id FROM boots WHERE pump = ?)"
            values.append(wanted.pump)  # type: ignore[arg-type]
        for condition, value in (("utc_ms >= ?", wanted.since_ms), ("utc_ms <= ?", wanted.until_ms)):
            if value is not None:
                where += f" AND {condition}"
                values.append(value)
        query = f"SELECT id, boot, sequence, kind, utc_ms, late, payload FROM records WHERE {where} ORDER BY id LIMIT ?"
        with self._lock:
            rows = self._db.execute(query, (*values, limit)).fetchall()
            return [Entry(number, record(*self._known(boot), Row(*rest))) for number, boot, *rest in rows]

    def last(self) -> int:
        """Number of the newest record, 0 in an empty journal."""
        with self._lock:
            return int(self._db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0])

    def removed(self) -> dict[str, int]:
        """What retention has removed, by reason; "unread by X": of it, what the taker X had not had yet."""
        with self._lock:
            return dict(self._db.execute("SELECT what, records FROM removed").fetchall())

    def pumps(self) -> list[str]:
        with self._lock:
            return [name for (name,) in self._db.execute("SELECT DISTINCT pump FROM boots ORDER BY pump")]

    def rollups(self, pump: str, span_s: int, since_s: int, until_s: int) -> list[Rollup]:
        """Spans of 1 s or 60 s that begin in this time, oldest first."""
        query = (
            "SELECT start_s, span_s, n, probe_min_mc, 1.0 * probe_sum_mc / probes, probe_max_mc, flow_min_nl_h, "
            "1.0 * flow_sum_nl_h / n, flow_max_nl_h, volume_nl FROM rollups "
            "WHERE pump = ? AND span_s = ? AND start_s BETWEEN ? AND ? ORDER BY start_s"
        )
        with self._lock:
            return [Rollup(*row) for row in self._db.execute(query, (pump, span_s, since_s, until_s))]

    def declared(self, pump: str, until_ms: int | None = None) -> list[tuple[int, m.Hello | m.Info]]:
        """What the rig of this name said that it is: since when (milliseconds, UTC) and what, oldest first."""
        query = (
            "SELECT utc_ms, payload FROM declarations WHERE boot IN (SELECT id FROM boots WHERE pump = ?) "
            "AND utc_ms <= ? ORDER BY utc_ms, id"
        )
        with self._lock:
            rows = self._db.execute(query, (pump, FOREVER_MS if until_ms is None else until_ms)).fetchall()
        return [(utc_ms, DECODERS[payload[0]](payload)) for utc_ms, payload in rows]  # type: ignore[misc]

    def by_time(self, pump: str, since_ms: int, until_ms: int) -> Iterator[Reading]:
        """A pump's readings in the order of their times, some at a time; both ends included."""
        query = (
            "SELECT id, boot, sequence, kind, utc_ms, late, payload FROM records INDEXED BY by_time "
            "WHERE utc_ms BETWEEN ? AND ? AND (utc_ms, id) > (?, ?) AND kind = ? "
            "AND boot IN (SELECT id FROM boots WHERE pump = ?) ORDER BY utc_ms, id LIMIT ?"
        )
        at_ms, number = since_ms, -1
        while True:
            with self._lock:
                rows = self._db.execute(query, (at_ms, until_ms, at_ms, number, READING, pump, SOME)).fetchall()
                found = [record(*self._known(boot), Row(*rest)) for _, boot, *rest in rows]
            yield from (each for each in found if isinstance(each, Reading))
            if len(rows) < SOME:
                return
            number, at_ms = rows[-1][0], rows[-1][4]

    def newest_ms(self, pump: str) -> int | None:
        """When the reading of this pump was made that came last; milliseconds since 1970, UTC."""
        query = (
            "SELECT utc_ms FROM records WHERE kind = ? AND boot IN (SELECT id FROM boots WHERE pump = ?) "
            "ORDER BY id DESC LIMIT 1"
        )
        with self._lock:
            row = self._db.execute(query, (READING, pump)).fetchone()
        return int(row[0]) if row else None

    def alarm_lines(self, pump: str | None, since_ms: int, until_ms: int, limit: int) -> list[dict[str, Any]]:
        """What happened to alarms, oldest first; of more than `limit` the newest. Milliseconds since 1970, UTC."""
        with self._lock:
            return alarm_rows.lines(self._db, pump, since_ms, until_ms, limit)

    def annotations(self, pump: str | None, since_ms: int, until_ms: int, limit: int) -> list[AnnotationRow]:
        """What people wrote at moments of this time, oldest first; of more than `limit` the newest."""
        with self._lock:
            return annotation_rows.between(self._db, pump, since_ms, until_ms, limit)

    def readings(self, pump: str, since_ms: int, until_ms: int, limit: int) -> list[tuple[float | None, ...]]:
        """Readings by time: Unix seconds, flow in uL/h, probe in degC, ambient in kPa, delivered in uL."""
        query = (
            "SELECT utc_ms, payload FROM records INDEXED BY by_time WHERE utc_ms BETWEEN ? AND ? AND kind = ? "
            "AND boot IN (SELECT id FROM boots WHERE pump = ?) ORDER BY utc_ms, id LIMIT ?"
        )
        with self._lock:
            rows = self._db.execute(query, (since_ms, until_ms, READING, pump, limit)).fetchall()
        return [_plotted(utc_ms, DECODERS[READING](payload)) for utc_ms, payload in rows]

    def spans(self, pump: str, span_s: int, since_s: int, until_s: int) -> list[tuple[float | None, ...]]:
        """Roll-ups by time: start, count, flow and probe each as minimum, mean, maximum, delivered; units as above."""
        query = (
            "SELECT start_s, n, flow_min_nl_h / 1e3, flow_sum_nl_h / 1e3 / n, flow_max_nl_h / 1e3, probe_min_mc / 1e3, "
            "probe_sum_mc / 1e3 / probes, probe_max_mc / 1e3, volume_nl / 1e3 FROM rollups "
            "WHERE pump = ? AND span_s = ? AND start_s BETWEEN ? AND ? ORDER BY start_s"
        )
        with self._lock:
            return self._db.execute(query, (pump, span_s, since_s, until_s)).fetchall()

    def forget_names(self) -> None:
        """A pump was renamed."""
        with self._lock:
            self._boots.clear()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _known(self, number: int) -> tuple[PumpName, Boot]:
        if number not in self._boots:
            if len(self._boots) >= BOOTS_MAX:
                self._boots.clear()
            columns = "pump, board_id, boots, random"
            pump, *boot = self._db.execute(f"SELECT {columns} FROM boots WHERE id = ?", (number,)).fetchone()
            # a text that another program, or an older version, left there costs no record
            name = PumpName(pump) if is_name(pump) else fitted_name(pump)
            self._boots[number] = (name, Boot(*boot))
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
