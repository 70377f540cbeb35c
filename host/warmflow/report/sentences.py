"""Figures as a person reads them: with units, few digits, and "not known" where nothing is known."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

from warmflow.report.accuracy import Accuracy, Against
from warmflow.report.build import Report
from warmflow.report.worst_window import Extreme

ML_DAY = 0.024  # mL/day for each µL/h
UNKNOWN = "not known"
Rows = tuple[tuple[str, str], ...]


def short(value: float | None, digits: int = 3) -> str:
    """Three digits that count; a dash for nothing."""
    if value is None:
        return "–"
    text = f"{value:.{digits}g}"
    return f"{float(text):.0f}" if "e+" in text else text


def signed(value: float | None, digits: int = 2) -> str:
    """With its sign, and no minus before a rounded zero."""
    return "–" if value is None else f"{round(value, digits) + 0.0:+.{digits}f}".replace("-", "−")


def flow(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.3f} µL/h ({value * ML_DAY:.4f} mL/day)"


def clock(value_s: float | None) -> str:
    """Days, hours:minutes:seconds of pump time."""
    if value_s is None:
        return UNKNOWN
    days, rest = divmod(round(value_s), 86400)
    return f"{f'{days} d ' if days else ''}{rest // 3600}:{rest // 60 % 60:02d}:{rest % 60:02d}"


def span(value_s: float) -> str:
    """A length of time in the unit that fits it."""
    units = ((172800, 86400, "d"), (7200, 3600, "h"), (120, 60, "min"), (1, 1, "s"), (0, 0.001, "ms"))
    per_s, unit = next((per, unit) for least, per, unit in units if value_s >= least)
    return f"{value_s / per_s:.4g} {unit}"


def number(value: float | None, doubt: float) -> str:
    """As many digits as the uncertainty leaves sense in."""
    if value is None:
        return "–"
    return f"{value:.{_digits(doubt)}f}" if doubt else short(value)


def plus_minus(value: float, doubt: float, unit: str, sign: str = "") -> str:
    """Both with the same digits."""
    digits = min(_digits(doubt), 2) if unit == "%" else _digits(doubt)
    text = f"{round(value, digits) + 0.0:{sign}.{digits}f}".replace("-", "−")
    return f"{text} ± {doubt:.{digits}f} {unit}" if doubt else f"{text} {unit}"


def doubt_text(value: float | None) -> str:
    """Two digits that count, and none beyond the sixth."""
    if value is None:
        return "–"
    return "< 0.001" if 0 < value < 0.001 else short(value, 2)


def _digits(doubt: float) -> int:
    """Decimals that leave an uncertainty two digits: 3 at least of nothing, 4 at most."""
    return max(0, min(4, 1 - math.floor(math.log10(doubt)))) if doubt > 0 else 3


def lab_fields(report: Report) -> Rows:
    """What the person at the bench fills in, by option or by hand."""
    lab = report.lab
    return (
        ("Operator", lab.operator),
        ("Device id", lab.device_id),
        ("Instrument", lab.instrument),
        ("Calibration date", lab.calibration_date),
        ("Place, ambient", lab.place),
        ("Comment", lab.comment),
    )


def run_fields(report: Report) -> Rows:
    record = report.record
    no_date = "simulated: no date" if record.kind == "simulated" else UNKNOWN
    return (
        ("Report made", _utc(report.made, UNKNOWN)),
        ("Source", record.source),
        ("SHA-256", record.sha256 if record.sha256 else UNKNOWN),
        ("Run began", _utc(record.began_utc, no_date)),
        ("Run ended", _utc(record.ended_utc, no_date)),
        ("Length", f"{span(record.length_s)} of pump time"),
        ("Versions", ", ".join(f"{name} {number}" for name, number in report.versions)),
    )


def result(report: Report) -> Rows:
    """The first page: what was found, with signs and expanded uncertainties."""
    whole, found = report.accuracy[0], report.result
    least = report.record.least_step_ul
    dose = ""
    if whole.volume_error_ul is not None and report.rates.reference_ul_h:
        fortnight = 100 * whole.volume_error_ul / (report.rates.reference_ul_h * 14 * 24)
        dose = f"{_volume(whole.volume_error_ul, whole)}, {signed(fortnight, 3)} % of 14 days"
    return (
        ("Mean rate", f"{plus_minus(whole.mean_ul_h, whole.mean_uncertainty_ul_h, 'µL/h')}"),
        ("Mean deviation", _against(whole.reference)),
        ("Peak", _extreme_text(found.peak)),
        (f"Worst {span(found.worst.window_s)}" if found.worst.window_s else "Worst window", _extreme_text(found.worst)),
        ("Volume", plus_minus(whole.volume_ul, whole.volume_uncertainty_ul, "µL")),
        ("Extra volume", dose or UNKNOWN),
        ("Volume measured", f"{short(found.coverage_percent, 4)} % of the time"),
        ("Readings cover", f"{short(report.quality.coverage_percent, 4)} % of the time"),
        ("Steps left out", str(len(report.record.steps)) if report.record.steps else "none found"),
        *((("Steps found from", f"{short(least, 2)} µL (95 % found)"),) if least else ()),
    )


def _extreme_text(found: Extreme) -> str:
    if found.percent is None:
        return UNKNOWN
    value = plus_minus(found.percent, found.doubt_percent, "%", "+")
    return f"{value}, means of {span(found.window_s)}, from {clock(found.from_s)}"


def budget(report: Report) -> tuple[tuple[str, str, str, str], ...]:
    """The terms of the uncertainty of the run's volume: name, standard uncertainty, share of the variance, how."""
    terms = report.accuracy[0].budget
    whole = sum(term.ul**2 for term in terms)
    rows = tuple(
        (term.name, _fine(term.ul), f"{100 * term.ul**2 / whole:.0f} %" if whole else "–", term.how) for term in terms
    )
    given = report.asked.instrument_percent is not None
    missing = () if given else (("instrument", "not given", "–", "--instrument-uncertainty"),)
    return (*rows, *missing, ("expanded, k = 2", _fine(2 * math.sqrt(whole)), "", "2 × root of the sum of squares"))


