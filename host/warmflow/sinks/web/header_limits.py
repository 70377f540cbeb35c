"""How many headers a request may have, and how many bytes. The HTTP library looks at the size of an incomplete request
only: one that comes whole in a single read, of up to 256 kB, passes it.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from warmflow.sinks.web.connection_limits import HEADER_BYTES, HEADERS_MAX
from warmflow.sinks.web.problem import problem
from warmflow.sinks.web.refuse import refused


class HeaderLimits:
    """ASGI middleware."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and too_large(scope):
            limit = f"a request may have {HEADERS_MAX} headers and {HEADER_BYTES} bytes before its body"
            return await refused(problem(431, limit), scope, receive, send)
        await self._inner(scope, receive, send)


def too_large(scope: Scope) -> bool:
    """Whether the request's first line and headers are beyond a limit."""
    headers = scope["headers"]
    path = scope.get("raw_path") or scope["path"].encode()  # ASGI lets a server leave the first one out
    size = len(path) + len(scope["query_string"]) + sum(len(name) + len(value) for name, value in headers)
    return len(headers) > HEADERS_MAX or size > HEADER_BYTES
