"""Files and folders that this user alone may read, whatever the umask says: the journal with its lock and logs, session
logs with their hidden faults, recordings, a broker's state.

A lock on a file needs only the right to read it: a neighbour on the same computer could stop the journal with one.
"""

import contextlib
import os
from pathlib import Path
from typing import BinaryIO

FILE_MODE = 0o600
FOLDER_MODE = 0o700


def private_folder(path: Path) -> None:
    """Makes the folder and what is missing above it, for this user alone. An existing folder keeps its permissions.
    Raises OSError.
    """
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(FOLDER_MODE, exist_ok=True)
            os.chmod(folder, FOLDER_MODE)  # a umask can only have taken rights away, also from this user


def keep_private(path: Path) -> None:
    """Takes the rights of others from a file of an earlier version, and gives what root has made to the owner of the
    folder: a command that root runs must not shut the daemon's user out. Best effort: the file may belong to another
    user.
    """
    with contextlib.suppress(OSError):
        found, folder = path.stat(), path.absolute().parent.stat()
        if found.st_mode & 0o077:
            os.chmod(path, FILE_MODE)
        if found.st_uid == 0 != folder.st_uid and hasattr(os, "chown"):
            os.chown(path, folder.st_uid, folder.st_gid)


def open_private(path: Path, flags: int) -> BinaryIO:
    """Opens a file for writing, for this user alone; `flags` as for `os.open`. Raises OSError."""
    fd = os.open(path, flags | os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), FILE_MODE)
    keep_private(path)
    return os.fdopen(fd, "ab" if flags & os.O_APPEND else "wb")
