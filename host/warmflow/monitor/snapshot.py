"""A pump at this moment, as the numbers that a cause is judged by; and what an exposure can do at least and at most.

Changes nothing and remembers nothing.
"""

import math

from warmflow.monitor.core_fit import RAMP_MOST
from warmflow.monitor.estimator import TAIL_MIN, PumpEstimator
from warmflow.monitor.features import Features
from warmflow.monitor.history import Rise
from warmflow.monitor.restrictor import LEAST

SLOW_S = 600.0
MOST_SHARP_S = 360.0  # where samples are that long, as of a meter that counts drops
MOST_SHARP_S = 360.0  # where samples are that long, as of a meter that counts drops
SHARP_S = 90.0  # a rise that is seen no more sharply may be a slow one
LEAST_WARMING_C = 0.3


def bounds_c(pump: PumpEstimator) -> tuple[float, float]:
    """Least and most that the exposure can have warmed the pump, whatever the body; negative in the cold."""
    warmth = pump.warmth
    if warmth.place == "pump":
        excess_c = warmth.pump_excess_c
        margin_c = 0.1 + 0.15 * abs(excess_c)
        return excess_c - margin_c, excess_c + margin_c
    pockets = warmth.pockets()
    skins_c = [pocket.skin_c for pocket in pockets]
    cores_c = [RAMP_MOST * pocket.core_per_ramp_c for pocket in pockets]
    both_c = [skin_c + core_c for skin_c, core_c in zip(skins_c, cores_c, strict=True)]
    if warmth.cold:
        colder_c = [skin_c - 0.5 * core_c for skin_c, core_c in zip(skins_c, cores_c, strict=True)]
        return min(colder_c), max(skins_c)
    return min(skins_c), max(both_c)


def shift_at(pump: PumpEstimator, warming_c: float) -> float:
    """Logarithm of what a pump that is so much warmer than at rest would give."""
    ratio = pump.restrictor.ratio
    site_kpa = pump.restrictor.site_kpa
    here = max(ratio(pump.base_c, site_kpa), LEAST)
    return math.log(max(ratio(pump.base_c + warming_c, site_kpa) / here, LEAST))


def features_of(pump: PumpEstimator) -> Features:
    """The moment as numbers."""
    assert pump.sample is not None
    warmth, history = pump.warmth, pump.history
    low_c, high_c = bounds_c(pump)
    still = pump.quiet
    rise = history.rise()
    step, stepped_s, resolution_s = _step(pump, rise)
    now_s = pump.sample.now_ms / 1000
    slow = history.latest - step
    mean = slow if stepped_s is not None and now_s - stepped_s < SLOW_S else history.recent(SLOW_S) - step
    return Features(
        now_s=now_s,
        shift=history.latest,
        step=step,
        slow=slow,
        slow_mean=mean,
        noise=pump.steps.sigma * math.sqrt(min(pump.sample.length_s / SLOW_S, 1.0)),
        total=history.latest + pump.air + pump.reservoir,
        floor=pump.floor,
        rise=rise,
        stepped_s=stepped_s,
        resolution_s=resolution_s,
        recovers=slow - mean,
        stands=math.exp(pump.base) - 1.0,
        flow_ratio=pump.sample.flow_nl_h / pump.restrictor.reference_nl_h,
        exposed=warmth.exposed,
        warm_ago_min=warmth.side_since_min[False],
        cold_ago_min=warmth.side_since_min[True],
        undecided=pump.models.undecided,
        warmth_c=_warmth_c(pump),
        heat_low=0.0 if still else shift_at(pump, low_c),
        heat_high=0.0 if still else shift_at(pump, high_c),
        misfit=_misfit(pump),
        air=pump.air,
        air_kpa=pump.air_kpa,
        reservoir=pump.reservoir,
        level_nl=pump.level_nl,
        filled_nl=pump.rig.filled_nl,
        capacity_nl=pump.restrictor.capacity_nl,
        filled_s=pump.filled_s,
        loose_shift=math.log(1 + pump.restrictor.loose_gain),
        sensor=pump.instruments.sensor,
        clock=pump.instruments.clock,
    )


def _step(pump: PumpEstimator, rise: Rise) -> tuple[float, float | None, float]:
    # (size, when, resolution) of what came between two readings
    last = pump.steps.last
    if pump.steps.staircase:
        return 0.0, None, 0.0
    if last is not None:
        return pump.steps.total, last.at_s, last.resolution_s
    length_s = pump.sample.length_s if pump.sample else 0.0
    sharp = (
        rise.resolution_s <= max(SHARP_S, min(1.2 * length_s, MOST_SHARP_S))
        and not rise.from_start
        and pump.quiet
        and not pump.models.undecided
    )
    if sharp and rise.seconds <= 1.5 * rise.resolution_s + 20.0 and abs(pump.history.latest) > pump.floor:
        return pump.history.latest, rise.began_s, rise.resolution_s
    return 0.0, None, 0.0


def _warmth_c(pump: PumpEstimator) -> float:
    warmth = pump.warmth
    if warmth.place == "pump":
        return abs(warmth.pump_excess_c)
    fit = pump.fit() if warmth.since_min < TAIL_MIN else None
    return max(abs(warmth.pockets()[-1].skin_c), abs(fit.explained_c) if fit else 0.0)


def _misfit(pump: PumpEstimator) -> float:
    fit = pump.fit()
    if fit is None or pump.quiet:
        return 0.0
    return fit.error_c / max(abs(pump.near_c - pump.base_c), abs(fit.explained_c), LEAST_WARMING_C)
