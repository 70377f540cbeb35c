"""What the journal gives up, and says so: old raw records, too many of them, old roll-ups. All of it is counted.

What a taker had not read yet becomes a gap that stands where the records stood: this taker comes upon it in order, and
takers that are further do not. Refuses to remove imported readings for their age: they were old when they came.
"""

import sqlite3
from datetime import datetime
from typing import NamedTuple

from warmflow.device.identity import IMPORTED, Boot
from warmflow.device.updates import Gap
from warmflow.journal.migration import through
from warmflow.journal.rollup import SPANS_S
from warmflow.journal.row_codec import GAP, SUMMARY, row

AT_ONCE = 10_000  # records a call: retention never holds the writer for long
RECORD_BYTES = 40  # of table and indexes for one record beside its payload, as measured
UNREAD = "removed from the journal before it was read: the taker was away for too long"


class Limits(NamedTuple):
    """How much is kept."""

    raw_days: float = 7
    raw_bytes: int = 2_000_000_000
    rollup_days: float = 366


class _Range(NamedTuple):
    """What was removed of one boot behind somebody's cursor."""

    boot: int
    first: int
    last: int
    newest_id: int


def remove(db: sqlite3.Connection, now: datetime, limits: Limits) -> int:
    """Some of what is to go; how many records: call again while it is more than 0. Inside a transaction."""
    oldest_ms = round(now.timestamp() * 1000 - limits.raw_days * 86_400_000)
    kept = f"boot NOT IN (SELECT id FROM boots WHERE board_id LIKE '{IMPORTED}%')"
    gone = _remove(db, now, "age", f"WHERE utc_ms < ? AND {kept} ORDER BY utc_ms", (oldest_ms,))
    if not gone and raw_bytes(db) > limits.raw_bytes:
        gone = _remove(db, now, "size", "ORDER BY id", ())
    return gone + _remove_rollups(db, round(now.timestamp() - limits.rollup_days * 86_400))


def raw_bytes(db: sqlite3.Connection) -> int:
    """What all raw records take of the file, without roll-ups and without what is free inside it."""
    held = dict(db.execute("SELECT what, n FROM held").fetchall())
    return int(held["payload bytes"] + RECORD_BYTES * held["records"])


def count(db: sqlite3.Connection, records: int, payload_bytes: int) -> None:
    """So many more, or fewer, are held."""
    db.executemany("UPDATE held SET n = n + ? WHERE what = ?", ((records, "records"), (payload_bytes, "payload bytes")))


def _remove(db: sqlite3.Connection, now: datetime, why: str, which: str, values: tuple[int, ...]) -> int:
    db.execute("CREATE TEMP TABLE IF NOT EXISTS going (id INTEGER PRIMARY KEY)")
    db.execute("DELETE FROM going")
    db.execute(f"INSERT INTO going SELECT id FROM records {which} LIMIT {AT_ONCE}", values)
    records, size = db.execute(
        "SELECT count(*), coalesce(sum(length(payload)), 0) FROM records WHERE id IN (SELECT id FROM going)"
    ).fetchone()
    if not records:
        return 0
    said = _said_before(db)
    unread = _unread(db)
    db.execute("DELETE FROM records WHERE id IN (SELECT id FROM going)")
    count(db, -records, -size)
    for each in unread:
        _say(db, now, each)
    _add(db, why, records - len(said))
    return int(records - len(said))


def _unread(db: sqlite3.Connection) -> list[_Range]:
    """Ranges that some taker had not read; each such taker's loss is counted under its name."""
    cursors = db.execute("SELECT name, record FROM cursors").fetchall()
    said = _said_before(db)
    for name, record in cursors:
        behind = db.execute("SELECT count(*) FROM going WHERE id > ?", (record,)).fetchone()[0]
        _add(db, f"unread by {name}", behind - sum(1 for number in said if number > record))
    least = min((record for _, record in cursors), default=None)
    if least is None:
        return []
    found = db.execute(
        f"SELECT boot, min(sequence), max(sequence), max(id) FROM records "
        f"WHERE id IN (SELECT id FROM going) AND id > ? AND kind NOT IN ({GAP}, {SUMMARY}) GROUP BY boot",
        (least,),
    ).fetchall()
    ranges = {boot: _Range(boot, *rest) for boot, *rest in found}
    gaps = db.execute(
        "SELECT boot, id, sequence, kind, payload FROM records "
        f"WHERE id IN (SELECT id FROM going) AND id > ? AND kind = {GAP}",
        (least,),
    ).fetchall()
    for boot, number, sequence, kind, payload in gaps:
        old = ranges.get(boot, _Range(boot, sequence, 0, 0))
        last = max(old.last, through(sequence, kind, payload))
        ranges[boot] = _Range(boot, min(old.first, sequence), last, max(old.newest_id, number))
    return list(ranges.values())


def _say(db: sqlite3.Connection, now: datetime, removed: _Range) -> None:
    """A gap in the place of the last record that went."""
    pump, *boot = db.execute("SELECT pump, board_id, boots, random FROM boots WHERE id = ?", (removed.boot,)).fetchone()
    values = row(Gap(pump, Boot(*boot), removed.first, max(removed.first, removed.last), UNREAD), now)
    db.execute("INSERT OR IGNORE INTO records VALUES (?,?,?,?,?,?,?)", (removed.newest_id, removed.boot, *values))
    count(db, 1, len(values.payload))


def _said_before(db: sqlite3.Connection) -> list[int]:
    """Gaps among what goes that retention itself had left there: they are no records, and not counted again."""
    text = UNREAD.encode()
    query = f"SELECT id, payload FROM records WHERE id IN (SELECT id FROM going) AND kind = {GAP}"
    return [number for number, payload in db.execute(query).fetchall() if payload.endswith(text)]


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
    _add(db, "rollups by age", gone)
    return gone


def _rolled_up_pumps(db: sqlite3.Connection) -> list[str]:
    """Names in the roll-ups: `boots` knows only the last one of a board. Each is found by a search in the key."""
    found = list[str]()
    following = "SELECT pump FROM rollups WHERE pump > ? ORDER BY pump LIMIT 1"
    while row_found := db.execute(following, (found[-1] if found else "",)).fetchone():
        found.append(row_found[0])
    return found


def _add(db: sqlite3.Connection, what: str, records: int) -> None:
    if records:
        upsert = "ON CONFLICT DO UPDATE SET records = records + excluded.records"
        db.execute(f"INSERT INTO removed VALUES (?, ?) {upsert}", (what, records))
