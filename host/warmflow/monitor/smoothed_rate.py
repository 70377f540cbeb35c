"""The metered flow, averaged over as many readings as its noise asks for and no more, so that a flag needs neither luck
nor patience.

The noise is learned from differences of successive values: a change of the flow is not noise. At 2 % a value and one
value a second the mean covers 25 s.
"""

from collections import deque

GOAL = 0.004  # [chosen] 1 s.d. of the mean, of the reference rate: a fifth of the 2 points that a flag may lag
MOST = 28  # values in the mean at most: at 1 Hz a flag comes within its hold time + 30 s
NOISE_START = 0.02
NOISE_SHARE = 1 / 64
OUTLIER = 9.0  # squared differences above this many times the present one are cut: a step is not noise


class Rate:
    """Feed values of the flow; get their mean."""

    def __init__(self, reference_nl_h: float) -> None:
        self._reference_nl_h = reference_nl_h
        self._variance = NOISE_START**2
        self._totals: deque[float] = deque([0.0], maxlen=MOST + 1)
        self._last = -1.0

    def restart(self) -> None:
        """What was before is too long ago."""
        self._totals.clear()
        self._totals.append(0.0)
        self._last = -1.0

    def add(self, flow_nl_h: float) -> float:
        """The mean in nL/h with this value in it."""
        variance = self._variance
        if self._last >= 0.0:
            step = (flow_nl_h - self._last) / self._reference_nl_h
            half = 0.5 * step * step
            limit = OUTLIER * variance + 1e-8
            variance += NOISE_SHARE * ((half if half < limit else limit) - variance)
            self._variance = variance
        self._last = flow_nl_h
        totals = self._totals
        total = totals[-1] + flow_nl_h
        totals.append(total)
        count = int(variance / (GOAL * GOAL)) + 1
        have = len(totals) - 1
        count = count if count < have else have
        return (total - totals[-1 - count]) / count

    @property
    def noise(self) -> float:
        """1 s.d. of a value, as a fraction of the reference rate."""
        return float(self._variance**0.5)
