"""The one door for every file that warmflow writes: checked, written beside its place, and renamed when it is whole.

A command's output is none of its inputs and no journal (output_rules.py), before anything is opened and once more
before the rename. `-`, /dev/stdout and /dev/fd/N are streams; so is a named pipe that somebody reads. Logs that grow
and recordings have doors of their own here, with the same checks. A failure is one line with the name of the file.
"""

import contextlib
import errno
import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from warmflow.runtime.console import ClosedPipe, TextOut, standard_output
from warmflow.runtime.input_files import inputs
from warmflow.runtime.output_rules import OutputError, require_no_source, require_output
from warmflow.runtime.private_files import open_private, private_folder
from warmflow.runtime.whole_file import whole_file

STDOUT = "-"
DESCRIPTOR = re.compile(r"(?:/dev/fd|/proc/(?:self|thread-self|\d+)/fd)/(\d{1,6})")
STANDARD = {STDOUT: 1, "/dev/stdout": 1, "/dev/stderr": 2}


@contextmanager
def writes(path: Path | str) -> Iterator[None]:
    """A context for writing this file. Raises OutputError for an OSError about it, ClosedPipe if the reader has ended.
    An error with the name of another file is passed on unchanged.
    """
    try:
        yield
    except BrokenPipeError:
        raise ClosedPipe(str(path)) from None
    except OSError as error:
        if error.filename not in (None, path, str(path)) and not str(error.filename).endswith(".part"):
            raise
        raise OutputError(path, error.strerror or str(error)) from error


def check_output(path: Path | str) -> None:
    """Before the work: raises OutputError for what would be refused after it."""
    fd = descriptor(path)
    if fd is None:
        require_output(Path(path), inputs())
    else:
        with contextlib.suppress(OSError):  # a closed stream is reported when it is written
            require_no_source(path, os.fstat(fd), inputs())


def descriptor(path: Path | str) -> int | None:
    """The open file that this name stands for: 1 for `-` and /dev/stdout."""
    name = str(path)
    number = DESCRIPTOR.fullmatch(name)
    return int(number[1]) if number else STANDARD.get(name)


@contextmanager
def output_bytes(path: Path | str, flush: bool = True) -> Iterator[BinaryIO]:
    """The file, open for bytes; it takes its place when the block ends well. Raises OutputError.

    flush: False for what is made again after a power cut.
    """
    check_output(path)
    fd = descriptor(path)
    with writes(path):
        if fd is not None or not _is_replaced(Path(path)):
            with _stream(path, fd) as file:
                yield file
        else:
            with whole_file(Path(path), lambda: require_output(Path(path), inputs()), flush) as file:
                yield file


@contextmanager
def output_file(path: Path | str) -> Iterator[TextOut]:
    """The same for text in UTF-8. Lines end as they are written. On standard output all text is made printable."""
    check_output(path)
    if descriptor(path) == 1:
        yield standard_output()
        return
    with output_bytes(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        yield text
        text.flush()
        text.detach()


def write_text(path: Path | str, text: str) -> None:
    """Raises OutputError."""
    with output_file(path) as file:
        file.write(text)


def write_bytes(path: Path | str, data: bytes, make_folders: bool = False, flush: bool = True) -> None:
    """Raises OutputError."""
    if make_folders:
        _make_folders(Path(path).parent)
    with output_bytes(path, flush) as file:
        file.write(data)


def append_text(path: Path, text: str) -> None:
    """At the end of a log that its owner alone may read, on disk when it returns. Raises OutputError; then nothing of
    it is there.
    """
    try:
        private_folder(path.parent)
    except OSError as error:
        raise OutputError(path, f"its folder cannot be made: {error.filename}: {error.strerror}") from None
    status = require_output(path, inputs())
    size = status.st_size if status else 0
    with writes(path), open_private(path, os.O_APPEND) as file:
        try:
            file.write(text.encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            with contextlib.suppress(OSError):  # or half a line would stand before the next attempt
                os.ftruncate(file.fileno(), size)
            raise


def new_file(path: Path) -> BinaryIO:
    """A file that is not there yet and grows, as a recording does; for this user alone. Raises OSError."""
    private_folder(path.parent)
    return open_private(path, os.O_EXCL)


@contextmanager
def unbuffered_file(path: Path) -> Iterator[BinaryIO]:
    """A file written where it is, piece by piece: the drive of a Pico in BOOTSEL mode takes no rename. Raises OSError,
    and OutputError for one that is read.
    """
    require_no_source(path, os.stat(path) if path.exists() else None, inputs())
    with path.open("wb", buffering=0) as file:
        yield file


def _is_replaced(path: Path) -> bool:
    """False for the null device and for a pipe: what is written goes into them."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True


def _stream(path: Path | str, fd: int | None) -> BinaryIO:
    if fd is not None:
        return os.fdopen(os.dup(fd), "wb")
    try:
        opened = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OutputError(path, "it is a pipe that no program reads") from None
        raise
    os.set_blocking(opened, True)
    return os.fdopen(opened, "wb")


def _make_folders(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(folder, error.strerror or str(error)) from error
