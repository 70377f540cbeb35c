"""Verdicts against the limits that the tester sets; without a limit nothing is judged.

Decision rule: PASS where value and uncertainty are inside the limit, FAIL where they are outside, else not judged. Too
little measured is not judged either. A limit on the mean rate is one on the worst hour and on the time outside, too.
"""

from collections.abc import Mapping
from typing import NamedTuple

from warmflow.instruments.numerals import NUMBER
from warmflow.report.run_record import ReportError
from warmflow.runtime.text import did_you_mean
from warmflow.runtime.text_file import TextFileError, read_toml

TRUMPET = "trumpet_{}_min_percent"


class Limit(NamedTuple):
    """A name that a limit can be set for. `least`: the value must be at least the limit, not at most."""

    says: str
    unit: str
    least: bool = False


class Value(NamedTuple):
    """What the report found for a limit; `why` says why there is no value. `coverage_percent` is what it rests on.
    `note` goes with a verdict: what the reader has to know before trusting it. `suspect`: why the value is not judged.
    """

    value: float | None
    uncertainty: float = 0.0
    why: str = ""
    coverage_percent: float = 100.0
    note: str = ""
    suspect: str = ""


class Verdict(NamedTuple):
    name: str
    says: str
    unit: str
    limit: float
    value: float | None
    uncertainty: float
    verdict: str  # PASS, FAIL or not judged
    why: str


COVERAGE_PERCENT = 95.0  # below this nothing is judged, if the tester sets no other (--min-coverage)
OUTSIDE_PERCENT = 5.0  # chosen: of the run, that may be outside the limit of the mean rate, if none is set
WINDOWS_MIN = (2, 5, 11, 19, 31, 15, 60, 150, 330, 570, 930)
LIMITS: dict[str, Limit] = {
    "rate_percent": Limit("mean rate of the run, size of the deviation from the reference rate", "%"),
    "worst_hour_percent": Limit("worst hour or longest window that fits, size of its deviation", "%"),
    "outside_percent": Limit("share of the time outside the limit of the mean rate", "%"),
    "label_rate_percent": Limit("mean rate of the run, size of the deviation from the label", "%"),
    "volume_ul": Limit("volume of the run, size of the error against the reference rate", "µL"),
    "start_up_min": Limit("time until the flow is within 10 % to stay", "min"),
    "sensitivity_percent_per_degc": Limit("temperature sensitivity, its size", "%/degC"),
    "coverage_percent": Limit("share of the run that was measured", "%", least=True),
    "flags": Limit("times that a rate flag was raised", ""),
    **{TRUMPET.format(minutes): Limit(f"trumpet curve, larger extreme at {minutes} min", "%")
       for minutes in WINDOWS_MIN},
}  # fmt: skip


def completed(limits: Mapping[str, float]) -> dict[str, float]:
    """A limit on the mean rate, and the two that follow from it: a mean alone may hide two hours at -40 %."""
    if "rate_percent" not in limits:
        return dict(limits)
    follow = {"worst_hour_percent": limits["rate_percent"], "outside_percent": OUTSIDE_PERCENT}
    return dict(limits) | {name: limit for name, limit in follow.items() if name not in limits}


def judged(limits: Mapping[str, float], values: Mapping[str, Value], least_percent: float) -> tuple[Verdict, ...]:
    """A verdict for each limit that was set, in the order in which they were set."""
    return tuple(judge(name, limit, values[name], least_percent) for name, limit in limits.items())


def judge(name: str, limit: float, found: Value, least_percent: float = COVERAGE_PERCENT) -> Verdict:
    about = LIMITS[name]
    verdict, why = "not judged", found.why or "not known"
    if found.value is not None and found.coverage_percent < least_percent and not about.least:
        why = f"{found.coverage_percent:.3g} % of the time was measured; below {least_percent:g} % nothing is judged"
    elif found.suspect:
        why = found.suspect
    elif found.value is not None:
        low, high = found.value - found.uncertainty, found.value + found.uncertainty
        if about.least:
            low, high, limit_ = -high, -low, -limit
        else:
            limit_ = limit
        if high <= limit_:
            verdict, why = "PASS", found.note
        elif low > limit_:
            verdict, why = "FAIL", found.note
        else:
            why = "the limit lies inside the uncertainty"
    return Verdict(name, about.says, about.unit, limit, found.value, found.uncertainty, verdict, why)


SLIPS = (24.0, 60.0, 1000.0, 1440.0, 3600.0, 1e6)
SLIP_SHARE = 0.15


def unit_slip(rate_ul_h: float, doubt_ul_h: float, reference_ul_h: float | None) -> str:
    """What to say of a rate that is another by a factor between units; "" where it is not, or is not known so well."""
    if not reference_ul_h or rate_ul_h <= 0 or doubt_ul_h > SLIP_SHARE * rate_ul_h:
        return ""
    ratio = rate_ul_h / reference_ul_h
    for slip in SLIPS:
        for factor, word in ((slip, f"{slip:g} times"), (1 / slip, f"1/{slip:g} of")):
            if abs(ratio / factor - 1) < SLIP_SHARE:
                return f"the rate is {word} the reference rate: are the units of time, flow and reference right?"
    return "the rate is over 20 times the reference rate: are the units right?" if ratio > 20 else ""


def limits_from(text: str | None) -> dict[str, float]:
    """From a TOML file, or from text like `rate_percent=10, trumpet_31_min_percent=15`. Raises ReportError."""
    if not text:
        return {}
    if "=" in text:
        pairs = [_pair(part) for part in text.split(",") if part.strip()]
        for name, _ in pairs:
            if sum(other == name for other, _ in pairs) > 1:
                raise ReportError(f"--limits: {name} is there twice: give it once")
        return _checked("--limits", dict(pairs))
    try:
        return _checked(text, read_toml(text))
    except TextFileError as error:
        raise ReportError(f"--limits {error}; give a TOML file or NAME=VALUE,...") from None


def _pair(part: str) -> tuple[str, object]:
    name, _, value = part.partition("=")
    try:
        if not NUMBER.fullmatch(value.strip()):  # float() takes 1_000, too
            raise ValueError
        return name.strip(), float(value)
    except ValueError:
        return name.strip(), value.strip()


def _checked(where: str, values: Mapping[str, object]) -> dict[str, float]:
    good = {}
    for name, value in values.items():
        if name not in LIMITS:
            raise ReportError(f"{where}: {name}: no such limit; {did_you_mean(name, LIMITS)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise ReportError(f"{where}: {name} = {value}: give a number from 0 up, in {LIMITS[name].unit}")
        good[name] = float(value)
    return good
