"""The table of actions of a lesson. Each is carried out separately, logged in the session, or refused with a reason.

The player carries out actions that change a pump; this module decides whether an action is allowed now.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from warmflow.api.requests.board_commands import Ask
from warmflow.errors import UserError
from warmflow.training.live import action_fields, choose_player
from warmflow.training.live.controller import LessonController
from warmflow.training.live.lesson_run import LessonRun, Phase
from warmflow.training.live.page_state import revealed
from warmflow.training.live.player import NotNow
from warmflow.training.texts import texts

NO_GUESSES: Mapping[str, float] = {}
Done = dict[str, Any] | None


class Wrong(UserError):
    """An action with a field that does not fit the lesson."""


class Action(NamedTuple):
    """One row. `of_instructor`: what only the instructor's page offers."""

    ask: type[Ask]
    do: Callable[[LessonController, Any], Awaitable[Done]]
    says: str
    of_instructor: bool = False


async def done(stage: LessonController, name: str, ask: Ask) -> dict[str, Any]:
    """Does it, when those before it are done. Raises UserError with what is against it."""
    async with stage.turn:
        said = await DEEDS[name].do(stage, ask)
        stage.changed()
    return {"ok": True, **(said or {})}


async def _choose(stage: LessonController, ask: action_fields.Choose) -> None:
    loaded = (await stage.contents()).lesson(ask.lesson)
    await _put_on(stage, choose_player.found(stage, loaded, ask))


async def _again(stage: LessonController, ask: action_fields.Nothing) -> None:
    before = _lesson_run(stage)
    await _put_on(stage, choose_player.again(stage, before), before.guesses)


async def _put_on(stage: LessonController, part: choose_player.Part, guesses: Mapping[str, float] = NO_GUESSES) -> None:
    # held before anything is waited for: nobody else may begin on the pump meanwhile
    with stage.holding(part.link.name if part.link else None, part.loaded.lesson.title):
        await stage.clear()  # first: a board has one lesson's settings at a time
        lesson_run = await choose_player.cast(stage, part)
        lesson_run.guesses.update(guesses)
        stage.put_on(lesson_run)


async def _guess(stage: LessonController, ask: action_fields.Guess) -> None:
    lesson_run = _in_phase(stage, "predict")
    sliders = {one.what: one for one in lesson_run.loaded.lesson.predict}
    slider = sliders.get(ask.what)
    if slider is None:
        raise Wrong(texts()("stage.no_slider", what=ask.what, known=", ".join(sliders) or "–"))
    if not slider.low <= ask.value <= slider.high:
        raise Wrong(texts()("stage.off_slider", low=f"{slider.low:g}", high=f"{slider.high:g}"))
    stage.note("guessed", what=ask.what, value=ask.value)
    lesson_run.guesses[ask.what] = ask.value


async def _start(stage: LessonController, ask: action_fields.Nothing) -> None:
    lesson_run = _in_phase(stage, "predict")
    pump = lesson_run.player.pump
    if busy := stage.around.busy(pump) if pump else "":
        raise NotNow(busy)
    await lesson_run.player.start()
    lesson_run.begin()
    player = lesson_run.player
    stage.note("started", lesson=lesson_run.loaded.name, way=player.way.name, speed_x=player.speed_x)
    stage.tick(lesson_run)


async def _pause(stage: LessonController, ask: action_fields.Nothing) -> None:
    lesson_run = _in_phase(stage, "run")
    if lesson_run.paused:
        raise NotNow(texts()("stage.paused"))
    await lesson_run.player.pause()
    lesson_run.paused = True
    _note_if_running(stage, "paused")


async def _resume(stage: LessonController, ask: action_fields.Nothing) -> None:
    lesson_run = _in_phase(stage, "run")
    if not lesson_run.paused:
        raise NotNow(texts()("stage.not_paused"))
    await lesson_run.player.resume()
    lesson_run.paused = False
    _note_if_running(stage, "resumed")


async def _next(stage: LessonController, ask: action_fields.Nothing) -> None:
    if not _in_phase(stage, "run").turn(stage.now()):
        raise NotNow(texts()("stage.no_next"))


async def _back(stage: LessonController, ask: action_fields.Nothing) -> None:
    _lesson_run(stage)
    await stage.clear()


