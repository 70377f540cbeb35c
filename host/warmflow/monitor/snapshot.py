"""A course at this moment, as the numbers that a cause is judged by; and what an exposure can do at least and at most.

Changes nothing and remembers nothing.
"""

import math

from warmflow.monitor.core_fit import RAMP_MOST
from warmflow.monitor.estimator import TAIL_MIN, Course
from warmflow.monitor.features import Situation
from warmflow.monitor.restrictor import LEAST

SLOW_S = 600.0
LEAST_WARMING_C = 0.3


def bounds_c(course: Course) -> tuple[float, float]:
    """Least and most that the exposure can have warmed the pump, whatever the body; negative in the cold."""
    warmth = course.warmth
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


def shift_at(course: Course, warming_c: float) -> float:
    """Logarithm of what a pump that is so much warmer than at rest would give."""
    ratio = course.restrictor.ratio
    site_kpa = course.restrictor.site_kpa
    here = max(ratio(course.base_c, site_kpa), LEAST)
    return math.log(max(ratio(course.base_c + warming_c, site_kpa) / here, LEAST))


def situation(course: Course) -> Situation:
    """The moment as numbers."""
    assert course.sample is not None
    warmth, history = course.warmth, course.history
    low_c, high_c = bounds_c(course)
    still = course.quiet
    slow = history.recent(SLOW_S)
    return Situation(
        now_s=course.sample.now_ms / 1000,
        shift=history.latest,
        slow_shift=slow,
        total=history.latest + course.air + course.reservoir,
        floor=course.floor,
        rise=history.rise(),
        recovers=history.latest - slow,
        flow_ratio=course.sample.flow_nl_h / course.restrictor.reference_nl_h,
        exposed=warmth.exposed,
        cold=warmth.cold,
        warmth_c=_warmth_c(course),
        heat_low=0.0 if still else shift_at(course, low_c),
        heat_high=0.0 if still else shift_at(course, high_c),
        misfit=_misfit(course),
        air=course.air,
        air_kpa=course.air_kpa,
        reservoir=course.reservoir,
        level_nl=course.level_nl,
        filled_nl=course.rig.filled_nl,
        capacity_nl=course.restrictor.capacity_nl,
        filled_s=course.filled_s,
        loose_shift=math.log(1 + course.restrictor.loose_gain),
        sensor=course.instruments.sensor,
        clock=course.instruments.clock,
    )


def _warmth_c(course: Course) -> float:
    warmth = course.warmth
    if warmth.place == "pump":
        return abs(warmth.pump_excess_c)
    fit = course.fit() if warmth.since_min < TAIL_MIN else None
    return max(abs(warmth.pockets()[-1].skin_c), abs(fit.explained_c) if fit else 0.0)


def _misfit(course: Course) -> float:
    fit = course.fit()
    if fit is None or course.quiet:
        return 0.0
    return fit.error_c / max(abs(course.near_c - course.base_c), abs(fit.explained_c), LEAST_WARMING_C)
