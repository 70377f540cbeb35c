"""Why nothing can be written at the moment: a state that is shown and logged, at once when it begins and when it ends,
and once a minute between. What no later attempt can better is raised.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from warmflow.journal.faults import PASSING, JournalError
from warmflow.journal.write_queue import WriteQueue
from warmflow.runtime.logs import toned

LOUD_S = 60.0  # a lasting fault is logged again at this interval


class Trouble:
    """Of one journal. `text` says why nothing can be kept, "" if all is well."""

    def __init__(self, path: Path, inbox: WriteQueue, log: Callable[[str], None]) -> None:
        self.text = ""
        self._path, self._inbox, self._log = path, inbox, log
        self._logged_at = 0.0

    def refused(self, error: JournalError, before: str = "") -> None:
        """Writing to the database failed: this becomes the state that is shown. Raises the error if no later attempt
        can be better.
        """
        text = before + str(error)
        if error.fault not in PASSING:
            self.text = text
            raise error
        self.show(text.removeprefix(f"{self._path}: "))

    def written(self) -> None:
        """A small write succeeded. Clears the state, unless records are still queued: a disk too full for them can
        still take a cursor.
        """
        if not self._inbox.waiting:
            self.show("")

    def show(self, text: str) -> None:
        """This is the state from now on."""
        now = asyncio.get_running_loop().time()
        if bool(text) != bool(self.text) or (text and now - self._logged_at >= LOUD_S):
            held = f"{self._inbox.waiting} records wait in memory, and no board is told that they are safe"
            full = "; memory is full: the boards keep the rest" if self._inbox.full else ""
            log = toned(self._log, logging.ERROR if text else logging.INFO)
            log(f"JOURNAL {self._path}: " + (f"{text}; {held}{full}" if text else "is written again"))
            self._logged_at = now
        self.text = text
