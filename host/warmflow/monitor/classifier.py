"""From the state of a pump to a diagnosis: the cause with its confidence, the waterfall, what was expected, and what is
to come.

Works when it is asked; remembers only which cause stands since when. A new cause must hold for a minute before it
replaces one that stands.
"""

import math

from warmflow.monitor import attribution
from warmflow.monitor.causes import NO_CAUSE, NONE, Verdict, decide
from warmflow.monitor.diagnosis import Diagnosis
from warmflow.monitor.dose import DoseState
from warmflow.monitor.estimator import PumpEstimator
from warmflow.monitor.evidence import weigh
from warmflow.monitor.expected import expected
from warmflow.monitor.exposure_kinds import kind_of
from warmflow.monitor.forecast_start import outlook
from warmflow.monitor.pump_limits import DEFAULT_LIMITS, PumpLimits
from warmflow.monitor.snapshot import bounds_c, features_of

HOLD_S = 60.0
REST_S = 30.0
MOVED = 0.01
UNEXPLAINED = Verdict("unknown", "small changes that add up", 0.5, (("unknown", 0.5),))


class CauseClassifier:
    """Call `verdict` in pump time; it keeps the cause that stands."""

    def __init__(self) -> None:
        self.standing: Verdict = NO_CAUSE
        self.since_ms = 0
        self.evidence: dict[str, float] = {}
        self._rival: str | None = None
        self._rival_ms = 0
        self._at_ms = -1_000_000
        self._at_shift = self._at_sensor = 0.0

    def verdict(self, pump: PumpEstimator, now_ms: int, flagged: bool = False) -> Verdict:
        """The cause that stands now; worked out anew when the flow moved, and each half minute of pump time.

        `flagged`: a flag stands, so that there is something to explain.
        """
        moved = abs(pump.history.latest - self._at_shift) > MOVED or pump.instruments.sensor != self._at_sensor
        moved = moved or (flagged and self.standing.name == NONE)
        if not moved and 0 <= now_ms - self._at_ms < REST_S * 1000:
            return self.standing
        self._at_ms, self._at_shift, self._at_sensor = now_ms, pump.history.latest, pump.instruments.sensor
        if pump.eventful():
            self.evidence = weigh(features_of(pump))
            found = decide(self.evidence)
        else:
            self.evidence, found = {}, NO_CAUSE
        if flagged and found.name == NONE:
            found = UNEXPLAINED
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

    def diagnosis(
        self, pump: PumpEstimator, now_ms: int, deviation: float, dose: DoseState, limits: PumpLimits = DEFAULT_LIMITS
    ) -> Diagnosis:
        """Everything, for a deviation (a fraction)."""
        verdict = self.standing
        restrictor = pump.restrictor
        named = {verdict.name, verdict.second[0] if verdict.second else ""}
        thermal = bool(named & {"heat", "cold"})
        temp_c = restrictor.rest_c + warming_c(pump, named)
        ambient_kpa = pump.sample.ambient_kpa if pump.sample else None
        shares = attribution.waterfall(
            restrictor, deviation, temp_c, ambient_kpa, pump.level_nl, "wrong fluid" in named
        )
        return Diagnosis(
            now_ms,
            verdict.name,
            verdict.title,
            kind(pump) if thermal else "",
            verdict.confidence,
            self.since_ms,
            verdict.ranking,
            tuple((name, value) for name, value in self.evidence.items() if value > 0.0),
            deviation,
            shares,
            expected(pump),
            pump.cusum.drift,
            dose,
            outlook(pump, deviation, limits) if thermal else None,
            pump.instruments.words,
            verdict.second,
            verdict.unclear,
        )


def warming_c(pump: PumpEstimator, causes: set[str]) -> float:
    """How much warmer than at rest the pump is taken to be: the flow's word within what the probe allows, if it is heat
    or cold; the probe's alone if not; rest where the probe feels what the pump does not.
    """
    if "probe elsewhere" in causes or pump.quiet:
        return 0.0
    if not {"heat", "cold"} & causes:
        return pump.warmth.explained_c
    low_c, high_c = bounds_c(pump)
    site_kpa = pump.restrictor.site_kpa
    ratio = math.exp(pump.base + pump.slow)
    said_c = pump.restrictor.temperature_c(ratio, site_kpa, 0.0, pump.base_c) - pump.base_c
    return min(max(said_c, low_c), high_c)


def kind(pump: PumpEstimator) -> str:
    """Of the exposure that goes on or is just over."""
    fit = pump.fit()
    warmth = pump.warmth
    return "" if fit is None else kind_of(warmth.plateau_c, fit.ramp_c_min, warmth.exposed_min)
