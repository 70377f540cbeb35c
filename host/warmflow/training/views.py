"""What a page shows of a lesson, as JSON: step, numbers with their marks, peak, added dose, clock, guesses, statements.

Figures are rounded for the eye in `text` only; `value` is what the engine has. Every view carries the notice.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from warmflow.runtime.text import printable
from warmflow.simulation.output import first_digit
from warmflow.training.comparison import Comparison
from warmflow.training.lesson import Lesson, Step
from warmflow.training.lesson_file import Loaded
from warmflow.training.lesson_library import Contents
from warmflow.training.playback_modes import PlaybackMode, best, ways
from warmflow.training.predictions import TRUTHS, compared, within
from warmflow.training.progress import Play, Progress, played
from warmflow.training.quantities import NAMES, NUMBERS, value
from warmflow.training.statements import statements
from warmflow.training.texts import Texts, texts


def view(
    progress: Progress, way: PlaybackMode, speed_x: int, guesses: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """The lesson now. `guesses` are of the group that looks."""
    say, play, lesson = texts(), progress.play, progress.play.lesson
    step = progress.step
    reached = {one.step.id: one.t_s for one in progress.reached}
    ahead = lesson.step[len(progress.reached)] if len(progress.reached) < len(lesson.step) else None
    return {
        "notice": say("notice.long"),
        "lesson": play.name,
        "title": lesson.title,
        "clock": {
            "t_s": progress.now.now.t_s if progress.now else 0.0,
            "whole_s": None if play.dipped else play.scenario.whole_min * 60,
            "begins_s": play.begins_s,
            "phase": progress.phase,
            "phase_text": say(f"phase.{progress.phase}"),
            "way": way.name,
            "speed_x": speed_x,
            "label": say(way.label, speed=f"{speed_x:,}"),
            "replay": way.name == "replay",
        },
        "step": None if step is None else of_step(step, lesson),
        "next": None if ahead is None else {"id": ahead.id, "title": ahead.title},
        "steps": [{"id": one.id, "title": one.title, "reached_s": reached.get(one.id)} for one in lesson.step],
        "numbers": numbers(progress, step.shows if step else lesson.step[0].shows),
        "drawing": {name: _plain(progress, name) for name in NAMES},
        "peak": {
            "percent": progress.peak_percent,
            "t_s": progress.peak_s,
            "after_min": TRUTHS["peak_after_min"](progress),
            "within_min": within("peak_after_min", progress),
        },
        "added": {name.removeprefix("added_"): _plain(progress, name) for name in NAMES if name.startswith("added_")},
        "concentration": None if lesson.concentration is None else lesson.concentration.model_dump(),
        "guesses": [one._asdict() for one in compared(progress, guesses or {})],
        "finished": progress.finished,
        "closing": closing(lesson),
    }


def numbers(
    progress: Progress, names: tuple[str, ...], then: Mapping[str, float | None] | None = None
) -> list[dict[str, Any]]:
    """Rows for the screen: mark, value, text, and the change since the start where that means something.

    `then` has the numbers at the moment at which the step came; the rows have those of now.
    """
    say = texts()
    return [_row(say, progress, name) | {"then_text": _then(name, then or {})} for name in names]


def _then(name: str, then: Mapping[str, float | None]) -> str:
    number = then.get(name)
    return "" if number is None else spoken(name, number)


def closing(lesson: Lesson) -> dict[str, Any]:
    """The last screen: the statements, each with its source."""
    rows = [statements()[number]._asdict() for number in lesson.statement]
    return {"text": lesson.closing, "statements": rows}


def listed(contents: Contents) -> dict[str, Any]:
    """What there is to choose from, and what was refused."""
    return {
        "notice": texts()("notice.long"),
        "lessons": [_card(one) for one in contents.lessons.values()],
        "refused": [
            {"file": printable(str(one.file)), "line": one.line, "key": one.key, "text": printable(one.text)}
            for error in contents.refused.values()
            for one in error.problems
        ],
    }


def before(loaded: Loaded) -> dict[str, Any]:
    """What is needed before a run: aim, sliders, questions without their answers, ways, comparisons."""
    lesson, play = loaded.lesson, played(loaded)
    return {
        **_card(loaded),
        "predict": [predict.model_dump() for predict in lesson.predict],
        "questions": [{"text": one.text, "choices": one.choices} for one in lesson.question],
        "compare": [one.title for one in lesson.compare],
        "ways": [_way(way) for way in ways(play)],
        "events": events(play),
    }


def answered(lesson: Lesson, question: int, choice: int) -> dict[str, Any]:
    """The explanation for an answer; both counted from 1. Raises IndexError."""
    if question < 1:
        raise IndexError(question)
    one = lesson.question[question - 1]
    return {"right": choice == one.right, "right_choice": one.right, "why": one.why, "source": one.source}


def side_by_side(found: Comparison) -> dict[str, Any]:
    """A comparison, for a plot and its sentence."""
    return {**found._asdict(), "sides": [side._asdict() for side in found.sides], "notice": texts()("notice.long")}


def events(play: Play) -> list[dict[str, Any]]:
    """What happens and when, in seconds of the lesson: for marks on a plot's axis."""
    rows = []
    for event in play.scenario.events:
        end_s = play.begins_s + event.end_min * 60
        rows.append({"kind": event.kind, "from_s": play.begins_s + event.at_min * 60, "to_s": end_s})
    return rows


