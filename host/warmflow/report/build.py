"""A record and what the tester says of it become a report: every figure once, for the page and for JSON alike."""

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import NamedTuple

import numpy as np

from warmflow.report.accuracy import Accuracy, accuracy
from warmflow.report.data_quality import Quality, quality
from warmflow.report.declared_rig import Declared, Rates, rates, rig
from warmflow.report.flags import Flags, episodes, flags
from warmflow.report.run_record import Record, ReportError
from warmflow.report.sensitivity import Sensitivity, sensitivity
from warmflow.report.start_up_curve import StartUp, start_up
from warmflow.report.trumpet import METHODS, Method, Period, Trumpet, period, trumpet
from warmflow.report.verdict import TRUMPET, WINDOWS_MIN, Value, Verdict, judged

Progress = Callable[[float], None]


class Lab(NamedTuple):
    """What only the person at the bench knows; "" leaves a line to fill in by hand."""

    operator: str = ""
    device_id: str = ""
    instrument: str = ""
    calibration_date: str = ""
    place: str = ""
    comment: str = ""


class Asked(NamedTuple):
    """What the tester wants: limits by name, analysis period in minutes, the instrument's uncertainty (k = 2)."""

    limits: Mapping[str, float] = {}
    t1_min: float | None = None
    t2_min: float | None = None
    instrument_percent: float | None = None


class Curves(NamedTuple):
    """The curve over the analysis period, and the same over the whole run."""

    analysed: Trumpet
    whole: Trumpet


class Report(NamedTuple):
    made: datetime
    versions: tuple[tuple[str, str], ...]
    lab: Lab
    declared: Declared
    rates: Rates
    against_ul_h: float
    against_from: str
    record: Record
    quality: Quality
    accuracy: tuple[Accuracy, ...]
    start_up: StartUp
    trumpets: tuple[Curves, ...]
    sensitivity: Sensitivity
    flags: Flags
    asked: Asked
    verdicts: tuple[Verdict, ...]


def build(
    record: Record, declared: Declared, lab: Lab, asked: Asked, made: datetime,
    progress: Progress = lambda share: None,
) -> Report:  # fmt: skip
    """Everything that the record gives. Raises ReportError for one in which nothing flowed and no rate is known."""
    found = rates(declared)
    against, against_from = _against(record, found)
    length_min = record.length_s / 60
    periods = [period(method, length_min, (asked.t1_min, asked.t2_min)) for method in METHODS]
    trumpets = tuple(_curves(record, method, one, against) for method, one in zip(METHODS, periods, strict=True))
    whole = ("whole run", 0.0, record.length_s)
    stretches = [whole]
    for method, one in zip(METHODS, periods, strict=True):
        if (stretch := _period_s(one)) not in [known[1:] for known in stretches]:
            stretches.append((f"analysis period, {method.name} set", *stretch))
    accurate = tuple(
        accuracy(record, name, from_s, to_s, found.reference_ul_h, found.label_ul_h, asked.instrument_percent)
        for name, from_s, to_s in stretches
        if to_s > from_s
    )
    report = Report(
        made,
        tuple((name, version(name)) for name in ("warmflow", "numpy")),
        lab,
        declared,
        found,
        against,
        against_from,
        record,
        quality(record),
        accurate,
        start_up(record, against),
        trumpets,
        sensitivity(record, against),
        flags(record, rig(declared), progress),
        asked,
        (),
    )
    return report._replace(verdicts=judged(asked.limits, values(report)))


def values(report: Report) -> dict[str, Value]:
    """What was found for every limit that can be set."""
    whole, no_rig = report.accuracy[0], "no reference rate: give --profile or --reference-ul-h"
    fit = report.sensitivity
    found = {
        "rate_percent": Value(None, why=no_rig)
        if whole.reference is None
        else Value(abs(whole.reference.percent), whole.reference.uncertainty_percent),
        "label_rate_percent": Value(None, why="no label: give --profile or --label-ml-day")
        if whole.label is None
        else Value(abs(whole.label.percent), whole.label.uncertainty_percent),
        "volume_ul": Value(None, why=no_rig)
        if whole.volume_error_ul is None
        else Value(abs(whole.volume_error_ul), whole.volume_uncertainty_ul),
        "start_up_min": Value(report.start_up.settled_min, why="the flow does not stay within 10 % in the first hours")
        if report.rates.reference_ul_h
        else Value(None, why=no_rig),
        "sensitivity_percent_per_degc": Value(None, why=fit.refused)
        if fit.percent_per_degc is None or fit.high_percent_per_degc is None
        else Value(abs(fit.percent_per_degc), fit.high_percent_per_degc - fit.percent_per_degc),
        "coverage_percent": Value(report.quality.coverage_percent),
        "flags": Value(None, why=report.flags.refused)
        if report.flags.refused
        else Value(float(len(episodes(report.flags.flags)))),
    }
    return found | {TRUMPET.format(minutes): _extreme(report, minutes) for minutes in WINDOWS_MIN}


def _extreme(report: Report, minutes: int) -> Value:
    if report.rates.reference_ul_h is None:
        return Value(None, why="no reference rate: give --profile or --reference-ul-h")
    windows = (window for curves in report.trumpets for window in curves.analysed.windows)
    window = next(window for window in windows if window.window_min == minutes)
    if window.max_percent is None or window.min_percent is None:
        return Value(None, why="no window of this length without a hole fits into the analysis period")
    return Value(max(abs(window.max_percent), abs(window.min_percent)), window.uncertainty_percent)


def _against(record: Record, found: Rates) -> tuple[float, str]:
    if found.reference_ul_h is not None:
        return found.reference_ul_h, f"reference rate ({found.reference_from})"
    own = float(record.volume_ul[-1]) / record.length_s * 3600
    if own <= 0 or not np.isfinite(own):
        raise ReportError(f"{record.source}: nothing flowed, and no rate is known: give --profile or --reference-ul-h")
    return own, "the run's own mean rate, for no other is known: shape alone, no accuracy"


def _curves(record: Record, method: Method, found: Period, against_ul_h: float) -> Curves:
    whole = Period(0.0, record.length_s / 60, "the whole run")
    return Curves(trumpet(record, method, found, against_ul_h), trumpet(record, method, whole, against_ul_h))


def _period_s(found: Period) -> tuple[float, float]:
    return found.t1_min * 60, found.t2_min * 60
