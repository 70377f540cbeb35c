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
    order = "ORDER BY utc_ms DESC, id DESC LIMIT ?"
    return _asked(db, f"SELECT {columns} FROM {table} WHERE {where} {order}", (since_ms, until_ms, *values, limit))[
        ::-1
    ]


def with_all(
    db: sqlite3.Connection, columns: str, table: str, where: str, values: tuple[Any, ...]
) -> list[tuple[Any, ...]]:
    """Every row that fits, oldest first; as `newest` does. `where` must be a constant of the program, too."""
    return _asked(db, f"SELECT {columns} FROM {table} WHERE {where} ORDER BY id", values)


def _asked(db: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    try:
        return db.execute(query, values).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return []
        raise
