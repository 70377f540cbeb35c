"""Temporary files of the tests in memory, where the system offers a file system for that.

The journal asks for each commit to be on disk (synchronous=FULL). The tests kill processes and never the machine, so a
file system in memory shows them the same, and the suite does not wait for a disk: a third of its time.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # Linux's; elsewhere the usual folder stays
NEEDED_BYTES = 2 << 30


def use(folder: Path = MEMORY) -> None:
    """Make `folder` the place of tmp_path and of tempfile, for this process and those that it starts.

    Who has set TMPDIR has chosen; a folder with too little room is left alone.
    """
    if "TMPDIR" in os.environ or not has_room(folder):
        return
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None  # it was perhaps asked for already


def has_room(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= NEEDED_BYTES
