"""Rows of records into the table: at once where all are new, as they mostly are, else one by one. SQL alone, inside the
caller's transaction.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence

from warmflow.journal import held
from warmflow.journal.gaps import INSERT

Values = tuple[int, int, int, int, int, bytes]  # boot, sequence, kind, utc_ms, late, payload


def insert(db: sqlite3.Connection, rows: Sequence[Values], counts: Counter[str]) -> list[int]:
    """The record numbers that the rows got, 0 for what is there already. `counts`: appended, repeated, conflicts."""
    db.execute("SAVEPOINT all_new")
    try:
        db.executemany(INSERT, rows)
    except sqlite3.IntegrityError:
        db.execute("ROLLBACK TO all_new")
        kept = [_insert_one(db, values, counts) for values in rows]
    else:
        newest = int(db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0])
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
