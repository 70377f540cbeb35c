"""The log of a training session: who guessed, answered and acknowledged what, and which faults were injected unseen.

Pure: times are handed in, and each change gives a new session. Trainees get `for_trainees`, never the log itself.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from pumpmodel.faults import FAULT_KINDS
from warmflow.errors import UserError
from warmflow.runtime.json_text import parse_json
from warmflow.runtime.text import did_you_mean
from warmflow.training.predictions import Compared

FAULTS = tuple(FAULT_KINDS)
DIAGNOSES = ("none", *FAULTS)
KINDS: dict[str, tuple[str, ...]] = {  # what each entry has to say; its text is session.KIND in the catalogue
    "started": ("lesson", "way", "speed_x"),
    "paused": (),
    "resumed": (),
    "jumped": ("step",),
    "reached": ("step",),
    "guessed": ("what", "value"),
    "answered": ("question", "choice", "right"),
    "acknowledged": ("alarm",),
    "injected": ("fault", "magnitude"),
    "diagnosed": ("fault",),
    "revealed": ("fault",),
    "finished": ("lesson", "results"),
    "next_group": ("group",),
}
UNSEEN = ("injected",)


class SessionError(UserError):
    """What cannot be noted; the text says why."""


class Entry(NamedTuple):
    """One line of the log. `at` is aware of its time zone."""

    at: datetime
    group: int
    kind: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Session:
    """Groups are counted from 1. What belongs to the group of now is None or empty after `next_group`."""

    entries: tuple[Entry, ...] = ()
    group: int = 1
    lesson: str | None = None
    running: bool = False
    guesses: Mapping[str, float] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()  # active faults that are hidden from the trainees

    def of_group(self, group: int) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.group == group)


def noted(session: Session, at: datetime, kind: str, **detail: Any) -> Session:
    """The session with one more entry, and what follows of it. Raises SessionError for what cannot be."""
    wanted = KINDS.get(kind)
    if wanted is None or set(wanted) != set(detail):
        raise SessionError(
            f"{kind}: " + ("no such entry" if wanted is None else f"needs {', '.join(wanted) or 'nothing'}")
        )
    if at.tzinfo is None:
        raise SessionError(f"{kind}: a time without a time zone")
    if session.entries and at < session.entries[-1].at:
        at = session.entries[-1].at  # a clock that was set back: the order of the log is what happened
    _check(session, kind, detail)
    group = detail["group"] if kind == "next_group" else session.group
    entry = Entry(at, group, kind, dict(detail))
    return _follow(replace(session, entries=(*session.entries, entry)), entry)


def next_group(session: Session, at: datetime) -> Session:
    """Resets guesses, lesson and faults; the log goes on."""
    return noted(session, at, "next_group", group=session.group + 1)


def finished(session: Session, at: datetime, results: Iterable[Compared]) -> Session:
    """Notes what came out beside what was guessed."""
    if session.lesson is None:
        raise SessionError("finished: no lesson was started")
    rows = [one._asdict() for one in results]
    return noted(session, at, "finished", lesson=session.lesson, results=rows)


def for_trainees(session: Session) -> tuple[Entry, ...]:
    """The log without what they are to find out: until a fault is revealed, it was never injected."""
    shown: list[Entry] = []
    for entry in session.entries:
        if entry.kind not in UNSEEN or _revealed(session, entry):
            shown.append(entry)
    return tuple(shown)


def as_lines(session: Session) -> str:
    """JSON, one entry a line, for a file."""
    return "".join(as_line(entry) for entry in session.entries)


def as_line(entry: Entry) -> str:
    """One of them."""
    return json.dumps({**entry._asdict(), "at": entry.at.isoformat()}) + "\n"


def of_lines(text: str) -> Session:
    """The session that wrote these lines. Raises SessionError with the number of an invalid line."""
    session = Session()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            row = parse_json(line, our_own=True)
            session = noted(session, datetime.fromisoformat(row["at"]), row["kind"], **row["detail"])
        except (ValueError, KeyError, TypeError, SessionError) as error:
            raise SessionError(f"line {number}: no entry of a session log: {error}") from None
    return session


def _check(session: Session, kind: str, detail: Mapping[str, Any]) -> None:
    allowed = {"injected": FAULTS, "revealed": FAULTS, "diagnosed": DIAGNOSES}.get(kind)
    if allowed and detail["fault"] not in allowed:
        raise SessionError(f"{kind}: {detail['fault']}: unknown; {did_you_mean(detail['fault'], allowed)}")
    if kind in ("paused", "resumed", "jumped") and session.lesson is None:
        raise SessionError(f"{kind}: no lesson was started")
    if kind == "paused" and not session.running:
        raise SessionError("paused: it stands already")
    if kind == "resumed" and session.running:
        raise SessionError("resumed: it runs already")
    if kind == "next_group" and detail["group"] != session.group + 1:
        raise SessionError(f"next_group: after {session.group} comes {session.group + 1}")


def _follow(session: Session, entry: Entry) -> Session:
    detail = entry.detail
    match entry.kind:
        case "started":
            return replace(session, lesson=detail["lesson"], running=True)
        case "paused" | "finished":
            return replace(session, running=False)
        case "resumed":
            return replace(session, running=True)
        case "guessed":
            return replace(session, guesses={**session.guesses, detail["what"]: detail["value"]})
        case "injected":
            hidden = tuple(fault for fault in session.hidden if fault != detail["fault"])
            return replace(session, hidden=(*hidden, detail["fault"]) if detail["magnitude"] else hidden)
        case "revealed":
            return replace(session, hidden=tuple(fault for fault in session.hidden if fault != detail["fault"]))
        case "next_group":
            return Session(session.entries, detail["group"])
    return session


def _revealed(session: Session, entry: Entry) -> bool:
    later = session.entries[session.entries.index(entry) :]
    return any(
        one.kind == "revealed" and one.group == entry.group and one.detail["fault"] == entry.detail["fault"]
        for one in later
    )
