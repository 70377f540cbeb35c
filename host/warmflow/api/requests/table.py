"""The table of requests: every kind with its fields, what it does, and where it is allowed."""

from typing import NamedTuple

from warmflow.api.requests.board_commands import (
    Ask,
    Calibrate,
    Config,
    Environment,
    Fault,
    Flush,
    Identify,
    Mute,
    OfPump,
    Ping,
    Rate,
    Refill,
    Reset,
    SelfTest,
    SetFluid,
    SetProfile,
    Speed,
    Withdraw,
)
from warmflow.api.requests.operator_requests import (
    Adopt,
    AlarmHistory,
    Alarms,
    Annotate,
    Annotations,
    Comment,
    OfAlarm,
    RemoveAnnotation,
    Shelve,
    StartScenario,
    StopScenario,
)


class Kind(NamedTuple):
    """One row. `always`: also where commands are off, for it changes nothing. `operator`: it moves no pump, so that a
    way may allow it where commands are off. `beside`: it does not disturb what is played on the pump.
    """

    ask: type[Ask]
    says: str
    always: bool = False
    operator: bool = False
    beside: bool = False


KINDS: dict[str, Kind] = {
    "list": Kind(Ask, "all pumps, as on `bridge/pumps`", True),
    "health": Kind(Ask, "how the daemon is: links, broker, journal", True),
    "publish": Kind(Ask, "everything that is retained is published again", True),
    "alarms": Kind(Alarms, "every alarm with its state, also normal ones", True),
    "alarm_history": Kind(AlarmHistory, "what happened to alarms, and who did what, oldest first", True),
    "acknowledge": Kind(OfAlarm, "somebody has seen the alarm", operator=True),
    "undo_acknowledge": Kind(OfAlarm, "takes an acknowledgement of the last seconds back", operator=True),
    "unlatch": Kind(OfAlarm, "ends a latched alarm", operator=True),
    "shelve": Kind(Shelve, "puts an alarm out of sight for a time", operator=True),
    "unshelve": Kind(OfAlarm, "brings it back", operator=True),
    "comment": Kind(Comment, "says something about an alarm", operator=True),
    "annotations": Kind(Annotations, "what people wrote at moments of a pump, oldest first", True),
    "annotate": Kind(Annotate, "writes something at a moment of a pump", operator=True),
    "remove_annotation": Kind(RemoveAnnotation, "takes an annotation away", operator=True),
    "scenarios": Kind(Ask, "which scenarios a pump can play, and which are played", True),
    "scenario_start": Kind(StartScenario, "plays a scenario on a pump, from its first event on; one at a time"),
    "scenario_stop": Kind(StopScenario, "ends it, and what it did to the body and the pump"),
    "forget": Kind(OfPump, "takes a pump's retained topics and its Home Assistant device from the broker"),
    "adopt": Kind(Adopt, "gives a pump's name and history to the board that replaced its own", operator=True),
    "restart": Kind(OfPump, "closes the pump's port and opens it again"),
    "ping": Kind(Ping, "the board answers", beside=True),
    "identify": Kind(Identify, "the board blinks", beside=True),
    "rate": Kind(Rate, "readings a second"),
    "speed": Kind(Speed, "how much faster pump time runs"),
    "refill": Kind(Refill, "empties the reservoir and fills it"),
    "withdraw": Kind(Withdraw, "draws fluid by needle"),
    "flush": Kind(Flush, "rinses the catheter"),
    "environment": Kind(Environment, "exposes the body to heat, cold or pressure for a time"),
    "profile": Kind(SetProfile, "loads another pump profile"),
    "fluid": Kind(SetFluid, "declares what is in the reservoir"),
    "fault": Kind(Fault, "injects a fault into the emulated pump for a time"),
    "calibrate": Kind(Calibrate, "tells the true temperature of the probe"),
    "mute": Kind(Mute, "silences the buzzer"),
    "selftest": Kind(SelfTest, "the board tests itself"),
    "config": Kind(Config, "reads or changes the board's settings"),
    "reset": Kind(Reset, "starts the board again"),
}
