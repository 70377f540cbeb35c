"""The one progress bar: on stderr, on a terminal only, for work that takes over a second. Drawn by rich.

Nothing is drawn in a pipe or a log. The bar is removed when the work ends; the command prints the result.
"""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from warmflow.runtime.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_S = 1.0
REDRAW_S = 0.1
NOTE_MAX = 32


class ProgressBar:
    """`with ProgressBar("stepping") as bar: bar(0.5)`: the share that is done, from 0 to 1, and if wanted a note.

    stream: default: stderr, as it is when the work begins.
    """

    def __init__(self, work: str, stream: TextIO | None = None, now_s: Callable[[], float] = time.monotonic) -> None:
        self._work, self._stream, self._now_s = printable(work), stream or sys.stderr, now_s
        self._is_watched = self._stream.isatty()
        self._next_s = now_s() + PATIENCE_S
        self._drawn: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        return self

    def __call__(self, share: float, note: str = "") -> None:
        if not self._is_watched or self._now_s() < self._next_s:
            return
        self._next_s = self._now_s() + REDRAW_S
        if self._drawn is None:
            self._drawn = self._begin()
        progress, task = self._drawn
        progress.update(task, completed=min(share, 1.0), note=printable(note, NOTE_MAX), refresh=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._drawn:
            self._drawn[0].stop()
            self._drawn = None

    def _begin(self) -> "tuple[Progress, TaskID]":
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=Console(file=self._stream),
            auto_refresh=False,  # no thread: whoever works reports
            transient=True,
            redirect_stdout=False,  # what a command prints goes where it always goes
            redirect_stderr=False,
            get_time=self._now_s,
        )
        progress.start()
        return progress, progress.add_task(self._work, total=1.0, note="")
