"""The one order of alarms, worst first: for the list of the pages, the terminal and everybody who asks. Pure."""

from warmflow.alarms.alarm import Alarm
from warmflow.alarms.catalogue import of_alarm
from warmflow.alarms.lifecycle import State

# what is there before what has returned; what nobody has answered first; what is hidden on purpose last
STATES = ("unacknowledged", "acknowledged", "returned unacknowledged", "latched", "shelved", "suppressed", "normal")


def place(state: str, rank: int, size: float) -> tuple[int, int, float]:
    """A key to sort by. `rank` is the level's, `size` how far the flow is away, in percent of either sign."""
    return STATES.index(state) if state in STATES else 0, -rank, -abs(size)


def urgency(held: Alarm) -> tuple[tuple[int, int, float], str, str]:
    """A key to sort by; equals stay in the order of pump and alarm."""
    condition = held.condition
    counts = held.was if held.was and not condition.level else condition
    state = held.standing.state
    if state is State.UNACKNOWLEDGED and not held.standing.active:
        state = State.RETURNED
    size = dict(condition.figures).get("deviation_percent", 0.0)
    return place(state.value, of_alarm(held.id, counts.level), size), *held.key
