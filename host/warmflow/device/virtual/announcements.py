"""Virtual boards say in the user's state folder that they are there, so that a daemon finds them as it finds a Pico.

A file for each board holds the path of its port. Its board's process holds a lock on it: a file without one was left by
a process that was killed, and is removed. Its port may be somebody's terminal by now, and is never opened.
"""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_state_path

from warmflow.runtime.private_files import open_private, private_folder
from warmflow.runtime.text_file import TextFileError, read_text

try:
    import fcntl
except ImportError:  # on Windows, where no virtual board runs
    fcntl = None  # type: ignore[assignment]

PORT_BYTES = 1000


def folder() -> Path:
    """Where boards of this user announce themselves."""
    return user_state_path("warmflow") / "virtual-boards"


@contextmanager
def announced(port: str) -> Iterator[None]:
    """The board at this port is there while the block lasts. Raises OSError."""
    where = folder()
    private_folder(where)
    file = where / port.strip("/").replace("/", "-")
    with open_private(file, os.O_TRUNC) as board:
        fcntl.flock(board, fcntl.LOCK_EX)
        board.write(port.encode())  # behind the lock: until then the file is empty, and nobody takes it for a dead one
        board.flush()
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def virtual_ports() -> list[str]:
    """Ports of all virtual boards that run."""
    if fcntl is None:
        return []
    found = []
    with contextlib.suppress(FileNotFoundError):
        for file in sorted(folder().iterdir()):
            if port := _port(file):
                found.append(port)
    return found


def _port(file: Path) -> str:
    """Empty for a board that has ended."""
    try:
        port = read_text(file, PORT_BYTES).strip()
        with file.open("rb") as seen:
            fcntl.flock(seen, fcntl.LOCK_SH | fcntl.LOCK_NB)
            if port:
                file.unlink(missing_ok=True)
    except BlockingIOError:
        return port
    except (TextFileError, OSError):
        pass
    return ""
