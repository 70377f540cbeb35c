"""A new journal out of one that is damaged: every row that can be read, and a gap for every record that cannot.

The damaged file is never written to: a copy of it is read. First through SQLite, around what it cannot read; then, if
there was such a thing, through its pages one by one, for the rows whose index is lost.
"""

import contextlib
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pumplink import messages as m
from pumplink.fastcodec import DECODERS
from warmflow.journal import btree_pages, gaps, held, readable_rows, tables
from warmflow.journal.bad_rows import TABLES, NotReadable, check
from warmflow.journal.faults import Fault, database_errors, journal_error
from warmflow.journal.migration import through
from warmflow.journal.numbering import number_from
from warmflow.journal.tables import beside_files, make_new

REASON = "its row in the damaged journal could not be read"
BATCH = 5000
LOST_BOARD = "lost-"  # before the number of a boot of which nothing but its number is left
Progress = Callable[[str], None]


class Salvaged(NamedTuple):
    """What was brought out. `rows` and `bad` by table: bad rows hold values that no journal has; `lost`: sequences."""

    rows: Counter[str]
    bad: Counter[str]
    gaps: int
    lost: int
    whole: bool  # SQLite found nothing that it could not read


def salvage(damaged: Path, out: Path, now: datetime, progress: Progress = lambda what: None) -> Salvaged:
    """Raises JournalError for a file in which nothing of a journal is found, and where `out` is there already."""
    if not damaged.is_file():
        raise journal_error(damaged, "no journal there", Fault.OTHER)
    if out.exists():
        raise journal_error(out, "it is there already: name a file that is not", Fault.OTHER)
    with database_errors(out), tempfile.TemporaryDirectory(prefix=".salvage-", dir=out.absolute().parent) as folder:
        copy, new = Path(folder, "journal.sqlite"), Path(folder, "new.sqlite")
        for source, target in zip((damaged, *beside_files(damaged)), (copy, *beside_files(copy)), strict=True):
            if source.exists() and not source.name.endswith("-shm"):
                progress(f"copies {source}")
                shutil.copyfile(source, target)
        target_db = make_new(new)
        with contextlib.closing(target_db):
            done = _Salvage(target_db, progress).run(copy, now)
        if not done.rows["records"]:
            raise journal_error(damaged, "nothing in it that could be a journal's record", Fault.OTHER)
        new.rename(out)
    return done


