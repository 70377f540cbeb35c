"""Numbers and states as a person reads them: units, sensible digits, a word and a symbol for each level.

A value that is not known is a dash, never a zero.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from warmflow.api.vocabulary import STALE_S
from warmflow.level_words import LEVEL_WORDS, level_mark

UNKNOWN = "-"
NO_CLOCK = "--:--:--"
NO_PUMP_CLOCK = "-:--"


class LevelLook(NamedTuple):
    """How a level is drawn."""

    rank: int
    style: str  # a variable of our themes


LEVELS = {word: LevelLook(rank, f"level-{word}") for rank, word in enumerate(LEVEL_WORDS)}
OTHER_LEVEL = LevelLook(1, "level-low")  # a newer daemon's


def look(level: str | None) -> LevelLook:
    return LEVELS.get(level or "", OTHER_LEVEL)


def level_badge(level: str | None, deviation_percent: float | None) -> str:
    """`▲▲▲ HIGH`; the marks point down where the flow is too low."""
    if level is None:
        return f"{UNKNOWN} no level"
    found = look(level)
    mark = level_mark(found.rank, (deviation_percent or 0) < 0) if level in LEVELS else "?"
    return f"{mark} {level.upper() if found.rank else level}"


def value(number: float | None, digits: int, unit: str, sign: str = "") -> str:
    """`41.52 °C`; `sign="+"` shows a plus."""
    return UNKNOWN if number is None else f"{number:{sign}.{digits}f} {unit}".rstrip()


def pump_clock(seconds: float | None) -> str:
    """Pump time as h:mm, rounded down as clocks do."""
    if seconds is None:
        return NO_PUMP_CLOCK
    minutes = int(seconds // 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def utc_clock(moment: str | None) -> str:
    """HH:MM:SS in UTC out of an ISO moment that carries its zone."""
    try:
        when = datetime.fromisoformat(moment or "")
    except ValueError:
        return NO_CLOCK
    return when.astimezone(UTC).strftime("%H:%M:%S") if when.tzinfo else NO_CLOCK


def duration(seconds: float) -> str:
    """`5 s`, `3 min`, `2 h`, `4 d`: one unit, rounded down."""
    for size_s, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size_s:
            return f"{int(seconds // size_s)} {unit}"
    return f"{int(max(0.0, seconds))} s"


def freshness(at_s: float, now_s: float, stored: bool, time: str | None = None) -> str:
    """ "" for a live value, else why it is not: its age, or that the broker had kept it: then nobody knows."""
    if stored:
        return f"stored, of {utc_clock(time)} UTC" if time else "stored"
    age_s = now_s - at_s
    return "" if age_s <= STALE_S else f"stale {duration(age_s)}"
