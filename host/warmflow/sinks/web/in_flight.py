"""How many requests are answered at a time: above that 503 with a word when to come again. `/health` is always
answered, so a flood of visitors does not look like a daemon that has died.
"""

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from warmflow.sinks.web.connection_slots import neighbourhood
from warmflow.sinks.web.problem import problem

ALWAYS = "/health"
BUSY = "too many requests at a time: try again in a second"


class InFlight:
    """ASGI middleware. One address has half of the places at most."""

    def __init__(self, inner: ASGIApp, most: int) -> None:
        self._inner, self._most = inner, most
        self._by_address: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == ALWAYS:
            return await self._inner(scope, receive, send)
        address = neighbourhood(scope["client"][0] if scope.get("client") else "")
        if self._by_address.total() >= self._most or self._by_address[address] >= max(1, self._most // 2):
            return await problem(503, BUSY, {"Retry-After": "1"})(scope, receive, send)
        self._by_address[address] += 1
        try:
            await self._inner(scope, receive, send)
        finally:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]
