"""Runs blocking work in order on a separate thread, so that the event loop never waits for a disk.

The queue is bounded: work that does not fit is refused at once, and the caller must report this. Closing has a time
limit: if the disk hangs, the thread is abandoned.
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
        """The size of all work that is not done yet."""
        return self._bytes

    def enqueue(self, work: Work, size_bytes: int) -> bool:
        """False if the queue is full; the work is then not done."""
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
        """Waits until all work is done; False if the time limit was reached and some work may never be done."""
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
