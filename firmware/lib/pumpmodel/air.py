"""Pressure around the patient: altitude, aircraft cabin, depth of water, weather. Absolute kPa throughout.

The propellant chamber is rigid and sealed, so all of it acts at the catheter's outlet only. Says what the standard
atmosphere says; a site's own barometer is better.
"""

from .errors import require_name, require_range

SEA_LEVEL_KPA = 101.325
STANDARD_AIR = (0.0065, 288.15, 5.255876)  # lapse in K/m, surface in K, power. Ref: ISO 2533
GRAVITY_M_S2 = 9.80665
METRES_PER_FOOT = 0.3048
CABIN_ALTITUDE_M = 8000 * METRES_PER_FOOT  # highest cabin altitude in normal operation. Ref: 14 CFR 25.841(a)
WATER_KG_M3 = {"sea": 1025.0, "fresh": 1000.0}  # round figures; a warm pool is 0.8 % lighter


def altitude_pressure_kpa(altitude_m: float, sea_level_kpa: float = SEA_LEVEL_KPA) -> float:
    """Pressure at -500..11000 m above the sea. Raises: PumpModelError. Ref: ISO 2533 standard atmosphere."""
    require_range("altitude in m", altitude_m, -500.0, 11000.0)
    lapse_c_m, surface_k, power = STANDARD_AIR
    return sea_level_kpa * float((1.0 - lapse_c_m * altitude_m / surface_k) ** power)


def cabin_pressure_kpa(cabin_altitude_m: float = CABIN_ALTITUDE_M) -> float:
    """Pressure in an aircraft cabin, by its cabin altitude: ground weather does not reach it."""
    return altitude_pressure_kpa(cabin_altitude_m)


def depth_pressure_kpa(depth_m: float, water: str = "sea", surface_kpa: float = SEA_LEVEL_KPA) -> float:
    """Pressure at 0..200 m under "sea" or "fresh" water. Raises: PumpModelError."""
    require_range("depth in m", depth_m, 0.0, 200.0)
    require_name("water", water, WATER_KG_M3)
    return surface_kpa + WATER_KG_M3[water] * GRAVITY_M_S2 * depth_m / 1000.0


def weather_pressure_kpa(site_kpa: float, offset_kpa: float) -> float:
    """Pressure at a site on a day that differs by up to +/-10 kPa from its mean. Raises: PumpModelError."""
    return site_kpa + require_range("weather offset in kPa", offset_kpa, -10.0, 10.0)
