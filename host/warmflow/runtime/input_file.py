"""Files that people hand in, read with a limit: a regular file, no larger than it may be, and never waited for.

A pipe would be waited for until somebody writes, a device has no end, and a file that grows is read to the limit only.
"""

import errno
import os
import stat
import tomllib
from pathlib import Path
from typing import Any

TOML_BYTES = 1_000_000  # of lessons, scenarios and settings: a hundred times the longest of ours
SECRET_BYTES = 10_000
LOG_BYTES = 50_000_000  # of a training session: it has a few hundred lines
IMPORT_BYTES = 1_000_000_000  # of measurements: a year at 1 Hz


def read_input(path: Path, most_bytes: int) -> bytes:
    """All of the file. Raises OSError with words for people in `strerror`."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "a pipe, socket or device is not read: save it as a file", str(path))
        if found.st_size > most_bytes:
            raise OSError(errno.EFBIG, f"{found.st_size} bytes: {most_bytes} are read at most", str(path))
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, f"it grows: {most_bytes} bytes are read at most", str(path))
    return data


def read_input_text(path: Path, most_bytes: int) -> str:
    """The same as UTF-8 with line feeds. Raises OSError, UnicodeDecodeError."""
    return read_input(path, most_bytes).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def toml_values(text: str) -> dict[str, Any]:
    """What a TOML text says. Raises tomllib.TOMLDecodeError for whatever is wrong with it: the library lets through
    what Python cannot hold (an integer of 5,000 digits, a nesting of 1,000 levels).
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("it is nested too deep") from None
    except (ValueError, OverflowError) as error:
        raise tomllib.TOMLDecodeError(f"a value that cannot be read: {error}") from None
