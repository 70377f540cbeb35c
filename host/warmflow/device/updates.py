"""What is published of one board: typed updates, the same for every subscriber. `Update` is what its link publishes.

What is kept or shown of a pump has a `PumpName`: there is no such update without one. Only the state of a port may be
without, until its board has said a name that it may have.
"""

from datetime import datetime
from typing import NamedTuple

from pumplink import messages as m
from warmflow.device.host_clock import Dating
from warmflow.device.identity import Boot, PumpName, Unnamed
from warmflow.device.states import LinkState
from warmflow.monitor import Assessment, Finding, Measured, Rig


class Reading(NamedTuple):
    """A reading with its UTC time and what the monitor found.

    kept: False where the journal has no room: it is shown now and comes again, late. time_error_s: bound of the error
    of `utc`; None where nobody knows it. payload: its bytes as they came; empty for one that came in no frame. dating:
    what `utc` was derived from; None for a recording, and for a stored one that is as it came.
    """

    pump: PumpName
    boot: Boot
    message: m.Telemetry
    measured: Measured
    utc: datetime
    late: bool
    finding: Finding | None
    rig: Rig | None
    speed_x: int
    kept: bool = True
    time_error_s: float | None = None
    payload: bytes = b""
    dating: Dating | None = None


class Assessed(NamedTuple):
    """What the monitor makes of a pump at this time: at most once a second."""

    pump: PumpName
    utc: datetime
    assessment: Assessment


class BoardEvent(NamedTuple):
    pump: PumpName
    boot: Boot
    message: m.Event
    utc: datetime
    late: bool
    payload: bytes = b""
    dating: Dating | None = None


class Summary(NamedTuple):
    """A minute that the board kept while nobody listened. `utc` is None for a boot whose clock nobody knows."""

    pump: PumpName
    boot: Boot
    message: m.MinuteSummary
    utc: datetime | None
    payload: bytes = b""
    dating: Dating | None = None


class Gap(NamedTuple):
    pump: PumpName
    boot: Boot
    first: int
    last: int | None
    reason: str


class SummaryGap(NamedTuple):
    """Minute summaries that will not come, by their numbers, which count over all boots of the board. `boot`: the one
    that was heard then.
    """

    pump: PumpName
    boot: Boot
    first: int
    last: int
    reason: str


class LinkStatus(NamedTuple):
    """State of a link; `pump` is empty until the board has said its name. `port` is what was asked to be opened."""

    pump: PumpName | Unnamed
    state: LinkState
    detail: str
    since: datetime
    port: str = ""


class PumpRemoved(NamedTuple):
    """A name or a port was removed: a board was renamed, or a port left the list."""

    pump: PumpName | Unnamed
    port: str = ""


class Declaration(NamedTuple):
    """What a rig says that it is, once for each boot and each change."""

    pump: PumpName
    boot: Boot
    message: m.Hello | m.Info
    utc: datetime
    dating: Dating | None = None


class GroundTruth(NamedTuple):
    """The emulator's truth, for teaching."""

    pump: PumpName
    message: m.Truth
    utc: datetime


class ScenarioState(NamedTuple):
    """How a scenario on a pump is going: `sent` of its `steps` were sent. `state`: playing, over, stopped, failed."""

    scenario: str
    title: str
    state: str
    reason: str
    began_pump_time_s: float | None
    length_min: float
    steps: int
    sent: int


class ScenarioChanged(NamedTuple):
    """The newest scenario of a pump has changed; None if there is none: its start failed."""

    pump: PumpName
    run: ScenarioState | None


class ClockChanged(NamedTuple):
    """The date of this computer was moved by so many seconds, above 0 forward; `kind` is stepped or slewed."""

    kind: str
    by_s: float
    utc: datetime
    pump: str = ""


Update = (
    Reading | Assessed | BoardEvent | Summary | Gap | SummaryGap | Declaration | LinkStatus | PumpRemoved | GroundTruth
)
