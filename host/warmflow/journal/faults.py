"""What can be wrong with a journal's file, and what to do about it: the only place where an error of SQLite or of the
system becomes words.

Every error that leaves this package is a JournalError: one line that names the file, the fault and the remedy.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from warmflow.errors import UserError


class Fault(Enum):
    """What is wrong, as far as it decides what to do."""

    OTHER = "other"
    DAMAGED = "damaged"
    FOREIGN = "no journal"
    EMPTY = "empty"
    NEWER = "newer"
    ACCESS = "access"
    LOCKED = "locked"
    DISK = "disk"
    MOVED = "moved"
    CLOSED = "closed"


REMEDIES = {
    Fault.DAMAGED: "Stop warmflow and bring out what can be read with `warmflow journal salvage {path} NEW`, or put a "
    "backup in its place with `warmflow restore`",
    Fault.FOREIGN: "Name another file with --journal, or bring out what can be read with "
    "`warmflow journal salvage {path} NEW`",
    Fault.EMPTY: "Remove it and a new one is made, or put a backup in its place with `warmflow restore`",
    Fault.NEWER: "Update this warmflow, or name another file with --journal",
    Fault.ACCESS: "Give this user the right to read and write the file and its folder, or run as the user who owns it",
    Fault.LOCKED: "Close the other program that has it open, or name another file with --journal",
    Fault.DISK: "Make room on the disk and look at its health",
    Fault.MOVED: "Put the file back, or restart warmflow",
    Fault.CLOSED: "Try again when warmflow has started",
    Fault.OTHER: "`warmflow journal check {path}` says more",
}

# what a running daemon waits for; with every other fault it ends, since no later attempt can be better
PASSING = frozenset({Fault.ACCESS, Fault.LOCKED, Fault.DISK, Fault.MOVED, Fault.CLOSED, Fault.OTHER})

OF_CODE = {  # SQLite's primary result codes
    sqlite3.SQLITE_PERM: Fault.ACCESS,
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_READONLY: Fault.ACCESS,
    sqlite3.SQLITE_IOERR: Fault.DISK,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_FULL: Fault.DISK,
    sqlite3.SQLITE_CANTOPEN: Fault.ACCESS,
    sqlite3.SQLITE_PROTOCOL: Fault.LOCKED,
    sqlite3.SQLITE_SCHEMA: Fault.DAMAGED,
    sqlite3.SQLITE_AUTH: Fault.ACCESS,
    sqlite3.SQLITE_FORMAT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.FOREIGN,
}
OF_TEXT = {  # where there is no code, or one code for several faults
    "no such table": Fault.DAMAGED,
    "no such column": Fault.DAMAGED,
    "malformed": Fault.DAMAGED,
    "closed database": Fault.CLOSED,
    "no such index": Fault.DAMAGED,
    "full": Fault.DISK,
    "locked": Fault.LOCKED,
    "readonly": Fault.ACCESS,
}


class JournalError(UserError):
    """The journal cannot be used; the text names the file and what to do."""

    def __init__(self, text: str, fault: Fault = Fault.OTHER) -> None:
        super().__init__(text)
        self.fault = fault


class DatabaseFault(JournalError, sqlite3.Error):
    """The database refused. Also a sqlite3.Error, for those who try again after one."""


def fault_of(error: BaseException) -> Fault:
    """What is wrong where SQLite or the system raised this."""
    if isinstance(error, JournalError):
        return error.fault
    if isinstance(error, OSError):
        return Fault.ACCESS if isinstance(error, PermissionError) else Fault.DISK
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and (code & 0xFF) in OF_CODE:
        return OF_CODE[code & 0xFF]
    return next((fault for words, fault in OF_TEXT.items() if words in str(error)), Fault.OTHER)


def remedy(path: Path, fault: Fault) -> str:
    """What to do, in a sentence without its full stop."""
    return REMEDIES[fault].format(path=path)


def journal_error(path: Path, what: str, fault: Fault) -> JournalError:
    """One line: the file, what is wrong, what to do."""
    return JournalError(f"{path}: {what}. {remedy(path, fault)}", fault)


def database_fault(path: Path, error: sqlite3.Error) -> DatabaseFault:
    """The same for what SQLite raised."""
    if isinstance(error, DatabaseFault):
        return error
    fault = fault_of(error)
    what = {
        Fault.DAMAGED: f"the file is damaged ({error})",
        Fault.FOREIGN: "no journal, or one whose beginning is damaged",
    }
    return DatabaseFault(f"{path}: {what.get(fault, str(error))}. {remedy(path, fault)}", fault)


@contextlib.contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Around all that asks the database. Raises JournalError in place of what SQLite and the system raise."""
    try:
        yield
    except sqlite3.Error as error:
        raise database_fault(path, error) from error
    except OSError as error:
        raise journal_error(path, error.strerror or str(error), fault_of(error)) from error


def require_file(path: Path) -> None:
    """Raises JournalError for what stands at this path and can be no journal: a folder, a pipe, a device, nothing in
    it, or nothing that this user may read. A path at which nothing stands is no fault.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise journal_error(path, error.strerror or str(error), fault_of(error)) from error
    if path.is_dir():
        raise journal_error(path, "this is a folder, not a file", Fault.FOREIGN)
    if not path.is_file():
        raise journal_error(path, "this is a device or a pipe, not a file", Fault.FOREIGN)
    if not os.access(path, os.R_OK):
        raise journal_error(path, "no permission to read it", Fault.ACCESS)
    if found.st_size == 0:
        raise journal_error(path, "the file is empty (0 bytes), it was a journal or was never one", Fault.EMPTY)
