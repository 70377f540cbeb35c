"""What is held in the journal, counted as it comes and goes: in all, and for each boot. SQL alone."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

RECORD_BYTES = 40  # of table and indexes for one record beside its payload, as measured
OF_BOOT = "boot "  # before a boot's number: the bytes of its records


class Size(NamedTuple):
    """Records, and the bytes of their payloads."""

    records: int
    payload_bytes: int

    @property
    def bytes(self) -> int:
        """What they take of the file."""
        return self.payload_bytes + RECORD_BYTES * self.records


def sizes(rows: Iterable[tuple[int, bytes]]) -> dict[int, Size]:
    """Of records, each a boot's number and a payload, by boot."""
    found: dict[int, Size] = {}
    for boot, payload in rows:
        old = found.get(boot, Size(0, 0))
        found[boot] = Size(old.records + 1, old.payload_bytes + len(payload))
    return found


def add(db: sqlite3.Connection, by_boot: Mapping[Any, Size], sign: int = 1) -> None:
    """So much more is held, or less."""
    changes = [("records", sign * sum(size.records for size in by_boot.values()))]
    changes += [("payload bytes", sign * sum(size.payload_bytes for size in by_boot.values()))]
    changes += [(f"{OF_BOOT}{boot}", sign * size.bytes) for boot, size in by_boot.items()]
    db.executemany("INSERT INTO held VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", changes)
    if sign < 0:
        db.execute(f"DELETE FROM held WHERE n <= 0 AND what LIKE '{OF_BOOT}%'")


def total(db: sqlite3.Connection) -> Size:
    found = dict(db.execute("SELECT what, n FROM held WHERE what IN ('records', 'payload bytes')").fetchall())
    return Size(found["records"], found["payload bytes"])


def largest_board(db: sqlite3.Connection) -> list[int]:
    """The boots of the board that holds the most, oldest first; those that hold nothing are left out."""
    of_boot = f"held.what = '{OF_BOOT}' || boots.id"
    query = f"SELECT board_id FROM boots JOIN held ON {of_boot} GROUP BY board_id ORDER BY sum(n) DESC LIMIT 1"
    found = db.execute(query).fetchone()
    if found is None:
        return []
    query = f"SELECT boots.id FROM boots JOIN held ON {of_boot} WHERE board_id = ? ORDER BY boots.id"
    return [boot for (boot,) in db.execute(query, found)]


def counted(db: sqlite3.Connection) -> bool:
    """Whether the counts are there and can be true. An earlier version had none for each boot."""
    rows = db.execute("SELECT what, n FROM held").fetchall()
    known = {what: n for what, n in rows if isinstance(n, int) and n >= 0}
    by_boot = [n for what, n in known.items() if isinstance(what, str) and what.startswith(OF_BOOT)]
    if len(known) != len(rows) or not {"records", "payload bytes"} <= known.keys():
        return False
    return sum(by_boot) == Size(known["records"], known["payload bytes"]).bytes


def recount(db: sqlite3.Connection) -> None:
    """Counts everything anew."""
    query = "SELECT boot, count(*), coalesce(sum(length(payload)), 0) FROM records GROUP BY boot"
    found = {boot: Size(records, size) for boot, records, size in db.execute(query).fetchall()}
    db.execute("DELETE FROM held")
    add(db, {0: Size(0, 0), **found})
    db.execute(f"DELETE FROM held WHERE n <= 0 AND what LIKE '{OF_BOOT}%'")
