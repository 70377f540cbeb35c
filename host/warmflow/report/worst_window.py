"""The worst hour of a run, its peak, and how long it was outside a limit: what a mean over the whole run hides.

Means over windows that move through the run. A window that touches a hole counts for nothing.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from warmflow.instruments.columns import Column
from warmflow.report.run_record import Record
from warmflow.report.sampling import sampled
from warmflow.report.volume_uncertainty import K, difference_ul, legible_s

WINDOWS_S = (3600.0, 1860.0, 1140.0, 660.0, 300.0, 120.0)  # the longest that fits twice into the run
SAMPLES = 30  # steps that a window moves by are so much shorter than it
LEGIBLE = 0.01  # chosen: of the rate, 1 s.d. of a mean that a peak or time outside is judged by
PEAK_MIN_S = 300.0


class Extreme(NamedTuple):
    """The window whose mean is farthest from the rate, with its sign. The doubt is that of the largest of many (k = 2
    of one window would be too small), without the instrument's own.
    """

    window_s: float
    percent: float | None
    doubt_percent: float
    from_s: float
    counted: int


class Outside(NamedTuple):
    """Share of the windows beyond a limit; `doubt_percent`: those that may be on either side of it."""

    window_s: float
    percent: float | None
    doubt_percent: float


def worst(record: Record, against_ul_h: float, from_s: float = 0.0, to_s: float | None = None) -> Extreme:
    """Over the longest of an hour, 31, 19, 11, 5 and 2 minutes that fits between the holes of the run."""
    end_s = record.length_s if to_s is None else to_s
    found = Extreme(0.0, None, 0.0, 0.0, 0)
    for window_s in WINDOWS_S:
        if 2 * record.usual_s <= window_s <= end_s - from_s + 1e-6 and found.percent is None:
            found = _extreme(record, against_ul_h, window_s, from_s, end_s)
    return found


def peak(record: Record, against_ul_h: float, from_s: float = 0.0, to_s: float | None = None) -> Extreme:
    """Over windows as short as the noise allows, from five minutes on."""
    end_s = record.length_s if to_s is None else to_s
    window_s = legible_s(record, against_ul_h, LEGIBLE, max(PEAK_MIN_S, 2 * record.usual_s))
    if window_s > end_s - from_s:
        return worst(record, against_ul_h, from_s, to_s)
    return _extreme(record, against_ul_h, window_s, from_s, end_s)


def outside(
    record: Record, against_ul_h: float, limit_percent: float, from_s: float = 0.0, to_s: float | None = None
) -> Outside:
    """How much of the run was farther than this from the rate."""
    end_s = record.length_s if to_s is None else to_s
    window_s = min(legible_s(record, against_ul_h, LEGIBLE, max(PEAK_MIN_S, 2 * record.usual_s)), end_s - from_s)
    if window_s < 2 * record.usual_s:
        return Outside(window_s, None, 0.0)
    errors, _ = _errors(record, against_ul_h, window_s, from_s, end_s)
    errors = np.abs(errors[~np.isnan(errors)])
    if not errors.size:
        return Outside(window_s, None, 0.0)
    doubt = _doubt_percent(record, against_ul_h, window_s, errors.size * window_s / SAMPLES)
    beyond, surely, maybe = (100 * float(np.mean(errors > limit_percent + off)) for off in (0.0, doubt, -doubt))
    return Outside(window_s, beyond, max(beyond - surely, maybe - beyond))


def _extreme(record: Record, against_ul_h: float, window_s: float, from_s: float, to_s: float) -> Extreme:
    errors, starts_s = _errors(record, against_ul_h, window_s, from_s, to_s)
    good = ~np.isnan(errors)
    doubt = _doubt_percent(record, against_ul_h, window_s, to_s - from_s)
    if not good.any():
        return Extreme(window_s, None, doubt, 0.0, 0)
    at = int(np.nanargmax(np.abs(errors)))
    return Extreme(window_s, float(errors[at]), doubt, float(starts_s[at]), int(good.sum()))


def _errors(record: Record, against_ul_h: float, window_s: float, from_s: float, to_s: float) -> tuple[Column, Column]:
    """Mean errors in percent of all windows, and when each begins."""
    size = max(1, min(SAMPLES, int(window_s / record.usual_s)))
    samples = sampled(record, window_s / size, from_s, to_s)
    if len(samples.flow_ul_h) < size:
        return np.empty(0), np.empty(0)
    means = np.lib.stride_tricks.sliding_window_view(samples.flow_ul_h, size).mean(axis=1)
    return 100 * (means / against_ul_h - 1), samples.start_s + samples.step_s * np.arange(len(means))


def _doubt_percent(record: Record, against_ul_h: float, window_s: float, seconds: float) -> float:
    """Of the largest of all windows in so many seconds: k grows with their number (Bonferroni)."""
    doubt_ul = K * largest_of(seconds, window_s) * difference_ul(record, window_s)
    return 100 * doubt_ul / (against_ul_h * window_s / 3600)


def largest_of(seconds: float, window_s: float) -> float:
    """By how much the doubt of the largest of all windows in so many seconds is larger than that of one."""
    windows = max(1.0, 2 * seconds / window_s)
    return max(1.0, NormalDist().inv_cdf(1 - 0.025 / windows) / K)


def with_instrument(doubt_percent: float, percent: float | None) -> float:
    """A doubt of the readings together with that of the instrument."""
    return math.hypot(doubt_percent, percent or 0.0)
