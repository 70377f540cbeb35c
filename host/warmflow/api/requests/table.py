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
    SetLimits,
    Shelve,
    StartScenario,
    StopScenario,
)


class Kind(NamedTuple):
    """One row. `always`: allowed even if commands are off, because it changes nothing. `operator`: changes no pump, so
    a sink may allow it while commands are off. `beside`: does not disturb a scenario that is being played on the pump.
    """

    ask: type[Ask]
    says: str
    always: bool = False
    operator: bool = False
    beside: bool = False


KINDS: dict[str, Kind] = {
    "list": Kind(Ask, "all pumps, as on `bridge/pumps`", True),
    "health": Kind(Ask, "health of the daemon: links, broker, journal", True),
    "publish": Kind(Ask, "publishes all retained topics again", True),
    "alarms": Kind(Alarms, "every alarm with its state, including normal ones", True),
    "alarm_history": Kind(AlarmHistory, "changes of alarms and who made them, oldest first", True),
    "limits": Kind(Alarms, "limits of a pump that are in force, or those of all pumps", True),
    "set_limits": Kind(SetLimits, "changes limits of a pump, or of all pumps, from now on", operator=True),
    "acknowledge": Kind(OfAlarm, "acknowledges an alarm", operator=True),
    "undo_acknowledge": Kind(OfAlarm, "takes back an acknowledgement of the last seconds", operator=True),
    "unlatch": Kind(OfAlarm, "ends a latched alarm", operator=True),
    "shelve": Kind(Shelve, "hides an alarm for a time", operator=True),
    "unshelve": Kind(OfAlarm, "shows a shelved alarm again", operator=True),
    "comment": Kind(Comment, "adds a comment to an alarm", operator=True),
    "annotations": Kind(Annotations, "annotations of a pump, oldest first", True),
    "annotate": Kind(Annotate, "adds an annotation to a pump at a point in time", operator=True),
    "remove_annotation": Kind(RemoveAnnotation, "removes an annotation", operator=True),
    "scenarios": Kind(Ask, "the scenarios that can be played, and those being played", True),
    "scenario_start": Kind(StartScenario, "plays a scenario on a pump from its first event; one at a time"),
    "scenario_stop": Kind(StopScenario, "stops the scenario and ends its effects on body and pump"),
    "forget": Kind(OfPump, "removes a pump's retained topics and its Home Assistant device from the broker"),
    "adopt": Kind(Adopt, "gives a pump's name and history to the board that replaces the old one", operator=True),
    "restart": Kind(OfPump, "closes the pump's port and opens it again"),
    "ping": Kind(Ping, "the board answers", beside=True),
    "identify": Kind(Identify, "the board blinks", beside=True),
    "rate": Kind(Rate, "sets the number of readings per second"),
    "speed": Kind(Speed, "sets how much faster than real time the pump runs"),
    "refill": Kind(Refill, "empties and fills the reservoir"),
    "withdraw": Kind(Withdraw, "withdraws fluid by needle"),
    "flush": Kind(Flush, "rinses the catheter"),
    "environment": Kind(Environment, "exposes the body to heat, cold or pressure for a time"),
    "profile": Kind(SetProfile, "loads another pump profile"),
    "fluid": Kind(SetFluid, "declares the fluid in the reservoir"),
    "fault": Kind(Fault, "injects a fault into the emulated pump for a time, for training"),
    "calibrate": Kind(Calibrate, "calibrates the probe at one of two points"),
    "mute": Kind(Mute, "silences the buzzer"),
    "selftest": Kind(SelfTest, "the board tests itself"),
    "config": Kind(Config, "reads or changes the board's settings"),
    "reset": Kind(Reset, "restarts the board"),
}
