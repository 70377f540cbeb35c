"""Rate limits with hysteresis and hold time: a level is reached when it has been exceeded for long enough, and left
likewise.

Each level is a latch of its own, so a steep rise passes through them in order and noise around one does not disturb
another. The limits may change at any time: what stands is then compared with the new ones.
"""

from warmflow.monitor.levels import Level
from warmflow.monitor.pump_limits import DEFAULT_LIMITS, PumpLimits

RAISE_HOLD_MS = round(1000 * DEFAULT_LIMITS["rate_raise_hold_s"])  # pump time, unless somebody sets others
CLEAR_HOLD_MS = round(1000 * DEFAULT_LIMITS["rate_clear_hold_s"])


class _Latch:
    def __init__(self, level: Level) -> None:
        self.level = level
        self.on = False
        self._since_ms: int | None = None  # since when the deviation asks for a change

    @property
    def busy(self) -> bool:
        """Whether it would miss an update."""
        return self.on or self._since_ms is not None

    def use(self, limits: PumpLimits) -> None:
        self._above, self._below = limits.above[self.level], limits.below[self.level]
        self._hysteresis = limits["rate_hysteresis_percent"] / 100
        self._raise_ms, self._clear_ms = (1000 * limits[name] for name in ("rate_raise_hold_s", "rate_clear_hold_s"))

    def update(self, deviation: float, now_ms: int) -> bool:
        size, threshold = (deviation, self._above) if deviation >= 0 else (-deviation, self._below)
        asks = size < threshold - self._hysteresis if self.on else size >= threshold
        if not asks:
            self._since_ms = None
        elif self._since_ms is None:
            self._since_ms = now_ms
        if self._since_ms is not None and now_ms - self._since_ms >= (self._clear_ms if self.on else self._raise_ms):
            self.on, self._since_ms = not self.on, None
        return self.on


class Limits:
    """Feed deviations in pump time; it gives the level."""

    def __init__(self, limits: PumpLimits = DEFAULT_LIMITS) -> None:
        self._calm = True
        self._latches = {level: _Latch(level) for level in limits.above}
        self.use(limits)

    def use(self, limits: PumpLimits) -> None:
        """Other limits from now on. Levels that are reached stay until the new limits let them go."""
        self._lowest, self._highest = -limits.below[Level.LOW], limits.above[Level.LOW]
        for latch in self._latches.values():
            latch.use(limits)

    def update(self, deviation: float, now_ms: int) -> Level:
        if self._calm and self._lowest < deviation < self._highest:
            return Level.NORMAL
        reached = [level for level, latch in self._latches.items() if latch.update(deviation, now_ms)]
        self._calm = not any(latch.busy for latch in self._latches.values())
        return max(reached, default=Level.NORMAL)
