"""The session's log in a file, line by line as it happens, so that a crash loses nothing of it.

One file for each session, begun with its first entry. A disk that takes nothing is said, and tried again with the next.
"""

import asyncio
import logging
import os
from pathlib import Path

from warmflow.runtime.logs import Log, toned
from warmflow.runtime.private_files import open_private, private_folder
from warmflow.training.session_log import Entry, as_line

WAITING_MAX = 10_000
CLOSE_S = 0.5


class LogFile:
    """`add` returns at once. `path` is None before the first entry."""

    def __init__(self, folder: Path, log: Log) -> None:
        self.path: Path | None = None
        self._folder, self._log = folder, log
        self._waiting: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self._refused = False

    def add(self, entry: Entry) -> None:
        if self.path is None:
            self.path = self._folder / f"training-{entry.at:%Y%m%dT%H%M%S%z}.jsonl"
        self._waiting = [*self._waiting, as_line(entry)][-WAITING_MAX:]
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(self.path), name="session log")

    async def close(self) -> None:
        """Waits a little for what is not on disk yet."""
        if self._task:
            await asyncio.wait({self._task}, timeout=CLOSE_S)

    async def _write(self, path: Path) -> None:
        while self._waiting:
            lines, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(_append, path, "".join(lines))
                self._refused = False
            except OSError as error:
                self._waiting = lines + self._waiting
                if not self._refused:
                    self._refused = True
                    words = error.strerror or error
                    toned(self._log, logging.WARNING)(f"{path}: the session's log can not be written: {words}")
                return


def _append(path: Path, text: str) -> None:
    private_folder(path.parent)
    with open_private(path, os.O_APPEND) as file:  # hidden faults are in it
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
