"""A record and what the tester says of it become a report: every figure once, for the page and for JSON alike."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

import numpy as np

from warmflow.report.accuracy import Accuracy, accuracy
from warmflow.report.data_quality import Quality, quality
from warmflow.report.declared_rig import Declared, Rates, declarations, rates
from warmflow.report.flags import Flags, episodes, flags
from warmflow.report.run_record import Record, ReportError
from warmflow.report.sensitivity import Sensitivity, sensitivity
from warmflow.report.start_up_curve import StartUp, start_up
from warmflow.report.trumpet import METHODS, Method, Period, Trumpet, period, trumpet
from warmflow.report.verdict import (
    COVERAGE_PERCENT,
    TRUMPET,
    WINDOWS_MIN,
    Value,
    Verdict,
    completed,
    judged,
    unit_slip,
)
from warmflow.report.worst_window import Extreme, Outside, largest_of, outside, peak, with_instrument, worst

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
    """What the tester wants: limits by name, analysis period in minutes, the instrument's doubt, the report's name."""

    limits: Mapping[str, float] = {}
    t1_min: float | None = None
    t2_min: float | None = None
    instrument_percent: float | None = None
    drift_ul_h: float | None = None
    min_coverage_percent: float = COVERAGE_PERCENT
    number: str = ""


class Curves(NamedTuple):
    """The curve over the analysis period, and the same over the whole run."""

    analysed: Trumpet
    whole: Trumpet


class Result(NamedTuple):
    """The first page: the peak and the worst window with their signs, extra volume, coverage."""

    peak: Extreme
    worst: Extreme
    outside: Outside | None
    outside_limit_percent: float | None
    coverage_percent: float


class Report(NamedTuple):
    number: str
    made: datetime
    versions: tuple[tuple[str, str], ...]
    lab: Lab
    declared: Declared
    rates: Rates
    against_ul_h: float
    against_from: str
    record: Record
    result: Result
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
        accuracy(
            record,
            name,
            from_s,
            to_s,
            found.reference_ul_h,
            found.label_ul_h,
            asked.instrument_percent,
            asked.drift_ul_h,
        )
        for name, from_s, to_s in stretches
        if to_s > from_s
    )
    asked = asked._replace(limits=completed(asked.limits))
    report = Report(
        asked.number or numbered(record, made),
        made,
        tuple((name, version(name)) for name in ("warmflow", "numpy")),
        lab,
        declared,
        found,
        against,
        against_from,
        record,
        _result(record, against, asked),
        quality(record),
        accurate,
        start_up(record, against),
        trumpets,
        sensitivity(record, against),
        flags(record, declarations(declared, record), progress),
        asked,
        (),
    )
    return report._replace(verdicts=judged(asked.limits, values(report), asked.min_coverage_percent))


def numbered(record: Record, made: datetime) -> str:
    """A report's number: when it was made, and the first digits of its source's hash."""
    return f"WF-{made.astimezone(UTC):%Y%m%d-%H%M%S}" + (f"-{record.sha256[:8]}" if record.sha256 else "")


def _result(record: Record, against_ul_h: float, asked: Asked) -> Result:
    """Over the analysis period that was asked for, else over the whole run."""
    from_s = min(60 * (asked.t1_min or 0.0), record.length_s)
    to_s = min(60 * asked.t2_min if asked.t2_min else record.length_s, record.length_s)
    limit = asked.limits.get("rate_percent")
    return Result(
        peak(record, against_ul_h, from_s, to_s),
        worst(record, against_ul_h, from_s, to_s),
        None if limit is None else outside(record, against_ul_h, limit, from_s, to_s),
        limit,
        100 * record.measured_s(0.0, record.length_s) / record.length_s,
    )


NO_RIG = "no reference rate: give --profile or --reference-ul-h"


def values(report: Report) -> dict[str, Value]:
    """What was found for every limit that can be set."""
    return {
        name: _with_doubts(report, name, value)
        for name, value in (_of_the_mean(report) | _of_the_course(report)).items()
    }


def _of_the_mean(report: Report) -> dict[str, Value]:
    """Of the volume at both ends: these rest on the time whose volume is known."""
    whole = report.accuracy[0]
    covered = 100 * whole.known_share
    unknown_ul = whole.budget[-1].ul * 2
    return {
        "rate_percent": Value(None, why=NO_RIG)
        if whole.reference is None
        else Value(abs(whole.reference.percent), whole.reference.uncertainty_percent, "", covered),
        "label_rate_percent": Value(None, why="no label: give --profile or --label-ml-day")
        if whole.label is None
        else Value(abs(whole.label.percent), whole.label.uncertainty_percent, "", covered),
        "volume_ul": Value(None, why=NO_RIG)
        if whole.volume_error_ul is None
        else Value(abs(whole.volume_error_ul), float(np.hypot(whole.volume_uncertainty_ul, unknown_ul)), "", covered),
        "coverage_percent": Value(report.quality.coverage_percent),
    }


def _of_the_course(report: Report) -> dict[str, Value]:
    """Of what happened in between: these rest on the time with readings."""
    seen, fit, result = report.quality.coverage_percent, report.sensitivity, report.result
    has_rig = report.rates.reference_ul_h is not None
    percent = report.asked.instrument_percent
    found = {
        "worst_hour_percent": Value(None, why="no window without a hole fits into the run")
        if result.worst.percent is None
        else Value(abs(result.worst.percent), with_instrument(result.worst.doubt_percent, percent)),
        "outside_percent": Value(None, why="the noise hides it, or no rate_percent is set")
        if result.outside is None or result.outside.percent is None
        else Value(result.outside.percent, result.outside.doubt_percent),
        "start_up_min": Value(report.start_up.settled_min, why=START_UP if report.start_up.settled_min is None else ""),
        **{TRUMPET.format(minutes): _extreme(report, minutes) for minutes in WINDOWS_MIN},
    }
    if not has_rig:
        found = dict.fromkeys(found, Value(None, why=NO_RIG))
    found["sensitivity_percent_per_degc"] = (
        Value(None, why=fit.refused)
        if fit.percent_per_degc is None or fit.high_percent_per_degc is None
        else Value(abs(fit.percent_per_degc), fit.high_percent_per_degc - fit.percent_per_degc)
    )
    found["flags"] = (
        Value(None, why=report.flags.refused)
        if report.flags.refused
        else Value(float(len(episodes(report.flags.flags))))
    )
    return {name: value._replace(coverage_percent=seen) for name, value in found.items()}


START_UP = "the flow does not stay within 10 % in the first hours"


def _with_doubts(report: Report, name: str, found: Value) -> Value:
    """A probable error of units replaces the verdict; steps of the total are mentioned beside it."""
    whole = report.accuracy[0]
    if name == "coverage_percent" or found.value is None:
        return found
    if slip := unit_slip(whole.mean_ul_h, whole.mean_uncertainty_ul_h, report.rates.reference_ul_h):
        return found._replace(suspect=slip)
    steps, lost = report.record.steps, report.record.lost
    if not steps and lost and report.record.kind == "instrument":
        return found._replace(note=f"{len(lost)} gaps of the import: nobody measured, or a step that no pump makes")
    if not steps:
        return found
    first = steps[0]
    several = f"{len(steps)} steps" if len(steps) > 1 else "a step"
    return found._replace(
        note=f"without {several} of the total (the first at {first.from_s / 60:.4g} min, {first.size_ul:+.4g} µL), "
        "taken for no flow"
    )


def _extreme(report: Report, minutes: int) -> Value:
    windows = ((curves.analysed, window) for curves in report.trumpets for window in curves.analysed.windows)
    curve, window = next((curve, window) for curve, window in windows if window.window_min == minutes)
    if window.max_percent is None or window.min_percent is None:
        return Value(None, why="no window of this length without a hole fits into the analysis period")
    largest = largest_of(60 * (curve.t2_min - curve.t1_min), 60 * minutes)
    doubt = with_instrument(largest * window.uncertainty_percent, report.asked.instrument_percent)
    return Value(max(abs(window.max_percent), abs(window.min_percent)), doubt)


def _against(record: Record, found: Rates) -> tuple[float, str]:
    if found.reference_ul_h is not None:
        return found.reference_ul_h, f"reference rate ({found.reference_from})"
    own = float(record.volume_ul[-1]) / max(record.measured_s(0.0, record.length_s), 1e-9) * 3600
    if own <= 0 or not np.isfinite(own):
        raise ReportError(f"{record.source}: nothing flowed, and no rate is known: give --profile or --reference-ul-h")
    return own, "the run's own mean rate, for no other is known: shape alone, no accuracy"


def _curves(record: Record, method: Method, found: Period, against_ul_h: float) -> Curves:
    whole = Period(0.0, record.length_s / 60, "the whole run")
    return Curves(trumpet(record, method, found, against_ul_h), trumpet(record, method, whole, against_ul_h))


def _period_s(found: Period) -> tuple[float, float]:
    return found.t1_min * 60, found.t2_min * 60
