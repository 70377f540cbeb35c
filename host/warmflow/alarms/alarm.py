"""One alarm of one pump, as it is kept, published and read back. Immutable; times are UTC."""

from datetime import datetime
from typing import Any, NamedTuple

from warmflow.alarms.catalogue import ALARMS, priority
from warmflow.alarms.conditions import Condition
from warmflow.alarms.lifecycle import Standing, State
from warmflow.level_words import level_word
from warmflow.monitor import Level
from warmflow.runtime.utc import utc_text

COMMENTS_MAX = 20
RISES_MAX = 50


class Comment(NamedTuple):
    """What somebody said about an alarm."""

    by: str
    at: datetime
    text: str


class Alarm(NamedTuple):
    """rises: when its condition came lately, for as long as they count. chattering: of them, if it chatters, else 0."""

    pump: str
    id: str
    standing: Standing = Standing()
    condition: Condition = Condition("")
    since: datetime | None = None  # raised, or normal again
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    comments: tuple[Comment, ...] = ()
    shelved_by: str | None = None
    shelved_until: datetime | None = None
    was: Condition | None = None  # the worst since it was raised
    rises: tuple[datetime, ...] = ()
    chattering: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.pump, self.id


def shown(held: Alarm) -> dict[str, Any]:
    """For topics, pages and reports."""
    standing, condition, was = held.standing, held.condition, held.was
    counts = was if was and not condition.level else condition  # what is over keeps its priority until it is answered
    of = priority(held.id, counts.level)
    return {
        "id": held.id,
        "pump": held.pump,
        "title": ALARMS[held.id].title if held.id in ALARMS else held.id,
        "state": standing.state.value,
        "active": standing.active,
        "priority": of.value if of else None,
        "level": level_word(condition.level),
        "cause": condition.cause,
        "text": condition.text,
        "since": _text(held.since),
        "time": _text(condition.at),
        "acknowledged_by": held.acknowledged_by,
        "acknowledged_at": _text(held.acknowledged_at),
        "comments": [{"by": each.by, "at": _text(each.at), "text": each.text} for each in held.comments],
        "shelved_by": held.shelved_by,
        "shelved_until": _text(held.shelved_until),
        "chattering": held.chattering,
        "suppressed_because": condition.suppressed if standing.state is State.SUPPRESSED else None,
        "likely": counts.likely,
        "was": {"level": level_word(was.level), "cause": was.cause, "text": was.text, "time": _text(was.at)}
        if was
        else None,
        "figures": dict(condition.figures),
    }


def kept(held: Alarm) -> dict[str, Any]:
    """For the journal: what `read_back` needs, and no more."""
    return shown(held) | {
        "risen": held.standing.risen,
        "condition": _row(held.condition),
        "worst": _row(held.was) if held.was else None,
        "rises": [_text(at) for at in held.rises],
    }


def read_back(row: dict[str, Any]) -> Alarm:
    """Raises KeyError, TypeError or ValueError for what `kept` has not written."""
    return Alarm(
        row["pump"],
        row["id"],
        Standing(State(row["state"]), bool(row["active"]), bool(row["risen"])),
        _condition(row["id"], row["condition"]),
        _moment(row["since"]),
        row["acknowledged_by"],
        _moment(row["acknowledged_at"]),
        tuple(Comment(each["by"], _sure(each["at"]), each["text"]) for each in row["comments"]),
        row["shelved_by"],
        _moment(row["shelved_until"]),
        _condition(row["id"], row["worst"]) if row["worst"] else None,
        tuple(_sure(at) for at in row["rises"]),
        int(row["chattering"]),
    )


def _row(condition: Condition) -> list[Any]:
    return [
        int(condition.level),
        condition.cause,
        condition.text,
        _text(condition.at),
        dict(condition.figures),
        condition.likely,
        condition.suppressed,
    ]


def _condition(name: str, row: list[Any]) -> Condition:
    level, cause, text, at, figures, likely, *rest = row
    numbers = tuple((str(key), float(value)) for key, value in figures.items())
    return Condition(name, Level(level), cause, text, _moment(at), numbers, likely, True, rest[0] if rest else "")


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else _sure(text)


def _sure(text: str) -> datetime:
    return datetime.fromisoformat(text)
