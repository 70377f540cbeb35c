"""How far each sink has come, in the journal's file. SQL alone."""

import sqlite3

from warmflow.journal import ages
from warmflow.journal.bad_rows import BadRows, good_rows


def all_cursors(db: sqlite3.Connection, bad_rows: BadRows) -> dict[str, int]:
    """By name. One that cannot be read counts as none: its sink gets everything again."""
    rows = db.execute("SELECT name, record, used_s FROM cursors").fetchall()
    return {name: record for name, record, _ in good_rows("cursors", rows, bad_rows)}


def move(db: sqlite3.Connection, name: str, record_id: int) -> None:
    """In the caller's transaction."""
    db.execute(
        "INSERT INTO cursors VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record",
        (name, record_id, ages.newest(db).open_s),
    )


def forget(db: sqlite3.Connection, name: str) -> bool:
    """False if there was none. In the caller's transaction."""
    return bool(db.execute("DELETE FROM cursors WHERE name = ?", (name,)).rowcount)
