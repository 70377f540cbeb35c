"""The commands of a board: the limits of every value, and the wire message.

Requests and events of scenarios lead to the same commands. Both use these limits, so that both allow the same values
and the board accepts them. The board makes the final check. This module refuses nothing itself.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import Field

from pumplink import messages as m
from pumplink.codes import Fault as FaultCode
from pumplink.codes import Fluid as FluidCode
from pumpmodel import PROFILES

LONGEST_S = 366 * 86400  # as the model and the board


class Limits(NamedTuple):
    """From `low`, or from above it where it is `open`, to `high`."""

    low: float
    high: float
    open: bool = False

    def field(self, description: str, default: Any = ...) -> Any:
        """A field of a model; without a default it has to be given."""
        above, least = (self.low, None) if self.open else (None, self.low)
        return Field(default, gt=above, ge=least, le=self.high, description=description)


SKIN_C = Limits(0, 50)
CORE_C = Limits(30, 45)
AMBIENT_KPA = Limits(20, 1000)
OUTLET_KPA = Limits(0, 60)
MAGNITUDE = Limits(0, 1)
GLYCEROL_FRACTION = Limits(0, 1)
REFILL_ML = Limits(0, max(profile.reservoir_nl for profile in PROFILES.values()) // 10**6, open=True)
WITHDRAW_ML = FLUSH_ML = Limits(0, 100, open=True)  # chosen: a syringe; the board takes what there is


def check_fluid(fluid: str, glycerol_fraction: float) -> None:
    """Raises ValueError where these do not go together."""
    if glycerol_fraction and fluid != "glycerol":
        raise ValueError(f"glycerol_fraction goes with fluid 'glycerol', not '{fluid}'")


def check_exposure(values: Sequence[float | None], names: Sequence[str]) -> None:
    """Raises ValueError for enter at least one. `names`: what could be given."""
    if all(value is None for value in values):
        raise ValueError(f"enter at least one of {', '.join(names)}")


def set_environment(
    request_id: int,
    duration_s: float,
    skin_c: float | None,
    core_c: float | None,
    ambient_kpa: float | None,
    outlet_kpa: float | None,
) -> m.SetEnvironment:
    values = (skin_c, core_c, ambient_kpa, outlet_kpa)
    milli = (None if value is None else round(value * 1000) for value in values)
    return m.SetEnvironment(request_id, round(duration_s), *milli)


def inject_fault(request_id: int, fault: str, magnitude: float, duration_s: float) -> m.InjectFault:
    return m.InjectFault(request_id, FaultCode[fault.upper()], round(magnitude * 1000), round(duration_s))


def refill(request_id: int, volume_ml: float | None) -> m.Refill:
    return m.Refill(request_id, _nl(volume_ml))


def withdraw(request_id: int, volume_ml: float | None) -> m.Withdraw:
    return m.Withdraw(request_id, _nl(volume_ml))


def flush(request_id: int, volume_ml: float) -> m.Flush:
    return m.Flush(request_id, round(volume_ml * 1e6))


def set_fluid(request_id: int, fluid: str, glycerol_fraction: float) -> m.SetFluid:
    return m.SetFluid(request_id, FluidCode[fluid.upper()], round(glycerol_fraction * 1000))


def _nl(volume_ml: float | None) -> int | None:
    return None if volume_ml is None else round(volume_ml * 1e6)