def _fine(value: float) -> str:
    return "0" if not value else f"{value:.2g}" if value >= 1e-4 else "< 0.0001"


def rates(report: Report) -> Rows:
    found = report.rates
    return (
        ("reference rate", f"{flow(found.reference_ul_h)}; {found.reference_from}"),
        ("label", f"{flow(found.label_ul_h)}; {found.label_from}"),
    )


def quality(report: Report) -> Rows:
    found, counts = report.quality, report.quality.counts
    holes = {0: "no gap in time", 1: "one gap in time"}.get(len(found.holes), f"{len(found.holes)} gaps in time")
    lost = "none" if not found.losses else f"{_count(found.lost_readings)} in {found.losses} losses"
    probe = "none" if found.probe_percent is None else f"in {short(found.probe_percent, 4)} % of the readings"
    told = (
        ("readings that never arrived", lost),
        ("sent again after a break", _count(counts.resent)),
        ("same identity, other bytes", _count(counts.conflicts)),
        ("came twice, used once", _count(counts.repeated)),
        ("sampled late by the board", _count(counts.late_samples)),
        ("faults of the probe", _count(counts.probe_faults)),
        ("meter beyond its range", _count(counts.meter_cut)),
    )
    untold = ", ".join(label for label, text in told if text == UNKNOWN)
    return (
        ("readings", f"{found.readings:,} in {span(found.length_s)}".replace(",", " ")),
        ("interval", f"{span(found.usual_interval_s)} as a rule, {span(found.longest_interval_s)} at most"),
        ("coverage", f"{short(found.coverage_percent, 5)} % of the time; {holes}"),
        *((label, text) for label, text in told if text != UNKNOWN),
        ("temperature", probe),
        ("total set back", f"{counts.total_restarts} times"),
        ("volume", f"from {report.record.volume_from}; smallest step {_step(found.resolution_ul)}"),
        *((("not told by this source", untold),) if untold else ()),
    )


def accuracy(report: Report) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rows: tuple[tuple[str, Callable[[Accuracy], str]], ...] = (
        ("from, to", lambda a: f"{short(a.from_min, 5)} to {short(a.to_min, 5)} min"),
        ("share whose volume is known", lambda a: f"{short(100 * a.known_share, 4)} %"),
        ("share with readings", lambda a: f"{short(100 * a.measured_share, 4)} %"),
        ("volume", lambda a: plus_minus(a.volume_ul, a.volume_uncertainty_ul, "µL")),
        ("mean rate", lambda a: plus_minus(a.mean_ul_h, a.mean_uncertainty_ul_h, "µL/h")),
        ("", lambda a: f"{a.mean_ul_h * ML_DAY:.4f} mL/day"),
        ("mean rate against the reference rate", lambda a: _against(a.reference)),
        ("mean rate against the label", lambda a: _against(a.label)),
        ("volume against the reference rate", lambda a: _volume(a.volume_error_ul, a)),
        ("volume against the label", lambda a: _volume(a.volume_label_error_ul, a)),
        ("wander of the rate", lambda a: "–" if a.wander_percent is None else f"± {short(a.wander_percent)} %"),
    )
    return tuple((label, tuple(text(found) for found in report.accuracy)) for label, text in rows)


def doubt(report: Report) -> str:
    """What the uncertainties hold."""
    known = "Uncertainties: expanded, k = 2 (about 95 %), from the terms of the budget in section 1"
    if report.asked.instrument_percent is not None:
        return f"{known}. The error of the clock is not in them."
    return (
        f"{known}. The instrument's own was not given (--instrument-uncertainty), nor is the error of its clock known: "
        "the true uncertainty is larger."
    )


def place(report: Report) -> str:
    if report.declared.profile is None:
        return "Where the probe stands is not declared."
    where = report.declared.place
    if where == "pump":
        return "The probe is declared to be on the pump."
    return (
        f"The probe is declared to touch the {where}: this is the sensitivity to what it reads there. That of the pump "
        "itself is larger, for the body keeps a part of each change from it."
    )


def _against(found: Against | None) -> str:
    return UNKNOWN if found is None else plus_minus(found.percent, found.uncertainty_percent, "%", "+")


def _volume(error_ul: float | None, found: Accuracy) -> str:
    return UNKNOWN if error_ul is None else plus_minus(error_ul, found.volume_uncertainty_ul, "µL", "+")


def _step(value_ul: float | None) -> str:
    return UNKNOWN if value_ul is None else f"{short(value_ul)} µL"


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _utc(moment: datetime | None, none: str) -> str:
    return none if moment is None else moment.astimezone(UTC).isoformat(" ", "seconds").replace("+00:00", " UTC")
