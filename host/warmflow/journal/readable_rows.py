"""Rows of a table that may be damaged: what can be read, from both sides of what cannot. SQL alone."""

import sqlite3
from collections.abc import Iterator
from typing import Any

SOME = 1000  # rows at a time, until one of them cannot be read
FAR = 1 << 48  # behind every number of a row

Values = tuple[Any, ...]


def numbered(db: sqlite3.Connection, table: str) -> Iterator[Values]:
    """Rows of a table that numbers them, each behind its number (`rowid`). Behind a number that cannot be read it goes
    on with the next one that can. Raises sqlite3.Error where not even the table is there.
    """
    at, some = -1, SOME
    while True:
        try:
            found = _behind(db, table, at, some)
        except sqlite3.DatabaseError:
            if some > 1:
                some = 1
                continue
            skipped = _next_readable(db, table, at)
            if skipped is None:
                return
            at = skipped
            continue
        yield from found
        if not found:
            return
        at, some = found[-1][0], SOME if some == SOME else min(SOME, 2 * some)


def keyed(db: sqlite3.Connection, table: str, key: str) -> Iterator[Values]:
    """Rows of a table that has no numbers: from its beginning, then from its end, each up to what cannot be read. Rows
    may come twice.
    """
    names = key.split(", ")
    for order in ("ASC", "DESC"):
        whole = True
        try:
            yield from db.execute(f"SELECT * FROM {table} ORDER BY {', '.join(f'{name} {order}' for name in names)}")
        except sqlite3.DatabaseError:
            whole = False
        if whole:
            return


def _behind(db: sqlite3.Connection, table: str, at: int, some: int) -> list[Values]:
    query = f"SELECT rowid, * FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"
    return db.execute(query, (at, some)).fetchall()


def _next_readable(db: sqlite3.Connection, table: str, at: int) -> int | None:
    """The least number behind which a row can be read, as far as bisection finds it; None if there is none."""
    step = 1
    while not _reads(db, table, at + step):
        step *= 2
        if step > FAR:
            return None
    low, high = at + step // 2, at + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _reads(db, table, middle) else (middle, high)
    return high


def _reads(db: sqlite3.Connection, table: str, at: int) -> bool:
    try:
        _behind(db, table, at, 1)
    except sqlite3.DatabaseError:
        return False
    return True
