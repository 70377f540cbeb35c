"""What a scripted exposure imposes on body and surroundings, and until when. Knows no scenario files and no rest."""

from .body import SKIN_EXPOSED_TAU_S, Body
from .duration import duration_ms
from .errors import PumpModelError, require_range

AMBIENT_KPA = (10.0, 2500.0)
OUTLET_KPA = (-5.0, 60.0)
SKIN_C = (-20.0, 60.0)
CORE_C = (25.0, 45.0)


class Exposure:
    """Targets that are None leave that quantity as it is without the exposure."""

    def __init__(
        self,
        skin_c: float | None,
        core_c: float | None,
        ambient_kpa: float | None,
        outlet_kpa: float | None,
        duration_s: float,
        core_ramp_s: float | None,
        now_ms: int,
        present_core_c: float,
    ):
        if skin_c is None and core_c is None and ambient_kpa is None and outlet_kpa is None:
            raise PumpModelError("an exposure to nothing; give skin_c, core_c, ambient_kpa or outlet_kpa")
        self.skin_c = optional("skin_c", skin_c, SKIN_C)
        self.core_c = optional("core_c", core_c, CORE_C)
        self.ambient_kpa = optional("ambient_kpa", ambient_kpa, AMBIENT_KPA)
        self.outlet_kpa = optional("outlet_kpa", outlet_kpa, OUTLET_KPA)
        self.until_ms = now_ms + duration_ms("duration_s", duration_s)
        self.core_ramp_c_s = 0.0
        if core_c is not None:
            ramp_s = duration_s if core_ramp_s is None else require_range("core_ramp_s", core_ramp_s, 1.0, duration_s)
            self.core_ramp_c_s = abs(core_c - present_core_c) / ramp_s

    def heats(self) -> bool:
        """Whether it acts on the body, and so takes precedence over a probe."""
        return self.skin_c is not None or self.core_c is not None

    def drive_body(self, body: Body) -> None:
        """Aim a body at the targets that are given."""
        if self.skin_c is not None:
            body.aim_skin(self.skin_c, SKIN_EXPOSED_TAU_S)
        if self.core_c is not None:
            body.aim_core(self.core_c, self.core_ramp_c_s)


def optional(name: str, value: float | None, limits: tuple[float, float]) -> float | None:
    """None, or a value within limits. Raises: PumpModelError."""
    return None if value is None else require_range(name, value, limits[0], limits[1])
