"""From a course to a diagnosis: the cause with its confidence, the waterfall, what was expected, what is to come.

Works when it is asked; remembers only which cause stands since when. A new cause must hold for a minute before it
replaces one that stands.
"""

import math

from warmflow.monitor import attribution
from warmflow.monitor.causes import NO_CAUSE, NONE, Verdict, decide
from warmflow.monitor.diagnosis import Diagnosis
from warmflow.monitor.dose import DoseState
from warmflow.monitor.estimator import Course
from warmflow.monitor.evidence import weigh
from warmflow.monitor.expected import expected
from warmflow.monitor.exposure_kinds import kind_of
from warmflow.monitor.forecast_start import outlook
from warmflow.monitor.snapshot import bounds_c, situation

HOLD_S = 60.0
REST_S = 30.0
MOVED = 0.01


class Judge:
    """Call `verdict` in pump time; it keeps the cause that stands."""

    def __init__(self) -> None:
        self.standing: Verdict = NO_CAUSE
        self.since_ms = 0
        self.evidence: dict[str, float] = {}
        self._rival: str | None = None
        self._rival_ms = 0
        self._at_ms = -1_000_000
        self._at_shift = self._at_sensor = 0.0

    def verdict(self, course: Course, now_ms: int) -> Verdict:
        """The cause that stands now; worked out anew when the flow moved, and each half minute of pump time."""
        moved = abs(course.history.latest - self._at_shift) > MOVED or course.instruments.sensor != self._at_sensor
        if not moved and 0 <= now_ms - self._at_ms < REST_S * 1000:
            return self.standing
        self._at_ms, self._at_shift, self._at_sensor = now_ms, course.history.latest, course.instruments.sensor
        if course.eventful():
            self.evidence = weigh(situation(course))
            found = decide(self.evidence)
        else:
            self.evidence, found = {}, NO_CAUSE
        if found.name == self.standing.name:
            self.standing, self._rival = found, None
        elif self.standing.name == NONE or self._held(found.name, now_ms):
            self.standing, self.since_ms, self._rival = found, now_ms, None
        return self.standing

    def _held(self, name: str, now_ms: int) -> bool:
        if self._rival != name:
            self._rival, self._rival_ms = name, now_ms
            return False
        return now_ms - self._rival_ms >= HOLD_S * 1000

    def diagnosis(self, course: Course, now_ms: int, deviation: float, noise: float, dose: DoseState) -> Diagnosis:
        """Everything, for a deviation (a fraction) and its noise (1 s.d.)."""
        verdict = self.standing
        restrictor = course.restrictor
        temp_c = restrictor.rest_c + warming_c(course, verdict.name)
        ambient_kpa = course.sample.ambient_kpa if course.sample else None
        shares = attribution.waterfall(
            restrictor, deviation, temp_c, ambient_kpa, course.level_nl, verdict.name == "wrong fluid"
        )
        return Diagnosis(
            now_ms,
            verdict.name,
            verdict.title,
            kind(course) if verdict.name in ("heat", "cold") else "",
            verdict.confidence,
            self.since_ms,
            verdict.ranking,
            tuple((name, value) for name, value in self.evidence.items() if value > 0.0),
            deviation,
            shares,
            expected(course, noise),
            course.cusum.drift,
            dose,
            outlook(course, deviation) if verdict.name in ("heat", "cold") else None,
            course.instruments.words,
        )


def warming_c(course: Course, cause: str) -> float:
    """How much warmer than at rest the pump is taken to be: the flow's word within what the probe allows, if it is heat
    or cold; the probe's alone if not; rest where the probe feels what the pump does not.
    """
    if cause == "probe elsewhere" or course.quiet:
        return 0.0
    if cause not in ("heat", "cold"):
        return course.warmth.explained_c
    low_c, high_c = bounds_c(course)
    site_kpa = course.restrictor.site_kpa
    ratio = math.exp(course.base + course.history.latest)
    said_c = course.restrictor.temperature_c(ratio, site_kpa, 0.0, course.base_c) - course.base_c
    return min(max(said_c, low_c), high_c)


def kind(course: Course) -> str:
    """Of the exposure that goes on or is just over."""
    fit = course.fit()
    warmth = course.warmth
    return "" if fit is None else kind_of(warmth.plateau_c, fit.ramp_c_min, warmth.exposed_min)
