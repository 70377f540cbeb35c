"""An event loop whose time passes as fast as its tasks allow: a sleep of an hour takes no time, and nothing is late.

For code that waits in `asyncio` alone: threads and sockets know nothing of it.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Jumping(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("nothing will ever happen any more: every task waits for another one")
        self.now_s += max(0.0, timeout)
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """`time()` is that of the travel."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


def travelled(work: Coroutine[Any, Any, Any]) -> Any:
    """What the work gives, with all its waiting done at once."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)
