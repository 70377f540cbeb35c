"""The session's log in words: entries in, a line for each out; the same for screen and print."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pumpmodel.faults import WARM_POCKET_C
from warmflow.training.figure_text import guess
from warmflow.training.lesson_file import Loaded
from warmflow.training.session_log import Entry
from warmflow.training.texts import texts


class Titles(NamedTuple):
    """What people call lessons, by name, and their steps, by lesson and step."""

    lessons: Mapping[str, str] = {}
    steps: Mapping[tuple[str, str], str] = {}


def titles_of(lessons: Mapping[str, Loaded]) -> Titles:
    """As the lessons' files have them now; a log may be older than a file."""
    steps = {(name, step.id): step.title for name, one in lessons.items() for step in one.lesson.step}
    return Titles({name: one.lesson.title for name, one in lessons.items()}, steps)


def log_lines(entries: Iterable[Entry], titles: Titles) -> list[tuple[Entry, str]]:
    """Each entry of a session's log, from its beginning on, and what it says."""
    lesson, found = "", []
    for entry in entries:
        lesson = entry.detail["lesson"] if entry.kind == "started" else lesson
        found.append((entry, _line(entry, titles, lesson)))
    return found


def _line(entry: Entry, titles: Titles, lesson: str) -> str:
    """`lesson` is the one that was on."""
    say, detail = texts(), dict[str, Any](entry.detail)
    if "lesson" in detail:
        detail["lesson"] = titles.lessons.get(detail["lesson"], detail["lesson"])
    if "step" in detail:
        detail["step"] = titles.steps.get((lesson, detail["step"]), detail["step"])
    if entry.kind == "injected":
        detail["size"] = _size(detail["fault"], detail["magnitude"])
    if "fault" in detail:
        detail["fault"] = say(f"fault.{detail['fault']}")
    if entry.kind == "guessed":
        detail |= {"what": say(f"guess.{detail['what']}.label"), "value": guess(detail["what"], detail["value"])}
    ended = entry.kind == "injected" and not detail["magnitude"]
    return say("session.ended" if ended else f"session.{entry.kind}", **detail)


def _size(fault: str, magnitude: float) -> str:
    """A warm pocket of 1 is so much warmer; the others are a share of the flow."""
    if fault == "warm_pocket":
        return f"+{magnitude * WARM_POCKET_C:.2f} {texts()('number.pump_c.unit')}"
    return f"{magnitude * 100:.0f} {texts()('guess.peak_percent.unit')}"
