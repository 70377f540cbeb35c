"""Chattering: a condition that comes and goes is counted, and has to stand longer until it comes less often. Pure."""

from datetime import datetime, timedelta

from warmflow.alarms.alarm import RISES_MAX, Alarm

WINDOW = timedelta(minutes=10)  # [chosen]
MORE_THAN = 5  # rises within the window: from then on it chatters
CALM_AT = 2  # and until there are no more than this
DAMPED_S = 60.0  # what chatters has to stand so long before it is raised


def risen(held: Alarm, at: datetime) -> Alarm:
    """The condition has come once more."""
    return counted(held._replace(rises=(*held.rises, at)[-RISES_MAX:]), at)


def counted(held: Alarm, now: datetime) -> Alarm:
    """What still counts of its rises, and whether it chatters."""
    if not held.rises:
        return held
    rises = tuple(at for at in held.rises if now - at < WINDOW)
    chatters = len(rises) > (CALM_AT if held.chattering else MORE_THAN)
    return held._replace(rises=rises, chattering=len(rises) if chatters else 0)


def raise_s(held: Alarm, usual_s: float) -> float:
    """How long its condition has to stand."""
    return max(usual_s, DAMPED_S) if held.chattering else usual_s
