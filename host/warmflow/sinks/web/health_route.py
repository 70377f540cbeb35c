"""`/health`: 200 if the daemon does its work, 503 if it does not, with reasons in JSON either way."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

FAILING = "failing"


def health_route(judge: Callable[[], dict[str, Any]]) -> Route:
    """GET /health. `judge` gives the answer, with a `status` in it."""

    async def health(request: Request) -> Response:
        found = judge()
        return JSONResponse(found, 503 if found["status"] == FAILING else 200, headers={"Cache-Control": "no-store"})

    return Route("/health", health)
