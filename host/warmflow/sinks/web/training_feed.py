"""What is new on the stage, to every page that looks: state and course, at most 5 times a second, and nothing when
nothing changes.

Each page pulls for itself: one that is slow gets the newest, and the rows of the plot since it was given some.
"""

import asyncio
import contextlib
from typing import Any

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from warmflow.runtime.json_bytes import dump
from warmflow.runtime.tasks import end
from warmflow.sinks.web.visitor import visitor
from warmflow.training.live import plot_rows
from warmflow.training.live.controller import LessonController
from warmflow.training.live.page_state import can, state
from warmflow.training.live.plot_rows import PlotRows

EVERY_S = 0.2  # for one page
SHELF_S = 2.0
PATH = "/train/live"


class Feed:
    """The WebSocket, and what is looked at only while somebody is there: the shelf of lessons, and the pumps."""

    def __init__(self, stage: LessonController) -> None:
        self._stage = stage
        self._pages = 0
        self._watcher: asyncio.Task[None] | None = None

    def route(self) -> WebSocketRoute:
        return WebSocketRoute(PATH, self._serve)

    async def close(self) -> None:
        if self._watcher:
            await end(self._watcher)

    async def _serve(self, socket: WebSocket) -> None:
        await socket.accept()
        self._pages += 1
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch(), name="shelf of lessons")
        tasks: list[asyncio.Task[None]] = []
        try:
            instructor = socket.query_params.get("as") == "instructor" and visitor(socket).instructor
            tasks += [asyncio.create_task(self._send_all(socket, instructor)), asyncio.create_task(_until_gone(socket))]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._pages -= 1
            await end(*tasks)

    async def _send_all(self, socket: WebSocket, instructor: bool) -> None:
        version, library, given = -1, self._stage.library, Given()
        while True:
            version = await self._stage.news(version)
            if library != self._stage.library:
                library = self._stage.library
                await _send(socket, {"kind": "shelf"})
            await _send(socket, state(self._stage, instructor))
            rows = given.news(self._stage.lesson_run.course if self._stage.lesson_run else None)
            if rows:
                await _send(socket, rows)
            await asyncio.sleep(EVERY_S)

    async def _watch(self) -> None:
        could = can(self._stage)
        while self._pages:
            await self._stage.contents()  # tells everybody if they are others now
            before, could = could, can(self._stage)
            if could != before:
                self._stage.changed()
            await asyncio.sleep(SHELF_S)


class Given:
    """What a page has of a course."""

    def __init__(self) -> None:
        self._course: PlotRows | None = None
        self._epoch, self._rows = -1, 0

    def news(self, of: PlotRows | None) -> dict[str, Any] | None:
        """The rows that it lacks; all of them if they are of another course, or of one that began anew."""
        if of is None:
            return None
        anew = of is not self._course or of.epoch != self._epoch
        first = 0 if anew else self._rows
        self._course, self._epoch, self._rows = of, of.epoch, len(of.rows)
        if not anew and first == self._rows:
            return None
        most = plot_rows.WHOLE if anew else round(plot_rows.ROWS_S * EVERY_S)
        return plot_rows.message(of.rows[first:], most, anew)


async def _send(socket: WebSocket, message: dict[str, Any]) -> None:
    await socket.send_text(dump(message).decode())


async def _until_gone(socket: WebSocket) -> None:
    """Messages of a page are ignored: actions go over HTTP."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, KeyError):
        while True:
            await socket.receive()
            if socket.client_state.name == "DISCONNECTED":
                return
