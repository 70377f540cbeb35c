"""From each version of the journal's file to the next one: whole or not at all, once, by the writer."""

import sqlite3
from collections.abc import Callable

from pumplink import messages as m
from pumplink.fastcodec import DECODERS
from pumplink.messages import TYPES
from warmflow.device.host_clock import Dating
from warmflow.device.identity import IMPORTED, REPLAYED
from warmflow.journal import ages, alarm_rows, annotation_rows, datings, name_repair, names, summary_gaps

NO_END = 0xFFFFFFFF  # of a gap whose end nobody knows


def through(sequence: int, kind: int, payload: bytes) -> int:
    """The last sequence that this row speaks of; 0 for minutes, which are not in the row of sequences."""
    if kind in (TYPES[m.MinuteSummary], summary_gaps.KIND):
        return 0
    if kind != TYPES[m.Gap]:
        return sequence
    gap = DECODERS[kind](payload)
    assert isinstance(gap, m.Gap)
    return sequence - 1 if gap.last == NO_END else gap.last


def _boots_remember(db: sqlite3.Connection) -> None:
    """1 to 2: each boot keeps its high-water mark, so that it outlives its records; what is held is counted."""
    db.execute("ALTER TABLE boots ADD COLUMN through INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE boots ADD COLUMN last_record INTEGER NOT NULL DEFAULT 0")
    db.execute(
        "UPDATE boots SET (through, last_record) = (SELECT coalesce(max(sequence), 0), coalesce(max(id), 0) "
        "FROM records WHERE boot = boots.id AND kind IN (3, 6))"
    )
    gaps = db.execute("SELECT boot, sequence, kind, payload FROM records WHERE kind = 7").fetchall()
    ends = [(through(*rest), boot) for boot, *rest in gaps]
    db.executemany("UPDATE boots SET through = max(through, ?) WHERE id = ?", ends)
    db.execute("CREATE TABLE held (what TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID")
    db.execute(
        "INSERT INTO held SELECT 'records', count(*) FROM records "
        "UNION ALL SELECT 'payload bytes', coalesce(sum(length(payload)), 0) FROM records"
    )


def _rigs_are_kept(db: sqlite3.Connection) -> None:
    """2 to 3: what a rig is declared to be stays with its readings."""
    db.execute(
        "CREATE TABLE declarations (id INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boots (id), "
        "utc_ms INTEGER NOT NULL, payload BLOB NOT NULL)"
    )
    db.execute("CREATE INDEX declared ON declarations (boot)")


def _alarms_are_kept(db: sqlite3.Connection) -> None:
    """3 to 4: alarms outlive the daemon."""
    for table in alarm_rows.TABLES:
        db.execute(table)


def _annotations_are_kept(db: sqlite3.Connection) -> None:
    """4 to 5: what people write at a moment of a pump."""
    for table in annotation_rows.TABLES:
        db.execute(table)


def _ages_need_no_date(db: sqlite3.Connection) -> None:
    """5 to 6: records age with the time that the journal is open; what is there begins to age now."""
    db.execute(ages.TABLE)
    db.execute("ALTER TABLE cursors ADD COLUMN used_s REAL NOT NULL DEFAULT 0")


def _names_have_owners(db: sqlite3.Connection) -> None:
    """6 to 7: what has no name, or one that no pump can have, gets one; each name belongs to a board."""
    for table in names.TABLES:
        db.execute(table)
    name_repair.mend(db)
    name_repair.own(db)


def _datings_are_kept(db: sqlite3.Connection) -> None:
    """7 to 8: what times were derived from; those that are there can be dated by nothing but their board."""
    for table in datings.TABLES:
        db.execute(table)
    unknown = datings.number(db, Dating("", 0, 0, 0))
    db.execute(
        "INSERT OR IGNORE INTO dated "
        "SELECT boot, kind, min(sequence), max(sequence), ? FROM records WHERE kind IN (3, 6) "
        f"AND boot IN (SELECT id FROM boots WHERE board_id NOT LIKE '{IMPORTED}%' AND board_id NOT LIKE '{REPLAYED}%') "
        "GROUP BY boot, kind",
        (unknown,),
    )


def _lost_minutes_are_kept(db: sqlite3.Connection) -> None:
    """8 to 9: only the number changes: an earlier version would take rows of `summary_gaps` for damaged ones."""


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _boots_remember,
    _rigs_are_kept,
    _alarms_are_kept,
    _annotations_are_kept,
    _ages_need_no_date,
    _names_have_owners,
    _datings_are_kept,
    _lost_minutes_are_kept,
)  # the first one leaves version 1


def apply(db: sqlite3.Connection, step: Callable[[sqlite3.Connection], None]) -> None:
    """One step in one transaction. Raises sqlite3.Error; the file is then as before."""
    db.execute("BEGIN IMMEDIATE")
    try:
        step(db)
        db.execute(f"PRAGMA user_version = {STEPS.index(step) + 2}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
