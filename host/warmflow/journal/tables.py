"""The tables of the journal, how the database is opened, and how an older file becomes one of today.

One writer; readers of other processes open read-only, see whole batches, and never hold the writer up.
"""

import sqlite3
from pathlib import Path
from urllib.parse import quote

from warmflow.journal import ages, alarm_rows, annotation_rows, migration, names
from warmflow.runtime.input_files import add_input

VERSION = 7  # PRAGMA user_version: a newer file is refused, an older one is migrated
WAL_BYTES = 64_000_000  # what the log beside the file keeps of the disk after a checkpoint

TABLES = """
CREATE TABLE boots (
  id INTEGER PRIMARY KEY,
  board_id TEXT NOT NULL, boots INTEGER NOT NULL, random INTEGER NOT NULL,
  pump TEXT NOT NULL,            -- the rig's name, as topics carry it
  through INTEGER NOT NULL DEFAULT 0,      -- last sequence kept or said to be lost; stays when records are removed
  last_record INTEGER NOT NULL DEFAULT 0,  -- its newest reading or event: says which boot was heard last
  UNIQUE (board_id, boots, random)
);
CREATE TABLE records (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of arrival: what cursors count in; never used again
  boot INTEGER NOT NULL REFERENCES boots (id),
  sequence INTEGER NOT NULL,     -- of a gap: its first; of a summary: its minute
  kind INTEGER NOT NULL,         -- type of the wire's message: 3 reading, 5 summary, 6 event, 7 gap
  utc_ms INTEGER NOT NULL,
  late INTEGER NOT NULL,         -- did not come live from the board; a summary: utc_ms is that of its arrival
  payload BLOB NOT NULL          -- as on the wire, without its mark of backlog
);
CREATE UNIQUE INDEX identity ON records (boot, sequence, kind);
CREATE INDEX by_time ON records (utc_ms);
CREATE TABLE conflicts (         -- the same identity with other bytes: both are kept, and it is said loudly
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
    """The open database, made if it is not there, migrated if it is old. Raises sqlite3.Error, and ValueError for a
    newer version.
    """
    _require_file(path)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")  # a commit is on disk when it returns: the board forgets after it
    db.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
    version = _version(db, path)
    if version == 0:
        more = ";".join((*alarm_rows.TABLES, *annotation_rows.TABLES, *names.TABLES, ages.TABLE))
        db.executescript(f"BEGIN; {TABLES} {more}; PRAGMA user_version = {VERSION}; COMMIT;")
    for step in migration.STEPS[version - 1 :] if version else ():
        migration.apply(db, step)
    return db


def connect_reader(path: Path) -> sqlite3.Connection:
    """The same file, for reading alone. Raises sqlite3.Error, and ValueError for a version that it does not know."""
    _require_file(path)
    db = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=5,
    )
    db.execute("PRAGMA query_only = 1")
    if _version(db, path) == 0:
        db.close()
        raise ValueError(f"{path}: an empty file, no journal")
    return db


def _require_file(path: Path) -> None:
    """SQLite would wait for ever for a pipe. Raises ValueError."""
    add_input(path)
    if path.exists() and not path.is_file():
        raise ValueError("it is a folder, a device or a pipe, not a journal")


def _version(db: sqlite3.Connection, path: Path) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        db.close()
        raise ValueError(f"{path}: written by a newer warmflow (version {version}, this one knows {VERSION})")
    return version