async def _jump(stage: LessonController, ask: action_fields.Jump) -> None:
    lesson_run = _in_phase(stage, "run", "done")
    known = [step.id for step in lesson_run.loaded.lesson.step]
    if ask.step not in known:
        raise Wrong(texts()("stage.no_step", step=ask.step, known=", ".join(known)))
    progress, rows = await lesson_run.player.jump(ask.step)
    lesson_run.moved(progress, rows, ask.step, stage.now())
    stage.note("jumped", step=ask.step)


async def _answer(stage: LessonController, ask: action_fields.Answer) -> None:
    lesson_run = _in_phase(stage, "done")
    questions = lesson_run.loaded.lesson.question
    if ask.question >= len(questions) or ask.choice >= len(questions[ask.question].choices):
        raise Wrong(texts()("stage.no_question", count=len(questions)))
    right = questions[ask.question].right == ask.choice + 1
    stage.note("answered", question=ask.question + 1, choice=ask.choice + 1, right=right)
    lesson_run.answers[ask.question] = ask.choice


async def _acknowledge(stage: LessonController, ask: action_fields.Nothing) -> None:
    pump = _lesson_run(stage).player.pump
    alarm = stage.flag()
    if pump is None or alarm is None:
        raise NotNow(texts()("stage.no_alarm"))
    await stage.around.acknowledge(pump)
    known = ", ".join(revealed(stage.session)) or alarm["cause"]  # what was shown goes before what the monitor guesses
    named = "" if stage.session.hidden else f": {known}"
    stage.note("acknowledged", alarm=f"{alarm['level']}{named}")


async def _diagnose(stage: LessonController, ask: action_fields.Diagnose) -> None:
    _in_phase(stage, "run", "done")
    stage.note("diagnosed", fault=ask.fault)


async def _inject(stage: LessonController, ask: action_fields.Inject) -> None:
    lesson_run = _in_phase(stage, "run")
    lesson_run.progress = await lesson_run.player.inject(lesson_run.progress, ask.fault, ask.magnitude)
    stage.note("injected", fault=ask.fault, magnitude=ask.magnitude)
    lesson_run.faults.pop(ask.fault, None)
    if ask.magnitude:
        lesson_run.faults[ask.fault] = ask.magnitude


async def _reveal(stage: LessonController, ask: action_fields.Reveal) -> None:
    if ask.fault not in stage.session.hidden:
        raise NotNow(texts()("stage.not_hidden"))
    stage.note("revealed", fault=ask.fault)


async def _next_group(stage: LessonController, ask: action_fields.Nothing) -> None:
    await stage.clear(to_rest=True)
    stage.next_group()


DEEDS: dict[str, Action] = {
    "choose": Action(action_fields.Choose, _choose, "puts a lesson on the stage"),
    "guess": Action(action_fields.Guess, _guess, "a slider, before the run"),
    "start": Action(action_fields.Nothing, _start, "begins the run"),
    "pause": Action(action_fields.Nothing, _pause, "pump time stands; on a board it goes on at 1x"),
    "resume": Action(action_fields.Nothing, _resume, "it runs on"),
    "next": Action(action_fields.Nothing, _next, "shows the next step that was reached, at once"),
    "back": Action(action_fields.Nothing, _back, "leaves the lesson"),
    "jump": Action(action_fields.Jump, _jump, "to the moment of a step, in a replay"),
    "again": Action(action_fields.Nothing, _again, "the same lesson from its beginning"),
    "answer": Action(action_fields.Answer, _answer, "to a question, after the run"),
    "acknowledge": Action(action_fields.Nothing, _acknowledge, "the flag was seen"),
    "diagnose": Action(action_fields.Diagnose, _diagnose, "what the trainees take for the cause"),
    "next_group": Action(action_fields.Nothing, _next_group, "resets guesses, scenario, faults and clocks", True),
    "inject": Action(action_fields.Inject, _inject, "a fault, unseen by the trainees", True),
    "reveal": Action(action_fields.Reveal, _reveal, "shows it to them", True),
}


def _lesson_run(stage: LessonController) -> LessonRun:
    if stage.lesson_run is None:
        raise NotNow(texts()("stage.empty"))
    return stage.lesson_run


def _in_phase(stage: LessonController, *phases: Phase) -> LessonRun:
    lesson_run = _lesson_run(stage)
    if lesson_run.phase not in phases:
        raise NotNow(texts()(f"stage.in_{lesson_run.phase}"))
    return lesson_run


def _note_if_running(stage: LessonController, kind: str) -> None:
    """Not after the end: the screen may still turn when the run is over already."""
    if stage.session.running is (kind == "paused"):
        stage.note(kind)
