"""The session's log in a file, line by line as it happens, so that a crash loses nothing of it.

One file for each session, begun with its first entry. A write error is reported, and writing is tried again with the
next entry.
"""

import asyncio
import logging
from pathlib import Path

from warmflow.runtime.logs import Log, toned
from warmflow.runtime.output_file import append_text
from warmflow.runtime.output_rules import OutputError
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
                await asyncio.to_thread(append_text, path, "".join(lines))
                self._refused = False
            except OutputError as error:
                self._waiting = lines + self._waiting
                if not self._refused:
                    self._refused = True
                    toned(self._log, logging.WARNING)(f"log of the session: {error}")
                return
