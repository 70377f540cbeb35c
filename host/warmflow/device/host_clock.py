"""The host's two clocks: a steady one that nobody sets, and the wall clock."""

from typing import NamedTuple

from warmflow.runtime.wall_clock import steady_clock, wall_clock


class Stamp(NamedTuple):
    """One moment on the host's two clocks: a steady one, and the wall clock (seconds since 1970, UTC)."""

    steady_s: float
    wall_s: float


def stamp() -> Stamp:
    """Now, on both clocks."""
    return Stamp(steady_clock(), wall_clock().timestamp())
