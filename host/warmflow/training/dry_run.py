"""A lesson played to its end before anybody sees it: which steps are never reached, which slider lacks the truth.

For `warmflow lesson check` and `show`; the figures are those of the engine on a simulation.
"""

from collections.abc import Iterator
from typing import NamedTuple

from warmflow.errors import UserError
from warmflow.runtime.text_file import read_text
from warmflow.training import views
from warmflow.training.comparison import comparison
from warmflow.training.figure_text import clock, figures, guess, way_text
from warmflow.training.lesson_file import Loaded, Problem
from warmflow.training.playback_modes import ways
from warmflow.training.predictions import TRUTHS
from warmflow.training.progress import Progress, played
from warmflow.training.simulated_run import to_the_end
from warmflow.training.texts import texts
from warmflow.training.toml_lines import key_lines, line_of


class Rehearsed(NamedTuple):
    """A line for a person, and what is wrong."""

    line: str
    problems: tuple[Problem, ...]


def rehearsed(loaded: Loaded) -> Rehearsed:
    """Plays it. Never raises: what the model refuses is a problem of the scenario."""
    lines = key_lines(read_text(loaded.path))

    def problem(loc: tuple[str | int, ...], key: str, text: str) -> Problem:
        return Problem(loaded.path, line_of(loc, lines), key, text)

    try:
        progress = to_the_end(played(loaded))
        for which in range(len(loaded.lesson.compare)):
            comparison(loaded, which)
    except UserError as error:
        return Rehearsed("cannot be played", (problem(("scenario",), "scenario", str(error)),))
    wrong = tuple(problem(*one) for one in _wrong(progress))
    return Rehearsed(_line(progress), wrong)


def _wrong(progress: Progress) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    lesson, count = progress.play.lesson, len(progress.reached)
    for at, step in enumerate(lesson.step[count:], count):
        waits = "is never reached in this scenario" if at == count else f"waits for {lesson.step[count].id} before it"
        yield ("step", at, "when"), f"step.{at + 1}.when", f"{step.id} {waits}"
    for at, predict in enumerate(lesson.predict):
        truth = TRUTHS[predict.what](progress)
        if truth is None or not predict.low <= truth <= predict.high:
            said = "it never happens" if truth is None else f"it is {truth:.3g}"
            text = f"{predict.what}: {said}; the slider goes from {predict.low:g} to {predict.high:g}"
            yield ("predict", at), f"predict.{at + 1}", text


def _line(progress: Progress) -> str:
    found = {name: TRUTHS[name](progress) or 0.0 for name in ("peak_percent", "added_ul", "added_percent")}
    steps = f"{len(progress.reached)} of {len(progress.play.lesson.step)} steps"
    peak, added = (
        views.spoken("deviation_percent", found["peak_percent"]),
        views.spoken("added_percent", found["added_percent"]),
    )
    return f"{steps}, peak {peak} %, added {views.spoken('added_ul', found['added_ul'])} uL, {added} % of a 14-day dose"


def as_text(loaded: Loaded) -> Iterator[str]:
    """A lesson for a terminal."""
    say, lesson, play = texts(), loaded.lesson, played(loaded)
    progress = to_the_end(play)
    reached = {one.step.id: one for one in progress.reached}
    yield from (say("notice.short"), f"{lesson.title}: {loaded.scenario.title}; {play.rig.title}", lesson.aim, "")
    yield from (f"  {way_text(way)}" for way in ways(play))
    yield ""
    for number, step in enumerate(lesson.step, 1):
        one = reached.get(step.id)
        at = say("plan.never") if one is None else clock(one.t_s - play.begins_s)
        yield from (f"  {number}. {at:>10}  {step.title}", f"       {figures(one.numbers) if one else ''}")
    yield ""
    yield from (f"  {predict.ask} {guess(predict.what, TRUTHS[predict.what](progress))}" for predict in lesson.predict)
    for question in lesson.question:
        yield f"  {question.text} {question.choices[question.right - 1]} ({question.source})"
    yield from ("", lesson.closing)
    for row in views.closing(lesson)["statements"]:
        yield f"  {row['number']}. {row['says']} ({row['source']})"
