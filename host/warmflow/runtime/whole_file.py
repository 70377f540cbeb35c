"""A file that is there as a whole or not at all: written beside its place, flushed to disk, and renamed.

Mode, owner and group of a file that is replaced are kept, and a symbolic link goes on pointing to it. Where nothing can
be renamed (the folder is read-only, the file is a mount point, its owner cannot be kept) the finished bytes are copied
into the file; a copy that fails leaves the file empty, so no half of it looks like a whole.
"""

import contextlib
import errno
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import BinaryIO, NoReturn

PREFIX, SUFFIX = ".warmflow-", ".part"
NO_PLACE_BESIDE = (errno.EACCES, errno.EPERM, errno.EROFS)
COPY_BYTES = 1 << 20
BY_SIGNAL = 128  # a shell gives this and the signal's number as the status
ENDED_BY = ("SIGTERM", "SIGHUP")


@contextmanager
def whole_file(
    path: Path, before_rename: Callable[[], object] = lambda: None, flush: bool = True
) -> Iterator[BinaryIO]:
    """A binary file that takes the place of `path` when the block ends without an exception.

    before_rename: may raise to stop it. flush: False for what is made again after a power cut. Raises OSError.
    """
    target = Path(os.path.realpath(path))
    old = _status(target)
    try:
        part, fd = _part_file(target.parent)
    except OSError as error:
        if old is None or error.errno not in NO_PLACE_BESIDE:
            raise OSError(error.errno, error.strerror, str(path)) from error
        with tempfile.TemporaryFile() as whole:
            yield whole
            before_rename()
            _copy_into(whole, target)
        return
    try:
        with _signals_as_exceptions(), open(fd, "w+b") as file:
            yield file
            file.flush()
            is_kept = old is None or _keep(fd, old)
            if flush:
                os.fsync(fd)
            before_rename()
            if not is_kept:
                _copy_into(file, target)
        if is_kept:
            _rename(part, target, flush)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)


@contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    """A signal that would end the process raises SystemExit meanwhile, so no part of a file is left behind.

    A signal that has a handler, as in an event loop, keeps it.
    """

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(BY_SIGNAL + number)

    is_main = threading.current_thread() is threading.main_thread()
    numbers = [getattr(signal, name) for name in ENDED_BY if is_main and hasattr(signal, name)]
    replaced = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    for number in replaced:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in replaced:
            signal.signal(number, signal.SIG_DFL)


def _status(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _part_file(folder: Path) -> tuple[Path, int]:
    """A new file with the mode that the umask gives."""
    while True:
        part = folder / f"{PREFIX}{secrets.token_hex(6)}{SUFFIX}"
        with contextlib.suppress(FileExistsError):
            return part, os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)


def _keep(fd: int, old: os.stat_result) -> bool:
    """Gives the new file the old one's owner, group and mode; False if that is not allowed."""
    if sys.platform == "win32":
        return True
    new = os.fstat(fd)
    try:
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            os.fchown(fd, old.st_uid, old.st_gid)
        os.fchmod(fd, old.st_mode & 0o7777)
    except OSError:
        return False
    return True


def _rename(part: Path, target: Path, flush: bool) -> None:
    try:
        os.replace(part, target)
    except OSError as error:
        if error.errno != errno.EBUSY:  # a mount point keeps its place
            raise
        with part.open("rb") as file:
            _copy_into(file, target)
        return
    if flush and sys.platform != "win32":
        with contextlib.suppress(OSError):  # some file systems cannot flush a folder
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _copy_into(whole: BinaryIO, target: Path) -> None:
    whole.seek(0)
    with target.open("r+b") as file:
        try:
            file.truncate(0)
            shutil.copyfileobj(whole, file, COPY_BYTES)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            with contextlib.suppress(OSError):
                file.truncate(0)
            raise
