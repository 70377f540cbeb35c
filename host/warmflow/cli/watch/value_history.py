"""The course of one value over pump time, in rings of buckets, one ring for each span that can be shown.

A bucket keeps its lowest and highest value, so that no peak is lost. Memory is bounded, whatever the rate or the speed.
"""

from collections import deque
from typing import NamedTuple

BUCKETS = 240
SPANS_S = {"10 min": 600, "1 h": 3600, "3 h": 10_800, "1 d": 86_400}


class Bucket(NamedTuple):
    """The values of one stretch of pump time. `joined`: no silence lies between it and the bucket before."""

    start_s: float
    low: float
    high: float
    joined: bool


class _Ring:
    def __init__(self, span_s: float) -> None:
        self.bucket_s = span_s / BUCKETS
        self.buckets: deque[Bucket] = deque(maxlen=BUCKETS + 1)

    def add(self, time_s: float, value: float, joined: bool) -> None:
        start_s = time_s // self.bucket_s * self.bucket_s
        if self.buckets and self.buckets[-1].start_s == start_s:
            last = self.buckets[-1]
            self.buckets[-1] = last._replace(low=min(last.low, value), high=max(last.high, value))
        else:
            self.buckets.append(Bucket(start_s, value, value, joined))


class Trace:
    """Feed it in order of pump time; where time goes back another boot began, and the trace begins anew."""

    def __init__(self) -> None:
        self.first_s: float | None = None
        self.last_s: float | None = None
        self._rings = _rings()

    def add(self, time_s: float, value: float, joined: bool = True) -> None:
        """`joined`: it follows the value before without a silence."""
        if self.last_s is not None and time_s < self.last_s:
            self.first_s, self._rings = None, _rings()
        self.first_s = time_s if self.first_s is None else self.first_s
        self.last_s = time_s
        for ring in self._rings.values():
            ring.add(time_s, value, joined)

    def buckets(self, span: str) -> list[Bucket]:
        """What is kept for this span, oldest first."""
        return list(self._rings[span].buckets)

    def bucket_s(self, span: str) -> float:
        """Pump time that one bucket of this span covers."""
        return self._rings[span].bucket_s


def fitting_span(elapsed_s: float) -> str:
    """The shortest span that still shows everything; the 3 hours of a hot tub at most, after that they slide."""
    return next((name for name, span_s in SPANS_S.items() if elapsed_s <= span_s <= SPANS_S["3 h"]), "3 h")


def _rings() -> dict[str, _Ring]:
    return {name: _Ring(span_s) for name, span_s in SPANS_S.items()}
