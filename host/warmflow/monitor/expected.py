"""What the flow should be by the declared rig and the measured inputs alone, and what they leave open."""

import math

from pumpmodel import BODY_NAMES
from pumpmodel.body import BODIES
from warmflow.monitor.diagnosis import Expected
from warmflow.monitor.estimator import PumpEstimator
from warmflow.monitor.restrictor import Restrictor

OFFSET_SD_C = 0.4 / math.sqrt(3)  # an offset anywhere within +/-0.4 degC
WEATHER_SD_KPA = 1.0  # [chosen] where no barometer says it
SKIN_SD_C = 0.8  # of a resting skin, 31 to 35 degC, where no probe is on it
CORE_SD_C = 0.2  # of a core by the hour
COUPLING_SD = 0.05  # of g, within what the declared body stands for
GAIN_SD = 0.017  # of a meter
RAMP_SD = 0.02  # degC/min: what a core may do that no probe shows, while exposed


def expected(pump: PumpEstimator) -> Expected:
    """By the declared rig and the measured inputs alone."""
    restrictor, warmth = pump.restrictor, pump.warmth
    pump_c = restrictor.rest_c + warmth.explained_c + warmth.rest_away_c
    ambient_kpa = pump.sample.ambient_kpa if pump.sample else None
    spring_kpa, falloff = restrictor.spring_kpa(pump.level_nl), restrictor.falloff(pump.level_nl)
    air_kpa = restrictor.site_kpa if ambient_kpa is None else ambient_kpa
    ratio = restrictor.ratio(pump_c, air_kpa, spring_kpa) * falloff
    parts_c = [*_body_sd_c(pump), *_rest_sd_c(pump)]
    slope = _slope(restrictor, pump_c, air_kpa) * falloff
    air_sd = 0.0 if ambient_kpa is not None else WEATHER_SD_KPA * restrictor.percent_per_kpa
    gain_sd = GAIN_SD * ratio
    variance = sum((slope * part_c) ** 2 for part_c in parts_c) + air_sd**2 + gain_sd**2
    return Expected(ratio * restrictor.reference_nl_h, ratio - 1, math.sqrt(variance), pump_c)


def _body_sd_c(pump: PumpEstimator) -> list[float]:
    # what the probe's offset, the body that it may be, and a core that it does not show leave open
    warmth = pump.warmth
    if warmth.place == "pump":
        return [OFFSET_SD_C]
    pockets = [pocket for pocket in warmth.pockets() if pocket.name in BODY_NAMES]
    rest_c = [(BODIES[body][0] - BODIES[pump.rig.body][0]) * -3.0 for body in BODY_NAMES]
    whole_c = [pocket.skin_c + rest for pocket, rest in zip(pockets, rest_c, strict=True)]
    spread_c = (max(whole_c) - min(whole_c)) / math.sqrt(12)
    core_c = RAMP_SD * max(pocket.core_per_ramp_c for pocket in pockets)
    return [BODIES[pump.rig.body][0] * OFFSET_SD_C, spread_c, core_c]


def _rest_sd_c(pump: PumpEstimator) -> list[float]:
    # what is open of a body at rest
    place = pump.warmth.place
    if place == "pump":
        return []
    g = BODIES[pump.rig.body][0]
    skin_c = g * SKIN_SD_C if place == "water" else 0.0
    return [skin_c, (1 - g) * CORE_SD_C, COUPLING_SD * 3.0]


def _slope(restrictor: Restrictor, temp_c: float, air_kpa: float) -> float:
    return (restrictor.ratio(temp_c + 0.1, air_kpa) - restrictor.ratio(temp_c - 0.1, air_kpa)) / 0.2
