"""Steps of the flow: changes between two readings, as no pocket, no weather and no falling level makes them.

Works on logarithms of the flow. A step is what the newest values lie away from where those before it were heading, if
that is more than their noise, than what a probe in heat or cold may do in that time, and than MIN_STEP. What is found
is kept as a sum: the flow without it is left to everything that is slow.
"""

from collections import deque
from typing import NamedTuple

NEWEST = 2  # values that must agree on a step
BEFORE = 6
MIN_STEP = 0.035
SIGMAS = 5.5
SNAP = 0.03  # a sum of steps that is smaller is none: a fault that ended
FORGET = 1 / 48
REFINE = 12  # values after which the size of a new step is final
LEAST_BEFORE = 4
START = 0.03
MOST, STAIRS_S, STAIR = 12, 900.0, 0.65


class Step(NamedTuple):
    """When it was seen, how large it is, and how far apart the readings were that show it."""

    at_s: float
    size: float
    resolution_s: float


class Steps:
    """Feed values in order; read `total` and `last`."""

    def __init__(self) -> None:
        self.total = 0.0
        self.last: Step | None = None  # the newest that still stands
        self.found: list[Step] = []  # all that do, MOST at most
        self._values: deque[tuple[float, float]] = deque(maxlen=BEFORE + NEWEST)
        self._variance = START**2
        self._seen = 0
        self._after: list[float] = []  # values since a step that is still being measured
        self._level = self._sum_before = 0.0

    def restart(self) -> None:
        """Values from here on follow no earlier ones; what stands stays."""
        self._values.clear()
        self._after = []

    def forgive(self) -> None:
        """What stands has become what is normal."""
        self.total, self.last = 0.0, None
        self.found = []
        self.restart()

    @property
    def staircase(self) -> bool:
        """Whether it is many small ones over a time: something that creeps."""
        if len(self.found) < 2 or self.found[-1].at_s - self.found[0].at_s < STAIRS_S:
            return False
        return max(abs(step.size) for step in self.found) < STAIR * abs(self.total)

    @property
    def sigma(self) -> float:
        """1 s.d. of a value."""
        return float(self._variance**0.5)

    def add(self, at_s: float, value: float, slope_s: float, length_s: float) -> bool:
        """The next value; True: a step was found. `slope_s`: by how much a second an exposure may change it."""
        values = self._values
        if values:
            move = value - values[-1][1]
            half = min(0.5 * move * move, 9 * self._variance + 1e-8)
            self._seen += 1
            self._variance += max(FORGET, 1 / (self._seen + 3)) * (half - self._variance)
        values.append((at_s, value))
        if self._after:
            self._refine(value)
        if len(values) < LEAST_BEFORE + NEWEST:
            return False
        rows = list(values)
        before, newest = rows[:-NEWEST], rows[-NEWEST:]
        mean, heading, middle_s = line(before)
        ahead_s = newest[0][0] - middle_s
        flat = sum(each for _, each in newest) / NEWEST - mean
        beyond = flat - heading * ahead_s
        size = flat if abs(flat) < abs(beyond) else beyond
        sigma = self.sigma * (1 / NEWEST + 1 / len(before)) ** 0.5
        least = max(MIN_STEP, SIGMAS * sigma + slope_s * ahead_s)
        agree = all((value - mean) * size > 0.5 * size * size for _, value in newest)
        if flat * beyond <= 0.0 or abs(size) < least or not agree:
            return False
        self._found(newest, size, mean + (flat - size), length_s)
        return True

    def _found(self, newest: list[tuple[float, float]], size: float, level: float, length_s: float) -> None:
        self._sum_before, self._level = self.total, level
        self.last = Step(newest[0][0], size, length_s)
        self.found = [*self.found[-MOST + 1 :], self.last]
        self._after = [value for _, value in newest]
        self._values.clear()
        self._values.extend(newest)
        self._put(size)

    def _refine(self, value: float) -> None:
        # the first values after a step are few: its size is that of the mean of some more
        self._after.append(value)
        self._put(sum(self._after) / len(self._after) - self._level)
        if len(self._after) >= REFINE:
            self._after = []

    def _put(self, size: float) -> None:
        self.total = self._sum_before + size
        if self.last is not None:
            self.last = self.last._replace(size=size)
            self.found[-1] = self.last
        chance = 2.5 * self.sigma / len(self._after) ** 0.5 if len(self._after) > NEWEST else 0.0
        if abs(self.total) < max(SNAP, chance, 0.15 * abs(self._sum_before)):
            self.total, self.last = 0.0, None
            self.found = []


def line(rows: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Mean, slope a second, and the time in s that the mean stands for."""
    count = len(rows)
    middle = sum(at for at, _ in rows) / count
    mean = sum(value for _, value in rows) / count
    square = sum((at - middle) ** 2 for at, _ in rows)
    if count < 3 or square <= 0.0:
        return mean, 0.0, middle
    return mean, sum((at - middle) * (value - mean) for at, value in rows) / square, middle
