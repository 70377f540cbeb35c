"""The pulse of the event loop: how late it wakes, and the watchdog's sign of life.

The sign comes from the loop itself: a daemon whose loop hangs is silent, and its service manager starts it again.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Callable

TICK_S = 0.25
LIMITS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class LoopLag:
    """Run `run()` as a task. `counts` by LIMITS_S, the last one without a limit; `delay_s` is the latest."""

    def __init__(self, sign: Callable[[], None], sign_s: float | None) -> None:
        self.counts = [0] * (len(LIMITS_S) + 1)
        self.delay_s = self.total_s = 0.0
        self._sign, self._sign_s = sign, sign_s

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        tick_s = min(TICK_S, self._sign_s or TICK_S)
        signed_at = -1e9
        while True:
            if self._sign_s is not None and loop.time() - signed_at >= self._sign_s:
                signed_at = loop.time()
                self._sign()
            due = loop.time() + tick_s
            await asyncio.sleep(tick_s)
            self.record(max(0.0, loop.time() - due))

    def record(self, delay_s: float) -> None:
        """Counts one delay."""
        self.delay_s = delay_s
        self.total_s += delay_s
        self.counts[bisect_left(LIMITS_S, delay_s)] += 1
