"""The two printed pages: a session's report and a lesson's plan on one sheet. HTML that needs nothing else.

Both say that this is an emulator. The plan's figures come from playing the lesson, never from its file.
"""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from warmflow.training.figure_text import clock, figures, guess, truth, way_text
from warmflow.training.group_results import groups
from warmflow.training.lesson import Lesson
from warmflow.training.lesson_file import Loaded
from warmflow.training.log_text import Titles, log_lines
from warmflow.training.playback_modes import ways
from warmflow.training.predictions import TRUTHS
from warmflow.training.progress import Progress, played
from warmflow.training.session_log import Session
from warmflow.training.simulated_run import to_the_end
from warmflow.training.texts import texts
from warmflow.training.views import closing

BRING = ("rig", "thermos", "thermometer", "towel")
SAFETY = ("hot", "mains", "puck", "spill")


def session_report(session: Session, titles: Titles) -> str:
    """The page of a session."""
    at = [entry.at for entry in session.entries]
    return _page(
        "report.html",
        groups=groups(session),
        first=at[0] if at else None,
        last=at[-1] if at else None,
        titles=titles.lessons,
        lines=lambda entries: log_lines(entries, titles),
        guess=guess,
        truth=truth,
    )


def lesson_plan(loaded: Loaded) -> str:
    """One sheet for the instructor, answers and figures included."""
    lesson, play = loaded.lesson, played(loaded)
    progress = to_the_end(play)
    return _page(
        "plan.html",
        name=loaded.name,
        lesson=lesson,
        scenario=loaded.scenario,
        rig=play.rig.title,
        bring=_bring(lesson),
        safety=[texts()(f"plan.safety_{key}") for key in SAFETY],
        ways=[way_text(way) for way in ways(play)],
        steps=_steps(progress),
        guesses=[(one.ask, guess(one.what, TRUTHS[one.what](progress))) for one in lesson.predict],
        closing=closing(lesson),
    )


def _page(template: str, **content: Any) -> str:
    environment = Environment(
        loader=PackageLoader("warmflow.training", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(template).render(say=texts(), **content)


def _bring(lesson: Lesson) -> list[str]:
    keys = BRING if lesson.probe else ("screen",)
    return [*(texts()(f"plan.bring_{key}") for key in keys), *lesson.bring]


def _steps(progress: Progress) -> list[tuple[str, str, str]]:
    reached = {one.step.id: one for one in progress.reached}
    rows = []
    for step in progress.play.lesson.step:
        one = reached.get(step.id)
        at = texts()("plan.never") if one is None else clock(one.t_s - progress.play.begins_s)
        rows.append((at, step.title, "" if one is None else figures(one.numbers)))
    return rows
