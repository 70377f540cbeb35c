"""When the monitor's rate flag would change, had it the true flow: the same `Limits`, fed from a trace.

No meter's noise and no cause here: what a monitor makes of a real reading is the monitor's.
"""

from collections.abc import Iterator
from typing import NamedTuple

from warmflow.monitor import Level
from warmflow.monitor.limits import CLEAR_HOLD_MS, RAISE_HOLD_MS, Limits
from warmflow.simulation.trace import Trace

READ_EVERY_S = 5.0


class Flag(NamedTuple):
    """The level changed."""

    t_s: float
    level: Level
    deviation: float


def flags(trace: Trace) -> list[Flag]:
    """All changes of the level, in order; the first is none if the run begins normal."""
    limits, level, found = Limits(), Level.NORMAL, []
    for t_s, deviation in _readings(trace):
        now = limits.update(deviation, round(t_s * 1000))
        if now != level:
            level = now
            found.append(Flag(t_s, level, deviation))
    return found


def _readings(trace: Trace) -> Iterator[tuple[float, float]]:
    # every few seconds; of a row that stands for hours, the moments in which a hold time may run out
    holds_s = (RAISE_HOLD_MS / 1000, CLEAR_HOLD_MS / 1000)
    last_s = -READ_EVERY_S
    for t_s, dt_s, deviation in zip(trace.t_s.tolist(), trace.dt_s.tolist(), trace.deviation.tolist(), strict=True):
        start_s = t_s - dt_s
        if dt_s > READ_EVERY_S:
            yield from (
                (start_s + after_s, deviation) for after_s in (1.0, *(1.0 + s for s in holds_s)) if after_s < dt_s
            )
        if t_s >= last_s + READ_EVERY_S:
            yield t_s, deviation
            last_s = t_s
