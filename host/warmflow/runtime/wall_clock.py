"""The clocks of this computer: the only module of the host that reads the date.

Everything else is handed a `Clock` or a `SteadyClock`, so that a test can set the time. The date may jump by years in
either direction; the steady clock only ever moves forward, at the rate of real time. `ClockWatch` compares the two.
"""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

Clock = Callable[[], datetime]  # the date, with a time zone
SteadyClock = Callable[[], float]  # seconds since some moment, never set back

STEP_S = 60.0  # the date and the steady clock may disagree by this much between two looks
CALM_S = 3600.0  # after a step the date is trusted again when it has agreed for so long

# a steady clock that keeps running while the computer sleeps, if there is one, because the boards keep running
_STEADY = next(
    (getattr(time, name) for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC") if hasattr(time, name)),
    None,
)


def wall_clock() -> datetime:
    """The date of this computer, UTC."""
    return datetime.now(UTC)


def steady_clock() -> float:
    """Seconds on a clock that cannot be set."""
    return time.monotonic() if _STEADY is None else time.clock_gettime(_STEADY)


def steady_session() -> str:
    """Names the run of the computer that the steady clock counts from; where no system says it, this process."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


class ClockWatch:
    """Has the date stepped? Call `look` now and then; `stepped_s` is how far it moved, 0 if it is to be trusted."""

    def __init__(self) -> None:
        self.stepped_s = 0.0  # of the last step: above 0 the date went forward
        self._last: tuple[float, float] | None = None
        self._calm_since_s = 0.0

    def look(self, steady_s: float, date: datetime) -> None:
        """Compares what both clocks have moved by since the last look."""
        wall_s = date.timestamp()
        if self._last is not None:
            ahead_s = (wall_s - self._last[1]) - (steady_s - self._last[0])
            if abs(ahead_s) > STEP_S:
                self.stepped_s, self._calm_since_s = ahead_s, steady_s
            elif steady_s - self._calm_since_s >= CALM_S:
                self.stepped_s = 0.0
        self._last = (steady_s, wall_s)
