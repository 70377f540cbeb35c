"""Mean rates over equal intervals: what the trumpet curve, the start-up curve and the fits are made of.

A rate comes from the volume at both ends of its interval. An interval that touches a hole has none: NaN, never a guess.
"""

from typing import NamedTuple

import numpy as np

from warmflow.instruments.columns import Column
from warmflow.report.run_record import Record

CLOSE = 1e-9  # of an interval: rounding of times must not cost the last sample


class Samples(NamedTuple):
    """Mean rates over [start_s + i * step_s, start_s + (i + 1) * step_s)."""

    start_s: float
    step_s: float
    flow_ul_h: Column

    @property
    def middle_s(self) -> Column:
        return self.start_s + self.step_s * (np.arange(len(self.flow_ul_h)) + 0.5)


def sampled(record: Record, step_s: float, from_s: float = 0.0, to_s: float | None = None) -> Samples:
    """Mean rate in µL/h of every whole interval between two pump times."""
    end_s = record.length_s if to_s is None else min(to_s, record.length_s)
    count = max(0, int((end_s - from_s) / step_s + CLOSE))
    edges_s = from_s + step_s * np.arange(count + 1)
    volume_ul = np.interp(edges_s, record.t_s, record.volume_ul)
    rates = np.diff(volume_ul) / step_s * 3600
    rates[in_hole(record, edges_s)] = np.nan
    return Samples(from_s, step_s, rates)


def in_hole(record: Record, edges_s: Column) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of the intervals between these edges touch a hole."""
    if not len(record.holes_s):
        return np.zeros(max(0, len(edges_s) - 1), dtype=bool)
    first = np.searchsorted(record.holes_s[:, 1], edges_s[:-1], side="right")  # first hole that ends after the start
    last = np.searchsorted(record.holes_s[:, 0], edges_s[1:], side="left")  # holes that begin before the end
    return first < last


def mean_over(record: Record, values: Column, step_s: float, count: int) -> Column:
    """Mean of a column in each of `count` intervals from 0 on; NaN where there is no value."""
    at = (record.t_s / step_s).astype(int)
    good = ~np.isnan(values) & (at < count)
    sums = np.bincount(at[good], values[good], minlength=count)
    counts = np.bincount(at[good], minlength=count)
    return np.asarray(sums / np.where(counts, counts, np.nan))
