"""Slow drift by a two-sided CUSUM, and its average run length in closed form.

S+ = max(0, S+ + x - k), and S- likewise downwards; an alarm above h. x is the mean over ten minutes of what nothing
measured explains, as a logarithm of the flow, against a baseline that is learned while all is quiet. The allowance k is
what the weather may do where no barometer is fitted, and what the core does by the hour (`day`): a drift below both
cannot be told from them, and is not flagged.
"""

import math

BLOCK_S = 600.0
ALLOWANCE = 0.01  # [chosen] of the flow, for what is known only roughly
WEATHER_KPA = 2.5  # [chosen] within the time constant of the baseline, where no barometer says it
LIMIT_BLOCKS = 2.0  # [chosen] h: a drift of twice the allowance is found after this many blocks
LEAST_LIMIT = 0.04
CLEARS_AFTER = 6  # blocks within the allowance
SIEGMUND = 1.166  # Ref: D. Siegmund, Sequential Analysis (1985): what discrete steps overshoot h by, in sigmas


class Cusum:
    """Feed the unexplained part with its length in pump time. `drift` is +1, -1 or 0."""

    def __init__(self, percent_per_kpa: float, barometer: bool, day: float = 0.0) -> None:
        weather = 0.0 if barometer else percent_per_kpa * WEATHER_KPA
        self.allowance = ALLOWANCE + math.hypot(weather, day)
        self.limit = max(LEAST_LIMIT, LIMIT_BLOCKS * self.allowance)
        self.up = self.down = 0.0
        self.drift = 0
        self._sum = self._length_s = 0.0
        self._calm = 0

    def pause(self) -> None:
        """Something else is going on: an unfinished block does not count."""
        self._sum = self._length_s = 0.0

    def add(self, value: float, length_s: float) -> None:
        """The mean of what nothing explains, over `length_s`."""
        self._sum += value * length_s
        self._length_s += length_s
        if self._length_s < BLOCK_S - 1e-6:
            return
        mean = self._sum / self._length_s
        blocks = min(self._length_s / BLOCK_S, 6.0)
        self._sum = self._length_s = 0.0
        self.up = min(max(0.0, self.up + (mean - self.allowance) * blocks), 2 * self.limit)
        self.down = min(max(0.0, self.down + (-mean - self.allowance) * blocks), 2 * self.limit)
        self._calm = self._calm + 1 if abs(mean) < self.allowance else 0
        if self.up > self.limit:
            self.drift = 1
        elif self.down > self.limit:
            self.drift = -1
        elif self._calm >= CLEARS_AFTER:
            self.drift = 0


def run_length(shift: float, sigma: float, allowance: float, limit: float) -> float:
    """Average number of blocks to an alarm, for a standing shift and a noise of a block, both as fractions.

    One-sided; with no shift halve it for two sides. Siegmund's approximation: exact within some 10 %.
    Ref: D. Siegmund, Sequential Analysis (1985); D. C. Montgomery, Introduction to Statistical Quality Control.
    """
    delta = (shift - allowance) / sigma
    b = limit / sigma + SIEGMUND
    if abs(delta) < 1e-9:
        return b * b
    exponent = -2.0 * delta * b
    if exponent > 700.0:
        return math.inf
    return (math.exp(exponent) + 2.0 * delta * b - 1.0) / (2.0 * delta * delta)
