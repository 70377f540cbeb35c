"""Rate limits with hysteresis and hold time: a level is reached when it has been exceeded for long enough, and left
likewise.

Each level is a latch of its own, so a steep rise passes through them in order and noise around one does not disturb
another.
"""

from warmflow.monitor.findings import Level

THRESHOLDS = {Level.LOW: 0.10, Level.MEDIUM: 0.15, Level.HIGH: 0.25}  # [chosen] of the reference rate; see docs
LOWEST = min(THRESHOLDS.values())
HYSTERESIS = 0.02  # a level is left this far below where it was reached
RAISE_HOLD_MS = 20_000  # pump time
CLEAR_HOLD_MS = 60_000


class _Latch:
    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.on = False
        self._since_ms: int | None = None  # since when the deviation asks for a change

    @property
    def busy(self) -> bool:
        """Whether it would miss an update."""
        return self.on or self._since_ms is not None

    def update(self, deviation: float, now_ms: int) -> bool:
        size = abs(deviation)
        asks = size < self.threshold - HYSTERESIS if self.on else size >= self.threshold
        if not asks:
            self._since_ms = None
        elif self._since_ms is None:
            self._since_ms = now_ms
        if self._since_ms is not None and now_ms - self._since_ms >= (CLEAR_HOLD_MS if self.on else RAISE_HOLD_MS):
            self.on, self._since_ms = not self.on, None
        return self.on


class Limits:
    """Feed deviations in pump time; it gives the level."""

    def __init__(self) -> None:
        self._calm = True
        self._latches = {level: _Latch(threshold) for level, threshold in THRESHOLDS.items()}

    def update(self, deviation: float, now_ms: int) -> Level:
        if self._calm and -LOWEST < deviation < LOWEST:
            return Level.NORMAL
        reached = [level for level, latch in self._latches.items() if latch.update(deviation, now_ms)]
        self._calm = not any(latch.busy for latch in self._latches.values())
        return max(reached, default=Level.NORMAL)
