"""What nobody expected costs one request: it is answered with 500, and logged with its traceback the first time it
happens at a line; later ones are counted. A stranger who finds a bug can fill no disk with it.
"""

import logging
import traceback
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warmflow.runtime.logs import AreaLog, Log, toned
from warmflow.sinks.web.problem import problem

REMEMBERED = 100  # places in the code
BUG = "this is a bug in warmflow; please report it with these lines: "
DETAIL = "this is a bug in warmflow: its log has a traceback to report"


class UnexpectedErrors:
    """ASGI middleware around everything else."""

    def __init__(self, inner: ASGIApp, log: Log) -> None:
        self._inner, self._log = inner, toned(log, logging.ERROR)
        self._seen: Counter[tuple[str, int]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] != "http.response.body"
            await send(message)

        try:
            await self._inner(scope, receive, noted)
        except Exception as error:
            self._say(error)
            if scope["type"] == "http" and not started:
                await problem(500, DETAIL)(scope, receive, send)
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1011})
            else:
                raise ConnectionAbortedError from None  # uvicorn closes the connection

    def _say(self, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
        if place not in self._seen and len(self._seen) >= REMEMBERED:
            return
        self._seen[place] += 1
        if self._seen[place] == 1:
            if isinstance(self._log, AreaLog):
                self._log.logger.error(BUG, exc_info=error)
            else:
                self._log(BUG + "".join(traceback.format_exception(error)))
