"""What the journal removes: old raw records, too many of them, old roll-ups. All of it is counted.

By age only what every cursor has passed goes, at most a share of it an hour, and never because of a date (see
`ages.py`). By size the oldest records of the board that holds the most go at any rate: what a sink had not read yet
becomes a gap in their place, which names the sink. This sink reads it in order; sinks that are further do not see it.
Imported readings are not removed by age: they were old when they came.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from warmflow.device.identity import IMPORTED, Boot
from warmflow.device.updates import Gap, SummaryGap
from warmflow.journal import ages, held, summary_gaps
from warmflow.journal.bad_rows import DECODE_ERRORS
from warmflow.journal.held import Size
from warmflow.journal.migration import NO_END, through
from warmflow.journal.rollup import SPANS_S
from warmflow.journal.row_codec import GAP, SUMMARY, SUMMARY_GAP, row

AT_ONCE = 10_000  # records a call: retention never holds the writer for long
UNREAD = "removed from the journal before it was read"
SHARE_AN_HOUR = 0.1  # of what is held: no more goes by age
SOUND = "typeof(boot) = 'integer' AND typeof(sequence) = 'integer'"  # of a row that says which record it is
DAY_S = 86_400.0
HOUR_S = 3600.0


def unread_by(names: Iterable[str]) -> str:
    """Why these records are a gap."""
    return f"{UNREAD} by {', '.join(names)}: it was away for too long"


class Limits(NamedTuple):
    """How much is kept."""

    raw_days: float = 7
    raw_bytes: int = 2_000_000_000
    rollup_days: float = 366


class _Range(NamedTuple):
    """What was removed of one boot behind somebody's cursor: sequences, or minutes for a `gap` of these."""

    gap: int
    boot: int
    first: int
    last: int
    newest_id: int
    unread_by: str


class Removed(NamedTuple):
    """How many went in one call."""

    by_age: int = 0
    by_size: int = 0
    rollups: int = 0


def most_an_hour(db: sqlite3.Connection, limits: Limits) -> float:
    """So many raw records may go by age in an hour: a share of all, or twice what comes where `raw_days` is short."""
    share = max(SHARE_AN_HOUR, 2 * HOUR_S / (limits.raw_days * DAY_S))
    return max(1.0, share * held.total(db).records)


def remove_raw(db: sqlite3.Connection, now: datetime, limits: Limits, most_by_age: int) -> Removed:
    """Some of what is to go: call again while it removes anything. Inside a transaction."""
    by_age = _remove_by_age(db, now, limits.raw_days * DAY_S, min(most_by_age, AT_ONCE))
    if by_age or raw_bytes(db) <= limits.raw_bytes:
        return Removed(by_age=by_age)
    return Removed(by_size=_remove_by_size(db, now, limits.raw_bytes))


def remove_rollups(db: sqlite3.Connection, now: datetime, limits: Limits) -> Removed:
    """The same for roll-ups. They have dates alone: they go when two dates, read a whole `rollup_days` of running
    apart, both say that they are old.
    """
    old = ages.held_for(db, limits.rollup_days * DAY_S)
    if old is None:
        return Removed()
    ages.forget_before(db, old)
    oldest_s = min(now.timestamp() - limits.rollup_days * DAY_S, old.utc_ms / 1000)
    return Removed(rollups=_remove_rollups(db, round(oldest_s)))


def raw_bytes(db: sqlite3.Connection) -> int:
    """What all raw records take of the file, without roll-ups and without what is free inside it."""
    return held.total(db).bytes


def _remove_by_age(db: sqlite3.Connection, now: datetime, seconds: float, most: int) -> int:
    old = ages.held_for(db, seconds)
    if old is None or most < 1:
        return 0
    read = ages.read_by_all(db)
    last = old.record if read is None else min(old.record, read)
    own = f"boot NOT IN (SELECT id FROM boots WHERE board_id LIKE '{IMPORTED}%')"
    return _remove(db, now, "age", f"WHERE id <= ? AND {own} ORDER BY id", (last,), most)


