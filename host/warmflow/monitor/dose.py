"""The dose over the fill, as its own flag: how much more or less has come than the reference rate would have given.

In percent of 14 days at the reference rate, the time between refills: minutes of a high rate weigh little here, days of
a small one much. It counts from the fill, or from where the monitor came in; it cannot know what it did not see.
"""

from typing import NamedTuple

from warmflow.monitor.levels import Level
from warmflow.monitor.pump_limits import DEFAULT_LIMITS, PumpLimits

FILL_DAYS = 14.0  # Ref: refilled every two weeks during treatment (domain file)
MS_PER_H = 3_600_000


class DoseState(NamedTuple):
    """The dose so far. `deviation` is a fraction of 14 days at the reference rate."""

    deviation: float
    extra_nl: float
    level: Level
    since_ms: int  # pump time from which it counts
    whole: bool  # it counts from the fill itself


class Dose:
    """Feed the metered volume in pump time."""

    def __init__(self, reference_nl_h: float, limits: PumpLimits = DEFAULT_LIMITS) -> None:
        self._reference_nl_h = reference_nl_h
        self.limits = limits
        self._planned_nl = reference_nl_h * 24 * FILL_DAYS
        self._last: tuple[int, int] | None = None
        self._whole = False
        self._since_ms = 0
        self._extra_nl = 0.0
        self._level = Level.NORMAL

    def filled(self) -> None:
        """A refill: the dose begins anew."""
        self._last = None
        self._whole = True
        self._extra_nl = 0.0
        self._level = Level.NORMAL

    def add(self, now_ms: int, volume_nl: int, metered_at_fill_nl: int) -> None:
        """The meter's total at a pump time. One that went back adds nothing."""
        last = self._last
        self._last = (now_ms, volume_nl)
        if last is None:
            self._since_ms = now_ms
            seen_nl = volume_nl - metered_at_fill_nl
            self._whole = self._whole or 0 <= seen_nl < self._reference_nl_h / 6  # within ten minutes of the fill
            return
        passed_ms, came_nl = now_ms - last[0], volume_nl - last[1]
        if passed_ms <= 0 or came_nl < 0:
            return
        self._extra_nl += came_nl - self._reference_nl_h * passed_ms / MS_PER_H
        size, limits = abs(self.deviation), self.limits.dose
        for level, threshold in limits.items():
            if size >= threshold and level > self._level:
                self._level = level
        hysteresis = self.limits["dose_hysteresis_percent"] / 100
        while self._level and size < limits[self._level] - hysteresis:
            self._level = Level(self._level - 1)

    @property
    def deviation(self) -> float:
        """As a fraction of 14 days at the reference rate."""
        return self._extra_nl / self._planned_nl

    @property
    def state(self) -> DoseState:
        """Now."""
        return DoseState(self.deviation, self._extra_nl, self._level, self._since_ms, self._whole)
