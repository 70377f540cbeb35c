"""`/health`: 200 if the daemon does its work, 503 if it does not, with reasons in JSON either way. Who has not said who
they are gets states alone: no names of pumps, ports or brokers, and no version.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from warmflow.sinks.web.visitor import visitor

FAILING = "failing"


def states(found: dict[str, Any]) -> dict[str, Any]:
    """Of the whole answer, what tells nobody anything about this place."""
    pumps = Counter(found["pumps"].values())
    reasons = sorted({(reason["part"].split(" ")[0], reason["failing"]) for reason in found["reasons"]})
    return {
        "status": found["status"],
        "reasons": [{"part": part, "failing": failing} for part, failing in reasons],
        "pumps": dict(sorted(pumps.items())),
    }


def health_route(judge: Callable[[], dict[str, Any]]) -> Route:
    """GET /health. `judge` gives the answer, with a `status` in it."""

    async def health(request: Request) -> Response:
        found = judge()
        shown = found if visitor(request).known else states(found)
        return JSONResponse(shown, 503 if found["status"] == FAILING else 200, headers={"Cache-Control": "no-store"})

    return Route("/health", health)
