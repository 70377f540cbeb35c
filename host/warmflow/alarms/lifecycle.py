"""The life-cycle of an alarm as one table: state and event in, next state or a refusal out. Pure; it knows no alarm.

States and their names follow what public descriptions of ISA-18.2 / IEC 62682 say: normal, unacknowledged,
acknowledged, returned to normal unacknowledged, latched, shelved, suppressed by design. Their "out of service" is left
out: nothing here would use it. No conformity is claimed.
"""

from enum import Enum
from typing import NamedTuple


class State(Enum):
    """What an alarm is; the value is published."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned unacknowledged"
    LATCHED = "latched"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"


class Event(Enum):
    """What can happen to it; the value stands in its history."""

    RAISE = "raised"
    WORSEN = "level rose"
    EASE = "level fell"
    CLEAR = "cleared"
    ACKNOWLEDGE = "acknowledged"
    RESET = "unlatched"
    SHELVE = "shelved"
    UNSHELVE = "unshelved"
    EXPIRE = "shelving expired"
    COMMENT = "commented"
    SUPPRESS = "suppressed by design"
    RELEASE = "no longer suppressed"


class Ends(Enum):
    """When an alarm is over that has returned to normal."""

    ITSELF = "by itself"
    ACKNOWLEDGED = "when acknowledged"
    RESET = "when acknowledged and unlatched"


class ByEnding(NamedTuple):
    """The next state depends on how the alarm ends: one for each of Ends."""

    itself: State
    acknowledged: State
    reset: State


class Back(NamedTuple):
    """From the shelf or a suppression: to where the condition is now."""


class Refused(NamedTuple):
    """An operator cannot do this now; says why."""

    why: str


class Standing(NamedTuple):
    """active: the condition is there. risen: it has been since the alarm was last normal."""

    state: State = State.NORMAL
    active: bool = False
    risen: bool = False


Outcome = State | ByEnding | Back | Refused

NOTHING = Refused("there is nothing to acknowledge: the alarm is normal")
NO_LATCH = Refused("there is nothing to unlatch: the alarm is not latched")
STILL_THERE = Refused("cannot be unlatched: its condition is still present")
FIRST_ACK = Refused("acknowledge it first")
ALREADY = Refused("it is acknowledged already")
NOT_SHELVED = Refused("it is not shelved")
BY_DESIGN = Refused("it is suppressed by design: another alarm covers it")
ON_SHELF = Refused("it is shelved: unshelve it first")

TABLE: dict[State, dict[Event, Outcome]] = {
    State.NORMAL: {
        Event.RAISE: State.UNACKNOWLEDGED,
        Event.WORSEN: State.NORMAL,
        Event.EASE: State.NORMAL,
        Event.CLEAR: State.NORMAL,
        Event.ACKNOWLEDGE: NOTHING,
        Event.RESET: NO_LATCH,
        Event.SHELVE: State.SHELVED,
        Event.UNSHELVE: NOT_SHELVED,
        Event.EXPIRE: State.NORMAL,
        Event.COMMENT: State.NORMAL,
        Event.SUPPRESS: State.SUPPRESSED,
        Event.RELEASE: State.NORMAL,
    },
    State.UNACKNOWLEDGED: {
        Event.RAISE: State.UNACKNOWLEDGED,
        Event.WORSEN: State.UNACKNOWLEDGED,
        Event.EASE: State.UNACKNOWLEDGED,
        Event.CLEAR: ByEnding(State.NORMAL, State.RETURNED, State.RETURNED),
        Event.ACKNOWLEDGE: State.ACKNOWLEDGED,
        Event.RESET: STILL_THERE,
        Event.SHELVE: State.SHELVED,
        Event.UNSHELVE: NOT_SHELVED,
        Event.EXPIRE: State.UNACKNOWLEDGED,
        Event.COMMENT: State.UNACKNOWLEDGED,
        Event.SUPPRESS: State.SUPPRESSED,
        Event.RELEASE: State.UNACKNOWLEDGED,
    },
    State.ACKNOWLEDGED: {
        Event.RAISE: State.ACKNOWLEDGED,
        Event.WORSEN: State.UNACKNOWLEDGED,  # somebody has seen less than what it is now
        Event.EASE: State.ACKNOWLEDGED,
        Event.CLEAR: ByEnding(State.NORMAL, State.NORMAL, State.LATCHED),
        Event.ACKNOWLEDGE: ALREADY,
        Event.RESET: STILL_THERE,
        Event.SHELVE: State.SHELVED,
        Event.UNSHELVE: NOT_SHELVED,
        Event.EXPIRE: State.ACKNOWLEDGED,
        Event.COMMENT: State.ACKNOWLEDGED,
        Event.SUPPRESS: State.SUPPRESSED,
        Event.RELEASE: State.ACKNOWLEDGED,
    },
    State.RETURNED: {
        Event.RAISE: State.UNACKNOWLEDGED,
        Event.WORSEN: State.RETURNED,
        Event.EASE: State.RETURNED,
        Event.CLEAR: State.RETURNED,
        Event.ACKNOWLEDGE: ByEnding(State.NORMAL, State.NORMAL, State.LATCHED),
        Event.RESET: FIRST_ACK,
        Event.SHELVE: State.SHELVED,
        Event.UNSHELVE: NOT_SHELVED,
        Event.EXPIRE: State.RETURNED,
        Event.COMMENT: State.RETURNED,
        Event.SUPPRESS: State.SUPPRESSED,
        Event.RELEASE: State.RETURNED,
    },
    State.LATCHED: {
        Event.RAISE: State.UNACKNOWLEDGED,
        Event.WORSEN: State.LATCHED,
        Event.EASE: State.LATCHED,
        Event.CLEAR: State.LATCHED,
        Event.ACKNOWLEDGE: ALREADY,
        Event.RESET: State.NORMAL,
        Event.SHELVE: State.SHELVED,
        Event.UNSHELVE: NOT_SHELVED,
        Event.EXPIRE: State.LATCHED,
        Event.COMMENT: State.LATCHED,
        Event.SUPPRESS: State.SUPPRESSED,
        Event.RELEASE: State.LATCHED,
    },
    State.SHELVED: {
        Event.RAISE: State.SHELVED,
        Event.WORSEN: State.SHELVED,
        Event.EASE: State.SHELVED,
        Event.CLEAR: State.SHELVED,
        Event.ACKNOWLEDGE: ON_SHELF,
        Event.RESET: ON_SHELF,
        Event.SHELVE: State.SHELVED,  # for longer, or shorter
        Event.UNSHELVE: Back(),
        Event.EXPIRE: Back(),
        Event.COMMENT: State.SHELVED,
        Event.SUPPRESS: State.SHELVED,  # what a person has put away stays where it is
        Event.RELEASE: State.SHELVED,
    },
    State.SUPPRESSED: {
        Event.RAISE: State.SUPPRESSED,
        Event.WORSEN: State.SUPPRESSED,
        Event.EASE: State.SUPPRESSED,
        Event.CLEAR: State.NORMAL,
        Event.ACKNOWLEDGE: BY_DESIGN,
        Event.RESET: BY_DESIGN,
        Event.SHELVE: BY_DESIGN,
        Event.UNSHELVE: NOT_SHELVED,
        Event.EXPIRE: State.SUPPRESSED,
        Event.COMMENT: State.SUPPRESSED,
        Event.SUPPRESS: State.SUPPRESSED,
        Event.RELEASE: Back(),
    },
}


def step(now: Standing, event: Event, ends: Ends) -> Standing | Refused:
    """The standing after an event, or why an operator cannot have it."""
    outcome = TABLE[now.state][event]
    if isinstance(outcome, Refused):
        return outcome
    active = event in (Event.RAISE, Event.SUPPRESS) or (now.active and event is not Event.CLEAR)
    risen = now.risen or active
    if isinstance(outcome, ByEnding):
        outcome = outcome[tuple(Ends).index(ends)]
    elif isinstance(outcome, Back):
        outcome = _from_shelf(active, risen, ends)
    return Standing(outcome, active, risen and outcome is not State.NORMAL)


def _from_shelf(active: bool, risen: bool, ends: Ends) -> State:
    """A shelf hides an alarm and undoes no latch."""
    if active:
        return State.UNACKNOWLEDGED
    return State.RETURNED if risen and ends is Ends.RESET else State.NORMAL
