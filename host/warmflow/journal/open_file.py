"""The file of one open journal: its lock, the connection that writes it, its readers, and the look at its name.

Every write is one transaction. It counts only while the file that took it has its name: that is looked at before and
after it. What is written is no matter of this module.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from warmflow.journal.faults import DatabaseFault, Fault, database_errors, remedy, require_file
from warmflow.journal.file_lock import Lock
from warmflow.journal.file_watch import FileWatch
from warmflow.journal.reader import JournalReader
from warmflow.journal.tables import connect
from warmflow.runtime.private_files import private_folder

CLOSE_WAIT_MS = 500  # for readers of other processes


class OpenFile:
    """`undone` is called whenever a transaction was not kept. Raises JournalError if the file cannot be used, or if
    another process writes it; so does `transaction` when the disk refuses.
    """

    def __init__(
        self, path: Path, prepare: Callable[[sqlite3.Connection], None], undone: Callable[[], None] = lambda: None
    ) -> None:
        """`prepare` is given the connection before anything else is done with it."""
        self.path = path
        self.lock = threading.RLock()  # of the writing connection
        self._undone = undone
        with database_errors(path), contextlib.ExitStack() as undo:
            if not path.exists():
                private_folder(path.parent)
            require_file(path)
            self._held = Lock(path)
            undo.callback(self._held.release)
            self.db = connect(path)
            undo.callback(self.db.close)
            prepare(self.db)
            self._watch = FileWatch(self.db, path)
            undo.callback(self._watch.close)
            self.reader = JournalReader(path)
            self._readers = [self.reader]
            undo.pop_all()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self.lock, database_errors(self.path):
            yield self.db

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """BEGIN and COMMIT, one at a time; on any error all is as before."""
        with self.lock, database_errors(self.path):
            self._require_name()
            try:
                self.db.execute("BEGIN IMMEDIATE")
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                self._undone()
                with contextlib.suppress(sqlite3.Error):
                    if self.db.in_transaction:
                        self.db.execute("ROLLBACK")
                raise
            self._require_name()

    def lost(self) -> str:
        """What has happened to the files, "" if they are where they belong."""
        with self.lock:
            return self._watch.look()

    def pragma(self, name: str) -> int:
        return int(self.db.execute(f"PRAGMA {name}").fetchone()[0])

    def open_reader(self) -> JournalReader:
        """One that is closed before the writer, so that the file is whole when the writer has closed it."""
        reader = JournalReader(self.path)
        with self.lock:
            self._readers.append(reader)
        return reader

    def reopen(self) -> None:
        """The file that has the journal's name now; the old one, which has none, is left."""
        lock, watch = self._held, self._watch
        if not lock.holds():
            self._held = Lock(self.path)
            lock.release()
        with contextlib.suppress(sqlite3.Error):
            self.db.close()
        self.db = connect(self.path)
        for reader in self._readers:
            reader.reopen()
        watch.close()
        self._watch = FileWatch(self.db, self.path)

    def close(self) -> None:
        """Readers first, then the log is folded into the file: a copy of the file alone is whole."""
        with self.lock:
            for reader in self._readers:
                reader.close()
            with contextlib.suppress(sqlite3.Error):  # a reader of another process may be in the middle of something
                self.db.execute(f"PRAGMA busy_timeout = {CLOSE_WAIT_MS}")
                self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            with contextlib.suppress(sqlite3.Error):
                self.db.close()
            self._watch.close()
            self._held.release()

    def _require_name(self) -> None:
        """Raises JournalError where a write would go, or has gone, to a file that has lost its name."""
        if lost := self._watch.look():
            self._undone()
            raise DatabaseFault(f"{self.path}: {lost}. {remedy(self.path, Fault.MOVED)}", Fault.MOVED)
