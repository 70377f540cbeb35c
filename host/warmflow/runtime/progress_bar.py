"""A bar on a terminal for what takes over a second; silent otherwise, and silent where nobody looks."""

import sys
import time
from types import TracebackType
from typing import Self

PATIENCE_S = 1.0
REDRAW_S = 0.1
WIDTH = 40


class Bar:
    """A context to report shares of 0 to 1 to: `with Bar("stepping") as bar: bar(0.5)`."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._next_s = time.monotonic() + PATIENCE_S
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __call__(self, share: float) -> None:
        if not sys.stderr.isatty() or time.monotonic() < self._next_s:
            return
        done = "#" * round(WIDTH * min(share, 1.0))
        sys.stderr.write(f"\r{self._words} [{done:{WIDTH}}] {100 * share:3.0f} % ")
        sys.stderr.flush()
        self._shown = True
        self._next_s = time.monotonic() + REDRAW_S

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
