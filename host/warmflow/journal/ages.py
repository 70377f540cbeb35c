"""How long records have been held, by evidence that no clock can forge: the order of their arrival, and the time that
the journal has been open since.

About once a minute a mark says: when the journal had been open for so many seconds, this record was the newest one. A
record up to a mark is at least as old as the mark. While nothing runs nothing ages: a record may be older, but never
younger, than its age here. The date in a mark only translates an age into a date for roll-ups, which have no order of
arrival.
"""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

MARK_S = 30.0  # at least so far apart
OPEN_S_MAX = 3_155_760_000  # a hundred years: a mark beyond it is damaged
ABANDONED_S = 30 * 86_400.0  # a cursor that nobody has opened for so long, while the journal was open, holds nothing

TABLE = """
CREATE TABLE marks (             -- ages without a date: so long was the journal open when this record was the newest
  open_s REAL PRIMARY KEY, record INTEGER NOT NULL, utc_ms INTEGER NOT NULL
)
"""


class Mark(NamedTuple):
    """What was there when the journal had been open for `open_s` seconds, over all its runs."""

    open_s: float
    record: int
    utc_ms: int


def newest(db: sqlite3.Connection) -> Mark:
    """The last mark; of a new journal one at 0."""
    return _mark(db, "ORDER BY open_s DESC LIMIT 1") or Mark(0.0, 0, 0)


def add(db: sqlite3.Connection, mark: Mark, in_use: Iterable[str]) -> None:
    """One more mark. The cursors in use are not abandoned at this time."""
    db.execute("INSERT INTO marks VALUES (?,?,?)", mark)
    db.executemany(
        "INSERT INTO cursors VALUES (?, 0, ?) ON CONFLICT DO UPDATE SET used_s = excluded.used_s",
        [(name, mark.open_s) for name in in_use],
    )


def held_for(db: sqlite3.Connection, seconds: float) -> Mark | None:
    """The newest mark that is at least so old; None if the journal has not been open for so long."""
    return _mark(db, "WHERE open_s <= ? ORDER BY open_s DESC LIMIT 1", newest(db).open_s - seconds)


def read_by_all(db: sqlite3.Connection) -> int | None:
    """The last record that every cursor has passed, abandoned cursors apart; None if there is no cursor."""
    query = "SELECT min(record) FROM cursors WHERE used_s >= ?"
    found = db.execute(query, (newest(db).open_s - ABANDONED_S,)).fetchone()[0]
    return None if found is None else int(found)


def forget_before(db: sqlite3.Connection, mark: Mark) -> None:
    """Removes marks that are older than this one."""
    db.execute("DELETE FROM marks WHERE open_s < ?", (mark.open_s,))


def _mark(db: sqlite3.Connection, which: str, *values: float) -> Mark | None:
    sound = "(SELECT * FROM marks WHERE typeof(record) = 'integer' AND typeof(utc_ms) = 'integer' "
    sound += f"AND typeof(open_s) IN ('real', 'integer') AND open_s BETWEEN 0 AND {OPEN_S_MAX})"
    found = db.execute(f"SELECT open_s, record, utc_ms FROM {sound} {which}", values).fetchone()
    return Mark(*found) if found else None
