"""The stage over HTTP: texts, lessons, comparisons, the log; and its deeds, one address each, all in the OpenAPI file.

Every refusal is one clear line: 404 for what there is not, 422 for what is wrong in itself, 409 for what can not be
now.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.types import Message

from warmflow.errors import UserError
from warmflow.runtime.text import did_you_mean, printable
from warmflow.runtime.validation_text import fault_words, key_of
from warmflow.training import views
from warmflow.training.lesson_file import LessonError, Loaded
from warmflow.training.lesson_library import UnknownLesson
from warmflow.training.live.actions import DEEDS, Action, Wrong, done
from warmflow.training.live.background_jobs import Heavy
from warmflow.training.live.controller import LessonController
from warmflow.training.log_text import Titles, log_lines, titles_of
from warmflow.training.session_log import for_trainees
from warmflow.training.texts import texts

LONGEST_BODY = 10_000  # bytes of a deed
WRONG = (Wrong, UnknownLesson, LessonError)
Name = Annotated[str, Path(max_length=200, description="The lesson's name.")]


class OneLine(APIRoute):
    """What FastAPI finds wrong as one line; a body that is too long is not read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(Request(request.scope, _limited(request)))
            except RequestValidationError as error:
                raise HTTPException(422, "; ".join(map(_problem, error.errors()))) from None

        return handler


def stage_api(stage: LessonController, heavy: Heavy) -> APIRouter:
    """To be included into the API, which is mounted on /api."""
    router = APIRouter(prefix="/train", route_class=OneLine, tags=["training"])

    @router.get("/texts")
    async def all_texts() -> dict[str, str]:
        """Every text of the training page, by key."""
        return texts().all()

    @router.get("/lessons")
    async def lessons() -> dict[str, Any]:
        """The lessons to choose from, and what is wrong with files that can not be used."""
        found = views.listed(await stage.contents())
        return {**found, "problems": found["refused"]}

    @router.get("/lessons/{name}", responses={404: {}, 422: {}})
    async def lesson(name: Name) -> dict[str, Any]:
        """What is needed before a run: aim, sliders, questions, ways."""
        return views.before(await loaded_lesson(stage, name))

    @router.get("/compare/{name}/{which}", responses={404: {}, 422: {}})
    async def compare(
        name: Name, which: Annotated[int, Path(ge=0, le=100, description="Which of its comparisons, from 0.")]
    ) -> dict[str, Any]:
        """Two runs on one time axis."""
        loaded = await loaded_lesson(stage, name)
        if which >= len(loaded.lesson.compare):
            raise HTTPException(404, f"{name}: {which}: it has {len(loaded.lesson.compare)} comparisons, from 0")
        return await heavy.compared(loaded, which)

    @router.get("/log")
    async def log(
        who: Annotated[Literal["trainee", "instructor"], Query(alias="as", description="Who asks.")] = "trainee",
    ) -> dict[str, Any]:
        """The session's log; trainees do not see a fault before it is shown."""
        entries = stage.session.entries if who == "instructor" else for_trainees(stage.session)
        titles = await lesson_titles(stage)
        return {
            "entries": [
                {**entry._asdict(), "at": entry.at.isoformat(), "text": line}
                for entry, line in log_lines(entries, titles)
            ]
        }

    for name, action in DEEDS.items():
        _add(router, stage, name, action)

    @router.post("/deeds/{action}", status_code=404, include_in_schema=False)
    async def unknown(action: str) -> None:
        raise HTTPException(404, f"{printable(action, 40)}: no such action; {did_you_mean(action, DEEDS)}")

    return router


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
    async def do(ask: Any) -> dict[str, Any]:
        try:
            # not given up when the browser goes: a board that was half prepared would be left so
            return await asyncio.shield(done(stage, name, ask))
        except UserError as error:
            raise HTTPException(422 if isinstance(error, WRONG) else 409, str(error)) from None

    do.__annotations__["ask"] = action.ask
    router.add_api_route(f"/deeds/{name}", do, methods=["POST"], summary=action.says, responses={409: {}, 413: {}})


def _limited(request: Request) -> Callable[[], Coroutine[Any, Any, Message]]:
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > LONGEST_BODY:
            raise HTTPException(413, f"a deed has {LONGEST_BODY} bytes at most")
        return message

    return receive


def _problem(error: Any) -> str:
    where = key_of([part for part in error["loc"][1:] if not isinstance(part, int)])
    return f"{where}: {fault_words(error, noun='field')}".removeprefix(": ")
