"""The host's two clocks: a steady one that nobody sets, and the wall clock."""

import time
from typing import NamedTuple

# a steady clock that goes on while the host sleeps, where there is one: the board goes on, too
_STEADY = next(
    (getattr(time, name) for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC") if hasattr(time, name)),
    None,
)


class Stamp(NamedTuple):
    """One moment on the host's two clocks: a steady one, and the wall clock (seconds since 1970, UTC)."""

    steady_s: float
    wall_s: float


def stamp() -> Stamp:
    """Now, on both clocks."""
    steady_s = time.monotonic() if _STEADY is None else time.clock_gettime(_STEADY)
    return Stamp(steady_s, time.time())
