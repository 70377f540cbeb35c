"""Records of a recording that follow a hole which may still be filled.

When this was recorded, the daemon asked the board to resend the missing records. The resent records come after those
already in transit, and then repeat them. So later records wait here for a lower number. Decides nothing about losses.
"""

from typing import NamedTuple

from pumplink import messages as m

EARLY_MAX, EARLY_S = 3000, 30.0  # so many, so long, while earlier ones may still come


class Arrived(NamedTuple):
    """A record with the bytes that it came in."""

    message: m.Telemetry | m.Event
    payload: bytes


class ReorderBuffer:
    """In the order of their numbers."""

    def __init__(self) -> None:
        self._waiting: list[Arrived] = []
        self._since_s = 0.0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, record: Arrived, now_s: float, none_before: int) -> bool:
        """True if waiting is over: what is missing before them will not come. none_before: the board's oldest."""
        lower = bool(self._waiting) and record.message.sequence < self._waiting[0].message.sequence
        if lower:
            self._waiting.clear()
        if not self._waiting:
            self._since_s = now_s
        self._waiting.append(record)
        if lower or none_before >= self._waiting[0].message.sequence:
            return True
        return now_s - self._since_s > EARLY_S or len(self._waiting) >= EARLY_MAX

    def drain(self) -> list[Arrived]:
        """All of them; none waits any more."""
        taken, self._waiting = self._waiting, []
        return taken
