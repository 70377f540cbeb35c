"""What the pump that plays a lesson says: its truth, its newest reading, and when. A taker of the hub.

While no pump plays it looks at the name of an update and nothing more.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from pumplink import messages as m
from warmflow.device.updates import GroundTruth, Reading
from warmflow.hub import PumpUpdate

KEPT = 2000  # truth frames that nobody has taken: a quarter of an hour
SILENT_S = 2.5  # without truth for so long, the board does not answer


class PumpListener:
    """Listens to one pump, or to none."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.pump: str | None = None
        self.reading: m.Telemetry | None = None
        self.latest: m.Truth | None = None
        self._now, self._heard_s, self._timed_s = now, float("-inf"), float("-inf")
        self._truths: deque[tuple[m.Truth, m.Telemetry | None]] = deque(maxlen=KEPT)
        self._fresh = asyncio.Event()

    def listen(self, pump: str | None) -> None:
        """To this one from now on."""
        self.pump, self.reading, self.latest = pump, None, None
        self._heard_s = self._now()
        self._truths.clear()

    def on_update(self, update: PumpUpdate) -> None:
        """Takes truth and live readings."""
        if self.pump is None or update.pump != self.pump:
            return
        if isinstance(update, GroundTruth):
            self.latest, self._heard_s = update.message, self._now()
            self._truths.append((update.message, self.reading))
            fresh, self._fresh = self._fresh, asyncio.Event()
            fresh.set()
        elif isinstance(update, Reading) and not update.late:
            self.reading, self._timed_s = update.message, self._now()

    @property
    def silent(self) -> bool:
        return self._now() - self._heard_s > SILENT_S

    def begin(self) -> None:
        """Only the latest truth is to be taken: a lesson begins with it."""
        while len(self._truths) > 1:
            self._truths.popleft()

    def drain(self) -> list[tuple[m.Truth, m.Telemetry | None]]:
        """Truth since the last time, each with the reading before it."""
        found = list(self._truths)
        self._truths.clear()
        return found

    async def truth(self, within_s: float) -> m.Truth:
        """The next one. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            await self._fresh.wait()
        assert self.latest is not None
        return self.latest

    def pump_s(self, speed_x: int) -> float | None:
        """Pump time now, from the newest reading and the time since; None where that is too old to say."""
        if self.reading is None or self.silent:
            return None
        return self.reading.pump_time_ms / 1000 + (self._now() - self._timed_s) * speed_x
