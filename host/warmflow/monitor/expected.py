"""What the flow should be by the declared rig and the measured inputs alone, and what they leave open."""

import math

from pumpmodel import BODY_NAMES
from pumpmodel.body import BODIES
from warmflow.monitor.diagnosis import Expected
from warmflow.monitor.estimator import Course
from warmflow.monitor.restrictor import Restrictor

OFFSET_SD_C = 0.3 / math.sqrt(3)  # an offset anywhere within +/-0.3 degC
WEATHER_SD_KPA = 1.0  # [chosen] where no barometer says it
RAMP_SD = 0.02  # degC/min: what a core may do that no probe shows, while exposed


def expected(course: Course, noise: float) -> Expected:
    """By the declared rig and the measured inputs alone."""
    restrictor, warmth = course.restrictor, course.warmth
    pump_c = restrictor.rest_c + warmth.explained_c
    ambient_kpa = course.sample.ambient_kpa if course.sample else None
    spring_kpa, falloff = restrictor.spring_kpa(course.level_nl), restrictor.falloff(course.level_nl)
    air_kpa = restrictor.site_kpa if ambient_kpa is None else ambient_kpa
    ratio = restrictor.ratio(pump_c, air_kpa, spring_kpa) * falloff
    parts_c = [*_body_sd_c(course)]
    slope = _slope(restrictor, pump_c, air_kpa) * falloff
    air_sd = 0.0 if ambient_kpa is not None else WEATHER_SD_KPA * restrictor.percent_per_kpa
    variance = sum((slope * part_c) ** 2 for part_c in parts_c) + air_sd**2 + noise**2
    return Expected(ratio * restrictor.reference_nl_h, ratio - 1, math.sqrt(variance), pump_c)


def _body_sd_c(course: Course) -> list[float]:
    # what the probe's offset, the body that it may be, and a core that it does not show leave open
    warmth = course.warmth
    if warmth.place == "pump":
        return [OFFSET_SD_C]
    pockets = warmth.pockets()
    rest_c = [(BODIES[body][0] - BODIES[course.rig.body][0]) * -3.0 for body in BODY_NAMES]
    whole_c = [pocket.skin_c + rest for pocket, rest in zip(pockets, rest_c, strict=True)]
    spread_c = (max(whole_c) - min(whole_c)) / math.sqrt(12)
    core_c = RAMP_SD * max(pocket.core_per_ramp_c for pocket in pockets)
    return [BODIES[course.rig.body][0] * OFFSET_SD_C, spread_c, core_c]


def _slope(restrictor: Restrictor, temp_c: float, air_kpa: float) -> float:
    return (restrictor.ratio(temp_c + 0.1, air_kpa) - restrictor.ratio(temp_c - 0.1, air_kpa)) / 0.2
