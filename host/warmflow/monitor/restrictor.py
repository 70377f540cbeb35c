"""The declared pump as a multiple of its reference rate: what temperature, pressure and level do to it.

All formulas and constants are `pumpmodel`'s; here they are bound to one rig, in both directions: the flow that a
temperature gives, and the temperature that a flow would need. It knows nothing of probes and bodies.
"""

import math

from pumpmodel import PROFILES, Reservoir, rest_pump_c
from pumpmodel.flow import TISSUE_KPA
from pumpmodel.infusate import glycerol_viscosity_mpa_s, water_viscosity_mpa_s
from pumpmodel.propellant import FILLS, VALID_MAX_C, VALID_MIN_C, clamp_c
from pumpmodel.reference import reference_flow_nl_h
from pumpmodel.reservoir import NEAR_EMPTY_NL
from warmflow.monitor.rig import Rig

LEAST = 0.02  # of the reference rate: below that the monitor sees no flow, and takes logarithms of this
WATER_SLOPE = 0.02  # of the flow for each degC
ROUNDS = 8
NEAR_C = 1e-3


class Restrictor:
    """One declared rig. Ratios are to the reference rate; a rig that cannot flow at rest has one of 1 nL/h."""

    def __init__(self, rig: Rig) -> None:
        row = PROFILES[rig.profile]
        self.rest_c = rest_pump_c(rig.body)
        self.site_kpa = rig.site_pressure_kpa
        self.capacity_nl = row.reservoir_nl
        self.level_matters_nl = math.inf if row.spring_half_range_kpa else NEAR_EMPTY_NL
        self.outlet_kpa = row.outlet_kpa
        self._glycerol = rig.glycerol_fraction
        _, self._a, self._b, self._c = FILLS[row.fill]
        self._reservoir = Reservoir(row.reservoir_nl, row.residual_nl, row.spring_half_range_kpa)
        flow_nl_h = reference_flow_nl_h(rig.profile, rig.body, rig.fluid, rig.site_pressure_kpa, rig.glycerol_fraction)
        self.reference_nl_h = max(float(flow_nl_h), 1.0)
        self.rest_drive_kpa = max(self.vapour_kpa(self.rest_c) - self.site_kpa - self.outlet_kpa, 1e-3)
        self._rest_viscosity = self.viscosity_mpa_s(self.rest_c)
        self.percent_per_c = self._slope(self.rest_c)
        self.percent_per_kpa = 1 / self.rest_drive_kpa
        self.loose_gain = max(self.outlet_kpa - TISSUE_KPA, 0.0) / self.rest_drive_kpa

    def vapour_kpa(self, temp_c: float) -> float:
        """Of the declared fill, in kPa; outside 20..50 degC that of the nearer limit."""
        return math.exp(self._a - self._b / (clamp_c(temp_c) + self._c))

    def viscosity_mpa_s(self, temp_c: float) -> float:
        """Of the declared fluid, at 20..50 degC."""
        return glycerol_viscosity_mpa_s(temp_c, self._glycerol) if self._glycerol else water_viscosity_mpa_s(temp_c)

    def ratio(self, temp_c: float, ambient_kpa: float, spring_kpa: float = 0.0) -> float:
        """Flow at a pump temperature and a pressure around the body, without what a low level takes away."""
        if not VALID_MIN_C <= temp_c <= VALID_MAX_C:
            temp_c = clamp_c(temp_c)
        drive_kpa = math.exp(self._a - self._b / (temp_c + self._c)) + spring_kpa - ambient_kpa - self.outlet_kpa
        if drive_kpa <= 0.0:
            return 0.0
        return drive_kpa / self.rest_drive_kpa * self._rest_viscosity / self.viscosity_mpa_s(temp_c)

    def spring_kpa(self, level_nl: float) -> float:
        """What the bellows add at a level. The declared level may lie outside the reservoir: then as at its end."""
        self._reservoir.level_nl = int(min(max(level_nl, 0), self.capacity_nl))
        return float(self._reservoir.spring_kpa())

    def falloff(self, level_nl: float) -> float:
        """Share of the flow that is left at a level: 1 down to the last half millilitre."""
        self._reservoir.level_nl = int(min(max(level_nl, 0), self.capacity_nl))
        return float(self._reservoir.flow_fraction(0.0))

    def temperature_c(self, ratio: float, ambient_kpa: float, spring_kpa: float, near_c: float) -> float:
        """The pump temperature that would give this ratio, if nothing else acts. To 0.001 degC."""
        temp_c = clamp_c(near_c)
        wanted = max(ratio, LEAST)
        exp, a, b, c = math.exp, self._a, self._b, self._c
        against_kpa = ambient_kpa + self.outlet_kpa - spring_kpa
        for _ in range(ROUNDS):
            vapour_kpa = exp(a - b / (temp_c + c))
            thinner = self._rest_viscosity / self.viscosity_mpa_s(temp_c) / self.rest_drive_kpa
            here = (vapour_kpa - against_kpa) * thinner
            # the slope of water's viscosity does for glycerol too: it only sets how fast this closes in
            slope = vapour_kpa * b / (temp_c + c) ** 2 * thinner + abs(here) * WATER_SLOPE
            step_c = (wanted - here) / slope
            temp_c += 4.0 if step_c > 4.0 else -4.0 if step_c < -4.0 else step_c
            temp_c = VALID_MIN_C if temp_c < VALID_MIN_C else VALID_MAX_C if temp_c > VALID_MAX_C else temp_c
            if -NEAR_C < step_c < NEAR_C:
                break
        return temp_c

    def _slope(self, temp_c: float) -> float:
        low, high = (self.ratio(temp_c + step_c, self.site_kpa) for step_c in (-0.5, 0.5))
        return high - low
