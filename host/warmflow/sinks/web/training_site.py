"""The stage put together, for whoever serves it: its routes, its part of the API, and its end."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from starlette.routing import BaseRoute

from warmflow.runtime.logs import Log
from warmflow.runtime.wall_clock import Clock
from warmflow.sinks.web.training_api import stage_api
from warmflow.sinks.web.training_feed import Feed
from warmflow.sinks.web.training_pages import stage_routes
from warmflow.training.lesson_library import LessonLibrary
from warmflow.training.live.background_jobs import Heavy
from warmflow.training.live.controller import LessonController, Surroundings
from warmflow.training.live.log_file import LogFile

LEAVE_S = 0.7  # a board that does not answer does not hold up a stop


@dataclass(frozen=True)
class TrainingSite:
    """`routes` beside the dashboard's, `api` within its API."""

    stage: LessonController
    feed: Feed
    kept: LogFile
    routes: list[BaseRoute]
    api: APIRouter

    async def close(self) -> None:
        """Puts boards back as they were, as far as they answer at once; the log is on disk then."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                await self.stage.clear()
        await self.feed.close()
        await self.kept.close()


def house(
    lessons: Path | None,
    folder: Path,
    around: Surroundings,
    log: Log,
    wall: Clock,
    now: Callable[[], float] = time.monotonic,
) -> TrainingSite:
    """`lessons`: a folder of the user's own. `folder`: where the session's log is stored. `wall` dates that log, `now`
    paces replays.
    """
    kept = LogFile(folder, log)
    stage = LessonController(LessonLibrary(lessons), around, log, wall, kept.add, now)
    heavy, feed = Heavy(), Feed(stage)
    return TrainingSite(stage, feed, kept, stage_routes(stage, heavy, feed), stage_api(stage, heavy))
