"""The table of alarms: priorities, how each ends, how long its condition must last, and what to do.

Priorities in the sense that public descriptions give IEC 60601-1-8: high, somebody has to act at once; medium, soon;
low, somebody should know. Only these three words and their meaning were taken; its tables of harm, its signals and its
sounds were not, and no conformity is claimed. All delays are chosen, in seconds of people's time: what has to hold in
pump time (the limits of the flow and their hold times) the monitor has held already.
"""

from collections.abc import Collection, Mapping
from enum import Enum
from typing import NamedTuple

from warmflow.alarms.lifecycle import Ends
from warmflow.level_words import LEVEL_WORDS
from warmflow.monitor import Level


class Priority(Enum):
    """The value is published: the words of the levels."""

    LOW = LEVEL_WORDS[1]
    MEDIUM = LEVEL_WORDS[2]
    HIGH = LEVEL_WORDS[3]


LOW_ONLY = {Level.LOW: Priority.LOW, Level.MEDIUM: Priority.LOW, Level.HIGH: Priority.LOW}
RISING = {Level.LOW: Priority.LOW, Level.MEDIUM: Priority.MEDIUM, Level.HIGH: Priority.HIGH}


class Alarm(NamedTuple):
    """One row. priorities: by level. raise_s, clear_s: how long a condition must hold, or be absent, before the alarm
    follows. settle_s: after a restart, how long it must be absent before it counts as ended. when, remedy: for
    docs/mqtt.md; a remedy is an order.
    """

    title: str
    priorities: Mapping[Level, Priority]
    ends: Ends
    raise_s: float
    clear_s: float
    settle_s: float
    when: str
    remedy: str


ALARMS: dict[str, Alarm] = {
    "rate": Alarm(
        "flow rate", RISING, Ends.ACKNOWLEDGED, 0, 0, 90,
        "by default 10 % low, 15 % medium, 25 % high: one alarm whose priority rises",
        "read the cause; end the exposure, or look for an occlusion or a leak",
    ),
    "dose": Alarm(
        "dose since the fill", RISING, Ends.RESET, 0, 0, 90,
        "by default 2 % low, 5 % medium, of 14 days at the reference rate, up or down",
        "take it into account at the next fill; then unlatch the alarm",
    ),
    "near-empty": Alarm(
        "reservoir near empty", RISING, Ends.ITSELF, 10, 10, 10,
        "by default 3 days left at the reference rate: low, 1 day: medium; none: high",
        "refill",
    ),
    "probe": Alarm(
        "probe lost", LOW_ONLY, Ends.ITSELF, 10, 10, 30,
        "the board gets no valid reading from its probe",
        "look at its plug and cable; then `warmflow selftest`",
    ),
    "link": Alarm(
        "link lost", RISING, Ends.ITSELF, 5, 2, 0,
        "the board does not answer: medium; many bad frames: low",
        "read the status; plug it in, or reset the board",
    ),
    "drift": Alarm(
        "slow drift of the flow", LOW_ONLY, Ends.ACKNOWLEDGED, 0, 0, 7200,
        "the flow changes slowly and no measurement explains it (CUSUM)",
        "check catheter and filter; weigh the delivered fluid",
    ),
    "instrument": Alarm(
        "an instrument contradicts the others", LOW_ONLY, Ends.ACKNOWLEDGED, 5, 5, 600,
        "probe, barometer or meter give impossible readings",
        "`warmflow selftest`; compare it with another instrument",
    ),
    "telemetry": Alarm(
        "late or missing readings", LOW_ONLY, Ends.ACKNOWLEDGED, 5, 5, 600,
        "clocks or sequence numbers disagree; or the link works but no readings arrive",
        "check cable and USB hub; restart the board if the fault remains",
    ),
}  # fmt: skip
LATCHING = tuple(name for name, row in ALARMS.items() if row.ends is Ends.RESET)


def ending(name: str, latching: Collection[str]) -> Ends:
    """How this alarm ends, if those in `latching` latch and no others."""
    ends = ALARMS[name].ends
    if name in latching:
        return Ends.RESET
    return Ends.ACKNOWLEDGED if ends is Ends.RESET else ends


def of_alarm(name: str, level: Level) -> int:
    """The rank of an alarm's priority: 0 where it is normal, 3 where it is high."""
    found = priority(name, level)
    return tuple(Priority).index(found) + 1 if found else 0


def priority(name: str, level: Level) -> Priority | None:
    """None where the level is normal."""
    if not level:
        return None
    rows = ALARMS[name].priorities
    return rows.get(level, max(rows.values(), key=tuple(Priority).index))
