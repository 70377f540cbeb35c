"""The metered flow, averaged over as much time as its noise asks for and no more, so that a flag needs neither luck nor
patience.

The noise is learned from differences of successive values: a change of the flow is not noise. A value that no noise
explains waits for a second one that says the same: then the mean begins anew with both, and if none comes it was an
outlier. A meter that counts drops is timed from count to count (`drop_rate`).
"""

from collections import deque

from warmflow.monitor.drop_rate import DropRate

GOAL = 0.004  # [chosen] 1 s.d. of the mean, of the reference rate: a fifth of the 2 points that a flag may lag
MOST = 28  # values in the mean at most: at 1 Hz a flag comes within its hold time + 30 s
MOST_S = 240.0  # and no older than this, if there are LEAST of them
LEAST = 4
NOISE_START = 0.02
NOISE_SHARE = 1 / 64
OUTLIER = 9.0  # squared differences above this many times the present one are cut: a step is not noise
FAR = 5.0  # s.d. of a value and its mean: a value further away waits for a second one
CONFIRMS = 2.5  # s.d. at which the second one, on the same side, confirms it
RUN = 6  # values by which a smaller change is found
RUN_FAR = 4.2  # s.d. of the mean of such a run
LEAST_FAR = 0.02  # of the reference rate


class Rate:
    """Feed values of the flow with their pump time and the meter's total; get the mean flow."""

    def __init__(self, reference_nl_h: float) -> None:
        self._reference_nl_h = reference_nl_h
        self._variance = NOISE_START**2
        self._values: deque[tuple[float, float]] = deque(maxlen=MOST)  # (pump time in s, flow in nL/h)
        self._total = 0.0
        self._last = -1.0
        self._waiting: tuple[float, float] | None = None  # (pump time in s, deviation from the mean)
        self._mean = 0.0
        self.since_s: float | None = None  # where the newest value confirmed one before it: when that came
        self.drops = DropRate(reference_nl_h)

    def restart(self) -> None:
        """What was before is too long ago."""
        self._values.clear()
        self._total = 0.0
        self._last = -1.0
        self._waiting = None
        self.drops.restart()

    def add(self, flow_nl_h: float, now_s: float, volume_nl: int) -> float:
        """The mean in nL/h with this value in it."""
        counted = self.drops.add(flow_nl_h, now_s, volume_nl)
        if counted is not None:
            self._waiting = self.since_s = None
            return counted
        variance = self._variance
        if self._last >= 0.0:
            step = (flow_nl_h - self._last) / self._reference_nl_h
            half = 0.5 * step * step
            limit = OUTLIER * variance + 1e-8
            variance += NOISE_SHARE * ((half if half < limit else limit) - variance)
            self._variance = variance
        self._last = flow_nl_h
        self.since_s = None
        if self._values and self._waits(flow_nl_h, now_s):
            return self._mean
        values = self._values
        if len(values) == MOST:
            self._total -= values[0][1]
        values.append((now_s, flow_nl_h))
        self._total += flow_nl_h
        while len(values) > LEAST and now_s - values[0][0] > MOST_S:
            self._total -= values.popleft()[1]
        if len(values) > RUN + 2:
            self._shed()
        self._mean = self._newest_mean()
        return self._mean

    def _waits(self, flow_nl_h: float, now_s: float) -> bool:
        # whether this value is held back; where it confirms the one that waits, the mean begins anew with both
        away = (flow_nl_h - self._mean) / self._reference_nl_h
        sigma = self._variance**0.5
        waiting, self._waiting = self._waiting, None
        if waiting is not None and away * waiting[1] > 0.0 and abs(away) > CONFIRMS * sigma + LEAST_FAR:
            self.since_s = waiting[0]
            self._values.clear()
            self._total = self._mean + waiting[1] * self._reference_nl_h
            self._values.append((waiting[0], self._total))
            return False
        if waiting is None and abs(away) > FAR * sigma + LEAST_FAR:
            self._waiting = (now_s, away)
            return True
        return False

    def _shed(self) -> None:
        # a run of newest values that noise does not explain: what was before it is another flow
        flows = [flow for _, flow in self._values]
        newest = flows[-RUN:]
        older = flows[:-RUN]
        sigma = self._variance**0.5 * (1 / RUN + 1 / len(older)) ** 0.5
        away = (sum(newest) / RUN - sum(older) / len(older)) / self._reference_nl_h
        if abs(away) > RUN_FAR * sigma + 0.5 * LEAST_FAR:
            kept = list(self._values)[-RUN:]
            self._values.clear()
            self._values.extend(kept)
            self._total = sum(newest)

    def _newest_mean(self) -> float:
        count = int(self._variance / (GOAL * GOAL)) + 1
        have = len(self._values)
        if count >= have:
            return self._total / have
        values = self._values
        return sum(values[-1 - back][1] for back in range(count)) / count

    @property
    def waits(self) -> bool:
        """Whether the newest value is held back until another one confirms it."""
        return self._waiting is not None

    @property
    def noise(self) -> float:
        """1 s.d. of a value, as a fraction of the reference rate."""
        return self.drops.noise if self.drops.counting else float(self._variance**0.5)
