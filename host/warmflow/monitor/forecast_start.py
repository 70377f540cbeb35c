"""Where a forecast starts from: the likely bodies and their core by the flow, the skin by the probe, and the
temperature and the slope that the flow itself shows now.
"""

import math

from warmflow.monitor import forecast
from warmflow.monitor.core_fit import CoreFit
from warmflow.monitor.estimator import PumpEstimator
from warmflow.monitor.forecast import Forecast, Outlook, Range
from warmflow.monitor.levels import Level
from warmflow.monitor.pump_limits import DEFAULT_LIMITS, PumpLimits

AHEAD_MIN = 15.0  # which of the likely bodies is fast, and which is slow
ERROR, LATER, LEAST_ERROR_C = (
    0.15,
    1.6,
    0.05,
)  # [measured on the wide corpus] of the way to the limit; more for the late end; degC
TRUSTED = 0.7  # share of the measured temperature in the start, the rest is the model's


def outlook(pump: PumpEstimator, deviation: float, limits: PumpLimits = DEFAULT_LIMITS) -> Forecast | None:
    """The forecast, where the exposure is known: not in place `pump`, whose probe shows no skin."""
    warmth = pump.warmth
    fits = [] if warmth.place == "pump" else pump.fits.plausible(warmth.pockets(), warmth.cold)
    if not fits:
        return None
    starts = [_start(pump, fits[0])]
    ends = [_start(pump, fit, side) for fit in fits for side in (-1.0, 1.0)]
    ends.sort(key=lambda end: forecast.staying(end, AHEAD_MIN))
    sign = 1.0 if deviation >= 0 else -1.0
    other = math.exp(pump.air + pump.reservoir + pump.steps.total)
    thresholds = limits.of_side(deviation)
    limits_c = {level: _warming_at(pump, sign * size, other) for level, size in thresholds.items()}
    left = not warmth.exposed
    crossings, ranges = [], []
    for level, limit_c in limits_c.items():
        limit = sign * thresholds[level]
        if left or sign * starts[0].pump_c >= sign * limit_c or abs(deviation) >= thresholds[level]:
            continue
        slow, fast = (ends[0], ends[-1]) if sign > 0 else (ends[-1], ends[0])
        error_c = sign * (ERROR * abs(limit_c - starts[0].pump_c) + LEAST_ERROR_C)
        middle = forecast.crossing_min(starts[0], limit_c)
        low = forecast.crossing_min(fast, limit_c - error_c)
        high = forecast.crossing_min(slow, limit_c + LATER * error_c)
        crossings.append((limit, middle))
        ranges.append(Range(limit, low, high))
    starts = [*starts, *ends]
    backs = [forecast.back_min(start, limits_c[Level.LOW]) for start in starts]
    back_low, back_high = forecast.spread(backs)
    return Forecast(
        tuple(crossings),
        backs[0],
        left,
        forecast.words(ranges, (back_low, back_high) if backs[0] else None, left, thresholds[Level.LOW]),
        tuple(ranges),
        (back_low, back_high) if backs[0] else None,
    )


def _start(pump: PumpEstimator, fit: CoreFit, side: float = 0.0) -> Outlook:
    # `side`: with a core that rises by so many s.d. more
    warmth = pump.warmth
    ramp = fit.ramp_c_min + side * fit.ramp_sd if abs(fit.ramp_c_min) > forecast.STEADY_RAMP or side else 0.0
    ramp = max(ramp, 0.0) if not warmth.cold else ramp
    pocket = next(row for row in warmth.pockets() if row.name == fit.body)
    modelled_c = pocket.skin_c + ramp * pocket.core_per_ramp_c
    measured_c, _ = pump.trend
    pump_c = modelled_c if measured_c is None else modelled_c + TRUSTED * (measured_c - modelled_c)
    return Outlook(fit.body, pump_c, warmth.skin_c, *warmth.skin_to_come(), ramp * warmth.unit_core_c, ramp)


def _warming_at(pump: PumpEstimator, deviation: float, other: float) -> float:
    # the warming at which the flow is at this deviation, with pressure, level and steps as they are
    restrictor = pump.restrictor
    ratio = (1 + deviation) / other
    return restrictor.temperature_c(ratio, restrictor.site_kpa, 0.0, pump.base_c) - pump.base_c
