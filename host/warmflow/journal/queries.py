"""The newest rows of a pump and a time out of any table that has `pump`, `utc_ms` and `id`. SQL alone."""

import sqlite3
from typing import Any


def newest(
    db: sqlite3.Connection, columns: str, table: str, pump: str | None, since_ms: int, until_ms: int, limit: int
) -> list[tuple[Any, ...]]:
    """Of more than `limit` the newest, oldest first; none out of an older file, opened for reading alone, that has no
    such table. `columns` and `table` must be constants of the program. Raises sqlite3.Error.
    """
    of_pump, values = ("", []) if pump is None else (" AND pump = ?", [pump])
    where = f"utc_ms BETWEEN ? AND ?{of_pump}"
    query = f"SELECT {columns} FROM {table} WHERE {where} ORDER BY utc_ms DESC, id DESC LIMIT ?"
    try:
        found = db.execute(query, (since_ms, until_ms, *values, limit)).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return []
        raise
    return found[::-1]
