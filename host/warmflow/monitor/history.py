"""The course of one quantity in three rings, fine for half an hour, coarser for a day and a month: memory that does not
grow. It answers one question: how fast did the quantity get where it is?
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

FINE, MIDDLE, COARSE = 120, 288, 360  # entries a ring
MIDDLE_S, COARSE_S = 300.0, 7200.0
LATEST = 3  # fine entries that are averaged to what is so now
LOW, HIGH = 0.3, 0.6  # of the present value: the rise is timed between these
CLEAR = 13.0  # noise of a mean that the scan works with: at most 1/13 of the value, four to its steps
MOST_MEANED = 12
SAME = 0.15  # a value that has moved by less than this share has the same history


class Rise(NamedTuple):
    """How the present value was reached."""

    seconds: float  # from 30 % to 60 % of it; no shorter than `resolution_s` can tell
    began_s: float  # pump time at which it was last below 30 %
    from_start: bool  # it was never below: it was so when the monitor began
    resolution_s: float  # a step at once would be seen to take up to about this long


class _Entry(NamedTuple):
    at_s: float
    length_s: float
    value: float


class History:
    """Feed values with the pump time that they stand for; each fine entry lasts `fine_s` or longer."""

    def __init__(self) -> None:
        self._rings = deque[_Entry](maxlen=FINE), deque[_Entry](maxlen=MIDDLE), deque[_Entry](maxlen=COARSE)
        self._sums = [[0.0, 0.0] for _ in self._rings]  # value x seconds, seconds
        self._found: tuple[float, Rise] | None = None
        self._variance = 1e-4
        self.latest = 0.0
        self.began_s: float | None = None

    def add(self, at_s: float, value: float, length_s: float, fine_s: float) -> bool:
        """True when a fine entry was completed, and `latest` is new."""
        if self.began_s is None:
            self.began_s = at_s
        fine = self._sums[0]
        fine[0] += value * length_s
        fine[1] += length_s
        if fine[1] < fine_s - 1e-6:
            return False
        mean, seconds = fine[0] / fine[1], fine[1]
        for index, limit_s in enumerate((0.0, MIDDLE_S, COARSE_S)):
            row = self._sums[index]
            if index:
                row[0] += mean * seconds
                row[1] += seconds
            if row[1] >= limit_s:
                self._rings[index].append(_Entry(at_s, row[1], row[0] / row[1]))
                row[0] = row[1] = 0.0
        ring = self._rings[0]
        if len(ring) > 1:
            step = ring[-1].value - ring[-2].value
            half = min(0.5 * step * step, 9.0 * self._variance + 1e-8)
            self._variance += (half - self._variance) / min(len(ring), 40)
        count = min(LATEST, len(ring))
        self.latest = sum(ring[-1 - back].value for back in range(count)) / count
        return True

    def rebase(self, level: float) -> None:
        """What was `level` is 0 from now on."""
        for ring in self._rings:
            moved = [entry._replace(value=entry.value - level) for entry in ring]
            ring.clear()
            ring.extend(moved)
        self._sums = [[total - level * seconds, seconds] for total, seconds in self._sums]
        self.latest -= level
        self._found = None

    def recent(self, seconds: float) -> float:
        """Mean over about the last so many seconds."""
        total = length_s = 0.0
        for entry in self._newest_first():
            total += entry.value * entry.length_s
            length_s += entry.length_s
            if length_s >= seconds:
                break
        return total / length_s if length_s else 0.0

    def rise(self) -> Rise:
        """How the latest value was reached."""
        if self._found is None or abs(self.latest - self._found[0]) > SAME * abs(self._found[0]):
            self._found = (self.latest, self._sharper(self._scan()))
        return self._found[1]

    def _sharper(self, rise: Rise) -> Rise:
        """The same rise as found before, if it was seen more sharply then: old entries are coarse."""
        if self._found is None or rise.from_start:
            return rise
        value, before = self._found
        same = abs(rise.began_s - before.began_s) <= 2 * rise.resolution_s and value * self.latest > 0
        grown = abs(self.latest) > 1.7 * abs(value)
        return before if same and not grown and before.resolution_s < rise.resolution_s else rise

    def _scan(self) -> Rise:
        sign = 1.0 if self.latest >= 0 else -1.0
        high, low = HIGH * abs(self.latest), LOW * abs(self.latest)
        high_at_s: float | None = None
        size = max(abs(self.latest), 1e-6)
        meaned = min(max(2, round(CLEAR * CLEAR * self._variance / (size * size))), MOST_MEANED)
        window: deque[float] = deque(maxlen=meaned)
        last: _Entry | None = None
        for entry in self._newest_first():
            last = entry
            window.append(entry.value)
            value = sign * sum(window) / len(window)
            if high_at_s is None and value < high:
                high_at_s = entry.at_s
            if value < low and high_at_s is not None:
                return Rise(max(high_at_s - entry.at_s, 0.0), entry.at_s, False, self._blur_s(entry, meaned))
        began_s = self.began_s or 0.0
        if last is None or high_at_s is None:
            return Rise(0.0, began_s, True, last.length_s if last else 0.0)
        return Rise(max(high_at_s - began_s, 0.0), began_s, True, self._blur_s(last, meaned))

    @staticmethod
    def _blur_s(entry: _Entry, meaned: int) -> float:
        return entry.length_s * max(1.0, 0.6 * meaned)

    def _newest_first(self) -> Iterator[_Entry]:
        until_s = float("inf")
        for ring in self._rings:
            for entry in reversed(ring):
                if entry.at_s <= until_s:
                    yield entry
            if ring:
                until_s = min(until_s, ring[0].at_s - ring[0].length_s)
