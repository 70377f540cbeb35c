"""The core relation: propellant pressure against everything at the outlet, through a capillary.

Q = Q_label * drive / drive_label * mu_label / mu, with drive = P_vapour + P_spring - P_ambient - P_outlet.
Laminar Poiseuille flow (Re about 0.4). The label holds at 37 degC, 101.325 kPa, water, its own outlet, no spring.
Never negative: a check valve is taken for granted. Derived from physics, not measured on a device.
"""

from .air import GRAVITY_M_S2, SEA_LEVEL_KPA, WATER_KG_M3
from .errors import PumpModelError, require_name
from .infusate import viscosity_mpa_s, water_viscosity_mpa_s
from .propellant import boiling_point_c, vapour_pressure_kpa

KPA_PER_MMHG = 0.133322387415  # Ref: BIPM, conventional millimetre of mercury
LABEL_C = 37.0
ARTERIAL_KPA = 12.40  # 93 mmHg mean (domain file)
LOW_PRESSURE_KPA = 10.0 * KPA_PER_MMHG
TISSUE_KPA = 3.0 * KPA_PER_MMHG  # chosen: around a catheter that has slipped out of its artery
LABEL_VISCOSITY_MPA_S = water_viscosity_mpa_s(LABEL_C)


def mmhg_to_kpa(pressure_mmhg: float) -> float:
    """kPa from millimetres of mercury."""
    return pressure_mmhg * KPA_PER_MMHG


def kpa_to_mmhg(pressure_kpa: float) -> float:
    """Millimetres of mercury from kPa."""
    return pressure_kpa / KPA_PER_MMHG


def label_drive_kpa(fill: str, label_outlet_kpa: float = ARTERIAL_KPA) -> float:
    """Drive at which the label rate flows, in kPa. Raises: PumpModelError when the fill cannot push so far."""
    drive_kpa = vapour_pressure_kpa(fill, LABEL_C) - SEA_LEVEL_KPA - label_outlet_kpa
    if drive_kpa <= 0.0:
        raise PumpModelError(
            "%s cannot push against an outlet of %s kPa at 37 degC; lower the label outlet" % (fill, label_outlet_kpa)
        )
    return drive_kpa


def restrictor_ratio(drive_kpa: float, label_kpa: float, viscosity_mpa_s: float) -> float:
    """Flow as a multiple of the label rate: the pump's inner loop. A negative drive gives 0."""
    if drive_kpa <= 0.0:
        return 0.0
    return drive_kpa / label_kpa * LABEL_VISCOSITY_MPA_S / viscosity_mpa_s


def flow_ratio(
    fill: str,
    temp_c: float,
    *,
    ambient_kpa: float = SEA_LEVEL_KPA,
    outlet_kpa: float = ARTERIAL_KPA,
    label_outlet_kpa: float = ARTERIAL_KPA,
    spring_kpa: float = 0.0,
    fluid: str = "drug",
    glycerol_fraction: float = 0.0,
) -> float:
    """Flow as a multiple of the label rate, at a pump temperature of 20..50 degC.

    `label_outlet_kpa` is the back-pressure at which the label holds: for a pump that is made for a low-pressure outlet
    both are the same. Raises: PumpModelError outside the validity of the fits or for an unknown name.
    """
    drive_kpa = vapour_pressure_kpa(fill, temp_c) + spring_kpa - ambient_kpa - outlet_kpa
    viscosity = viscosity_mpa_s(fluid, temp_c, glycerol_fraction)
    return restrictor_ratio(drive_kpa, label_drive_kpa(fill, label_outlet_kpa), viscosity)


def zero_flow_temperature_c(fill: str, ambient_kpa: float = SEA_LEVEL_KPA, outlet_kpa: float = ARTERIAL_KPA) -> float:
    """Temperature below which nothing flows. Raises: PumpModelError where it lies outside the fits (20..50 degC)."""
    return boiling_point_c(fill, ambient_kpa + outlet_kpa)


def zero_flow_depth_m(
    fill: str, temp_c: float = LABEL_C, outlet_kpa: float = ARTERIAL_KPA, water: str = "sea"
) -> float:
    """Depth of "sea" or "fresh" water, from a surface at sea level, where the flow stops. Raises: PumpModelError."""
    require_name("water", water, WATER_KG_M3)
    drive_kpa = vapour_pressure_kpa(fill, temp_c) - SEA_LEVEL_KPA - outlet_kpa
    return max(drive_kpa, 0.0) * 1000.0 / (WATER_KG_M3[water] * GRAVITY_M_S2)
