"""All watched ports of an event loop, read together: at once after a pause, and then no more often than every PAUSE_S.

A hundred ports that are each served as their bytes come wake the loop a thousand times a second, each time with cold
caches: that costs as much as the work. Knows no port: who has bytes is called.
"""

import asyncio
import selectors
from collections.abc import Callable
from weakref import WeakKeyDictionary

PAUSE_S = 0.02  # a reading may be so much older; a lone pump's is not, for nobody was served just before it

Serve = Callable[[], bool]  # reads what is there, True if there may be more


class PortPoller:
    """Of one loop. Made by `watch`, gone with its last port."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._selector = selectors.DefaultSelector()
        self._again: asyncio.TimerHandle | None = None
        self._listen()

    def add(self, fd: int, serve: Serve) -> None:
        self._selector.register(fd, selectors.EVENT_READ, serve)

    def remove(self, fd: int) -> bool:
        """True if that was the last one: nothing is left to be called."""
        self._selector.unregister(fd)
        if self._selector.get_map():
            return False
        if self._again:
            self._again.cancel()
        self._loop.remove_reader(self._fd())
        self._selector.close()
        return True

    def _fd(self) -> int:
        return int(self._selector.fileno())  # epoll and kqueue are files themselves

    def _listen(self) -> None:
        self._again = None
        self._loop.add_reader(self._fd(), self._serve_all)

    def _serve_all(self) -> None:
        self._loop.remove_reader(self._fd())
        # before anybody is called: the last one to leave finds it and ends it
        self._again = self._loop.call_later(PAUSE_S, self._listen)
        more = False
        for key, _ in self._selector.select(0):
            if self._selector.get_map() and key.fd in self._selector.get_map():  # not one that left meanwhile
                more = key.data() or more
        if more and not self._again.cancelled():
            self._again.cancel()
            self._again = self._loop.call_later(0, self._listen)


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, PortPoller] = WeakKeyDictionary()


def watch(loop: asyncio.AbstractEventLoop, fd: int, serve: Serve) -> None:
    """Calls `serve` when the file has something to read. Raises NotImplementedError, AttributeError or OSError where a
    loop, a platform or a file cannot be watched.
    """
    if loop not in _of_loops:
        _of_loops[loop] = PortPoller(loop)
    _of_loops[loop].add(fd, serve)


def unwatch(loop: asyncio.AbstractEventLoop, fd: int) -> None:
    """It is not called again."""
    if _of_loops[loop].remove(fd):
        del _of_loops[loop]
