"""A bar on a terminal, lines of plain words elsewhere: a log shall not be full of bars."""

import sys

WIDTH = 32


class Progress:
    """Call it with the name of the file and the bytes of it that were just carried."""

    def __init__(self, total_bytes: int) -> None:
        self._total, self._done = max(1, total_bytes), 0
        self._live = sys.stderr.isatty()

    def __call__(self, name: str, size: int) -> None:
        self._done += size
        if self._live:
            bar = "#" * (WIDTH * self._done // self._total)
            sys.stderr.write(f"\r[{bar:{WIDTH}}] {100 * self._done // self._total:3d} %  {name:32.32}")
            sys.stderr.flush()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *error: object) -> None:
        if self._live:
            sys.stderr.write("\r" + " " * (WIDTH + 44) + "\r")
            sys.stderr.flush()
