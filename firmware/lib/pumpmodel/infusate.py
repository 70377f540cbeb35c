"""Viscosity of what is in the reservoir: it divides the flow of a capillary restrictor.

Drug and saline count as water (chosen: 0.9 % salt adds about 1.5 %, and the drug's own figure was not found).
No density, no mixing with the residue of the fluid before.
"""

import math

from .errors import PumpModelError, require_name, require_range

WATER_LN = (-3.52349, 510.0366, 124.699)  # A, B, C of ln(mu/mPa.s) = A + B / (t_C + C). Ref: fit to IAPWS (domain file)
FLUIDS = ("drug", "saline", "glycerol")


def water_viscosity_mpa_s(temp_c: float) -> float:
    """Dynamic viscosity of water in mPa.s. Ref: fit to IAPWS, 0.03 % at 20-50 degC (domain file)."""
    return math.exp(WATER_LN[0] + WATER_LN[1] / (temp_c + WATER_LN[2]))


def glycerol_viscosity_mpa_s(temp_c: float, mass_fraction: float) -> float:
    """Dynamic viscosity of glycerol in water in mPa.s, for a mass fraction 0..1 and 0..100 degC.

    Cheng's mixture is mu_water^alpha * mu_glycerol^(1 - alpha). Only its ratio to Cheng's own water is used and
    applied to `water_viscosity_mpa_s`: 0 % is exactly this library's water (Cheng's is 0.3 % above it at 37 degC).
    Raises: PumpModelError for a fraction outside 0..1.
    Ref: N.-S. Cheng, Ind. Eng. Chem. Res. 47 (2008) 3285-3288, mixture rule, water and glycerol fits.
    """
    x = require_range("glycerol mass fraction", mass_fraction, 0.0, 1.0)
    t = temp_c
    ln_water = math.log(1.790) + (-1230.0 - t) * t / (36100.0 + 360.0 * t)
    ln_glycerol = math.log(12100.0) + (-1233.0 + t) * t / (9900.0 + 70.0 * t)
    a = 0.705 - 0.0017 * t
    b = (4.9 + 0.036 * t) * a**2.5
    alpha = 1.0 - x + a * b * x * (1.0 - x) / (a * x + b * (1.0 - x))
    return water_viscosity_mpa_s(t) * math.exp((1.0 - alpha) * (ln_glycerol - ln_water))


def require_fluid(fluid: str, glycerol_fraction: float) -> str:
    """Return `fluid` when it goes with the fraction. Raises: PumpModelError."""
    require_name("fluid", fluid, FLUIDS)
    require_range("glycerol mass fraction", glycerol_fraction, 0.0, 1.0)
    if fluid != "glycerol" and glycerol_fraction:
        raise PumpModelError(
            "fluid '%s' holds no glycerol, yet a fraction of %s is given; use fluid 'glycerol'"
            % (fluid, glycerol_fraction)
        )
    return fluid


def viscosity_mpa_s(fluid: str, temp_c: float, glycerol_fraction: float = 0.0) -> float:
    """Dynamic viscosity in mPa.s of a fluid of FLUIDS. Raises: PumpModelError."""
    if require_fluid(fluid, glycerol_fraction) == "glycerol":
        return glycerol_viscosity_mpa_s(temp_c, glycerol_fraction)
    return water_viscosity_mpa_s(temp_c)
