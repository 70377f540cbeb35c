"""Whether the files of an open journal still have their names.

A commit is on disk only while the file that took it can be found under its name. SQLite does not look: it goes on with
files that were removed, replaced or truncated, and what it wrote is gone when they are closed.
"""

import os
import sqlite3
import struct
from pathlib import Path
from typing import NamedTuple

from warmflow.journal.tables import beside_files

INDEX_HEAD = struct.Struct("=IIIBBHI")  # of the log's index: version, -, changes, -, -, page size, frames
LOG_HEAD_BYTES, FRAME_HEAD_BYTES = 32, 24


class _Identity(NamedTuple):
    """Which file has this name: another one has other numbers."""

    device: int
    inode: int


class FileWatch:
    """Of one open journal, from its first write on. Costs a few microseconds a look."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._path = path
        db.execute("BEGIN IMMEDIATE")  # SQLite makes its own files with the first write
        db.execute("COMMIT")
        self._log, self._index = beside_files(path)
        self._known = {each: _identity(os.stat(each)) for each in (path, self._log, self._index)}
        self._bytes = os.stat(path).st_size
        # open as long as the journal is: to close any handle of a file ends the locks that SQLite has on it
        self._index_fd = os.open(self._index, os.O_RDONLY)

    def close(self) -> None:
        """After the journal."""
        if self._index_fd >= 0:
            os.close(self._index_fd)
        self._index_fd = -1

    def look(self) -> str:
        """What has happened to the files, "" if they are where they belong. Only while nobody writes to them."""
        path = self._path
        try:
            for path, known in self._known.items():
                if _identity(os.stat(path)) != known:
                    return f"{path.name} was replaced by another file while warmflow writes it"
            size = os.stat(self._path).st_size
            if size < self._bytes:
                return f"{self._path.name} was truncated from {self._bytes} to {size} bytes while warmflow writes it"
            self._bytes = size
            if os.stat(self._log).st_size < self._log_bytes():
                return f"{self._log.name} was truncated while warmflow writes it"
        except OSError as error:
            gone = isinstance(error, FileNotFoundError | NotADirectoryError)
            what = "was removed or renamed" if gone else f"cannot be looked at ({error.strerror})"
            return f"{path.name} {what} while warmflow writes it"
        return ""

    def _log_bytes(self) -> int:
        """What the log holds according to its index."""
        os.lseek(self._index_fd, 0, os.SEEK_SET)
        head = os.read(self._index_fd, INDEX_HEAD.size)
        if len(head) < INDEX_HEAD.size:
            return 0
        *_, page_bytes, frames = INDEX_HEAD.unpack(head)
        page_bytes = 65536 if page_bytes == 1 else page_bytes
        return LOG_HEAD_BYTES + frames * (FRAME_HEAD_BYTES + page_bytes) if frames else 0


def _identity(found: os.stat_result) -> _Identity:
    return _Identity(found.st_dev, found.st_ino)
