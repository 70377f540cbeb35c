"""Lines of an alarm's history: as they are told and kept, and put together to episodes for a report. Pure."""

from collections.abc import Iterable
from typing import Any

from warmflow.alarms.alarm import kept, shown
from warmflow.alarms.chatter import WINDOW
from warmflow.alarms.engine import CALM, CHATTERS, SAID, AlarmChange
from warmflow.alarms.lifecycle import Event, State
from warmflow.alarms.limit_registry import LIMIT_CHANGED
from warmflow.journal.alarm_rows import AlarmRow
from warmflow.level_words import LEVEL_WORDS, level_word
from warmflow.runtime.utc import utc_text


def line(happened: AlarmChange) -> dict[str, Any]:
    """What happened, when, by whom, and how the alarm stands after it."""
    at = utc_text(happened.at)
    said = {"event": happened.event, "words": in_words(happened), "at": at, "by": happened.by, "said": happened.text}
    return said | shown(happened.held)


def in_words(happened: AlarmChange) -> str:
    """What happened, for people: `Raised to high`, `Repeating (7 in 10 min)`."""
    held, event = happened.held, happened.event
    level = level_word(held.condition.level)
    words = {
        Event.RAISE.value: f"Raised, {level}",
        Event.WORSEN.value: f"Raised to {level}",
        Event.EASE.value: f"Lowered to {level}",
        Event.SUPPRESS.value: f"Suppressed by design: {held.condition.suppressed}",
        SAID: "Cause updated",
        CHATTERS: f"Repeating ({held.chattering} in {WINDOW.total_seconds() / 60:.0f} min)",
        CALM: "No longer repeating",
        LIMIT_CHANGED: f"Limit changed: {held.condition.text}",
    }
    return words.get(event, event[:1].upper() + event[1:])


def row(happened: AlarmChange) -> AlarmRow:
    """For the journal; that an alarm is normal to begin with is no line."""
    held = happened.held
    first = happened.event in ("", State.NORMAL.value)
    utc_ms = round(happened.at.timestamp() * 1000)
    return AlarmRow(held.pump, held.id, utc_ms, kept(held), None if first else line(happened))


def episodes(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry for each time that an alarm was raised: how it stood last, with `from`, `to` (None: it still stands),
    the worst `priority` and `level`, and who acknowledged it. Lines are in order of time.
    """
    ranks = {word: rank for rank, word in enumerate(LEVEL_WORDS)}
    standing: dict[tuple[str, str], dict[str, Any]] = {}
    found = []
    for each in lines:
        key = (each["pump"], each["id"])
        open_ = standing.get(key)
        if each["event"] == Event.RAISE.value and open_ is None:
            open_ = standing[key] = {**each, "from": each["at"], "to": None}
            found.append(open_)
        elif open_ is not None:
            worst = max((open_, each), key=lambda line: ranks.get(line["level"], 0))
            who = ("acknowledged_by", "acknowledged_at", "comments", "state", "active", "shelved_until", "chattering")
            open_.update(
                {name: each[name] for name in who if each[name] or name not in ("acknowledged_by", "acknowledged_at")}
            )
            open_.update({name: worst[name] for name in ("level", "priority", "cause", "text", "figures")})
        if open_ is not None and each["event"] == Event.CLEAR.value:
            open_["to"] = each["at"]
            del standing[key]
    return found
