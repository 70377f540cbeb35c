"""The events of a scenario: each has a kind and a minute, in minutes of pump time after the first rest. Limits and
commands are those of the board. This module runs nothing.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pumplink import messages as m
from pumpmodel import altitude_pressure_kpa, depth_pressure_kpa
from warmflow.simulation import board_commands as board

LONGEST_MIN = board.LONGEST_S // 60
AMBIENTS = ("ambient_kpa", "altitude_m", "depth_m")
TARGETS = ("skin_c", "core_c", *AMBIENTS, "outlet_kpa")


class Strict(BaseModel):
    """Unknown keys are refused; nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Happening(Strict):
    """What all events have."""

    at_min: float = Field(
        ge=0, le=LONGEST_MIN, description="minute of pump time, counted from the end of the first rest"
    )

    @property
    def end_min(self) -> float:
        """Minute at which the event ends; for an instantaneous event, its own minute."""
        return self.at_min + (getattr(self, "duration_min", None) or 0.0)


class Exposure(Happening):
    """Heat, cold or pressure for a time; then everything returns to rest by itself. A later one replaces it."""

    kind: Literal["exposure"] = Field(description="exposure")
    duration_min: float = Field(gt=0, le=LONGEST_MIN, description="how long, in minutes")
    skin_c: float | None = board.SKIN_C.field("skin over the pump, approached with 2 min", None)
    core_c: float | None = board.CORE_C.field("core of the body, reached on a straight line", None)
    core_ramp_min: float | None = Field(
        None, gt=0, description="minutes after which core_c is reached and then held; the whole duration if not given"
    )
    ambient_kpa: float | None = board.AMBIENT_KPA.field("pressure around the body, absolute", None)
    altitude_m: float | None = Field(None, ge=-500, le=11000, description="the same by altitude, standard atmosphere")
    depth_m: float | None = Field(None, ge=0, le=50, description="the same by depth in sea water, from the site")
    outlet_kpa: float | None = board.OUTLET_KPA.field("mean pressure at the catheter, above ambient", None)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        board.check_exposure([getattr(self, name) for name in TARGETS], TARGETS)
        if sum(getattr(self, name) is not None for name in AMBIENTS) > 1:
            raise ValueError(f"one pressure, not several: keep one of {', '.join(AMBIENTS)}")
        if self.core_ramp_min is not None and (self.core_c is None or self.core_ramp_min > self.duration_min):
            raise ValueError("core_ramp_min needs core_c and is at most duration_min")
        return self

    def ambient(self, site_kpa: float) -> float | None:
        """Pressure around the body at a site, in kPa; None leaves it as it is."""
        if self.altitude_m is not None:
            return altitude_pressure_kpa(self.altitude_m)
        if self.depth_m is not None:
            return depth_pressure_kpa(self.depth_m, surface_kpa=site_kpa)
        return self.ambient_kpa

    def command(self, request_id: int, site_kpa: float = 101.325) -> m.SetEnvironment:
        """For the board, which reaches core_c at the end: see `board_steps` for a core that is held."""
        values = (self.skin_c, self.core_c, self.ambient(site_kpa), self.outlet_kpa)
        return board.set_environment(request_id, self.duration_min * 60, *values)

    def board_steps(self) -> tuple["Exposure", ...]:
        """Itself, or the rise and the hold as two, since the wire knows no core_ramp_min."""
        ramp_min = self.core_ramp_min
        if ramp_min is None or ramp_min >= self.duration_min:
            return (self,)
        rise = {"duration_min": ramp_min, "core_ramp_min": None}
        hold = {"at_min": self.at_min + ramp_min, "duration_min": self.duration_min - ramp_min, "core_ramp_min": None}
        return (self.model_copy(update=rise), self.model_copy(update=hold))


class Fault(Happening):
    """A fault of the pump or its place. A later one of the same kind replaces it; magnitude 0 ends it."""

    kind: Literal["fault"] = Field(description="fault")
    fault: Literal["occlusion", "catheter_loose", "leak", "warm_pocket"] = Field(description="which")
    magnitude: float = board.MAGNITUDE.field("0 (none) to 1 (full; a warm pocket of 1 is 3 degC)", 1.0)
    duration_min: float | None = Field(None, gt=0, le=LONGEST_MIN, description="how long; to the end if not given")

    def command(self, request_id: int) -> m.InjectFault:
        """For the board, which wants a duration: without one, a year."""
        duration_s = 365 * 86400 if self.duration_min is None else self.duration_min * 60
        return board.inject_fault(request_id, self.fault, self.magnitude, duration_s)


class Refill(Happening):
    """A refill visit: the rest is drawn, then the reservoir is filled."""

    kind: Literal["refill"] = Field(description="refill")
    volume_ml: float = board.REFILL_ML.field("what is filled in")

    def command(self, request_id: int) -> m.Refill:
        """For the board."""
        return board.refill(request_id, self.volume_ml)


class Withdraw(Happening):
    """Drawing by needle."""

    kind: Literal["withdraw"] = Field(description="withdraw")
    volume_ml: float | None = board.WITHDRAW_ML.field("what is drawn; all of it if not given", None)

    def command(self, request_id: int) -> m.Withdraw:
        """For the board."""
        return board.withdraw(request_id, self.volume_ml)


class Flush(Happening):
    """Rinsing the catheter through the side port: no dose."""

    kind: Literal["flush"] = Field(description="flush")
    volume_ml: float = board.FLUSH_ML.field("what is rinsed")

    def command(self, request_id: int) -> m.Flush:
        """For the board."""
        return board.flush(request_id, self.volume_ml)


class Filling(Strict):
    """What the reservoir holds."""

    fluid: Literal["drug", "saline", "glycerol"] = Field("drug", description="what the reservoir holds")
    glycerol_fraction: float = board.GLYCEROL_FRACTION.field("mass fraction of glycerol in water", 0.0)

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        board.check_fluid(self.fluid, self.glycerol_fraction)
        return self


class Fluid(Happening, Filling):
    """Another fluid from now on; it is declared, so the reference rate follows it."""

    kind: Literal["fluid"] = Field(description="fluid")

    def command(self, request_id: int) -> m.SetFluid:
        """For the board."""
        return board.set_fluid(request_id, self.fluid, self.glycerol_fraction)


class Start(Filling):
    """How the pump is at the beginning; what is not given is a full pump at rest in its body."""

    pump_c: float | None = Field(None, ge=0, le=50, description="temperature of the pump as it is put in")
    fill_ml: float | None = Field(
        None, ge=0, le=board.REFILL_ML.high, description="what is in the reservoir; full if not given"
    )


Event = Annotated[Exposure | Fault | Refill | Withdraw | Flush | Fluid, Field(discriminator="kind")]
KINDS: dict[str, type[Happening]] = {
    "exposure": Exposure,
    "fault": Fault,
    "refill": Refill,
    "withdraw": Withdraw,
    "flush": Flush,
    "fluid": Fluid,
}
