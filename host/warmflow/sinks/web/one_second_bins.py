"""Readings of a pump gathered by second of UTC: minimum, mean and maximum on one grid for all pumps. Pure.

The same grid as the journal's roll-ups, so that what comes live goes on where the history ends.
"""

from typing import NamedTuple

NOTHING = float("nan")


class Span(NamedTuple):
    """One second, or another span, of one pump; as NAMES has it."""

    time_s: float
    n: int
    flow_min_ul_h: float
    flow_mean_ul_h: float
    flow_max_ul_h: float
    probe_min_c: float
    probe_mean_c: float
    probe_max_c: float
    delivered_ul: float  # the total at its end: the largest, not a mean as the others
    nominal_ul_h: float  # what the reference rate delivers in an hour of the clock, at the last one's speed


NAMES = Span._fields


class OneSecondBin:
    """A second that is not over."""

    def __init__(self, start_s: int) -> None:
        self.start_s = start_s
        self._flows: list[float] = []
        self._probes: list[float] = []
        self._delivered_ul = 0.0
        self._nominal_ul_h = NOTHING

    def add(self, flow_ul_h: float, probe_c: float | None, delivered_ul: float, nominal_ul_h: float = NOTHING) -> None:
        self._nominal_ul_h = nominal_ul_h
        self._flows.append(flow_ul_h)
        if probe_c is not None:
            self._probes.append(probe_c)
        self._delivered_ul = max(self._delivered_ul, delivered_ul)

    def span(self) -> Span:
        """What there is of it."""
        flows, probes = _of(self._flows), _of(self._probes)
        return Span(float(self.start_s), len(self._flows), *flows, *probes, self._delivered_ul, self._nominal_ul_h)


def _of(values: list[float]) -> tuple[float, float, float]:
    if not values:
        return NOTHING, NOTHING, NOTHING
    return min(values), sum(values) / len(values), max(values)
