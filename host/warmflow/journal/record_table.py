"""How records are stored: the one place between what the daemon asks for and the table of records.

The write path (`append`), the reader and the journal ask here, by number, by boot or by time, and get rows. Only what
tends the whole file reads or changes the table beside it: retention, redating, gaps, migration, check, salvage
(`tests/journal/test_record_table.py` lists them). SQL alone; transactions are the caller's.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from warmflow.journal import held
from warmflow.journal.bad_rows import UTC_MS_MAX
from warmflow.journal.row_codec import READING

Values = tuple[int, int, int, int, int, bytes]  # boot, sequence, kind, utc_ms, late, payload
Stored = tuple[Any, ...]  # the columns of one row; the file may be damaged, so each may hold anything
INSERT = "INSERT INTO records (boot, sequence, kind, utc_ms, late, payload) VALUES (?,?,?,?,?,?)"
COLUMNS = "id, boot, sequence, kind, utc_ms, late, payload"
OF_PUMP = "boot IN (SELECT id FROM boots WHERE pump = ?)"
BY_TIME = f"SELECT {COLUMNS} FROM records INDEXED BY by_time WHERE utc_ms BETWEEN ? AND ? AND kind = ? AND {OF_PUMP}"


class Wanted(NamedTuple):
    """Which records: None means all. Times are milliseconds since 1970, UTC, both ends included."""

    pump: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None


ALL = Wanted()


# writing


def store(db: sqlite3.Connection, rows: Sequence[Values], counts: Counter[str]) -> list[int]:
    """The record numbers that the rows got, 0 for what is there already. `counts`: appended, repeated, conflicts.

    At once where all are new, as they mostly are, else one by one.
    """
    db.execute("SAVEPOINT all_new")
    try:
        db.executemany(INSERT, rows)
    except sqlite3.IntegrityError:
        db.execute("ROLLBACK TO all_new")
        kept = [_insert_one(db, values, counts) for values in rows]
    else:
        newest = newest_id(db)
        kept = list(range(newest - len(rows) + 1, newest + 1))
    added = [(values[0], values[-1]) for values, number in zip(rows, kept, strict=True) if number]
    held.add(db, held.sizes(added))
    counts["appended"] += len(added)
    return kept


def _insert_one(db: sqlite3.Connection, values: Values, counts: Counter[str]) -> int:
    cursor = db.execute(INSERT.replace("INSERT", "INSERT OR IGNORE"), values)
    if cursor.rowcount:
        assert cursor.lastrowid
        return cursor.lastrowid
    counts[_again(db, values)] += 1
    return 0


def _again(db: sqlite3.Connection, values: Values) -> str:
    """A record that is there already: the same, or a conflict that is kept beside it."""
    boot, sequence, kind, utc_ms, _, payload = values
    where = "boot = ? AND sequence = ? AND kind = ?"
    found = db.execute(f"SELECT payload FROM records WHERE {where}", (boot, sequence, kind)).fetchone()
    if found and found[0] == payload:
        return "repeated"
    db.execute("INSERT INTO conflicts VALUES (?,?,?,?,?)", (boot, sequence, kind, utc_ms, payload))
    return "conflicts"


# reading


def newest_id(db: sqlite3.Connection) -> int:
    """Number of the newest record, 0 if there is none."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0])


def highest_id(db: sqlite3.Connection) -> int:
    """The highest number that a record ever had, those that were removed among them."""
    found = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
    return int(found[0]) if found else 0


def after(db: sqlite3.Connection, record_id: int, limit: int, wanted: Wanted = ALL) -> list[Stored]:
    """The next records after this one, in the order of their arrival."""
    where, values = "id > ?", list[Any]()
    if wanted.pump is not None:
        where += f" AND {OF_PUMP}"
        values.append(wanted.pump)
    for condition, value in (("utc_ms >= ?", wanted.since_ms), ("utc_ms <= ?", wanted.until_ms)):
        if value is not None:
            where += f" AND {condition}"
            values.append(value)
    query = f"SELECT {COLUMNS} FROM records WHERE {where} ORDER BY id LIMIT ?"
    return db.execute(query, (record_id, *values, limit)).fetchall()


def between(
    db: sqlite3.Connection, after_id: int, through_id: int, limit: int, only: Collection[str], without: Collection[str]
) -> list[Stored]:
    """Records between two numbers, the first of them left out: of the boards `only`, or of all but `without`.

    It goes through the rows by their numbers, whatever other index there is: those of other boards cost little.
    """
    boards, wanted = (only, "= 1") if only else (without, "= 0")
    where, values = "id > ? AND id <= ?", [after_id, through_id, *boards]
    if boards:
        some = ", ".join("?" * len(boards))
        where += f" AND (boot IN (SELECT id FROM boots WHERE board_id IN ({some})) IS TRUE) {wanted}"
    query = f"SELECT {COLUMNS} FROM records NOT INDEXED WHERE {where} ORDER BY id LIMIT ?"
    return db.execute(query, (*values, limit)).fetchall()


def readings_by_time(
    db: sqlite3.Connection, pump: str, since_ms: int, until_ms: int, limit: int, after: tuple[int, int] | None = None
) -> list[Stored]:
    """A pump's readings in the order of their times, both ends included; `after` this time and number."""
    behind, values = (" AND (utc_ms, id) > (?, ?)", after) if after else ("", ())
    query = f"{BY_TIME}{behind} ORDER BY utc_ms, id LIMIT ?"
    return db.execute(query, (since_ms, until_ms, READING, pump, *values, limit)).fetchall()


def newest_reading_ms(db: sqlite3.Connection, pump: str) -> int | None:
    """When the reading of this pump was made that came last; milliseconds since 1970, UTC."""
    query = (
        f"SELECT utc_ms FROM records WHERE kind = ? AND {OF_PUMP} "
        f"AND utc_ms BETWEEN 0 AND {UTC_MS_MAX} ORDER BY id DESC LIMIT 1"
    )
    row = db.execute(query, (READING, pump)).fetchone()
    return int(row[0]) if row else None
