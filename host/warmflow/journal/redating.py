"""Gives stored records other times, some at a time, each in one transaction with what follows from it.

A record that gets another time is stored anew, as the newest one: every durable sink reads it again, marked, under the
same key. Roll-ups of the spans that it leaves are made anew from what stays, and it is added to those that it comes to.
What time is right is decided elsewhere (`device/clock/redating.py`).
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from warmflow.device.clock.redating import Point, Redating, Segment
from warmflow.device.host_clock import Dating
from warmflow.device.identity import IMPORTED, REPLAYED, Boot, fitted_name
from warmflow.device.updates import Reading
from warmflow.journal import datings, rollup
from warmflow.journal.bad_rows import DECLARED_KINDS, RECORD_KINDS, NotReadable, decoded, time
from warmflow.journal.datings import DECLARATION, FIELDS, Range
from warmflow.journal.record_table import INSERT
from warmflow.journal.row_codec import EVENT, READING, Row, record

LOOK = 20  # rows at an end of a range: damaged ones are passed over
AT_ONCE = 2000  # records of one transaction
UNKNOWN = Dating("", 0, 0, 0)  # of records in no range
RECORDS = "SELECT sequence, utc_ms, payload FROM records WHERE boot = ? AND kind = ? AND sequence BETWEEN ? AND ?"
DECLARED = "SELECT id, utc_ms, payload FROM declarations WHERE boot = ? AND ? AND id BETWEEN ? AND ?"
OWN = f"b.board_id NOT LIKE '{IMPORTED}%' AND b.board_id NOT LIKE '{REPLAYED}%'"


class Asked(NamedTuple):
    """Which segments may need other times: of these boots, of these sessions where the date was moved since (see
    `Dating.corrected_ms`), and all that are dated later than this.
    """

    boots: frozenset[Boot]
    sessions: Mapping[str, float]
    future_ms: int


def segments(db: sqlite3.Connection, asked: Asked) -> list[Segment]:
    """As they are stored. Inside a transaction: ranges without records are removed."""
    found = []
    for values in list(_ranges(db, asked)):
        if not datings.is_sound(*values[1:]):
            continue
        boot, range_ = Boot(*values[:3]), Range(*values[3:8])
        ends = _ends(db, range_)
        if ends:
            dating = datings.dating(values[8:])
            found.append(Segment(boot, range_.kind, range_.first, range_.last, dating, *ends))
        else:
            datings.drop(db, range_)
    return found + [each for each in _future(db, asked) if not _among(each, found)]


def carry_out(db: sqlite3.Connection, move: Redating, pump: str, boot: int) -> int:
    """Does a part of the work; returns the number of records, 0 at the end. Inside a transaction."""
    segment = move.segment
    number = datings.number(db, move.dating)
    old = _covering(db, boot, segment)
    if move.stays:
        datings.replace(db, old, segment.last, number)
        return 0
    through, moved = (_declarations if segment.kind == DECLARATION else _records)(db, move, pump, boot)
    datings.replace(db, old, through, number)
    return moved


def _ranges(db: sqlite3.Connection, asked: Asked) -> Iterator[tuple[Any, ...]]:
    columns = f"b.board_id, b.boots, b.random, d.boot, d.kind, d.first, d.last, d.dating, {FIELDS}"
    tables = "dated d JOIN boots b ON b.id = d.boot JOIN datings t ON t.id = d.dating"
    order = "ORDER BY d.boot, d.kind, d.first"
    for session, corrected_s in asked.sessions.items():
        moved = "t.session = ? AND t.corrected_ms <> ?"
        for values in db.execute(
            f"SELECT {columns} FROM {tables} WHERE {moved} {order}", (session, corrected_s * 1000)
        ):
            if Boot(*values[:3]) not in asked.boots:
                yield values
    of_boot = "b.board_id = ? AND b.boots = ? AND b.random = ?"
    for boot in asked.boots:
        yield from db.execute(f"SELECT {columns} FROM {tables} WHERE {of_boot} {order}", boot)


def _ends(db: sqlite3.Connection, each: Range) -> tuple[Point, Point] | None:
    query, values = DECLARED if each.kind == DECLARATION else RECORDS, (each.boot, each.kind, each.first, each.last)
    ends = [
        next(
            (
                point
                for row in db.execute(f"{query} ORDER BY 1 {order} LIMIT {LOOK}", values)
                if (point := _point(*row))
            ),
            None,
        )
        for order in ("", "DESC")
    ]
    return (ends[0], ends[1]) if ends[0] and ends[1] else None


def _future(db: sqlite3.Connection, asked: Asked) -> list[Segment]:
    """Records that are later than now, whatever dated them; those that are known to be uncertain apart."""
    query = (
        f"SELECT b.board_id, b.boots, b.random, r.boot, r.kind, min(r.sequence), max(r.sequence) FROM records r "
        f"INDEXED BY by_time JOIN boots b ON b.id = r.boot "
        f"WHERE r.utc_ms > ? AND r.kind IN ({READING}, {EVENT}) AND {OWN} GROUP BY r.boot, r.kind"
    )
    marks, found = datings.marks(db), []
    for *boot, number, kind, first, last in db.execute(query, (asked.future_ms,)).fetchall():
        ends = _ends(db, Range(number, kind, first, last, 0))
        known = marks.of(number, kind, last)
        if ends and not (known and known.uncertain):
            found.append(Segment(Boot(*boot), kind, first, last, None, *ends))
    return found


def _among(future: Segment, found: list[Segment]) -> bool:
    return any((each.boot, each.kind) == (future.boot, future.kind) for each in found)


def _covering(db: sqlite3.Connection, boot: int, segment: Segment) -> Range:
    """The range that a segment is; one is made for records that are in none, or only in a part of one."""
    where = "boot = ? AND kind = ? AND first <= ? AND last >= ?"
    key = (boot, segment.kind, segment.first, segment.last)
    found = db.execute(f"SELECT dating FROM dated WHERE {where}", key).fetchone()
    old = Range(*key, found[0] if found else datings.number(db, UNKNOWN))
    datings.drop_within(db, old)
    db.execute("INSERT INTO dated VALUES (?,?,?,?,?)", old)
    return old


def _declarations(db: sqlite3.Connection, move: Redating, pump: str, boot: int) -> tuple[int, int]:
    segment = move.segment
    values = (boot, DECLARATION, segment.first, segment.last)
    rows = db.execute(f"{DECLARED} ORDER BY id", values).fetchall()
    times = [(move.utc_ms(point), each[0]) for each in rows if (point := _point(*each))]
    db.executemany("UPDATE declarations SET utc_ms = ? WHERE id = ?", times)
    return segment.last, len(rows)


def _records(db: sqlite3.Connection, move: Redating, pump: str, boot: int) -> tuple[int, int]:
    segment = move.segment
    rows = db.execute(
        "SELECT id, sequence, kind, utc_ms, late, payload FROM records WHERE boot = ? AND kind = ? "
        "AND sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?",
        (boot, segment.kind, segment.first, segment.last, AT_ONCE),
    ).fetchall()
    through = segment.last if len(rows) < AT_ONCE else rows[-1][1]
    points = [_point(each[1], each[3], each[5]) for each in rows]
    rows = [each for each, point in zip(rows, points, strict=True) if point]  # a damaged one stays where it is
    old = [Row(*each[1:]) for each in rows]
    times = [move.utc_ms(point) for point in points if point]
    new = [each._replace(utc_ms=utc_ms) for each, utc_ms in zip(old, times, strict=True)]
    if segment.kind == READING:
        _leave_rollups(db, pump, {each[0] for each in rows}, old)
    db.executemany("DELETE FROM records WHERE id = ?", [each[:1] for each in rows])
    db.executemany(INSERT, [(boot, *each) for each in new])
    if segment.kind == READING:
        db.executemany(rollup.UPSERT, rollup.rolled_up(_readings(pump, segment.boot, new)))
    return through, len(rows)


def _leave_rollups(db: sqlite3.Connection, pump: str, going: set[int], rows: Iterable[Row]) -> None:
    """Spans that these readings leave are made anew from the others in them. A span of which retention has removed
    readings stays as it is: nothing else knows of those.
    """
    minutes = {each.utc_ms // 60_000 * 60 for each in rows}
    touched = {each.utc_ms // 1000 for each in rows} | minutes
    for minute in sorted(minutes):
        there = _readings_in(db, pump, minute)
        whole, staying = _by_span(each for _, each in there), _by_span(e for number, e in there if number not in going)
        for (_, span_s, start_s), values in whole.items():
            if span_s == 1 and start_s not in touched:
                continue
            key = "WHERE pump = ? AND span_s = ? AND start_s = ? AND n = ?"
            done = db.execute(f"DELETE FROM rollups {key}", (pump, span_s, start_s, values[3])).rowcount
            if done and (rest := staying.get((pump, span_s, start_s))):
                db.execute(rollup.UPSERT, rest)


def _by_span(readings: Iterable[Reading]) -> Mapping[tuple[str, int, int], tuple[Any, ...]]:
    return {row[:3]: row for row in rollup.rolled_up(readings)}


def _readings_in(db: sqlite3.Connection, pump: str, minute_s: int) -> list[tuple[int, Reading]]:
    query = (
        "SELECT id, sequence, kind, utc_ms, late, payload FROM records INDEXED BY by_time "
        "WHERE utc_ms BETWEEN ? AND ? AND kind = ? AND boot IN (SELECT id FROM boots WHERE pump = ?)"
    )
    values = (minute_s * 1000, minute_s * 1000 + 59_999, READING, pump)
    nobody = Boot("", 0, 0)
    rows = db.execute(query, values).fetchall()
    return [(each[0], reading) for each in rows for reading in _readings(pump, nobody, [Row(*each[1:])])]


def _readings(pump: str, boot: Boot, rows: Iterable[Row]) -> Iterator[Reading]:
    for each in rows:
        with contextlib.suppress(NotReadable):
            found = record(fitted_name(pump), boot, each)
            if isinstance(found, Reading):
                yield found


def _point(_: object, utc_ms: object, payload: object) -> Point | None:
    """None for a row that cannot be read."""
    try:
        kind = payload[0] if isinstance(payload, bytes) and payload else -1
        return Point(decoded(RECORD_KINDS | DECLARED_KINDS, kind, payload).uptime_ms, time(utc_ms))
    except NotReadable:
        return None
