"""The numbers of rows: they only ever grow, since cursors count in them. SQL alone."""

import sqlite3

NUMBERED = ("records", "alarm_lines")  # tables whose numbers are never used again
SANE = 1 << 53  # a number beyond it is damaged; SQLite takes no further row behind the highest one that there is


def number_from(db: sqlite3.Connection, table: str, number: int) -> None:
    """The next row of this table gets a higher number."""
    if db.execute("SELECT 1 FROM sqlite_sequence WHERE name = ?", (table,)).fetchone():
        db.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (number, table))
    else:
        db.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, number))


def renumber(db: sqlite3.Connection) -> None:
    """Gives rows whose number is damaged the next ones, so that the table takes rows again."""
    for table in NUMBERED:
        damaged = [number for (number,) in db.execute(f"SELECT id FROM {table} WHERE id NOT BETWEEN 0 AND {SANE}")]
        for number in damaged:
            newest = db.execute(f"SELECT coalesce(max(id), 0) FROM {table} WHERE id BETWEEN 0 AND {SANE}").fetchone()[0]
            db.execute(f"UPDATE {table} SET id = ? WHERE id = ?", (newest + 1, number))
        wild = f"typeof(seq) != 'integer' OR seq NOT BETWEEN 0 AND {SANE}"
        newest = f"(SELECT coalesce(max(id), 0) FROM {table})"
        db.execute(f"UPDATE sqlite_sequence SET seq = {newest} WHERE name = ? AND ({wild})", (table,))
