"""The training pages as routes: kiosk and instructor, which are one document, and the two printed sheets.

A sheet has its style inside, so that it can be kept as one file: the browser is told this style by its hash, and no
script, image or other address at all.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from warmflow.errors import UserError
from warmflow.sinks.web.pages import STATIC
from warmflow.sinks.web.training_api import lesson_titles, loaded_lesson, only_instructors
from warmflow.sinks.web.training_feed import Feed
from warmflow.sinks.web.visitor import visitor
from warmflow.training.live.background_jobs import Heavy
from warmflow.training.live.controller import LessonController
from warmflow.training.printable import session_report
from warmflow.training.session_log import for_trainees

STYLE = re.compile(r"<style>(.*?)</style>", re.S)


def stage_routes(stage: LessonController, heavy: Heavy, feed: Feed) -> list[BaseRoute]:
    """All but the API; who may come in is the gate's matter."""

    async def plan(request: Request) -> Response:
        return sheet(await heavy.plan(await loaded_lesson(stage, request.path_params["lesson"])))

    async def report(request: Request) -> Response:
        session = stage.session
        if request.query_params.get("as") == "instructor":
            only_instructors(request)
        else:
            session = replace(session, entries=for_trainees(session))
        return sheet(session_report(session, await lesson_titles(stage)))

    return [
        Route("/train", _page),
        Route("/train/instructor", _instructors_page),
        Route("/train/plan/{lesson}", _in_words(plan)),
        Route("/train/report", _in_words(report)),
        feed.route(),
    ]


def sheet(text: str) -> HTMLResponse:
    """A printed page, whose own style is all that it may use."""
    hashes = (base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in STYLE.findall(text))
    allowed = " ".join(f"'sha256-{each}'" for each in hashes) or "'none'"
    policy = f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


async def _page(request: Request) -> Response:
    return FileResponse(STATIC / "training/training.html")


async def _instructors_page(request: Request) -> Response:
    return await _page(request) if visitor(request).instructor else RedirectResponse("/login/instructor", 303)


def _in_words(page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def said(request: Request) -> Response:
        try:
            return await page(request)
        except HTTPException as error:
            return PlainTextResponse(f"{error.detail}\n", error.status_code)
        except UserError as error:
            return PlainTextResponse(f"{error}\n", 409)

    return said