def _remove_by_size(db: sqlite3.Connection, now: datetime, raw_bytes: int) -> int:
    """The oldest records of the board that holds the most, no more than have to go: one that floods pushes out its own.
    In the order of their sequences, which an index has.
    """
    size = held.total(db)
    most = min(AT_ONCE, 1 + (size.bytes - raw_bytes) * size.records // max(1, size.bytes))
    for boot in held.largest_board(db):
        if gone := _remove(db, now, "size", "WHERE boot = ? ORDER BY sequence, kind", (boot,), most):
            return gone
    return _remove(db, now, "size", "ORDER BY id", (), most)  # rows that are damaged are left


def _remove(db: sqlite3.Connection, now: datetime, why: str, which: str, values: tuple[int, ...], most: int) -> int:
    said = _choose(db, which, values, most)
    query = "SELECT boot, count(*), coalesce(sum(length(payload)), 0) FROM records WHERE id IN (SELECT id FROM going)"
    going = {boot: Size(*rest) for boot, *rest in db.execute(f"{query} GROUP BY boot").fetchall()}
    if not going:
        return 0
    unread = _unread(db)
    db.execute("DELETE FROM records WHERE id IN (SELECT id FROM going)")
    held.add(db, going, -1)
    for each in unread:
        _say(db, now, each)
    gone = sum(size.records for size in going.values()) - len(said)
    add_removed(db, why, gone)
    return gone


def _choose(db: sqlite3.Connection, which: str, values: tuple[int, ...], most: int) -> list[int]:
    """Fills `going` with at most so many records, and with retention's own gaps among them, which are no records: they
    become part of wider ones. Gives these gaps.
    """
    db.execute("CREATE TEMP TABLE IF NOT EXISTS going (id INTEGER PRIMARY KEY)")
    said: list[int] = []
    limit = 0
    while limit < most + len(said):
        limit = most + len(said)
        db.execute("DELETE FROM going")
        db.execute(f"INSERT INTO going SELECT id FROM records {which} LIMIT {limit}", values)
        said = _said_before(db)
    return said


def _unread(db: sqlite3.Connection) -> list[_Range]:
    """Ranges that some taker had not read; each such taker's loss is counted under its name."""
    cursors = db.execute("SELECT name, record FROM cursors WHERE typeof(record) = 'integer'").fetchall()
    said = _said_before(db)
    for name, record in cursors:
        behind = db.execute("SELECT count(*) FROM going WHERE id > ?", (record,)).fetchone()[0]
        add_removed(db, f"unread by {name}", behind - sum(1 for number in said if number > record))
    least = min((record for _, record in cursors), default=None)
    if least is None:
        return []
    [last] = db.execute("SELECT max(id) FROM going").fetchone()
    why = unread_by(sorted(name for name, record in cursors if record < last))
    return [*_ranges(db, least, GAP, why), *_ranges(db, least, SUMMARY_GAP, why)]


def _ranges(db: sqlite3.Connection, least: int, gap: int, why: str) -> Iterable[_Range]:
    """Of each boot what goes behind this record, with the gaps of this kind that are in it."""
    what = f"kind = {SUMMARY}" if gap == SUMMARY_GAP else f"kind NOT IN ({GAP}, {SUMMARY}, {SUMMARY_GAP})"
    found = db.execute(
        f"SELECT boot, min(sequence), max(sequence), max(id) FROM records "
        f"WHERE id IN (SELECT id FROM going) AND id > ? AND {what} AND {SOUND} GROUP BY boot",
        (least,),
    ).fetchall()
    ranges = {boot: _Range(gap, boot, first, end, newest_id, why) for boot, first, end, newest_id in found}
    gaps = db.execute(
        "SELECT boot, id, sequence, kind, payload FROM records "
        f"WHERE id IN (SELECT id FROM going) AND id > ? AND kind = {gap} AND {SOUND}",
        (least,),
    ).fetchall()
    for boot, number, sequence, kind, payload in gaps:
        old = ranges.get(boot, _Range(gap, boot, sequence, 0, 0, why))
        last = max(old.last, _end(sequence, kind, payload))
        ranges[boot] = _Range(gap, boot, min(old.first, sequence), last, max(old.newest_id, number), why)
    return ranges.values()


def _say(db: sqlite3.Connection, now: datetime, removed: _Range) -> None:
    """A gap in the place of the last record that went."""
    query = "SELECT pump, board_id, boots, random FROM boots WHERE id = ?"
    found = db.execute(query, (removed.boot,)).fetchone()
    if found is None or not all(
        isinstance(n, int) and 0 <= n <= NO_END for n in (*found[2:], removed.first, removed.last)
    ):
        return  # a row that is damaged: nobody knows what it was
    pump, *boot = found
    update = SummaryGap if removed.gap == SUMMARY_GAP else Gap
    values = row(update(pump, Boot(*boot), removed.first, max(removed.first, removed.last), removed.unread_by), now)
    db.execute("INSERT OR IGNORE INTO records VALUES (?,?,?,?,?,?,?)", (removed.newest_id, removed.boot, *values))
    held.add(db, {removed.boot: Size(1, len(values.payload))})


def _end(sequence: int, kind: int, payload: bytes) -> int:
    """What a row speaks of last; of a damaged one its sequence."""
    try:
        return summary_gaps.decode(payload).last if kind == SUMMARY_GAP else through(sequence, kind, payload)
    except DECODE_ERRORS:
        return sequence


def _said_before(db: sqlite3.Connection) -> list[int]:
    """Gaps among what goes that retention itself had left there: they are no records, and not counted again."""
    text = UNREAD.encode()
    query = f"SELECT id, payload FROM records WHERE id IN (SELECT id FROM going) AND kind IN ({GAP}, {SUMMARY_GAP}) "
    query += "AND typeof(payload) = 'blob'"
    return [number for number, payload in db.execute(query).fetchall() if text in payload]


def _remove_rollups(db: sqlite3.Connection, oldest_s: int) -> int:
    """Pump by pump: the key begins with it, and a year of seconds is not to be searched."""
    gone = 0
    for pump in _rolled_up_pumps(db):
        for span_s in SPANS_S:
            key = "pump = ? AND span_s = ? AND start_s < ?"
            some = f"SELECT start_s FROM rollups WHERE {key} ORDER BY start_s LIMIT {AT_ONCE}"
            gone += db.execute(
                f"DELETE FROM rollups WHERE pump = ? AND span_s = ? AND start_s IN ({some})",
                (pump, span_s, pump, span_s, oldest_s),
            ).rowcount
    add_removed(db, "rollups by age", gone)
    return gone


def _rolled_up_pumps(db: sqlite3.Connection) -> list[str]:
    """Names in the roll-ups: `boots` knows only the last one of a board. Each is found by a search in the key."""
    found = list[str]()
    following = "SELECT pump FROM rollups WHERE pump > ? ORDER BY pump LIMIT 1"
    while row_found := db.execute(following, (found[-1] if found else "",)).fetchone():
        found.append(row_found[0])
    return found


def add_removed(db: sqlite3.Connection, what: str, records: int) -> None:
    """So many went for this reason."""
    if records:
        upsert = "ON CONFLICT DO UPDATE SET records = records + excluded.records"
        db.execute(f"INSERT INTO removed VALUES (?, ?) {upsert}", (what, records))
