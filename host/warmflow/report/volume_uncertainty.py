"""How far two readings of the volume may be wrong against each other, from what the readings themselves show.

Resolution and noise only: the instrument's own error is not in its readings and has to be given by the tester.
"""

import math

import numpy as np

from warmflow.report.run_record import Column, Record

SPANS_S = (30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


def difference_ul(record: Record, seconds: float) -> float:
    """Standard deviation of a difference of two volumes so far apart: resolution (rectangular) and noise."""
    resolution = math.sqrt(2) * (record.resolution_ul or 0.0) / math.sqrt(12)
    if rides_on_flow(record):
        noisy = 0.0 if record.flow_ul_h is None else noise(record.flow_ul_h, record)
        return math.hypot(resolution, noisy / 3600 * math.sqrt(seconds * record.usual_s))
    return max(resolution, math.sqrt(2) * noise(record.volume_ul, record))  # coarse steps look like noise: not twice


def legible_s(record: Record, rate_ul_h: float, share: float, least_s: float) -> float:
    """The shortest usual span, from `least_s` on, over which a mean rate is known to this share of a rate (1 s.d.)."""
    spans_s = [span_s for span_s in SPANS_S if span_s >= max(least_s, record.usual_s)]
    good = (one for one in spans_s if difference_ul(record, one) <= share * rate_ul_h * one / 3600)
    return float(next(good, spans_s[-1] if spans_s else record.usual_s))


def rides_on_flow(record: Record) -> bool:
    """Whether the total is a sum of flow readings, so that the noise of each of them stays in it."""
    return record.kind != "instrument" or record.resolution_ul is None


def noise(values: Column, record: Record) -> float:
    """Standard deviation of white noise in a column, from how three neighbours bend; slow changes do not count."""
    apart_s = np.diff(record.t_s)
    even = (np.abs(apart_s[1:] - apart_s[:-1]) < 0.01 * record.usual_s) & (apart_s[1:] < 1.5 * record.usual_s)
    bends = np.diff(values, 2)[even]
    if bends.size < 3:
        return 0.0
    low, high = np.quantile(bends, (0.01, 0.99))  # a jump of the flow is no noise
    return float(np.std(np.clip(bends, low, high)) / math.sqrt(6))
