"""Work that may block, done in order on a thread of its own, so that the event loop never waits for a disk.

Bounded: what does not fit is refused at once, and whoever brought it has to say so. It waits for nobody for ever: the
thread of a disk that hangs is left behind.
"""

import threading
from collections import deque
from collections.abc import Callable

Work = Callable[[], None]


class BackgroundWriter:
    """One thread, started when there is work. `work` must not raise."""

    def __init__(self, limit_bytes: int, name: str) -> None:
        self._limit_bytes, self._name = limit_bytes, name
        self._waiting: deque[tuple[Work, int]] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False

    @property
    def waiting_bytes(self) -> int:
        """Of all work that is not done yet."""
        return self._bytes

    def enqueue(self, work: Work, size_bytes: int) -> bool:
        """False if there is no room for it: then it is not done."""
        with self._changed:
            if self._bytes + size_bytes > self._limit_bytes:
                return False
            self._waiting.append((work, size_bytes))
            self._bytes += size_bytes
            if self._thread is None:
                self._closing = False
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()
            return True

    def close(self, timeout_s: float) -> bool:
        """Waits until all is done; False if it took too long and something may never be."""
        with self._changed:
            thread, self._closing = self._thread, True
            self._changed.notify()
        if thread is None:
            return True
        thread.join(timeout_s)
        if thread.is_alive():
            return False
        self._thread = None
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    if self._closing:
                        return
                    self._changed.wait()
                work, size_bytes = self._waiting[0]
            work()
            with self._changed:
                self._waiting.popleft()
                self._bytes -= size_bytes
