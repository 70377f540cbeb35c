"""The host's two clocks read at once: a steady one that nobody sets, and the date."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from warmflow.runtime.wall_clock import Clock, SteadyClock, steady_clock, wall_clock

AT_ONCE_S = 0.02  # both clocks are read within this, or read again: a process may be stopped between the two
ATTEMPTS = 5


class Stamp(NamedTuple):
    """One moment on the host's two clocks: a steady one, and the wall clock (seconds since 1970, UTC)."""

    steady_s: float
    wall_s: float

    @property
    def utc(self) -> datetime:
        """The date."""
        return datetime.fromtimestamp(self.wall_s, UTC)


class Dating(NamedTuple):
    """What a time was derived from: the steady clock in one of its sessions, plus an offset.

    `corrected_ms` is the sum of all steps and slews that the offset has in it: two times of one session are compared by
    it, so that a slow drift between the clocks changes nothing. `steady_ms` is when this offset was first used.
    redated: the time replaces one that was derived from a wrong date. uncertain: nothing can tell the right one.
    """

    session: str
    offset_ms: int
    corrected_ms: int
    steady_ms: int
    redated: bool = False
    uncertain: bool = False


class LastSeen(NamedTuple):
    """A dating, and both clocks when it was last in use."""

    dating: Dating
    steady_ms: int
    offset_ms: int


Now = Callable[[], Stamp]


def stamps(clock: Clock, steady: SteadyClock) -> Now:
    """Reads both clocks at once: of a few attempts the one that took the least time."""

    def read() -> Stamp:
        best, best_s = Stamp(0.0, 0.0), float("inf")
        for _ in range(ATTEMPTS):
            began_s = steady()
            wall_s = clock().timestamp()
            took_s = steady() - began_s
            if took_s < best_s:
                best, best_s = Stamp(began_s, wall_s), took_s
            if took_s <= AT_ONCE_S:
                break
        return best

    return read


stamp = stamps(wall_clock, steady_clock)  # this computer's own
