"""Training over HTTP: texts, lessons, comparisons, the log; and its actions, one address each, all in the OpenAPI file.
What is the instructor's is refused to everybody else, in the same words whatever the state of the lesson is.

Every refusal is one clear line: 404 for what there is not, 422 for what is wrong in itself, 409 for what cannot be
now.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection
from starlette.types import Message

from warmflow.api.payloads import training as payload
from warmflow.errors import UserError
from warmflow.runtime.text import did_you_mean, printable
from warmflow.sinks.web.json_response import typed
from warmflow.sinks.web.response_schemas import answers, problems
from warmflow.sinks.web.visitor import visitor
from warmflow.training import views
from warmflow.training.lesson_file import LessonError, Loaded
from warmflow.training.lesson_library import UnknownLesson
from warmflow.training.live.actions import DEEDS, Action, Wrong, done
from warmflow.training.live.background_jobs import Heavy
from warmflow.training.live.controller import LessonController
from warmflow.training.log_text import Titles, log_lines, titles_of
from warmflow.training.session_log import for_trainees
from warmflow.training.texts import texts

NOT_INSTRUCTOR = "this is for the instructor: give the code at /login/instructor"
LONGEST_BODY = 10_000  # bytes of an action
WRONG = (Wrong, UnknownLesson, LessonError)
Name = Annotated[str, Path(max_length=200, description="The lesson's name.")]


class ShortBody(APIRoute):
    """A body that is too long is not read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return await inner(Request(request.scope, _limited(request)))

        return handler


def stage_api(stage: LessonController, heavy: Heavy) -> APIRouter:
    """To be included into the API, which is mounted on /api."""
    router = APIRouter(prefix="/train", route_class=ShortBody, tags=["training"])

    @router.get("/texts")
    async def all_texts() -> dict[str, str]:
        """Every text of the training page, by key."""
        return texts().all()

    @router.get("/lessons", responses=answers(200, payload.Lessons))
    async def lessons() -> Response:
        """The lessons to choose from, and what is wrong with files that cannot be used."""
        found = views.listed(await stage.contents())
        return typed({**found, "problems": found["refused"]}, payload.Lessons)

    @router.get("/lessons/{name}", responses=answers(200, payload.LessonBefore) | problems(404, 422))
    async def lesson(name: Name) -> Response:
        """What is needed before a run: aim, sliders, questions, ways."""
        return typed(views.before(await loaded_lesson(stage, name)), payload.LessonBefore)

    @router.get("/compare/{name}/{which}", responses=answers(200, payload.Compared) | problems(404, 409, 422))
    async def compare(
        name: Name, which: Annotated[int, Path(ge=0, le=100, description="Which of its comparisons, from 0.")]
    ) -> Response:
        """Two runs on one time axis."""
        loaded = await loaded_lesson(stage, name)
        if which >= len(loaded.lesson.compare):
            raise HTTPException(404, f"{name}: {which}: it has {len(loaded.lesson.compare)} comparisons, from 0")
        try:
            return typed(await heavy.compared(loaded, which), payload.Compared)
        except UserError as error:
            raise HTTPException(409, str(error)) from None

    @router.get("/log", responses=answers(200, payload.SessionLog) | problems(403))
    async def log(
        request: Request,
        who: Annotated[Literal["trainee", "instructor"], Query(alias="as", description="Who asks.")] = "trainee",
    ) -> Response:
        """The session's log; trainees do not see a fault before it is shown."""
        if who == "instructor":
            only_instructors(request)
        entries = stage.session.entries if who == "instructor" else for_trainees(stage.session)
        titles = await lesson_titles(stage)
        rows = [
            {**entry._asdict(), "at": entry.at.isoformat(), "text": line} for entry, line in log_lines(entries, titles)
        ]
        return typed({"entries": rows}, payload.SessionLog)

    for name, action in DEEDS.items():
        _add(router, stage, name, action)

    @router.post("/deeds/{action}", status_code=404, include_in_schema=False)
    async def unknown(action: str) -> None:
        raise HTTPException(404, f"{printable(action, 40)}: no such action; {did_you_mean(action, DEEDS)}")

    return router


def only_instructors(asked: HTTPConnection) -> None:
    """Raises HTTPException for everybody else."""
    if not visitor(asked).instructor:
        raise HTTPException(403, NOT_INSTRUCTOR)


async def loaded_lesson(stage: LessonController, name: str) -> Loaded:
    """A lesson by name; the one on the stage as it is played, whatever became of its file.

    Raises HTTPException: 404 with the nearest one, 422 with what is wrong in its file.
    """
    if stage.lesson_run and stage.lesson_run.loaded.name == name:
        return stage.lesson_run.loaded
    try:
        return (await stage.contents()).lesson(name)
    except UnknownLesson as error:
        raise HTTPException(404, str(error)) from None
    except LessonError as error:
        raise HTTPException(422, str(error)) from None


async def lesson_titles(stage: LessonController) -> Titles:
    """Of all lessons."""
    return titles_of((await stage.contents()).lessons)


def _add(router: APIRouter, stage: LessonController, name: str, action: Action) -> None:
    async def do(request: Request, ask: Any) -> Response:
        if action.of_instructor:
            only_instructors(request)
        try:
            # not given up when the browser goes: a board that was half prepared would be left so
            return typed(await asyncio.shield(done(stage, name, ask)), payload.Done)
        except UserError as error:
            raise HTTPException(422 if isinstance(error, WRONG) else 409, str(error)) from None

    do.__annotations__["ask"] = action.ask
    promised = answers(200, payload.Done) | problems(403, 409, 413, 422)
    router.add_api_route(f"/deeds/{name}", do, methods=["POST"], summary=action.says, responses=promised)


def _limited(request: Request) -> Callable[[], Coroutine[Any, Any, Message]]:
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > LONGEST_BODY:
            raise HTTPException(413, f"the request is too large: at most {LONGEST_BODY} bytes")
        return message

    return receive
