"""A stage as the daemon serves it, with no broker and no pump: every lesson plays as a replay, as fast as one wants.

`python tests/support/training_server.py --times 10 --port 8090` serves one to look at, until Ctrl-C: its clock runs 10
times faster than ours, so that a lesson of 6 minutes takes 36 s.
"""

import argparse
import asyncio
import contextlib
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from wait import wait_until_sync

from warmflow.device.link import PumpLink
from warmflow.runtime.wall_clock import wall_clock
from warmflow.sinks.web.api_errors import with_problems
from warmflow.sinks.web.application import site
from warmflow.sinks.web.pages import STATIC
from warmflow.sinks.web.response_schemas import with_schemas
from warmflow.sinks.web.training_site import TrainingSite, house


class NoPumps:
    """A daemon with nothing connected. `flag` is what the pump of the lesson has, for pages that show one."""

    def __init__(self, commands: str = "") -> None:
        self.commands = commands
        self.flag: Mapping[str, Any] | None = None
        self.acknowledged: list[str] = []

    def links(self) -> Iterable[PumpLink]:
        return []

    def alarm(self, pump: str) -> Mapping[str, Any] | None:
        return self.flag

    async def acknowledge(self, pump: str) -> None:
        self.acknowledged.append(pump)

    def busy(self, pump: str) -> str:
        return ""


class FastClock:
    """Ours, `times` faster; it may be changed while it runs, and never goes back."""

    def __init__(self, times: float = 1.0) -> None:
        self._times, self._at_s, self._since_s = times, 0.0, time.monotonic()

    def __call__(self) -> float:
        return self._at_s + (time.monotonic() - self._since_s) * self._times

    def run(self, times: float) -> None:
        self._at_s, self._since_s, self._times = self(), time.monotonic(), times


def application(made: TrainingSite) -> Starlette:
    """The site in front of it."""
    api = with_schemas(with_problems(FastAPI(title="warmflow", docs_url=None, redoc_url=None)))
    api.include_router(made.api)
    routes = [*made.routes, Mount("/static", StaticFiles(directory=STATIC)), Mount("/api", api)]
    return site(routes, loopback_only=False)


class StageSite:
    """Serves in a thread of its own."""

    def __init__(self, folder: Path, clock: FastClock, lessons: Path | None = None, port: int = 0) -> None:
        self.around, self.clock = NoPumps(), clock
        self.house = house(lessons, folder, self.around, lambda line: print(line, file=sys.stderr), wall_clock, clock)
        self._sock = socket.socket()
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._sock.bind(("127.0.0.1", port))
        self._loop = asyncio.new_event_loop()
        config = uvicorn.Config(
            application(self.house), lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        self._server = _Quiet(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._sock.getsockname()[1]}"

    def start(self) -> None:
        self._thread.start()
        wait_until_sync(lambda: self._server.started, what="the site comes up")

    def call(self, work: Callable[[], Any]) -> Any:
        """Runs in the site's loop."""

        async def now() -> Any:
            done = work()
            return await done if asyncio.iscoroutine(done) else done

        return asyncio.run_coroutine_threadsafe(now(), self._loop).result(20)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._sock.close()

    def _run(self) -> None:
        async def serve() -> None:
            await self._server.serve(sockets=[self._sock])
            await self.house.close()

        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(serve())
        self._loop.close()


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def training_server(
    folder: Path, times: float = 1.0, lessons: Path | None = None, port: int = 0
) -> Iterator[StageSite]:
    """A site that serves while the block lasts."""
    made = StageSite(folder, FastClock(times), lessons, port)
    made.start()
    try:
        yield made
    finally:
        made.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=float, default=1.0, help="how many times faster its clock runs")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--lessons", type=Path, default=None, help="a folder of lessons of your own")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as kept,
        training_server(Path(kept), given.times, given.lessons, given.port) as shown,
    ):
        print(f"{shown.url}/train   {shown.url}/train/instructor", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