def _card(loaded: Loaded) -> dict[str, Any]:
    play = played(loaded)
    found = ways(play)
    lesson = loaded.lesson
    return {
        "name": loaded.name,
        "title": lesson.title,
        "aim": lesson.aim,
        "intro": lesson.intro or loaded.scenario.title,
        "scenario": loaded.scenario.title,
        "rig": play.rig.title,
        "whole_min": loaded.scenario.whole_min,
        "steps": len(lesson.step),
        "statement": lesson.statement,
        "way": _way(best(found)),
        "probe": lesson.probe,
    }


def _way(way: PlaybackMode) -> dict[str, Any]:
    say = texts()
    why = say(way.why_not) if way.why_not else ""
    return {
        **way._asdict(),
        "why_not": why,
        "possible": way.possible,
        "label": say(way.label, speed=f"{way.speed_x:,}"),
    }


def of_step(step: Step, lesson: Lesson) -> dict[str, Any]:
    """A step as the screen shows it, and its place among all."""
    at = [one.id for one in lesson.step].index(step.id)
    said = step.model_dump(include={"id", "title", "text", "part", "shows"})
    return {**said, "number": at + 1, "count": len(lesson.step)}


def _row(say: Texts, progress: Progress, name: str) -> dict[str, Any]:
    number, now = NUMBERS[name], _plain(progress, name)
    was = value(name, progress.start) if progress.start else None
    change = None if now is None or was is None or number.from_zero else now - was
    return {
        "name": name,
        "label": say(f"number.{name}.label"),
        "unit": say(f"number.{name}.unit"),
        "kind": number.kind,
        "kind_text": say(f"kind.{number.kind}"),
        "value": now,
        "text": say("train.no_reading") if now is None else spoken(name, now),
        "change": change,
        "change_percent": None if change is None or not was else 100 * change / was,
    }


def spoken(name: str, number: float) -> str:
    """A number as it is shown, with no minus before a rounded zero."""
    known = NUMBERS[name]
    digits = first_digit(number, known.digits) if known.first_digit else known.digits
    rounded = float(Decimal(number).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)) + 0.0  # as a browser rounds
    return f"{rounded:+.{digits}f}" if known.from_zero else f"{rounded:.{digits}f}"


def _plain(progress: Progress, name: str) -> float | None:
    return None if progress.now is None else value(name, progress.now)
