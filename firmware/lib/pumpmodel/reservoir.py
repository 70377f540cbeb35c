"""The drug chamber: an exact count of nanolitres, with bellows that push a little harder when full.

`level_nl` is what the pump can still give or a needle draw; the residual volume below it is out of reach of both.
Integers only: 32-bit floats lose 1 % of a 14-day sum. An over-fill is refused: what it does to a device was not found.
"""

from .errors import PumpModelError

NEAR_EMPTY_NL = 500_000  # chosen: the last 0.5 mL (9 h at full rate), in which the flow falls off
LAST_FLOW_FRACTION = 0.1  # chosen: share of the flow that is left when the bellows bottom out, after which it is 0
LARGEST_NL = 1_000_000_000_000  # a cubic metre: what is not even a typing error
SPRING_QUANTUM_NL = 1_000  # the spring is read in 1 uL steps of level, 4e-6 of the flow, so that the pump can cruise


class Reservoir:
    """`capacity_nl` above `residual_nl`. The level is what was filled less what was withdrawn and pumped, exactly."""

    def __init__(self, capacity_nl: int, residual_nl: int, spring_half_range_kpa: float = 0.0):
        self.capacity_nl = capacity_nl
        self.residual_nl = residual_nl
        self.spring_half_range_kpa = spring_half_range_kpa
        self.level_nl = 0
        self.filled_nl = 0
        self.withdrawn_nl = 0
        self.flushed_nl = 0

    def fill(self, volume_nl: int) -> None:
        """Add to what is there. Raises: PumpModelError for an over-fill or a negative volume, and changes nothing."""
        volume_nl = _whole(volume_nl)
        room_nl = self.capacity_nl - self.level_nl
        if volume_nl > room_nl:
            raise PumpModelError(
                "over-fill refused: %.3f mL do not fit, there is room for %.3f mL" % (volume_nl / 1e6, room_nl / 1e6)
            )
        self.level_nl += volume_nl
        self.filled_nl += volume_nl

    def withdraw(self, volume_nl: int | None = None) -> int:
        """Draw by needle, all of it when None; returns the nanolitres that came out: never more than there is."""
        volume_nl = self.level_nl if volume_nl is None else min(_whole(volume_nl), self.level_nl)
        self.level_nl -= volume_nl
        self.withdrawn_nl += volume_nl
        return volume_nl

    def refill(self, volume_nl: int) -> int:
        """Draw the rest, then fill; returns the rest in nL. Raises: PumpModelError for an over-fill, unchanged."""
        if _whole(volume_nl) > self.capacity_nl:
            raise PumpModelError(
                "over-fill refused: a refill of %.3f mL, the reservoir holds %.3f mL"
                % (volume_nl / 1e6, self.capacity_nl / 1e6)
            )
        rest_nl = self.withdraw()
        self.fill(volume_nl)
        return rest_nl

    def flush(self, volume_nl: int) -> None:
        """Rinse the catheter through the side port: counted, but it passes by the reservoir and is no dose."""
        self.flushed_nl += _whole(volume_nl)

    def pump(self, volume_nl: int) -> int:
        """Let up to `volume_nl` out through the restrictor; returns what came."""
        volume_nl = min(volume_nl, self.level_nl)
        self.level_nl -= volume_nl
        return volume_nl

    def flow_fraction(self, demand_nl: float) -> float:
        """Share of the full flow that the bellows still give over a step in which the full flow were `demand_nl`.

        1 down to NEAR_EMPTY_NL, then linear in the level to LAST_FLOW_FRACTION, and 0 when empty (chosen). Taken at the
        level in the middle of the step, so that splitting a step changes nothing.
        """
        if self.level_nl > NEAR_EMPTY_NL:
            return 1.0
        if self.level_nl <= 0:
            return 0.0
        slope = (1.0 - LAST_FLOW_FRACTION) / NEAR_EMPTY_NL
        return (LAST_FLOW_FRACTION + slope * self.level_nl) / (1.0 + 0.5 * slope * demand_nl)

    def spring_kpa(self) -> float:
        """Pressure that the bellows add: +half range when full, -half range when empty, 0 at half (linear, chosen)."""
        if not self.spring_half_range_kpa:
            return 0.0
        middle_nl = self.level_nl - self.level_nl % SPRING_QUANTUM_NL + SPRING_QUANTUM_NL // 2
        return self.spring_half_range_kpa * (2.0 * middle_nl / self.capacity_nl - 1.0)

    def same_flow_down_to_nl(self) -> int:
        """Level above which neither the spring nor the fall-off changes the flow; the present one when they do now."""
        if self.level_nl <= NEAR_EMPTY_NL:
            return self.level_nl
        if not self.spring_half_range_kpa:
            return NEAR_EMPTY_NL
        return max(self.level_nl - self.level_nl % SPRING_QUANTUM_NL, NEAR_EMPTY_NL)

    def days_left(self, flow_nl_h: float) -> float | None:
        """Days until empty at this flow, the fall-off left out; None when nothing flows."""
        return self.level_nl / (24.0 * flow_nl_h) if flow_nl_h > 0.0 else None


def _whole(volume_nl: float) -> int:
    if not 0 <= volume_nl <= LARGEST_NL or volume_nl != int(volume_nl):
        raise PumpModelError("volume of %s nL refused; give a whole number of nanolitres, 0 or more" % volume_nl)
    return int(volume_nl)
