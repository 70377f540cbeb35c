"""Annotations in the journal's file: what somebody wrote at a moment of a pump. SQL alone: who may write is not known
here, and nothing in it is ever changed, only taken away whole.
"""

import sqlite3
from typing import Any, NamedTuple

from warmflow.journal.queries import newest

KEPT_MAX = 100_000  # [chosen] of all pumps; more are refused, not the oldest forgotten: a person wrote them

TABLES = (
    "CREATE TABLE annotations (id INTEGER PRIMARY KEY AUTOINCREMENT, pump TEXT NOT NULL, utc_ms INTEGER NOT NULL, "
    "text TEXT NOT NULL, by TEXT NOT NULL, written_ms INTEGER NOT NULL)",
    "CREATE INDEX annotation_times ON annotations (pump, utc_ms)",
)
COLUMNS = "id, pump, utc_ms, text, by, written_ms"


class AnnotationRow(NamedTuple):
    """One annotation; its moment and when it was written are milliseconds since 1970, UTC."""

    id: int
    pump: str
    utc_ms: int
    text: str
    by: str
    written_ms: int


def store(db: sqlite3.Connection, pump: str, utc_ms: int, text: str, by: str, written_ms: int) -> AnnotationRow | None:
    """In the caller's transaction; None where there are KEPT_MAX already."""
    if int(db.execute("SELECT count(*) FROM annotations").fetchone()[0]) >= KEPT_MAX:
        return None
    insert = "INSERT INTO annotations (pump, utc_ms, text, by, written_ms) VALUES (?,?,?,?,?)"
    number = db.execute(insert, (pump, utc_ms, text, by, written_ms)).lastrowid
    assert number
    return AnnotationRow(number, pump, utc_ms, text, by, written_ms)


def remove(db: sqlite3.Connection, number: int) -> AnnotationRow | None:
    """The annotation that went; None if there was none of this number."""
    row = db.execute(f"SELECT {COLUMNS} FROM annotations WHERE id = ?", (number,)).fetchone()
    db.execute("DELETE FROM annotations WHERE id = ?", (number,))
    return AnnotationRow(*row) if row else None


def between(
    db: sqlite3.Connection, pump: str | None, since_ms: int, until_ms: int, limit: int
) -> list[tuple[Any, ...]]:
    """Rows of this time, oldest first, of more than `limit` the newest; none out of a file that knows none yet."""
    return newest(db, COLUMNS, "annotations", pump, since_ms, until_ms, limit)
