"""A whole journal read once: what is wrong with the file, with single rows, and how far each sink has come. Changes
nothing, and waits for no writer.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from warmflow.journal import record_table
from warmflow.journal.bad_rows import TABLES, BadRows, NotReadable, check
from warmflow.journal.faults import database_errors
from warmflow.journal.tables import KEYS, connect_reader

DAMAGE_MAX = 20  # lines of SQLite on one file
BAD_MAX = 20  # numbers of bad rows that are shown of a table


class Checked(NamedTuple):
    """`damage`: what SQLite says of the file, nothing if it is sound. `sizes`: rows by table."""

    damage: list[str]
    sizes: Counter[str]
    bad_rows: BadRows
    cursors: dict[str, int]
    newest: int

    def lines(self) -> list[str]:
        """For a person, one fact a line."""
        lines = [f"damage: {each}" for each in self.damage]
        lines += [f"{table}: {count} rows" for table, count in sorted(self.sizes.items())]
        lines += [
            f"sink {name}: has {min(at, self.newest)} of {self.newest} records" for name, at in self.cursors.items()
        ]
        if text := self.bad_rows.text():
            lines.append(f"rows that cannot be read: {text}")
        return lines


def checked(path: Path, progress: Callable[[str], None] = lambda what: None) -> Checked:
    """Raises JournalError for a file that cannot be opened as a journal."""
    bad_rows, sizes = BadRows(), Counter[str]()
    with database_errors(path), closing(connect_reader(path)) as db:
        progress("reads every page")
        damage = _damage(db)
        for table in TABLES:
            progress(f"reads {table}")
            try:
                sizes[table] = _rows(db, table, bad_rows)
            except sqlite3.DatabaseError as error:
                if "no such table" not in str(error):  # of a version that had none
                    damage.append(f"{table}: {error}")
        try:
            cursors = dict(db.execute("SELECT name, record FROM cursors WHERE typeof(record) = 'integer'").fetchall())
            newest = record_table.newest_id(db)
        except sqlite3.DatabaseError:
            cursors, newest = {}, 0
    return Checked(damage, sizes, bad_rows, cursors, newest)


def _damage(db: sqlite3.Connection) -> list[str]:
    try:
        found = [str(line) for (line,) in db.execute(f"PRAGMA integrity_check({DAMAGE_MAX})")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    return [] if found == ["ok"] else [" ".join(line.split()) for line in found]


def _rows(db: sqlite3.Connection, table: str, bad_rows: BadRows) -> int:
    count = 0
    number = KEYS.get(table, "rowid").split(",")[0]
    orphans = set[int]()
    if table in ("records", "declarations"):
        known = {boot for (boot,) in db.execute("SELECT id FROM boots")}
        orphans = {boot for (boot,) in db.execute(f"SELECT DISTINCT boot FROM {table}")} - known
    for key, *values in db.execute(f"SELECT {number}, * FROM {table}"):
        count += 1
        try:
            check(table, tuple(values))
            if orphans and values[1] in orphans:
                raise NotReadable(f"no boot {values[1]!r:.20}")
        except NotReadable as error:
            bad_rows.add(table, key, error)
    return count
