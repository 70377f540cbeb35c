"""What the monitor may know: what the rig is declared to be, and what its instruments measured. Nothing else exists
here.
"""

from typing import NamedTuple

from pumplink import messages as m
from pumplink.codes import Body, Fluid, Place, Status

BODIES = {Body.DEEP: "deep", Body.AVERAGE: "average", Body.SLIM: "slim"}
PLACES = {Place.WATER: "water", Place.SKIN: "skin", Place.PUMP: "pump"}
FLUIDS = {Fluid.DRUG: "drug", Fluid.SALINE: "saline", Fluid.GLYCEROL: "glycerol"}


class Rig(NamedTuple):
    """The declared rig, in the terms of `pumpmodel`."""

    profile: str
    body: str
    place: str
    fluid: str
    glycerol_fraction: float
    site_pressure_kpa: float
    label_flow_nl_h: int
    filled_nl: int
    metered_at_fill_nl: int
    residual_nl: int
    speed_x: int = 0  # how much faster pump time runs than board time; 0 where it is not known

    @classmethod
    def declared(cls, hello: m.Hello | m.Info) -> "Rig":
        """From a HELLO or INFO. Raises ValueError for a code that this version has no name for."""
        try:
            return cls(
                hello.profile,
                BODIES[Body(hello.body)],
                PLACES[Place(hello.place)],
                FLUIDS[Fluid(hello.fluid)],
                hello.glycerol_permille / 1000,
                hello.site_pressure_pa / 1000,
                hello.label_flow_nl_h,
                hello.filled_nl,
                hello.metered_at_fill_nl,
                hello.residual_nl,
                hello.speed_x,
            )
        except ValueError as error:
            raise ValueError(f"{hello.rig_name}: {error}; a newer firmware than this program knows") from error


class Measured(NamedTuple):
    """One reading of the instruments, with the pump time at which it was taken."""

    pump_time_ms: int
    probe_c: float | None
    ambient_kpa: float | None
    flow_nl_h: int
    volume_nl: int
    status: Status
    uptime_ms: int | None = None  # board time; with `sequence` it shows what is wrong with clocks and link
    sequence: int | None = None

    @classmethod
    def reading(cls, message: m.Telemetry) -> "Measured":
        return cls(
            message.pump_time_ms,
            None if message.probe_mc is None else message.probe_mc / 1000,
            None if message.ambient_pa is None else message.ambient_pa / 1000,
            message.metered_flow_nl_h,
            message.metered_volume_nl,
            Status(message.status),
            message.uptime_ms,
            message.sequence,
        )
