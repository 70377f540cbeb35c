"""One writer a journal: a lock of the operating system on a file beside it, which ends with its process however that
ends. The file names the holder; that it is there means nothing.
"""

import contextlib
import os
import sys
from pathlib import Path

from warmflow.journal.faults import Fault, JournalError
from warmflow.runtime.private_files import FILE_MODE, keep_private

FAR = 1 << 30  # the byte that Windows locks: its locks forbid reading, and the holder's number is to be read


class Lock:
    """Held from construction to `release`. Raises JournalError naming the holder if somebody else has it."""

    def __init__(self, journal: Path) -> None:
        self.path = journal.with_name(journal.name + ".lock")
        self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT, FILE_MODE)
        keep_private(self.path)
        try:
            _lock(self._fd)
        except OSError:
            holder = os.read(self._fd, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._fd)
            raise JournalError(
                f"{journal}: another warmflow writes it (process {holder}). "
                "Stop that one, or name another file with --journal",
                Fault.LOCKED,
            ) from None
        with contextlib.suppress(OSError):  # on a full disk the lock holds all the same
            os.ftruncate(self._fd, 0)
            os.write(self._fd, f"{os.getpid()}\n".encode())

    def holds(self) -> bool:
        """Whether the file of this name is still the one that is locked."""
        try:
            return os.path.samestat(os.fstat(self._fd), os.stat(self.path))
        except OSError:
            return False

    def release(self) -> None:
        """The file stays: to delete it would let two in."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1


if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int) -> None:
        os.lseek(fd, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(fd, 0, os.SEEK_SET)
else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
