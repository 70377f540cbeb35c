"""warmflow's pump physics: a body-heat-driven, constant-flow pump as portable Python.

Runs unchanged on CPython, MicroPython's unix port and a Pico: imports `math` only, reads no clock, does no I/O.
Emulator for bench and training, no medical device, no dosing advice.
It models no marketed pump.
"""

from .air import altitude_pressure_kpa, cabin_pressure_kpa, depth_pressure_kpa, weather_pressure_kpa
from .body import BODIES, BODY_NAMES, rest_pump_c
from .errors import PumpModelError
from .faults import FAULT_KINDS
from .flags import FLAG_NAMES, flag_names
from .flow import (
    ARTERIAL_KPA,
    LOW_PRESSURE_KPA,
    TISSUE_KPA,
    flow_ratio,
    kpa_to_mmhg,
    mmhg_to_kpa,
    zero_flow_depth_m,
    zero_flow_temperature_c,
)
from .infusate import FLUIDS, viscosity_mpa_s
from .probe import PLACES
from .profile import PROFILE_NAMES, PROFILES, Profile, profile_named
from .propellant import FILL_NAMES, FILLS, vapour_pressure_clamped, vapour_pressure_kpa
from .pump import Pump
from .reference import reference_flow_nl_h
from .reservoir import Reservoir

__all__ = [
    "ARTERIAL_KPA",
    "BODIES",
    "BODY_NAMES",
    "FAULT_KINDS",
    "FILLS",
    "FILL_NAMES",
    "FLAG_NAMES",
    "FLUIDS",
    "LOW_PRESSURE_KPA",
    "PLACES",
    "PROFILES",
    "PROFILE_NAMES",
    "TISSUE_KPA",
    "Profile",
    "Pump",
    "PumpModelError",
    "Reservoir",
    "altitude_pressure_kpa",
    "cabin_pressure_kpa",
    "depth_pressure_kpa",
    "flag_names",
    "flow_ratio",
    "kpa_to_mmhg",
    "mmhg_to_kpa",
    "profile_named",
    "reference_flow_nl_h",
    "rest_pump_c",
    "vapour_pressure_clamped",
    "vapour_pressure_kpa",
    "viscosity_mpa_s",
    "weather_pressure_kpa",
    "zero_flow_depth_m",
    "zero_flow_temperature_c",
]
