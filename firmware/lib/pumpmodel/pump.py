"""The emulated pump: propellant, restrictor and reservoir in their surroundings, stepped by at most 1 s of pump time.

Reads no clock and keeps totals in whole nanolitres. Where nothing changes any more it cruises: a step then only counts,
with the same results as a full one. The functions of a step are kept small: MicroPython runs one with more than 11
words of locals and stack on the heap, ten times slower there.
"""

from . import flags as bits
from .air import SEA_LEVEL_KPA
from .body import BODY_NAMES, ZERO_C
from .errors import PumpModelError, require_name, require_range
from .flow import label_drive_kpa, restrictor_ratio
from .infusate import glycerol_viscosity_mpa_s, require_fluid, water_viscosity_mpa_s
from .profile import profile_named
from .propellant import FILLS, antoine_kpa, clamp_c
from .reference import reference_flow_nl_h
from .reservoir import NEAR_EMPTY_NL, Reservoir
from .surroundings import NEARLY_MS, SITE_KPA, Surroundings

MAX_STEP_S = 1.0
LONGEST_CRUISE_STEPS = 1_000_000


class Pump(Surroundings):
    """One pump in one body. Pressures and flows are means over the last step, temperatures those at its end.

    After each step: skin_c, core_c, pump_c, vapour_kpa, drive_kpa, ambient_kpa, outlet_kpa, viscosity_mpa_s, occlusion,
    flow_nl_h (leaves the pump), delivered_flow_nl_h (reaches the artery), pumped_nl, delivered_nl,
    reservoir_nl, flags (bits of pumpmodel.flags), reference_flow_nl_h. No properties: on MicroPython one of them makes
    every assignment to the object four times slower.
    """

    def __init__(
        self,
        profile: str = "r11",
        body: str = "average",
        fluid: str = "drug",
        glycerol_fraction: float = 0.0,
        site_pressure_kpa: float = SEA_LEVEL_KPA,
        place: str = "water",
        fill_nl: int | None = None,
    ):
        Surroundings.__init__(self, body, place, site_pressure_kpa, profile_named(profile).outlet_kpa)
        self.body_name = body
        self.fluid = require_fluid(fluid, glycerol_fraction)
        self.glycerol_fraction = glycerol_fraction
        self.pumped_nl = 0
        self.delivered_nl = 0
        self._carry_nl = 0.0
        self._lost_carry_nl = 0.0
        self._cruise_until_ms = 0
        self._cruise_dt_s = 0.0
        self._cruise_ms = 0
        self._cruise_nl = 0.0
        self.reservoir_nl = 0
        self._take_profile(profile)
        self.reservoir.fill(self.reservoir.capacity_nl if fill_nl is None else fill_nl)
        self._refer()
        self._evaluate(self._body.node, 0.0)
        self._show()

    def days_left(self) -> float | None:
        """Days until empty at the present flow; None when nothing flows."""
        return self.reservoir.days_left(self.flow_nl_h)

    def refill(self, volume_nl: int) -> int:
        """Withdraw the rest and fill; returns the rest in nL. An over-fill is refused."""
        rest_nl = self.reservoir.refill(volume_nl)
        self._apply()
        return rest_nl

    def withdraw(self, volume_nl: int | None = None) -> int:
        """Draw by needle, all when None; returns what came out in nL."""
        drawn_nl = self.reservoir.withdraw(volume_nl)
        self._apply()
        return drawn_nl

    def flush(self, volume_nl: int) -> None:
        """Rinse the catheter through the side port: counted in reservoir.flushed_nl, no dose."""
        self.reservoir.flush(volume_nl)

    def set_fluid(self, fluid: str, glycerol_fraction: float = 0.0) -> None:
        """What the reservoir holds from now on; changes the reference too."""
        self.fluid = require_fluid(fluid, glycerol_fraction)
        self.glycerol_fraction = glycerol_fraction
        self._refer()

    def set_body(self, body: str) -> None:
        """Another pocket; the pump keeps its temperature and adapts."""
        self.body_name = require_name("body", body, BODY_NAMES)
        self._body.set_preset(body)
        self._refer()

    def set_site_pressure(self, site_pressure_kpa: float) -> None:
        """Pressure at which the rig is commissioned: the ambient one when no other is set, and the reference."""
        self.site_pressure_kpa = require_range("site_pressure_kpa", site_pressure_kpa, SITE_KPA[0], SITE_KPA[1])
        self._refer()

    def set_profile(self, profile: str) -> None:
        """Another pump on the bench: it comes full; totals go on."""
        profile_named(profile)
        old = self.reservoir
        old.withdraw()
        self._take_profile(profile)
        self.reservoir.filled_nl = old.filled_nl
        self.reservoir.withdrawn_nl = old.withdrawn_nl
        self.reservoir.flushed_nl = old.flushed_nl
        self.reservoir.fill(self.reservoir.capacity_nl)
        self._refer()

    def step(self, dt_s: float) -> None:
        """Advance by 0 < dt_s <= 1 s of pump time. Raises: PumpModelError for any other step."""
        if self._now_ms < self._cruise_until_ms and dt_s == self._cruise_dt_s:
            self._now_ms += self._cruise_ms
            carry_nl = self._carry_nl + self._cruise_nl
            volume_nl = int(carry_nl)
            self._carry_nl = carry_nl - volume_nl
            self.reservoir.level_nl = self.reservoir_nl = self.reservoir_nl - volume_nl
            self.pumped_nl += volume_nl
            self.delivered_nl += volume_nl
        elif 0.0 < dt_s <= MAX_STEP_S:
            self._full_step(dt_s)
        else:
            raise PumpModelError("step of " + str(dt_s) + " s refused; give more than 0 and at most 1 s")

    def _full_step(self, dt_s: float) -> None:
        body = self._body
        before = body.node
        self._same_flow_down_to_nl = self.reservoir.same_flow_down_to_nl()
        moving = body.step(dt_s)
        self._evaluate(0.5 * (before + body.node), dt_s)  # mid-step: then splitting a step changes nothing
        self._let_flow(dt_s)
        changed = self._pass_time(dt_s)
        self._show()
        if not (moving or changed or self._lost_fraction):
            self._plan_cruise(dt_s)

    def _take_profile(self, name: str) -> None:
        self.profile = row = profile_named(name)
        self.reservoir = Reservoir(row.reservoir_nl, row.residual_nl, row.spring_half_range_kpa)
        self._profile_outlet_kpa = row.outlet_kpa
        self._fill = FILLS[row.fill]
        self._label_drive_kpa = label_drive_kpa(row.fill, row.outlet_kpa)

    def _refer(self) -> None:
        self.reference_flow_nl_h = reference_flow_nl_h(
            self.profile.name, self.body_name, self.fluid, self.site_pressure_kpa, self.glycerol_fraction
        )
        self._apply()

    def _apply(self) -> None:
        Surroundings._apply(self)
        self.reservoir_nl = self.reservoir.level_nl
        self._cruise_until_ms = 0

    def _evaluate(self, temp: float, dt_s: float) -> None:
        # pressures and mean flow of a step whose mean pump temperature is `temp` above ZERO_C
        temp_c = clamp_c(ZERO_C + temp)
        self._in_range = temp_c == ZERO_C + temp
        self.vapour_kpa = antoine_kpa(self._fill, temp_c)
        self.drive_kpa = self.vapour_kpa + self.reservoir.spring_kpa() - self.ambient_kpa - self.outlet_kpa
        if self.glycerol_fraction:
            self.viscosity_mpa_s = glycerol_viscosity_mpa_s(temp_c, self.glycerol_fraction)
        else:
            self.viscosity_mpa_s = water_viscosity_mpa_s(temp_c)
        ratio = restrictor_ratio(self.drive_kpa, self._label_drive_kpa, self.viscosity_mpa_s)
        full_nl_h = self.profile.label_nl_h * ratio * (1.0 - self.occlusion)
        self.flow_nl_h = full_nl_h * self.reservoir.flow_fraction(full_nl_h * dt_s / 3600.0)
        self.delivered_flow_nl_h = self.flow_nl_h * (1.0 - self._lost_fraction)

    def _let_flow(self, dt_s: float) -> None:
        # whole nanolitres move, the rest is carried to the next step
        step_nl = self.flow_nl_h * dt_s / 3600.0
        carry_nl = self._carry_nl + step_nl
        volume_nl = self.reservoir.pump(int(carry_nl))
        self._carry_nl = carry_nl - int(carry_nl)
        lost_carry_nl = self._lost_carry_nl + step_nl * self._lost_fraction
        lost_nl = min(int(lost_carry_nl), volume_nl)
        self._lost_carry_nl = lost_carry_nl - lost_nl
        self.pumped_nl += volume_nl
        self.delivered_nl += volume_nl - lost_nl

    def _show(self) -> None:
        body = self._body
        self.reservoir_nl = level_nl = self.reservoir.level_nl
        self.skin_c = ZERO_C + body.skin
        self.core_c = ZERO_C + body.core
        self.pump_c = ZERO_C + body.node
        self.flags = (
            self._flags
            | (0 if self._in_range else bits.OUT_OF_RANGE)
            | (bits.NEAR_EMPTY if level_nl <= NEAR_EMPTY_NL else 0)
            | (0 if level_nl else bits.EMPTY)
        )

    def _plan_cruise(self, dt_s: float) -> None:
        # until when steps like this one change nothing but the totals
        step_ms = int(dt_s * 1000.0 + 0.5)
        if step_ms < 1 or abs(dt_s * 1000.0 - step_ms) > NEARLY_MS:
            return
        steps = LONGEST_CRUISE_STEPS
        if self._due_ms is not None:
            steps = min(steps, (self._due_ms - self._now_ms - 1) // step_ms)
        step_nl = self.flow_nl_h * dt_s / 3600.0
        if step_nl > 0.0:
            room_nl = self.reservoir.level_nl - self._same_flow_down_to_nl
            steps = min(steps, room_nl // (int(step_nl) + 1))
        self._cruise_until_ms = self._now_ms + steps * step_ms
        self._cruise_dt_s = dt_s
        self._cruise_ms = step_ms
        self._cruise_nl = step_nl
