"""What the world does to a pump: body, probe, exposure, ambient and outlet pressure, faults, and when each ends.

One order of precedence, in one place (`_apply`): a scripted exposure before a real probe before rest.
Moves no liquid. Each method refuses nonsense with a PumpModelError and then changes nothing.
"""

from . import flags as bits
from .body import REST_CORE_C, ZERO_C, Body
from .duration import earliest_ms
from .errors import require_range
from .exposure import AMBIENT_KPA, CORE_C, OUTLET_KPA, Exposure, optional
from .faults import WARM_POCKET_C, Faults
from .flow import TISSUE_KPA
from .probe import Probe, drive_body

SITE_KPA = (50.0, 110.0)
PUMP_C = (-20.0, 60.0)
NEARLY_MS = 1e-3  # 0.29 s are 290 ms, whatever the float says


class Surroundings:
    """The part of a pump that the world sets; `Pump` adds what it then does."""

    def __init__(self, body: str, place: str, site_pressure_kpa: float, profile_outlet_kpa: float):
        self.site_pressure_kpa = require_range("site_pressure_kpa", site_pressure_kpa, SITE_KPA[0], SITE_KPA[1])
        self._profile_outlet_kpa = profile_outlet_kpa
        self._now_ms = 0
        self._part_ms = 0.0
        self._rest_core_c = REST_CORE_C
        self._ambient_set_kpa: float | None = None
        self._outlet_set_kpa: float | None = None
        self._exposure: Exposure | None = None
        self._faults = Faults()
        self.place = place
        self._probe = Probe(place)
        self._body = Body(body)

    def expose(
        self,
        skin_c: float | None = None,
        core_c: float | None = None,
        ambient_kpa: float | None = None,
        outlet_kpa: float | None = None,
        *,
        duration_s: float,
        core_ramp_s: float | None = None,
    ) -> None:
        """Impose an exposure that returns to rest by itself; a later one replaces it.

        Skin approaches its value with 2 min, the core ramps to its own over `core_ramp_s` (the whole duration when
        None) and then holds, pressures act at once. An exposure of skin or core takes precedence over a probe.
        """
        present_c = ZERO_C + self._body.core
        self._exposure = Exposure(
            skin_c, core_c, ambient_kpa, outlet_kpa, duration_s, core_ramp_s, self._now_ms, present_c
        )
        self._apply()

    def end_exposure(self) -> None:
        """Return to rest from now on."""
        self._exposure = None
        self._apply()

    def touch(self, probe_c: float | None) -> None:
        """Let a real probe drive the body by its place; None is no reading, and the last one holds."""
        if probe_c is not None and self._probe.touch(probe_c, self._now_ms):
            self._apply()

    def place_probe(self, place: str) -> None:
        """Say what the probe touches from now on; readings before count no more, so the body rests until the next."""
        self._probe = Probe(place)
        self.place = place
        self._apply()

    def fault(self, kind: str, magnitude: float, duration_s: float | None = None) -> None:
        """Put a fault of FAULT_KINDS in force at 0..1 for a time, until `end_faults` when None."""
        self._faults.start(kind, magnitude, duration_s, self._now_ms)
        self._apply()

    def fault_magnitude(self, kind: str) -> float:
        """0..1, 0 when not in force."""
        return self._faults.magnitude(kind)

    def end_faults(self) -> None:
        """End all faults."""
        self._faults.end()
        self._apply()

    def set_core(self, core_c: float | None = None) -> None:
        """Core temperature to which the body tends without an exposure; None is 37.0 degC. Not the reference."""
        core_c = optional("core_c", core_c, CORE_C)
        self._rest_core_c = REST_CORE_C if core_c is None else core_c
        self._apply()

    def set_pump_temperature(self, pump_c: float) -> None:
        """Put the pump in at this temperature, as before implantation."""
        self._body.set_node(require_range("pump_c", pump_c, PUMP_C[0], PUMP_C[1]))
        self._apply()

    def set_ambient(self, ambient_kpa: float | None = None) -> None:
        """Present ambient pressure (weather, altitude, a barometer); None is the site's. Not the reference."""
        self._ambient_set_kpa = optional("ambient_kpa", ambient_kpa, AMBIENT_KPA)
        self._apply()

    def set_outlet(self, outlet_kpa: float | None = None) -> None:
        """Mean pressure at the outlet, above ambient; None is the profile's. Not the reference."""
        self._outlet_set_kpa = optional("outlet_kpa", outlet_kpa, OUTLET_KPA)
        self._apply()

    def _apply(self) -> None:
        # called whenever anything above has changed, and by nothing else: the steps between read what it leaves
        exposure, body, faults = self._exposure, self._body, self._faults
        body.pocket_warmth_c = WARM_POCKET_C * faults.magnitude("warm_pocket")
        heated = exposure is not None and exposure.heats()
        drive_body(body, self._probe.place, None if heated else self._probe.temp_c, self._rest_core_c)
        ambient_kpa = self.site_pressure_kpa if self._ambient_set_kpa is None else self._ambient_set_kpa
        outlet_kpa = self._profile_outlet_kpa if self._outlet_set_kpa is None else self._outlet_set_kpa
        if exposure is not None:
            exposure.drive_body(body)
            ambient_kpa = ambient_kpa if exposure.ambient_kpa is None else exposure.ambient_kpa
            outlet_kpa = outlet_kpa if exposure.outlet_kpa is None else exposure.outlet_kpa
        loose = faults.magnitude("catheter_loose")
        self.ambient_kpa = ambient_kpa
        self.outlet_kpa = outlet_kpa + loose * (TISSUE_KPA - outlet_kpa)
        self.occlusion = faults.magnitude("occlusion")
        self._lost_fraction = 1.0 - (1.0 - loose) * (1.0 - faults.magnitude("leak"))
        until_ms = None if exposure is None else exposure.until_ms
        self._due_ms = earliest_ms(until_ms, faults.due_ms(), self._probe.due_ms())
        self._flags = (
            (bits.PROBE_OUT if self._probe.out else 0)
            | (bits.PROBE_OUT_OF_BAND if self._probe.out_of_band else 0)
            | (bits.FAULT_ACTIVE if faults.active() else 0)
            | (bits.EXPOSURE_ACTIVE if exposure is not None else 0)
        )

    def _pass_time(self, dt_s: float) -> bool:
        # end what is over after dt_s; returns whether anything was
        part_ms = self._part_ms + dt_s * 1000.0
        whole_ms = int(part_ms + NEARLY_MS)
        self._part_ms = part_ms - whole_ms
        self._now_ms += whole_ms
        if self._due_ms is None or self._now_ms < self._due_ms:
            return False
        self._faults.expire(self._now_ms)
        self._probe.expire(self._now_ms)
        if self._exposure is not None and self._now_ms >= self._exposure.until_ms:
            self._exposure = None
        self._apply()
        return True
