"""The application put together: routes of its parts, and who may ask.

On loopback only requests to a loopback name are answered: a page from elsewhere that got its own name to mean 127.0.0.1
(DNS rebinding) would otherwise read what is here.
"""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from warmflow.sinks.web.auth import Authentication
from warmflow.sinks.web.security_headers import SafeHeaders

LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"]


def site(routes: Sequence[BaseRoute], loopback_only: bool, token: str | None = None, login_page: str = "") -> Starlette:
    """An application of these routes; a Mount brings a whole part, as the dashboard is. With a `token`, whoever comes
    in has to know it.
    """
    guards = [Middleware(SafeHeaders)]
    guards += [Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)] if loopback_only else []
    guards += [Middleware(Authentication, token=token, login_page=login_page)]
    return Starlette(routes=list(routes), middleware=guards, exception_handlers={404: _not_found})


async def _not_found(request: Request, error: Exception) -> Response:
    paths = sorted(str(path) for path in (getattr(route, "path", "") for route in request.app.routes) if path)
    return PlainTextResponse(f"nothing here; there is: {' '.join(paths)}\n", 404)
