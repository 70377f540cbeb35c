"""Where a forecast starts from: the likely body and its core by the flow, the skin by the probe."""

import math

from warmflow.monitor import forecast
from warmflow.monitor.estimator import Course
from warmflow.monitor.findings import Level
from warmflow.monitor.forecast import Forecast, Outlook
from warmflow.monitor.limits import THRESHOLDS


def outlook(course: Course, deviation: float) -> Forecast | None:
    """The forecast, where the exposure is known: not in place `pump`, whose probe shows no skin."""
    fit, warmth = course.fit(), course.warmth
    if fit is None:
        return None
    ramp = fit.ramp_c_min if abs(fit.ramp_c_min) > forecast.STEADY_RAMP else 0.0
    pocket = next(row for row in warmth.pockets() if row.name == fit.body)
    steady_c = pocket.skin_c + ramp * pocket.core_per_ramp_c
    now = Outlook(fit.body, steady_c, warmth.skin_c, *warmth.skin_to_come(), ramp * warmth.unit_core_c, ramp)
    sign = 1.0 if deviation >= 0 else -1.0
    other = math.exp(course.air + course.reservoir)
    limits_c = {level: _warming_at(course, sign * size, other) for level, size in THRESHOLDS.items()}
    crossings = tuple(
        (sign * THRESHOLDS[level], forecast.crossing_min(now, limit_c))
        for level, limit_c in limits_c.items()
        if warmth.exposed and sign * now.pump_c < sign * limit_c and abs(deviation) < THRESHOLDS[level]
    )
    back = forecast.back_min(now, limits_c[Level.NOTICE])
    left = not warmth.exposed
    return Forecast(crossings, back, left, forecast.words(crossings, back, left))


def _warming_at(course: Course, deviation: float, other: float) -> float:
    # the warming at which the flow is at this deviation, with pressure and level as they are
    restrictor = course.restrictor
    ratio = (1 + deviation) / other
    return restrictor.temperature_c(ratio, restrictor.site_kpa, 0.0, course.base_c) - course.base_c
