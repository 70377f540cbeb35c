"""While a lesson has a hidden fault, a trainee sees the training page and nothing that would tell them what it is: no
dashboard, alarms, readings or metrics. Whoever has the instructor's code sees everything.
"""

from collections.abc import Callable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warmflow.sinks.web.problem import problem
from warmflow.sinks.web.refuse import refused
from warmflow.sinks.web.visitor import visitor

ALLOWED = ("/train", "/api/train/", "/api/me", "/static/", "/health", "/login", "/logout")
DETAIL = "a lesson has a hidden fault: this page is for the instructor until it is shown (/login/instructor)"


class HiddenFault:
    """ASGI middleware, behind the authentication. `hidden`: whether there is such a fault now."""

    def __init__(self, inner: ASGIApp, hidden: Callable[[], bool]) -> None:
        self._inner, self._hidden = inner, hidden

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(ALLOWED):
            return await self._inner(scope, receive, send)
        if visitor(HTTPConnection(scope)).instructor:
            return await self._inner(scope, receive, send)
        if self._hidden():
            return await refused(problem(403, DETAIL), scope, receive, send)

        async def checked(message: Message) -> None:
            if message["type"] == "websocket.send" and self._hidden():
                message = {"type": "websocket.close", "code": 1008, "reason": "a fault is hidden"}
            await send(message)

        await self._inner(scope, receive, checked if scope["type"] == "websocket" else send)
