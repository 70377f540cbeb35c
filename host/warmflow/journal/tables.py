"""The tables of the journal, how the database is opened, and how an older file becomes one of today.

One writer; readers of other processes open read-only, see whole batches, and never hold the writer up.
"""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from warmflow.journal import ages, alarm_rows, annotation_rows, datings, migration, names
from warmflow.journal.bad_rows import TABLES as TABLE_NAMES
from warmflow.journal.faults import Fault, journal_error, require_file
from warmflow.runtime.input_files import add_input
from warmflow.runtime.private_files import FILE_MODE, keep_private

VERSION = 9  # PRAGMA user_version: a newer file is refused, an older one is migrated
WAIT_S = 5.0  # for another program's lock
OWN_TABLES = {"boots", "records", "cursors"}  # in every version
KEYS = {  # of tables that do not number their rows
    "cursors": "name", "rollups": "pump, span_s, start_s", "removed": "what", "alarms": "pump, alarm",
    "names": "name", "dated": "boot, kind, first",
}  # fmt: skip
WAL_BYTES = 64_000_000  # what the log beside the file keeps of the disk after a checkpoint

TABLES = """
CREATE TABLE boots (
  id INTEGER PRIMARY KEY,
  board_id TEXT NOT NULL, boots INTEGER NOT NULL, random INTEGER NOT NULL,
  pump TEXT NOT NULL,            -- the rig's name, as topics carry it
  through INTEGER NOT NULL DEFAULT 0,      -- last sequence stored or reported lost; stays when records are removed
  last_record INTEGER NOT NULL DEFAULT 0,  -- its newest reading or event: says which boot was heard last
  UNIQUE (board_id, boots, random)
);
CREATE TABLE records (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of arrival: what cursors count in; never used again
  boot INTEGER NOT NULL REFERENCES boots (id),
  sequence INTEGER NOT NULL,     -- of a gap: its first; of a summary: its minute
  -- kind: the type of the wire's message: 3 reading, 5 summary, 6 event, 7 gap; 69 is a gap among the summaries
  kind INTEGER NOT NULL,
  utc_ms INTEGER NOT NULL,
  late INTEGER NOT NULL,         -- did not come live from the board; a summary: utc_ms is that of its arrival
  payload BLOB NOT NULL          -- as on the wire, without its mark of backlog
);
CREATE UNIQUE INDEX identity ON records (boot, sequence, kind);
CREATE INDEX by_time ON records (utc_ms);
CREATE TABLE conflicts (         -- the same identity with other bytes: both are stored, and the conflict is logged
  boot INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL,
  utc_ms INTEGER NOT NULL, payload BLOB NOT NULL
);
CREATE TABLE declarations (      -- what the rig said that it is: HELLO or INFO as on the wire, when it changed
  id INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boots (id),
  utc_ms INTEGER NOT NULL, payload BLOB NOT NULL
);
CREATE INDEX declared ON declarations (boot);
CREATE TABLE cursors (
  name TEXT PRIMARY KEY, record INTEGER NOT NULL,
  used_s REAL NOT NULL DEFAULT 0  -- so long had the journal been open when a sink last used it
) WITHOUT ROWID;
CREATE TABLE rollups (           -- min, sum and max of readings, for spans that raw readings are too many for
  pump TEXT NOT NULL, span_s INTEGER NOT NULL, start_s INTEGER NOT NULL,
  n INTEGER NOT NULL, probes INTEGER NOT NULL,
  probe_min_mc INTEGER, probe_sum_mc INTEGER, probe_max_mc INTEGER,
  flow_min_nl_h INTEGER NOT NULL, flow_sum_nl_h INTEGER NOT NULL, flow_max_nl_h INTEGER NOT NULL,
  volume_nl INTEGER NOT NULL,
  PRIMARY KEY (pump, span_s, start_s)
) WITHOUT ROWID;
CREATE TABLE removed (what TEXT PRIMARY KEY, records INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE held (what TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;  -- 'records' and their 'payload bytes'
INSERT INTO held VALUES ('records', 0), ('payload bytes', 0);
"""


def connect(path: Path) -> sqlite3.Connection:
    """The open database, made if it is not there, migrated if it is old.

    Raises JournalError, sqlite3.Error, OSError.
    """
    add_input(path)
    require_file(path)
    if not path.exists():
        _make(path)
    for each in (path, *beside_files(path)):
        keep_private(each)
    db = sqlite3.connect(_address(path, "rw"), uri=True, isolation_level=None, check_same_thread=False, timeout=WAIT_S)
    try:
        version = _version(db, path)
        _settle(db)
        if version == 0:  # made by a version that made it in place, and stopped there
            db.executescript(_schema())
        for step in migration.STEPS[version - 1 :] if version else ():
            migration.apply(db, step)
    except BaseException:
        db.close()
        raise
    return db


def connect_reader(path: Path) -> sqlite3.Connection:
    """The same file, for reading alone. Raises JournalError, sqlite3.Error, OSError."""
    add_input(path)
    require_file(path)
    db = sqlite3.connect(_address(path, "ro"), uri=True, isolation_level=None, check_same_thread=False, timeout=WAIT_S)
    try:
        db.text_factory = _text
        db.execute("PRAGMA query_only = 1")
        if _version(db, path) == 0:
            raise journal_error(path, "nothing was written to it yet", Fault.EMPTY)
    except BaseException:
        db.close()
        raise
    return db


def make_new(path: Path) -> sqlite3.Connection:
    """An empty journal at a path where nothing stands, open. Raises sqlite3.Error, OSError."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=WAIT_S)
    _settle(db)
    db.executescript(_schema())
    return db


def _make(path: Path) -> None:
    """Beside its place, then renamed: a stop in between leaves no file that looks like a damaged journal."""
    beside = path.with_name(path.name + ".new")
    for each in (beside, *beside_files(beside)):
        each.unlink(missing_ok=True)
    make_new(beside).close()
    beside.rename(path)


def beside_files(path: Path) -> tuple[Path, Path]:
    """SQLite's own files beside a journal that is open: its log and the index of that."""
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def _settle(db: sqlite3.Connection) -> None:
    db.text_factory = _text
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")  # a commit is on disk when it returns: the board forgets after it
    db.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")


def _text(stored: bytes) -> str:
    """A text that is damaged stays readable: it costs itself, not the query."""
    return stored.decode("utf-8", "replace")


def _schema() -> str:
    more = ";".join((*alarm_rows.TABLES, *annotation_rows.TABLES, *names.TABLES, ages.TABLE, *datings.TABLES))
    return f"BEGIN; {TABLES} {more}; PRAGMA user_version = {VERSION}; COMMIT;"


def _address(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.absolute()))}?mode={mode}"


def _version(db: sqlite3.Connection, path: Path) -> int:
    """Of a journal; 0 for a database with nothing in it. Raises JournalError for a newer one, and for another
    program's database. It looks only: nothing is changed before this is known.
    """
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and not tables & {*TABLE_NAMES}:
        raise journal_error(path, "not a journal of warmflow but a database of another program", Fault.FOREIGN)
    if version <= VERSION and (tables or version) and not (version and tables >= OWN_TABLES):
        raise journal_error(path, "tables of it, or its version, are missing", Fault.DAMAGED)
    if version > VERSION:
        raise journal_error(
            path, f"written by a newer warmflow (version {version}, this one knows {VERSION})", Fault.NEWER
        )
    return version
