"""Mean rate and volume against the reference rate and the label, each with the uncertainty that is known.

Two things are kept apart: how well the mean of this run is measured (instrument), and how well this run speaks for the
pump (its rate wanders). The second is no error of the measurement.
"""

from typing import NamedTuple

import numpy as np

from warmflow.report import statistics
from warmflow.report.run_record import Record
from warmflow.report.sampling import sampled
from warmflow.report.volume_uncertainty import Term, budget, combined_ul, unmeasured

BLOCKS_MIN = 8


class Against(NamedTuple):
    """A deviation with its expanded uncertainty (k = 2); percent points."""

    rate_ul_h: float
    percent: float
    uncertainty_percent: float


class Accuracy(NamedTuple):
    """Of one stretch of the run. `measured_share`: of its time, outside holes. `known_share`: that whose volume is
    known, by readings or by a total; the volume is that of this time, the mean rate that of the whole stretch, with the
    doubt of what was not measured.
    """

    name: str
    from_min: float
    to_min: float
    measured_share: float
    known_share: float
    volume_ul: float
    volume_uncertainty_ul: float
    mean_ul_h: float
    mean_uncertainty_ul_h: float
    wander_percent: float | None  # half of the 95 % interval of the mean, as a sample of the pump's rate
    reference: Against | None
    label: Against | None
    volume_error_ul: float | None  # against the reference rate over the same time
    volume_label_error_ul: float | None
    budget: tuple[Term, ...]


def accuracy(
    record: Record, name: str, from_s: float, to_s: float, reference_ul_h: float | None, label_ul_h: float | None,
    instrument_percent: float | None, drift_ul_h: float | None = None,
) -> Accuracy:  # fmt: skip
    """Figures of the stretch between two pump times; the doubts of the instrument are expanded (k = 2)."""
    low, high = np.interp([from_s, to_s], record.t_s, record.volume_ul)
    volume_ul, length_s = float(high - low), to_s - from_s
    measured_s = record.measured_s(from_s, to_s)
    hours = measured_s / 3600
    known = budget(record, volume_ul, measured_s, instrument_percent, drift_ul_h)
    doubt_ul = combined_ul(known)
    terms = (*known, unmeasured(volume_ul, measured_s, length_s))
    mean = volume_ul / hours if hours else 0.0
    mean_doubt = combined_ul(terms) / (length_s / 3600) if measured_s < length_s else doubt_ul / hours

    def against(rate_ul_h: float | None) -> Against | None:
        return Against(rate_ul_h, 100 * (mean / rate_ul_h - 1), 100 * mean_doubt / rate_ul_h) if rate_ul_h else None

    holes_s = np.clip(record.holes_s, from_s, to_s)
    unseen_s = float(np.sum(holes_s[:, 1] - holes_s[:, 0]))
    return Accuracy(
        name,
        from_s / 60,
        to_s / 60,
        1 - unseen_s / length_s,
        measured_s / length_s,
        volume_ul,
        doubt_ul,
        mean,
        mean_doubt,
        _wander_percent(record, from_s, to_s),
        against(reference_ul_h),
        against(label_ul_h),
        None if reference_ul_h is None else volume_ul - reference_ul_h * hours,
        None if label_ul_h is None else volume_ul - label_ul_h * hours,
        terms,
    )


def _wander_percent(record: Record, from_s: float, to_s: float) -> float | None:
    step_s = max(30.0, record.usual_s, (to_s - from_s) / 2000)
    rates = sampled(record, step_s, from_s, to_s).flow_ul_h
    rates = rates[~np.isnan(rates)]
    if len(rates) < BLOCKS_MIN or not rates.mean():
        return None
    return 100 * statistics.mean_half_width(rates) / float(rates.mean())
