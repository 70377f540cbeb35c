"""The dashboard's parts as routes: pages and files, live feed, API. It knows no daemon: everything is handed in."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from warmflow.sinks.web.live_feed import LiveFeed
from warmflow.sinks.web.websocket import socket_route

STATIC = Path(__file__).parent / "static"
LOGIN_PAGE = STATIC / "login/login.html"
# one document: its script shows what the address names
PAGES = ("/", "/pump/{name:path}", "/alarms", "/controls", "/help")


def dashboard_routes(live: LiveFeed, api: ASGIApp) -> list[BaseRoute]:
    """All routes; who may come in is the gate's matter."""
    return [
        *(Route(path, _page) for path in PAGES),
        Mount("/static", StaticFiles(directory=STATIC)),
        Mount("/api", api),
        socket_route(live),
    ]


async def _page(request: Request) -> Response:
    return FileResponse(STATIC / "pages/index.html")
