"""The state of a lesson for the pages, as JSON. Injected faults are sent to instructors only."""

from collections.abc import Mapping
from typing import Any

from warmflow.training import views
from warmflow.training.live.available_pumps import possible
from warmflow.training.live.controller import LessonController
from warmflow.training.live.lesson_run import LessonRun
from warmflow.training.progress import Progress
from warmflow.training.quantities import NAMES, value
from warmflow.training.session_log import Session
from warmflow.training.texts import texts

FACTS = ("id", "pump", "state", "active", "level", "since")  # of a flag: what says nothing of its cause


def state(stage: LessonController, instructor: bool) -> dict[str, Any]:
    """The message of kind `state`."""
    lesson_run = stage.lesson_run
    told = {
        "kind": "state",
        "phase": lesson_run.phase if lesson_run else "choose",
        "paused": bool(lesson_run and lesson_run.paused),
        "held": False,
        "lesson": lesson_run.loaded.name if lesson_run else None,
        "group": stage.session.group,
        "live": None,
        "start": None,
        "shown": None,
        "source": {"way": None, "pump": None, "ok": True, "why": ""},
        "guesses": dict(lesson_run.guesses) if lesson_run else {},
        "answers": _answers(lesson_run) if lesson_run else {},
        "alarm": _flag(stage, instructor),
        **_of_run(stage.session, begun=lesson_run is None or lesson_run.phase != "predict"),
        "tell": not stage.session.hidden,
        "can": can(stage),
    }
    if lesson_run:
        told |= _played(lesson_run, stage.now())
    if instructor:
        told["faults"] = dict(lesson_run.faults) if lesson_run else {}
    return told


def can(stage: LessonController) -> dict[str, bool]:
    """What may be chosen here and now."""
    ways = possible(stage.around.links())
    allowed = not stage.around.commands
    return {**{way: allowed and bool(pumps) for way, pumps in ways.items()}, "commands": allowed}


def _played(lesson_run: LessonRun, now_s: float) -> dict[str, Any]:
    progress, player, screen = lesson_run.progress, lesson_run.player, lesson_run.screen
    reached = len(progress.reached)
    live = views.view(progress, player.way, player.speed_x, lesson_run.guesses)
    live["clock"]["hurried"] = player.speed_x > lesson_run.speed_x
    return {
        "held": screen.held(reached, now_s),
        "live": live,
        "start": _drawing(progress),
        "shown": _shown(progress, screen.at) if lesson_run.phase != "predict" else None,
        "source": {
            "way": player.way.name,
            "pump": player.pump,
            "ok": not lesson_run.trouble,
            "why": lesson_run.trouble,
        },
    }


def _shown(progress: Progress, at: int) -> dict[str, Any] | None:
    if not 0 <= at < len(progress.reached):
        return None
    reached, lesson = progress.reached[at], progress.play.lesson
    step = reached.step
    said = views.of_step(step, lesson)
    return {
        "step": said,
        "number": said["number"],
        "count": said["count"],
        "numbers": views.numbers(progress, step.shows, reached.numbers),
        "waiting": len(progress.reached) - 1 - at,
    }


def _flag(stage: LessonController, instructor: bool) -> Mapping[str, Any] | None:
    """The monitor's flag. While a fault is hidden its cause is what the trainees are to find, so it is not told. Once a
    fault was shown its cause is known, and what the monitor takes for likely is told only if it is that.
    """
    flag = stage.flag()
    if flag is None:
        return None
    facts = {key: flag[key] for key in FACTS if key in flag}
    if stage.session.hidden:
        return flag if instructor else facts | {"text": texts()("stage.flag_unnamed")}
    shown = revealed(stage.session)
    if shown and not any(fault.split("_")[0] in flag.get("likely", "") for fault in shown):
        return facts | {"text": texts()("stage.flag_shown", fault="; ".join(texts()(f"fault.{one}") for one in shown))}
    return flag


def _drawing(progress: Progress) -> dict[str, float | None] | None:
    return None if progress.start is None else {name: value(name, progress.start) for name in NAMES}


def _answers(lesson_run: LessonRun) -> dict[str, dict[str, Any]]:
    found = {}
    for question, choice in lesson_run.answers.items():
        said = views.answered(lesson_run.loaded.lesson, question + 1, choice + 1)
        found[str(question)] = {**said, "choice": choice, "right_choice": said["right_choice"] - 1}
    return found


def revealed(session: Session) -> list[str]:
    """Faults of this run that the group was shown."""
    return list(_of_run(session, begun=True)["revealed"])


def _of_run(session: Session, begun: bool) -> Mapping[str, Any]:
    """Answers and shown faults of this run only; a fault that is injected again must be found again."""
    diagnosed: str | None = None
    revealed: list[str] = []
    for entry in session.of_group(session.group) if begun else ():
        fault = entry.detail.get("fault")
        if entry.kind == "started":
            diagnosed, revealed = None, []
        elif entry.kind == "diagnosed":
            diagnosed = fault
        elif entry.kind == "revealed" or (entry.kind == "injected" and entry.detail["magnitude"]):
            revealed = [one for one in revealed if one != fault] + [str(fault)] * (entry.kind == "revealed")
    return {"diagnosed": diagnosed, "revealed": revealed}
