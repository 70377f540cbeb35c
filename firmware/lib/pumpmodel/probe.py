"""What a real probe touches, and when it is no patient: three places, two rules (chosen).

`water` and `skin`: below 30 degC for 10 s the probe is taken to be out or off, and rest is assumed.
`pump`: the probe is the pump; outside 30..45 degC that is said by a flag. Moves no temperature itself.
"""

from .body import REST_SKIN_C, SKIN_EXPOSED_TAU_S, SKIN_REST_TAU_S, Body
from .errors import require_name, require_range

PLACES = ("water", "skin", "pump")
OUT_BELOW_C = 30.0
OUT_AFTER_MS = 10_000
BAND_MIN_C = 30.0
BAND_MAX_C = 45.0
READING_MIN_C = -55.0  # range of the usual digital probe
READING_MAX_C = 125.0
WATER_TO_SKIN_C = -0.5
HEATS_ABOVE_C = 37.0
CORE_RISE_PER_S = 0.01 / 60.0  # degC/s for each degC of water above that
CORE_CEILING_C = 42.0  # chosen: where the rise stops, for a probe that is left in hot water


class Probe:
    """The last reading that counts (`temp_c`, None when there is none) and why others do not."""

    def __init__(self, place: str):
        self.place = require_name("place", place, PLACES)
        self.temp_c: float | None = None
        self.out = False
        self.out_of_band = False
        self._out_at_ms: int | None = None

    def touch(self, temp_c: float, now_ms: int) -> bool:
        """Take a reading; returns whether it changes anything. Raises: PumpModelError for what no probe reads."""
        if temp_c == self.temp_c and self._out_at_ms is None:
            return False
        require_range("probe temperature in degC", temp_c, READING_MIN_C, READING_MAX_C)
        if self.place == "pump":
            self.out_of_band = not BAND_MIN_C <= temp_c <= BAND_MAX_C
            self.temp_c = temp_c
        elif temp_c >= OUT_BELOW_C:
            self.temp_c = temp_c
            self.out = False
            self._out_at_ms = None
        elif self.out or self._out_at_ms is not None:
            return False
        else:
            self._out_at_ms = now_ms + OUT_AFTER_MS
        return True

    def due_ms(self) -> int | None:
        """Pump time at which the probe will be taken to be out, or None."""
        return self._out_at_ms

    def expire(self, now_ms: int) -> None:
        """Give up a probe that has been cold for long enough."""
        if self._out_at_ms is not None and now_ms >= self._out_at_ms:
            self._out_at_ms = None
            self.temp_c = None
            self.out = True


def drive_body(body: Body, place: str, temp_c: float | None, rest_core_c: float) -> None:
    """Aim a body by what a probe in `place` reads; None is rest."""
    body.hold_node(None)
    if place == "skin" and temp_c is not None:
        body.set_skin(temp_c)
    elif place == "water" and temp_c is not None:
        body.aim_skin(temp_c + WATER_TO_SKIN_C, SKIN_EXPOSED_TAU_S)
    else:
        body.aim_skin(REST_SKIN_C, SKIN_REST_TAU_S)
    if place == "water" and temp_c is not None and temp_c > HEATS_ABOVE_C:
        body.aim_core(CORE_CEILING_C, CORE_RISE_PER_S * (temp_c - HEATS_ABOVE_C))
    else:
        body.aim_core(rest_core_c)
    if place == "pump" and temp_c is not None:
        body.hold_node(temp_c + body.pocket_warmth_c)
