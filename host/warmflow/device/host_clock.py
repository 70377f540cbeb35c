"""The host's two clocks read at once: a steady one that nobody sets, and the date."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from warmflow.runtime.wall_clock import Clock, SteadyClock, steady_clock, wall_clock


class Stamp(NamedTuple):
    """One moment on the host's two clocks: a steady one, and the wall clock (seconds since 1970, UTC)."""

    steady_s: float
    wall_s: float

    @property
    def utc(self) -> datetime:
        """The date."""
        return datetime.fromtimestamp(self.wall_s, UTC)


Now = Callable[[], Stamp]


def stamps(clock: Clock, steady: SteadyClock) -> Now:
    """Reads both clocks at once."""
    return lambda: Stamp(steady(), clock().timestamp())


stamp = stamps(wall_clock, steady_clock)  # this computer's own
