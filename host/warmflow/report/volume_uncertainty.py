"""How far a volume may be wrong, term by term: what the readings show of themselves, and what the tester gave.

The instrument's own error is not in its readings and has to be given.
"""

import math
from typing import NamedTuple

from warmflow.report.run_record import Record

SPANS_S = (30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
K = 2.0  # coverage factor of everything that is stated


class Term(NamedTuple):
    """One line of the budget: a standard uncertainty in µL, and where it comes from."""

    name: str
    ul: float
    how: str


def difference_ul(record: Record, seconds: float) -> float:
    """Standard uncertainty of a difference of two volumes so far apart: resolution and noise, with the allowance for
    noise that was found from few readings.
    """
    return math.hypot(_ends_ul(record, seconds), _walk_ul(record, seconds), _flow_step_ul(record, seconds))


def _ends_ul(record: Record, seconds: float) -> float:
    resolution = (record.resolution_ul or 0.0) / math.sqrt(12)
    # coarse steps look like noise: not twice
    return math.sqrt(2) * max(resolution, record.noise.student_factor(seconds) * record.noise.reading_ul)


def _walk_ul(record: Record, seconds: float) -> float:
    return record.noise.student_factor(seconds) * record.noise.walk_ul_root_s * math.sqrt(seconds)


def _flow_step_ul(record: Record, seconds: float) -> float:
    """A flow that is steadier than its last place is off by the same in every reading: half a place at most."""
    if not record.is_integral or not record.flow_step_ul_h:
        return 0.0
    scatter_ul_h = 3600 * record.noise.walk_ul_root_s / math.sqrt(record.usual_s)
    return 0.0 if scatter_ul_h > record.flow_step_ul_h else record.flow_step_ul_h / math.sqrt(12) * seconds / 3600


def budget(
    record: Record, volume_ul: float, seconds: float, percent: float | None, drift_ul_h: float | None
) -> tuple[Term, ...]:
    """Every term of the volume over so many measured seconds; their squares add up.

    `percent`, `drift_ul_h`: of the instrument, and of balance and evaporation together, expanded (k = 2), if known.
    """
    terms = [
        Term("readings at both ends", _ends_ul(record, seconds), "the larger of noise and resolution / √12, times √2"),
        Term("noise that adds up", _walk_ul(record, seconds), "grows with the root of the time"),
    ]
    if flow_ul := _flow_step_ul(record, seconds):
        terms.append(Term("resolution of the flow", flow_ul, "one of the last place / √12, the same in all readings"))
    if percent is not None:
        terms.append(Term("instrument", abs(volume_ul) * percent / 100 / K, f"{percent:g} %, k = 2"))
    if drift_ul_h is not None:
        drift = drift_ul_h * seconds / 3600 / K
        terms.append(Term("drift or evaporation", drift, f"{drift_ul_h:g} µL/h, k = 2"))
    return tuple(terms)


def unmeasured(volume_ul: float, measured_s: float, length_s: float) -> Term:
    """For the time that nobody measured: a flow between none and twice the mean, all alike (rectangular)."""
    rate_ul_s = abs(volume_ul) / measured_s if measured_s else 0.0
    doubt = rate_ul_s * max(0.0, length_s - measured_s) / math.sqrt(3)
    return Term("time not measured", doubt, "a flow between none and twice the mean, / √3")


def combined_ul(terms: tuple[Term, ...]) -> float:
    """Expanded (k = 2)."""
    return K * math.sqrt(sum(term.ul**2 for term in terms))


def legible_s(record: Record, rate_ul_h: float, share: float, least_s: float) -> float:
    """The shortest usual span, from `least_s` on, over which a mean rate is known to this share of a rate (1 s.d.)."""
    spans_s = [span_s for span_s in SPANS_S if span_s >= max(least_s, record.usual_s)]
    good = (one for one in spans_s if difference_ul(record, one) <= share * rate_ul_h * one / 3600)
    return float(next(good, spans_s[-1] if spans_s else record.usual_s))