def copy_readable(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Every row that SQLite can read, into a new journal. Inside a transaction of the target."""
    with contextlib.suppress(sqlite3.DatabaseError):
        _Salvage(target, lambda what: None).copy(source)


class _Salvage:
    def __init__(self, target: sqlite3.Connection, progress: Progress) -> None:
        self._target, self._progress = target, progress
        self._rows, self._bad = Counter[str](), Counter[str]()
        self._whole = True

    def run(self, copy: Path, now: datetime) -> Salvaged:
        self._target.execute("BEGIN")
        with contextlib.suppress(sqlite3.DatabaseError):
            self._through_sqlite(copy)
        if not self._whole or not self._rows["records"]:
            self._whole = False
            self._progress("reads the pages one by one")
            for table, values in btree_pages.rows(copy):
                self._store(table, values)
        made = _name_lost_boots(self._target)
        ends = _ends(self._target)
        lost = gaps.holes(self._target, ends)
        gaps.store(self._target, lost, REASON, now)
        held.recount(self._target)
        self._target.executemany("UPDATE boots SET through = ? WHERE id = ?", [(n, boot) for boot, n in ends.items()])
        _restore_last_records(self._target)
        self._target.execute("COMMIT")
        self._bad["boots"] += made
        missing = sum(hole.last - hole.first + 1 for hole in lost)
        return Salvaged(self._rows, self._bad, len(lost), missing, self._whole)

    def _through_sqlite(self, copy: Path) -> None:
        self._whole = False
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as source:
            source.text_factory = lambda stored: stored.decode("utf-8", "replace")
            _bring_up_to_date(source)
            self.copy(source)
            self._whole = _quick_check(source)

    def copy(self, source: sqlite3.Connection) -> None:
        for table, columns in TABLES.items():
            self._progress(f"reads {table}")
            with contextlib.suppress(sqlite3.DatabaseError):
                for values in _values(source, table):
                    self._store(table, values[: len(columns)])
        with contextlib.suppress(sqlite3.DatabaseError):  # numbers that were given are not given again
            for name, number in source.execute("SELECT name, seq FROM sqlite_sequence").fetchall():
                if isinstance(number, int):
                    number_from(self._target, name, number)

    def _store(self, table: str, values: tuple[Any, ...]) -> None:
        try:
            check(table, values)
            marks = ",".join("?" * len(values))
            new = self._target.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values).rowcount
        except (NotReadable, sqlite3.Error):
            self._bad[table] += 1
            return
        self._rows[table] += max(0, new)


def _bring_up_to_date(source: sqlite3.Connection) -> None:
    """The copy's tables as today's; what of that cannot be done costs the columns that are missing."""
    from warmflow.journal import migration

    version = int(source.execute("PRAGMA user_version").fetchone()[0])
    with contextlib.suppress(sqlite3.DatabaseError):
        for step in migration.STEPS[version - 1 :] if version else ():
            migration.apply(source, step)


def _quick_check(db: sqlite3.Connection) -> bool:
    try:
        return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False


def _values(source: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    key = tables.KEYS.get(table)
    if key:
        yield from readable_rows.keyed(source, table, key)
    else:
        yield from (values[1:] for values in readable_rows.numbered(source, table))


def _name_lost_boots(db: sqlite3.Connection) -> int:
    """Boots of which records are left, but not their own row: named after what they had declared, else after their
    number. How many.
    """
    query = "SELECT DISTINCT boot FROM (SELECT boot FROM records UNION SELECT boot FROM declarations) "
    lost = [boot for (boot,) in db.execute(f"{query} WHERE boot NOT IN (SELECT id FROM boots)")]
    for number in lost:
        board, boots, random, pump = _declared(db, number) or (f"{LOST_BOARD}{number}", 0, number, f"lost-{number}")
        with contextlib.suppress(sqlite3.IntegrityError):
            db.execute(
                "INSERT INTO boots (id, board_id, boots, random, pump) VALUES (?,?,?,?,?)",
                (number, board, boots, random, pump),
            )
    db.execute("DELETE FROM records WHERE boot NOT IN (SELECT id FROM boots)")
    return len(lost)


def _declared(db: sqlite3.Connection, boot: int) -> tuple[str, int, int, str] | None:
    for (payload,) in db.execute("SELECT payload FROM declarations WHERE boot = ? ORDER BY id DESC", (boot,)):
        with contextlib.suppress(ValueError, LookupError):
            said = DECODERS[payload[0]](payload)
            if isinstance(said, m.Hello) and said.rig_name:
                return said.board_id.hex(), said.boot_count, said.boot_random, said.rig_name
    return None


def _ends(db: sqlite3.Connection) -> dict[int, int]:
    """How far each boot had come: by its own row, or by its records."""
    ends = dict(db.execute("SELECT id, through FROM boots").fetchall())
    for boot, sequence, kind, payload in db.execute(
        "SELECT boot, max(sequence), kind, payload FROM records WHERE kind IN (3, 6, 7) GROUP BY boot, kind"
    ):
        ends[boot] = max(ends.get(boot, 0), through(sequence, kind, payload))
    return ends


def _restore_last_records(db: sqlite3.Connection) -> None:
    last = "SELECT coalesce(max(id), 0) FROM records WHERE boot = boots.id AND kind IN (3, 6)"
    db.execute(f"UPDATE boots SET last_record = max(last_record, ({last}))")
