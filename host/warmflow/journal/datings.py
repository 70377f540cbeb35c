"""Which records were dated by what: ranges of sequences of one boot and kind with one dating. It moves no record.

A range outlives its records; who reads one finds it empty then. Records outside all ranges cannot be dated again: they
were imported or replayed. A record can be in one range only.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pumplink import messages as m
from pumplink.messages import TYPES
from warmflow.device.host_clock import Dating, LastSeen

DECLARATION = TYPES[m.Hello]  # the kind of rows of `declarations`, whose sequence is their number

TABLES = (
    """
CREATE TABLE IF NOT EXISTS datings (  -- what times were derived from: a session of the steady clock, and the date in it
  id INTEGER PRIMARY KEY,
  session TEXT NOT NULL, offset_ms INTEGER NOT NULL, corrected_ms INTEGER NOT NULL, steady_ms INTEGER NOT NULL,
  redated INTEGER NOT NULL, uncertain INTEGER NOT NULL,
  seen_steady_ms INTEGER NOT NULL, seen_offset_ms INTEGER NOT NULL,  -- both clocks when it was last in use
  UNIQUE (session, offset_ms, corrected_ms, steady_ms, redated, uncertain)
)
""",
    """
CREATE TABLE IF NOT EXISTS dated (  -- records of a boot and kind, first to last sequence, have this dating
  boot INTEGER NOT NULL, kind INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, dating INTEGER NOT NULL,
  PRIMARY KEY (boot, kind, first)
) WITHOUT ROWID
""",
    "CREATE INDEX IF NOT EXISTS dated_by ON dated (dating)",
)
Dated = tuple[int, int, int, Dating | None]  # boot, kind, sequence, and the dating of that row
FIELDS = "session, offset_ms, corrected_ms, steady_ms, redated, uncertain"


class Range(NamedTuple):
    """One row of `dated`."""

    boot: int
    kind: int
    first: int
    last: int
    dating: int


class Marks(NamedTuple):
    """Ranges that are not as they came, with their datings: of each boot and kind."""

    ranges: dict[tuple[int, int], list[tuple[int, int, Dating]]]

    def of(self, boot: int, kind: int, sequence: int) -> Dating | None:
        """The dating of a record that was dated again, or whose time is uncertain; None for all others."""
        for first, last, dating in self.ranges.get((boot, kind), ()):
            if first <= sequence <= last:
                return dating
        return None


NO_MARKS = Marks({})


def number(db: sqlite3.Connection, dating: Dating) -> int:
    """Its number; a new one is stored."""
    where = " AND ".join(f"{name.strip()} = ?" for name in FIELDS.split(","))
    found = db.execute(f"SELECT id FROM datings WHERE {where}", dating).fetchone()
    if found:
        return int(found[0])
    seen = (dating.steady_ms, dating.offset_ms)
    cursor = db.execute(f"INSERT INTO datings ({FIELDS}, seen_steady_ms, seen_offset_ms) VALUES (?,?,?,?,?,?,?,?)",
                        (*dating, *seen))  # fmt: skip
    assert cursor.lastrowid
    return cursor.lastrowid


def store(db: sqlite3.Connection, new: Iterable[Dated]) -> None:
    """The datings of new rows; those that come from no clock of this computer have none."""
    numbers: dict[Dating, int] = {}
    runs: dict[tuple[int, int], Range] = {}
    for boot, kind, sequence, dating in new:
        if dating is None:
            continue
        if dating not in numbers:
            numbers[dating] = number(db, dating)
        run = runs.get((boot, kind))
        if run and run.dating == numbers[dating] and sequence > run.last:
            runs[boot, kind] = run._replace(last=sequence)
            continue
        if run:
            extend(db, run)
        runs[boot, kind] = Range(boot, kind, sequence, sequence, numbers[dating])
    for run in runs.values():
        extend(db, run)


def extend(db: sqlite3.Connection, new: Range) -> None:
    """These records, too; as part of the range before them, if its dating is the same."""
    before = "WHERE boot = ? AND kind = ? AND first <= ? ORDER BY first DESC LIMIT 1"
    found = db.execute(f"SELECT first, last, dating FROM dated {before}", (new.boot, new.kind, new.first)).fetchone()
    if found and found[2] == new.dating:
        key = "WHERE boot = ? AND kind = ? AND first = ?"
        db.execute(f"UPDATE dated SET last = max(last, ?) {key}", (new.last, new.boot, new.kind, found[0]))
    elif not found or new.first > found[1]:
        db.execute("INSERT INTO dated VALUES (?,?,?,?,?)", new)


def replace(db: sqlite3.Connection, old: Range, through: int, dating: int) -> None:
    """The beginning of a range, up to this sequence, has another dating now."""
    db.execute("DELETE FROM dated WHERE boot = ? AND kind = ? AND first = ?", old[:3])
    if through < old.last:
        db.execute("INSERT INTO dated VALUES (?,?,?,?,?)", old._replace(first=through + 1))
    extend(db, old._replace(last=min(through, old.last), dating=dating))


def drop_within(db: sqlite3.Connection, new: Range) -> None:
    """Makes room for a range: others lose what of them is in it."""
    overlap = "WHERE boot = ? AND kind = ? AND first <= ? AND last >= ?"
    found = db.execute(f"SELECT * FROM dated {overlap}", (new.boot, new.kind, new.last, new.first)).fetchall()
    for old in (Range(*each) for each in found):
        drop(db, old)
        rest = (old._replace(last=new.first - 1), old._replace(first=new.last + 1))
        db.executemany("INSERT INTO dated VALUES (?,?,?,?,?)", [each for each in rest if each.first <= each.last])


def drop(db: sqlite3.Connection, old: Range) -> None:
    """Nothing of it is left."""
    db.execute("DELETE FROM dated WHERE boot = ? AND kind = ? AND first = ?", old[:3])


def last_seen(db: sqlite3.Connection, origin: str) -> LastSeen | None:
    """What the last process of this session of the steady clock left."""
    found = db.execute(
        f"SELECT {FIELDS}, seen_steady_ms, seen_offset_ms FROM datings WHERE session = ? OR session LIKE ? "
        "ORDER BY seen_steady_ms DESC, id DESC LIMIT 1",
        (origin, f"{origin}/%"),
    ).fetchone()
    return LastSeen(dating(found[:6]), found[6], found[7]) if found and origin and is_sound(*found) else None


def see(db: sqlite3.Connection, seen: LastSeen) -> None:
    """It is in use at this moment of both clocks."""
    row = number(db, seen.dating)
    values = (seen.steady_ms, seen.offset_ms, row)
    db.execute("UPDATE datings SET seen_steady_ms = ?, seen_offset_ms = ? WHERE id = ?", values)


def marks(db: sqlite3.Connection) -> Marks:
    """Of a journal of any version."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'dated'").fetchone():
        return NO_MARKS
    found: dict[tuple[int, int], list[tuple[int, int, Dating]]] = {}
    query = (
        f"SELECT boot, kind, first, last, {FIELDS} FROM datings JOIN dated ON dated.dating = datings.id "
        "WHERE redated OR uncertain"
    )
    for boot, kind, first, last, *rest in db.execute(query):
        if is_sound(first, last, *rest):
            found.setdefault((boot, kind), []).append((first, last, dating(rest)))
    return Marks(found)


def is_sound(*values: object) -> bool:
    """False for a row that is damaged: one value is a text, all others are integers."""
    return [type(value) for value in values if type(value) is not int] == [str]


def dating(values: Sequence[Any]) -> Dating:
    """Out of the columns FIELDS."""
    session, offset_ms, corrected_ms, steady_ms, redated, uncertain = values
    return Dating(session, offset_ms, corrected_ms, steady_ms, bool(redated), bool(uncertain))
