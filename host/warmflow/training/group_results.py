"""A session's log as a report needs it: group by group, guesses beside what came out, faults beside diagnoses."""

from datetime import datetime
from typing import Any, NamedTuple

from warmflow.training.session_log import Entry, Session


class Hunt(NamedTuple):
    """A fault that was injected unseen. `after_s` from there to the right diagnosis; None if nobody found it."""

    fault: str
    magnitude: float
    at: datetime
    diagnoses: tuple[str, ...]
    after_s: float | None


class Group(NamedTuple):
    """What one group did. `results` are rows of guesses, of every lesson that it finished."""

    number: int
    lessons: tuple[Entry, ...]
    results: tuple[tuple[str, list[dict[str, Any]]], ...]
    answers: tuple[Entry, ...]
    hunts: tuple[Hunt, ...]
    acknowledgements: tuple[Entry, ...]
    log: tuple[Entry, ...]


def groups(session: Session) -> tuple[Group, ...]:
    """All groups that did anything, in order."""
    numbers = sorted({entry.group for entry in session.entries})
    found = (_group(number, session.of_group(number)) for number in numbers)
    return tuple(group for group in found if any(entry.kind != "next_group" for entry in group.log))


def hunts(log: tuple[Entry, ...]) -> tuple[Hunt, ...]:
    """Each injected fault of a group, with the trainees' answers until the next fault, or until it was shown."""
    found = []
    for at, entry in enumerate(log):
        if entry.kind != "injected" or not entry.detail["magnitude"]:
            continue
        said: list[Entry] = []
        for later in log[at + 1 :]:
            if later.kind == "revealed" or (later.kind == "injected" and later.detail["magnitude"]):
                break
            said += [later] if later.kind == "diagnosed" else []
        right = next((one for one in said if one.detail["fault"] == entry.detail["fault"]), None)
        after_s = None if right is None else (right.at - entry.at).total_seconds()
        diagnoses = tuple(str(one.detail["fault"]) for one in said)
        found.append(Hunt(entry.detail["fault"], entry.detail["magnitude"], entry.at, diagnoses, after_s))
    return tuple(found)


def _group(number: int, log: tuple[Entry, ...]) -> Group:
    def of(kind: str) -> tuple[Entry, ...]:
        return tuple(entry for entry in log if entry.kind == kind)

    results = tuple((str(entry.detail["lesson"]), list(entry.detail["results"])) for entry in of("finished"))
    return Group(number, of("started"), results, of("answered"), hunts(log), of("acknowledged"), log)
