"""Trumpet curves by the method of IEC 60601-2-24: the worst over- and under-delivery for windows of each length.

The standard is not public. docs/report.md says what public descriptions confirm (windows of 2 to 31 min, samples of
0.5 min, second hour; a stabilisation of 24 h for pumps that are worn) and what is chosen here.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from warmflow.instruments.columns import Column
from warmflow.report.run_record import Record
from warmflow.report.sampling import Samples, sampled
from warmflow.report.volume_uncertainty import difference_ul


class Method(NamedTuple):
    """One set of windows; minutes. `t2_min` None: to the end of the run."""

    name: str
    sample_min: float
    windows_min: tuple[int, ...]
    t1_min: float
    t2_min: float | None
    basis: str


SHORT = Method(
    "short", 0.5, (2, 5, 11, 19, 31), 60.0, 120.0, "second hour of the run, samples of 0.5 min (public descriptions)"
)
LONG = Method(
    "long", 15.0, (15, 60, 150, 330, 570, 930), 1440.0, None,
    "from 24 h (public descriptions) to the end of the run (chosen), samples of 15 min (chosen)",
)  # fmt: skip
METHODS = (SHORT, LONG)


class Window(NamedTuple):
    """Extremes over all windows of this length, % of the rate of comparison. None: no window fits."""

    window_min: int
    max_percent: float | None
    min_percent: float | None
    counted: int
    skipped: int  # touched a hole
    uncertainty_percent: float  # of one window: what resolution and noise of the instrument make of it, k = 2


class Trumpet(NamedTuple):
    """A curve over one analysis period; `mean_percent` is the overall mean error A."""

    method: str
    t1_min: float
    t2_min: float
    basis: str
    sample_min: float
    against_ul_h: float
    mean_percent: float | None
    windows: tuple[Window, ...]


class Period(NamedTuple):
    """Minutes of pump time from the first reading on."""

    t1_min: float
    t2_min: float
    basis: str


def period(method: Method, length_min: float, asked: tuple[float | None, float | None] = (None, None)) -> Period:
    """The analysis period: what was asked for, else the method's where the run is long enough, else the whole run."""
    t1_min, t2_min = asked
    if t1_min is not None or t2_min is not None:
        return Period(t1_min or 0.0, min(t2_min or length_min, length_min), "as asked for")
    end_min = method.t1_min + method.windows_min[-1] if method.t2_min is None else method.t2_min
    if length_min + 1e-9 >= end_min:
        return Period(method.t1_min, length_min if method.t2_min is None else method.t2_min, method.basis)
    return Period(0.0, length_min, f"chosen: the whole run, for it is shorter than {end_min:g} min")


def trumpet(record: Record, method: Method, found: Period, against_ul_h: float) -> Trumpet:
    """The curve of a record against a rate in µL/h."""
    step_s = method.sample_min * 60
    samples = sampled(record, step_s, found.t1_min * 60, found.t2_min * 60)
    return curve(samples, method, found, against_ul_h, lambda seconds: difference_ul(record, seconds))


def curve(
    samples: Samples, method: Method, found: Period, against_ul_h: float, noise_ul: Callable[[float], float]
) -> Trumpet:
    """Ep(max), Ep(min) = extremes over j of S/P * sum over P/S samples from j on of 100 (Q_i - r) / r.

    Ref: docs/report.md; the mean error A is that of all samples together.
    """
    errors = 100 * (samples.flow_ul_h / against_ul_h - 1)
    mean = float(np.nanmean(errors)) if np.any(~np.isnan(errors)) else None
    windows = []
    for minutes in method.windows_min:
        doubt = 100 * 2 * noise_ul(minutes * 60) / (against_ul_h * minutes / 60)
        windows.append(_window(errors, minutes, round(minutes / method.sample_min), doubt))
    return Trumpet(method.name, *found, method.sample_min, against_ul_h, mean, tuple(windows))


def _window(errors: Column, minutes: int, size: int, doubt_percent: float) -> Window:
    if len(errors) < size:
        return Window(minutes, None, None, 0, 0, doubt_percent)
    means = np.lib.stride_tricks.sliding_window_view(errors, size).mean(axis=1)  # NaN spoils its windows
    good = means[~np.isnan(means)]
    if not good.size:
        return Window(minutes, None, None, 0, len(means), doubt_percent)
    return Window(minutes, float(good.max()), float(good.min()), len(good), len(means) - len(good), doubt_percent)
