"""The start-up curve: mean rates from the first reading on, and when the flow has come to its rate to stay.

It is called start-up whatever the pump did before: only the person at the bench knows whether the pump was started.
"""

from typing import NamedTuple

import numpy as np

from warmflow.instruments.columns import Column
from warmflow.report.run_record import Record
from warmflow.report.sampling import Samples, sampled
from warmflow.report.volume_uncertainty import legible_s

SHOWN_MIN = 120.0  # Ref: start-up graphs of published manuals, 120 min of samples of 0.5 min
SAMPLE_S = 30.0
SMOOTH_S = 300.0  # chosen: the band is judged on means of so long, or longer for a coarse or noisy instrument
KNOWN = 0.025  # chosen: of the rate, 1 s.d. of such a mean
BAND_PERCENT = 10.0  # chosen: where the notice begins


class StartUp(NamedTuple):
    """`settled_min`: from then on, and for all of the curve, the flow is within the band; None: it never is."""

    samples: Samples
    smooth_s: float
    band_percent: float
    settled_min: float | None


def start_up(record: Record, against_ul_h: float) -> StartUp:
    """Of the first two hours, or of what there is."""
    samples = sampled(record, max(SAMPLE_S, record.usual_s), 0.0, SHOWN_MIN * 60)
    smooth_s = legible_s(record, against_ul_h, KNOWN, SMOOTH_S)
    return StartUp(samples, smooth_s, BAND_PERCENT, _settled_min(samples, smooth_s, against_ul_h))


def _settled_min(samples: Samples, smooth_s: float, against_ul_h: float) -> float | None:
    width = max(1, round(smooth_s / samples.step_s))
    if len(samples.flow_ul_h) < width:
        return None
    means = smoothed(samples.flow_ul_h, width)
    outside = ~(np.abs(means / against_ul_h - 1) <= BAND_PERCENT / 100)  # a hole counts as outside
    if outside[-1]:
        return None
    first = int(np.flatnonzero(outside)[-1]) + 1 if outside.any() else 0
    return (samples.start_s + first * samples.step_s) / 60


def smoothed(values: Column, width: int) -> Column:
    """Means of so many neighbours; shorter by that many less one."""
    return np.asarray(np.lib.stride_tricks.sliding_window_view(values, width).mean(axis=1))
