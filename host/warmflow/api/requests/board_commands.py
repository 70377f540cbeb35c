"""Requests that become a command to the board: the fields with their limits, and the command made from them.

The limits keep invalid values off the wire. The board may still refuse a command; its own error text is then shown.
"""

import json
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pumplink import messages as m
from pumpmodel.profile import PROFILE_NAMES
from warmflow.device.identity import RESERVED, name_fault
from warmflow.simulation import board_commands as board

LONGEST_SETTINGS = 1000  # bytes that fit into one command
TARGETS = ("skin_c", "core_c", "ambient_kpa", "outlet_kpa")


class Ask(BaseModel):
    """The fields of a request. Types are strict: `"10"` is not a number, 1.5 is not a whole number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class OfPump(Ask):
    """Of one pump."""

    pump: str = Field(min_length=1, max_length=200, description="the pump's name, its board id, or its port")


class Command(OfPump):
    """A request that a board carries out."""

    def command(self, request_id: int) -> m.Message:
        """For the board."""
        raise NotImplementedError


def _profile(name: str) -> str:
    if name not in PROFILE_NAMES:
        raise ValueError(name)
    return name


Profile = Annotated[str, AfterValidator(_profile)]
CHOICES = {"profile": tuple(PROFILE_NAMES)}  # of fields whose type does not list them


class Ping(Command):
    def command(self, request_id: int) -> m.Message:
        return m.Ping(request_id)


class Rate(Command):
    rate_hz: int = Field(ge=1, le=100, description="readings per second")

    def command(self, request_id: int) -> m.Message:
        return m.SetRate(request_id, self.rate_hz)


class Speed(Command):
    speed_x: int = Field(ge=1, le=600, description="pump time against board time")

    def command(self, request_id: int) -> m.Message:
        return m.SetSpeed(request_id, self.speed_x)


class Refill(Command):
    volume_ml: float | None = board.REFILL_ML.field("how much; default: as much as fits", None)

    def command(self, request_id: int) -> m.Message:
        return board.refill(request_id, self.volume_ml)


class Withdraw(Command):
    volume_ml: float | None = board.WITHDRAW_ML.field("how much; default: everything in the reservoir", None)

    def command(self, request_id: int) -> m.Message:
        return board.withdraw(request_id, self.volume_ml)


class Flush(Command):
    volume_ml: float = board.FLUSH_ML.field("how much is rinsed through the side port")

    def command(self, request_id: int) -> m.Message:
        return board.flush(request_id, self.volume_ml)


class Environment(Command):
    duration_s: int = Field(ge=0, le=board.LONGEST_S, description="how long, in pump time; 0 ends an exposure")
    skin_c: float | None = board.SKIN_C.field("skin over the pump", None)
    core_c: float | None = board.CORE_C.field("core of the body", None)
    ambient_kpa: float | None = board.AMBIENT_KPA.field("pressure around the body, absolute", None)
    outlet_kpa: float | None = board.OUTLET_KPA.field("pressure at the catheter, above ambient", None)

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        if self.duration_s:
            board.check_exposure([getattr(self, name) for name in TARGETS], TARGETS)
        return self

    def command(self, request_id: int) -> m.Message:
        values = (self.skin_c, self.core_c, self.ambient_kpa, self.outlet_kpa)
        return board.set_environment(request_id, self.duration_s, *values)


class SetProfile(Command):
    profile: Profile = Field(description="the pump profile to load: " + ", ".join(PROFILE_NAMES))

    def command(self, request_id: int) -> m.Message:
        return m.SetProfile(request_id, self.profile)


class SetFluid(Command):
    fluid: Literal["drug", "saline", "glycerol"] = Field(description="the fluid in the reservoir")
    glycerol_fraction: float = board.GLYCEROL_FRACTION.field("mass fraction; only with the fluid glycerol", 0.0)

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        board.check_fluid(self.fluid, self.glycerol_fraction)
        return self

    def command(self, request_id: int) -> m.Message:
        return board.set_fluid(request_id, self.fluid, self.glycerol_fraction)


class Fault(Command):
    fault: Literal["none", "occlusion", "catheter_loose", "leak", "warm_pocket"] = Field(
        description="the fault; none ends all faults"
    )
    magnitude: float = board.MAGNITUDE.field("0 (none) to 1 (full)", 1.0)
    duration_s: int | None = Field(
        None, ge=1, le=board.LONGEST_S, description="how long, in pump time; required unless the fault is none"
    )

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.fault != "none" and self.duration_s is None:
            raise ValueError("duration_s: missing; give how long the fault lasts")
        return self

    def command(self, request_id: int) -> m.Message:
        return board.inject_fault(request_id, self.fault, self.magnitude, self.duration_s or 0)


class Calibrate(Command):
    point: Literal["lower", "upper"] = Field(description="which of the two points")
    reference_c: float = Field(ge=-20, le=100, description="the present value of a reference thermometer")

    def command(self, request_id: int) -> m.Message:
        return m.Calibrate(request_id, int(self.point == "upper"), round(self.reference_c * 1000))


class Mute(Command):
    duration_s: int = Field(ge=0, le=3600, description="how long the buzzer is silent")

    def command(self, request_id: int) -> m.Message:
        return m.Mute(request_id, self.duration_s)


class SelfTest(Command):
    def command(self, request_id: int) -> m.Message:
        return m.SelfTest(request_id)


class Identify(Command):
    def command(self, request_id: int) -> m.Message:
        return m.Identify(request_id)


class Reset(Command):
    totals: bool = Field(False, description="also clear totals and settings")

    def command(self, request_id: int) -> m.Message:
        return m.Reset(request_id, int(self.totals))


class Config(Command):
    settings: dict[str, Any] | None = Field(None, description="settings to change; without it, all are returned")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self._text().encode("utf-8", "replace")) > LONGEST_SETTINGS:
            raise ValueError(f"settings: more than {LONGEST_SETTINGS} bytes; set fewer keys at once")
        name = (self.settings or {}).get("rig_name")
        if isinstance(name, str) and name in RESERVED:  # the board checks everything else about the name
            raise ValueError(f"settings: rig_name: {name_fault(name)}")
        return self

    def _text(self) -> str:
        return json.dumps(self.settings)

    def command(self, request_id: int) -> m.Message:
        return m.GetConfig(request_id, "") if self.settings is None else m.SetConfig(request_id, self._text())
