"""Verdicts against the limits that the tester sets; without a limit nothing is judged, and no limit comes from here.

Decision rule: PASS where value and uncertainty are inside the limit, FAIL where they are outside, else not judged.
"""

from collections.abc import Mapping
from typing import NamedTuple

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
    """What the report found for a limit; `why` says why there is no value."""

    value: float | None
    uncertainty: float = 0.0
    why: str = ""


class Verdict(NamedTuple):
    name: str
    says: str
    unit: str
    limit: float
    value: float | None
    uncertainty: float
    verdict: str  # PASS, FAIL or not judged
    why: str


WINDOWS_MIN = (2, 5, 11, 19, 31, 15, 60, 150, 330, 570, 930)
LIMITS: dict[str, Limit] = {
    "rate_percent": Limit("mean rate of the run, size of the deviation from the reference rate", "%"),
    "label_rate_percent": Limit("mean rate of the run, size of the deviation from the label", "%"),
    "volume_ul": Limit("volume of the run, size of the error against the reference rate", "µL"),
    "start_up_min": Limit("time until the flow is within 10 % to stay", "min"),
    "sensitivity_percent_per_degc": Limit("temperature sensitivity, its size", "%/degC"),
    "coverage_percent": Limit("share of the run that was measured", "%", least=True),
    "flags": Limit("times that a rate flag was raised", ""),
    **{TRUMPET.format(minutes): Limit(f"trumpet curve, larger extreme at {minutes} min", "%")
       for minutes in WINDOWS_MIN},
}  # fmt: skip


def judged(limits: Mapping[str, float], values: Mapping[str, Value]) -> tuple[Verdict, ...]:
    """A verdict for each limit that was set, in the order in which they were set."""
    return tuple(judge(name, limit, values[name]) for name, limit in limits.items())


def judge(name: str, limit: float, found: Value) -> Verdict:
    about = LIMITS[name]
    verdict, why = "not judged", found.why or "not known"
    if found.value is not None:
        low, high = found.value - found.uncertainty, found.value + found.uncertainty
        if about.least:
            low, high, limit_ = -high, -low, -limit
        else:
            limit_ = limit
        if high <= limit_:
            verdict, why = "PASS", ""
        elif low > limit_:
            verdict, why = "FAIL", ""
        else:
            why = "the limit lies inside the uncertainty"
    return Verdict(name, about.says, about.unit, limit, found.value, found.uncertainty, verdict, why)


def limits_from(text: str | None) -> dict[str, float]:
    """From a TOML file, or from text like `rate_percent=10, trumpet_31_min_percent=15`. Raises ReportError."""
    if not text:
        return {}
    if "=" in text:
        return _checked("--limits", dict(_pair(part) for part in text.split(",") if part.strip()))
    try:
        return _checked(text, read_toml(text))
    except TextFileError as error:
        raise ReportError(f"--limits {error}; give a TOML file or NAME=VALUE,...") from None


def _pair(part: str) -> tuple[str, object]:
    name, _, value = part.partition("=")
    try:
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
