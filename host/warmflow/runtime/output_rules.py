"""What may be an output: not a file that the command reads, not a journal, not a device, and nothing without a folder.

Looks at files and changes none. Files are compared by inode, so a symbolic link, a hard link, `..` and another case of
the letters on a file system that ignores case make no difference.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from warmflow.errors import UserError

SQLITE = b"SQLite format 3\0"
# Ref: sqlite.org/walformat.html: the magic numbers of a write-ahead log, and the version of a shared-memory index
JOURNAL_PARTS = (SQLITE, b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83", b"\x18\xe2\x2d\x00", b"\x00\x2d\xe2\x18")
COMPANIONS = ("-wal", "-shm", "-journal", ".lock")  # what belongs to a journal by its name
EFFECTIVE = os.access in os.supports_effective_ids
KINDS = (
    (stat.S_ISDIR, "it is a folder; name a file in it"),
    (stat.S_ISBLK, "it is a disk; name a file"),
    (stat.S_ISSOCK, "it is a socket; name a file"),
)


class OutputError(UserError):
    """An output cannot be written; the text names it and says why."""

    def __init__(self, path: Path | str, why: str) -> None:
        super().__init__(f"{'standard output' if str(path) == '-' else path}: cannot be written: {why}")


def require_output(path: Path, inputs: Iterable[Path] = ()) -> os.stat_result | None:
    """The status of the file that is to be replaced; None if there is none yet. Raises OutputError."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        _require_folder(path)
        status = None
    except NotADirectoryError:
        raise OutputError(path, f"{_first_file(path)} is a file, not a folder") from None
    except (OSError, ValueError) as error:
        raise OutputError(path, _words(error)) from error
    require_no_source(path, status, inputs)
    if status is None:
        return None
    for is_kind, why in KINDS:
        if is_kind(status.st_mode):
            raise OutputError(path, why)
    if stat.S_ISCHR(status.st_mode) and not _is_null(status):
        raise OutputError(path, "it is a device; name a file, or - for standard output")
    if stat.S_ISREG(status.st_mode) and not os.access(path, os.W_OK, effective_ids=EFFECTIVE):
        raise OutputError(path, "it is write-protected")
    return status


def require_no_source(path: Path | str, status: os.stat_result | None, inputs: Iterable[Path] = ()) -> None:
    """Raises OutputError if this is a file that the command reads, or a part of a journal."""
    for name in inputs:
        for each in (name, *(name.with_name(name.name + ending) for ending in COMPANIONS)):
            if _is_same(status, each):
                raise OutputError(
                    path,
                    f"this command reads {'it' if os.path.abspath(path) == str(each) else each}; name another file",
                )
    if status is not None and stat.S_ISREG(status.st_mode) and _head(path).startswith(JOURNAL_PARTS):
        raise OutputError(path, "it is a journal (an SQLite database); name another file")
    for ending in COMPANIONS:
        base = str(path).removesuffix(ending)
        if base != str(path) and _head(os.path.realpath(base)).startswith(SQLITE):
            raise OutputError(path, f"it belongs to the journal {base}; name another file")


def _is_same(status: os.stat_result | None, other: Path) -> bool:
    try:
        return status is not None and stat.S_ISREG(status.st_mode) and os.path.samestat(status, os.stat(other))
    except (OSError, ValueError):
        return False


def _head(path: Path | str) -> bytes:
    """The first bytes of a regular file; none of what cannot be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read(len(SQLITE))
    except (OSError, ValueError):
        return b""


def _is_null(status: os.stat_result) -> bool:
    try:
        return status.st_rdev == os.stat(os.devnull).st_rdev
    except OSError:
        return False


def _require_folder(path: Path) -> None:
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        shown = folder if path.is_symlink() or path.is_absolute() else path.parent
        raise OutputError(path, f"there is no folder {shown}; make it first, or name another")


def _first_file(path: Path) -> Path:
    return next((each for each in reversed(path.parents) if each.exists() and not each.is_dir()), path.parent)


def _words(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
