"""A journal's file made anew while the journal is open, after its files were removed, replaced or truncated.

What the process still holds open is copied whole where that can be read: a file that was removed or renamed goes on as
long as it is open. Where it cannot, the readable rows are taken, and the journal adds what it remembers. What stands in
the way at the old place is moved aside, never removed.
"""

import contextlib
import os
import sqlite3
from pathlib import Path

from warmflow.journal import record_table
from warmflow.journal.faults import database_errors
from warmflow.journal.salvage import copy_readable
from warmflow.journal.tables import beside_files, make_new
from warmflow.runtime.private_files import FILE_MODE, private_folder

COPY = ".anew"
ASIDE = ".found"


def copied(old: sqlite3.Connection, path: Path, last: int, doubtful: bool) -> tuple[Path, bool]:
    """A closed copy beside the journal's place, and whether all that was stored is in it. `last`: number of the newest
    record; `doubtful`: the pages themselves may be gone. Raises JournalError.
    """
    beside = path.with_name(path.name + COPY)
    with database_errors(beside):
        private_folder(path.parent)
        if _whole_copy(old, beside, last, doubtful):
            return beside, True
        _remove(beside)
        with contextlib.closing(make_new(beside)) as target:
            target.execute("BEGIN")
            copy_readable(old, target)
            target.execute("COMMIT")
    return beside, False


def put_in_place(copy: Path, path: Path) -> list[Path]:
    """Gives the copy the journal's name; what was moved aside for it. Raises JournalError."""
    with database_errors(path):
        moved = [_moved_aside(each) for each in (path, *beside_files(path)) if os.path.lexists(each)]
        copy.rename(path)
        _sync_folder(path.parent)
    return moved


def _whole_copy(old: sqlite3.Connection, beside: Path, last: int, doubtful: bool) -> bool:
    _remove(beside)
    os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
    with contextlib.closing(sqlite3.connect(beside, isolation_level=None)) as target:
        target.execute("PRAGMA synchronous = FULL")
        try:
            old.backup(target)
            newest = record_table.newest_id(target)
            sound = not doubtful or target.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
                raise
            return False
        return bool(sound and newest >= last)


def _moved_aside(path: Path) -> Path:
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}{ASIDE}-{number}")):
        number += 1
    path.rename(aside)
    return aside


def _remove(path: Path) -> None:
    for each in (path, *beside_files(path)):
        each.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """The new name is on disk, too."""
    if os.name == "posix":
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
