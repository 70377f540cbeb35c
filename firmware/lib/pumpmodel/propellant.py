"""Vapour pressure of the propellants that a body-heat-driven pump could hold.

Which fill any marketed pump holds was not found: these are candidates, never a device's data. Refuses to extrapolate:
outside 20..50 degC the host gets an error, the pump itself a clamped value and a flag.
"""

import math

from .errors import PumpModelError, require_name

VALID_MIN_C = 20.0
VALID_MAX_C = 50.0

# name: (title, A, B, C) of ln(P/kPa) = A - B / (t_C + C).
# Ref: Antoine fits to CoolProp's equations of state, 20-50 degC, at most 0.006 % off (domain file, flow model).
FILLS = {
    "r11": ("R-11", 13.85644, 2409.176, 237.079),
    "n-butane": ("n-butane", 13.95155, 2300.763, 247.045),
    "r114": ("R-114", 13.91523, 2273.392, 240.976),
    "r123": ("R-123", 13.91644, 2383.280, 228.495),
    "isopentane": ("isopentane", 13.73439, 2403.645, 235.845),
    "nc5f12": ("n-C5F12", 13.79448, 2297.316, 221.054),
}
FILL_NAMES = ("r11", "n-butane", "r114", "r123", "isopentane", "nc5f12")  # MicroPython's dicts keep no order


def vapour_pressure_kpa(fill: str, temp_c: float) -> float:
    """Saturation pressure in kPa absolute at 20..50 degC. Raises: PumpModelError outside, or for an unknown fill."""
    require_name("fill", fill, FILL_NAMES)
    if not VALID_MIN_C <= temp_c <= VALID_MAX_C:
        raise PumpModelError(
            "vapour pressure of %s at %s degC is not known; the fit holds from %s to %s degC"
            % (FILLS[fill][0], temp_c, VALID_MIN_C, VALID_MAX_C)
        )
    return antoine_kpa(FILLS[fill], temp_c)


def clamp_c(temp_c: float) -> float:
    """The nearest temperature at which the fits hold."""
    return min(max(temp_c, VALID_MIN_C), VALID_MAX_C)


def vapour_pressure_clamped(fill: str, temp_c: float) -> tuple[float, bool]:
    """(kPa, within) with the temperature clamped to 20..50 degC; `within` is False where it had to be clamped."""
    clamped_c = clamp_c(temp_c)
    return antoine_kpa(FILLS[fill], clamped_c), clamped_c == temp_c


def antoine_kpa(coefficients: tuple[str, float, float, float], temp_c: float) -> float:
    """Pressure from one row of FILLS, with no check: the pump's inner loop."""
    return math.exp(coefficients[1] - coefficients[2] / (temp_c + coefficients[3]))


def boiling_point_c(fill: str, pressure_kpa: float) -> float:
    """Temperature at which the fill has this pressure. Raises: PumpModelError when that is outside 20..50 degC."""
    require_name("fill", fill, FILL_NAMES)
    _, a, b, c = FILLS[fill]
    temp_c = b / (a - math.log(pressure_kpa)) - c if pressure_kpa > 0.0 else -1e9
    if not VALID_MIN_C <= temp_c <= VALID_MAX_C:
        raise PumpModelError(
            "%s has no %s kPa between %s and %s degC, where its fit holds"
            % (FILLS[fill][0], pressure_kpa, VALID_MIN_C, VALID_MAX_C)
        )
    return temp_c
