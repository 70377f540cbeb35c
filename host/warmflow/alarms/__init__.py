"""Alarms: their life-cycle, what raises each, who did what about it. It sees what the monitor found and what links say,
never the truth; it moves no pump.
"""

from warmflow.alarms import conditions
from warmflow.alarms.alarm import Alarm, shown
from warmflow.alarms.catalogue import ALARMS, LATCHING, Priority
from warmflow.alarms.conditions import Condition
from warmflow.alarms.engine import AlarmChange, AlarmEngine, NotPossible
from warmflow.alarms.lifecycle import Ends, Event, Refused, Standing, State

__all__ = [
    "ALARMS",
    "LATCHING",
    "Alarm",
    "AlarmChange",
    "AlarmEngine",
    "Condition",
    "Ends",
    "Event",
    "NotPossible",
    "Priority",
    "Refused",
    "Standing",
    "State",
    "conditions",
    "shown",
]  # fmt: skip
