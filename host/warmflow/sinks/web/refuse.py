"""Refuses a request before the application sees it. A WebSocket has no answer, it can only be closed."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


async def refused(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends the answer."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
    else:
        await answer(scope, receive, send)
