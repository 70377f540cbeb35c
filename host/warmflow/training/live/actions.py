"""What may be done on the stage: the table of deeds. Each is done by itself, noted in the session, or refused in words.

A deed that moves a pump is the player's matter; here is decided whether it makes sense now.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from warmflow.api.requests.board_commands import Ask
from warmflow.errors import UserError
from warmflow.training.live import action_fields, choose_player
from warmflow.training.live.controller import LessonController
from warmflow.training.live.lesson_run import LessonRun, Phase
from warmflow.training.live.player import NotNow
from warmflow.training.texts import texts

NO_GUESSES: Mapping[str, float] = {}
Done = dict[str, Any] | None


class Wrong(UserError):
    """A deed with a field that does not fit the lesson."""


class Action(NamedTuple):
    """One row. `of_instructor`: what only the instructor's page offers."""

    ask: type[Ask]
    do: Callable[[LessonController, Any], Awaitable[Done]]
    says: str
    of_instructor: bool = False


async def done(stage: LessonController, name: str, ask: Ask) -> dict[str, Any]:
    """Does it, when those before it are done. Raises Mendable with what is against it."""
    async with stage.turn:
        said = await DEEDS[name].do(stage, ask)
        stage.changed()
    return {"ok": True, **(said or {})}


async def _choose(stage: LessonController, ask: action_fields.Choose) -> None:
    loaded = (await stage.contents()).lesson(ask.lesson)
    await _put_on(stage, choose_player.found(stage, loaded, ask))


async def _again(stage: LessonController, ask: action_fields.Nothing) -> None:
    before = _sitting(stage)
    await _put_on(stage, choose_player.again(stage, before), before.guesses)


async def _put_on(stage: LessonController, part: choose_player.Part, guesses: Mapping[str, float] = NO_GUESSES) -> None:
    if stage.sitting:
        _end_faults(stage, stage.sitting)
    # held before anything is waited for: nobody else may begin on the pump meanwhile
    with stage.holding(part.link.name if part.link else None, part.loaded.lesson.title):
        await stage.clear()  # first: a board has one lesson's settings at a time
        sitting = await choose_player.cast(stage, part)
        sitting.guesses.update(guesses)
        stage.put_on(sitting)


async def _guess(stage: LessonController, ask: action_fields.Guess) -> None:
    sitting = _in_phase(stage, "predict")
    sliders = {one.what: one for one in sitting.loaded.lesson.predict}
    slider = sliders.get(ask.what)
    if slider is None:
        raise Wrong(texts()("stage.no_slider", what=ask.what, known=", ".join(sliders) or "–"))
    if not slider.low <= ask.value <= slider.high:
        raise Wrong(texts()("stage.off_slider", low=f"{slider.low:g}", high=f"{slider.high:g}"))
    stage.note("guessed", what=ask.what, value=ask.value)
    sitting.guesses[ask.what] = ask.value


async def _start(stage: LessonController, ask: action_fields.Nothing) -> None:
    sitting = _in_phase(stage, "predict")
    pump = sitting.player.pump
    if busy := stage.around.busy(pump) if pump else "":
        raise NotNow(busy)
    await sitting.player.start()
    sitting.begin()
    player = sitting.player
    stage.note("started", lesson=sitting.loaded.name, way=player.way.name, speed_x=player.speed_x)
    stage.tick(sitting)


async def _pause(stage: LessonController, ask: action_fields.Nothing) -> None:
    sitting = _in_phase(stage, "run")
    if sitting.paused:
        raise NotNow(texts()("stage.paused"))
    await sitting.player.pause()
    sitting.paused = True
    _note_if_running(stage, "paused")


async def _resume(stage: LessonController, ask: action_fields.Nothing) -> None:
    sitting = _in_phase(stage, "run")
    if not sitting.paused:
        raise NotNow(texts()("stage.not_paused"))
    await sitting.player.resume()
    sitting.paused = False
    _note_if_running(stage, "resumed")


async def _next(stage: LessonController, ask: action_fields.Nothing) -> None:
    if not _in_phase(stage, "run").turn(stage.now()):
        raise NotNow(texts()("stage.no_next"))


async def _back(stage: LessonController, ask: action_fields.Nothing) -> None:
    _end_faults(stage, _sitting(stage))
    await stage.clear()


async def _jump(stage: LessonController, ask: action_fields.Jump) -> None:
    sitting = _in_phase(stage, "run", "done")
    known = [step.id for step in sitting.loaded.lesson.step]
    if ask.step not in known:
        raise Wrong(texts()("stage.no_step", step=ask.step, known=", ".join(known)))
    progress, rows = await sitting.player.jump(ask.step)
    sitting.moved(progress, rows, ask.step, stage.now())
    stage.note("jumped", step=ask.step)


async def _answer(stage: LessonController, ask: action_fields.Answer) -> None:
    sitting = _in_phase(stage, "done")
    questions = sitting.loaded.lesson.question
    if ask.question >= len(questions) or ask.choice >= len(questions[ask.question].choices):
        raise Wrong(texts()("stage.no_question", count=len(questions)))
    right = questions[ask.question].right == ask.choice + 1
    stage.note("answered", question=ask.question + 1, choice=ask.choice + 1, right=right)
    sitting.answers[ask.question] = ask.choice


async def _acknowledge(stage: LessonController, ask: action_fields.Nothing) -> None:
    pump = _sitting(stage).player.pump
    alarm = stage.flag()
    if pump is None or alarm is None:
        raise NotNow(texts()("stage.no_alarm"))
    await stage.around.acknowledge(pump)
    named = "" if stage.session.hidden else f": {alarm['cause']}"
    stage.note("acknowledged", alarm=f"{alarm['level']}{named}")


async def _diagnose(stage: LessonController, ask: action_fields.Diagnose) -> None:
    _in_phase(stage, "run", "done")
    stage.note("diagnosed", fault=ask.fault)


async def _inject(stage: LessonController, ask: action_fields.Inject) -> None:
    sitting = _in_phase(stage, "run")
    sitting.progress = await sitting.player.inject(sitting.progress, ask.fault, ask.magnitude)
    stage.note("injected", fault=ask.fault, magnitude=ask.magnitude)
    sitting.faults.pop(ask.fault, None)
    if ask.magnitude:
        sitting.faults[ask.fault] = ask.magnitude


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


def _sitting(stage: LessonController) -> LessonRun:
    if stage.sitting is None:
        raise NotNow(texts()("stage.empty"))
    return stage.sitting


def _in_phase(stage: LessonController, *phases: Phase) -> LessonRun:
    sitting = _sitting(stage)
    if sitting.phase not in phases:
        raise NotNow(texts()(f"stage.in_{sitting.phase}"))
    return sitting


def _note_if_running(stage: LessonController, kind: str) -> None:
    """Not after the end: the screen may still turn when the run is over already."""
    if stage.session.running is (kind == "paused"):
        stage.note(kind)


def _end_faults(stage: LessonController, sitting: LessonRun) -> None:
    for fault in sitting.faults:
        stage.note("injected", fault=fault, magnitude=0.0)
    sitting.faults.clear()
