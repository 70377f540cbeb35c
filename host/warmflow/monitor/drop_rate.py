"""The flow by a meter that counts drops: between two counts it reads nothing, and at a count far too much.

Such a meter shows itself: its total rises by whole counts only, and so does what its flow amounts to from reading to
reading. The flow is then timed from count to count. While no count comes, it is at most what would have made one by
now, and one more for chance.
"""

from collections import deque

COUNTS = 16  # risings that are timed for the mean
LEAST_COUNT_NL = 20.0  # a finer meter is fine enough
COARSE = 30.0  # counts a reading: from there on they do not matter
VARIED = 3  # times that the number of counts changed
SURE = 6  # readings that agree, before it is taken for a counter
WHOLE, WHOLE_NL = 0.08, 2.0  # of a count; in nL: a total is rounded
FIRST_S = 120.0  # no volume and no flow from the first reading on: a counter that waits for its first count, so long
SLACK = 2.0


class DropRate:
    """Feed each value; None where the meter does not count drops."""

    def __init__(self, reference_nl_h: float) -> None:
        self._reference_nl_h = reference_nl_h
        self.restart()

    def restart(self) -> None:
        """What was before is too long ago."""
        self.counting = False
        self.waiting = False  # it may be a counter: too early to tell what flows
        self.resolution_nl = 1e12
        self._edges: deque[tuple[float, int]] = deque(maxlen=COUNTS + 1)
        self._agree = 0  # readings of late in which volume and flow are whole counts
        self._varied = self._counts = 0  # how often their number changed, and the last one
        self._between = False  # a reading without a count since then
        self._empty = 0  # how often that was so
        self._nothing = True
        self._last: tuple[float, int] | None = None
        self._began_s: float | None = None

    def add(self, flow_nl_h: float, now_s: float, volume_nl: int) -> float | None:
        """The mean flow in nL/h by the counts; None where the readings of the flow are good enough."""
        if self._last is None or self._began_s is None:
            self._began_s, self._last = now_s, (now_s, volume_nl)
            self._nothing = flow_nl_h <= 0.0
            return self._reference_nl_h if self._nothing else None
        passed_s, came_nl = now_s - self._last[0], volume_nl - self._last[1]
        self._last = (now_s, volume_nl)
        self._nothing = self._nothing and came_nl <= 0 and flow_nl_h <= 0.0
        if came_nl > 0:
            self._edges.append((now_s, volume_nl))
            self._learn(float(came_nl), flow_nl_h * passed_s / 3600)
        elif self._edges:
            self._between = True
        if self.counting:
            self.waiting = False
            return self.rate(now_s, COUNTS)
        waits = self._nothing or ((flow_nl_h <= 0.0 or self._agree > 0) and len(self._edges) < SURE)
        most_s = 2 * FIRST_S if self._agree > 1 and self._empty else FIRST_S
        waits = waits and now_s - self._began_s < most_s
        self.waiting = waits and not self._nothing
        return self._reference_nl_h if waits else None

    def _learn(self, came_nl: float, flowed_nl: float) -> None:
        if came_nl < self.resolution_nl:
            self.resolution_nl = came_nl
        count_nl = self.resolution_nl
        if count_nl < LEAST_COUNT_NL:
            self.counting = False
            return
        counts = round(came_nl / count_nl)
        apart_nl = abs(came_nl - counts * count_nl)
        if apart_nl > WHOLE_NL:  # no multiple: counts are smaller, if it has any
            self.resolution_nl = apart_nl
            self._agree = self._varied = self._empty = 0
            return
        self._varied += (counts != self._counts and self._counts > 0) or self._between
        self._empty += self._between
        self._counts, self._between = counts, False
        if abs(flowed_nl - came_nl) < WHOLE * count_nl and counts < COARSE:
            self._agree = min(self._agree + 1, 2 * SURE)
        else:
            self._agree = max(self._agree - 1, 0)
        sure = SURE // 2 if self._empty > 2 else SURE
        self.counting = self._agree >= (1 if self.counting else sure) and self._varied >= VARIED

    def rate(self, now_s: float, risings: int = COUNTS) -> float:
        """By the newest times at which the total rose, in nL/h."""
        edges = self._edges
        if now_s - edges[-1][0] > 3 * (edges[-1][0] - edges[0][0]) / max(len(edges) - 1, 1):
            while len(edges) > 2:  # the counts stay away: what was before is another flow
                edges.popleft()
        first, last = edges[max(len(edges) - 1 - risings, 0)], edges[-1]
        timed = (last[1] - first[1]) / max(last[0] - first[0], 1e-3)
        most = SLACK * self.resolution_nl / max(now_s - last[0], 1e-3)
        return 3600.0 * min(timed, most)

    @property
    def noise(self) -> float:
        """1 s.d. of the mean, as a fraction of the reference rate."""
        return 0.5 / COUNTS
