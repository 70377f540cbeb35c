"""The application put together: routes of its parts, and what stands before them, outermost first: safe
headers, what nobody expected, the size of headers, the Host, how many at a time, who may ask.
"""

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from warmflow.runtime.logs import Log, area
from warmflow.sinks.web.auth import Authentication, TokenSource
from warmflow.sinks.web.connection_limits import limits_here
from warmflow.sinks.web.header_limits import HeaderLimits
from warmflow.sinks.web.hidden_fault import HiddenFault
from warmflow.sinks.web.host_check import HostCheck
from warmflow.sinks.web.in_flight import InFlight
from warmflow.sinks.web.problem import problem
from warmflow.sinks.web.security_headers import SafeHeaders
from warmflow.sinks.web.unexpected_errors import UnexpectedErrors


def site(
    routes: Sequence[BaseRoute],
    loopback_only: bool,
    token: TokenSource | None = None,
    login_page: str = "",
    code: str | None = None,
    hidden: Callable[[], bool] = lambda: False,
    log: Log | None = None,
) -> Starlette:
    """An application of these routes; a Mount brings a whole part, as the dashboard is. With a `token`, whoever comes
    in has to know it; `code` makes an instructor of them, and whoever is none does not see what `hidden` is about.
    """
    log = log or area("http")
    guards = [
        Middleware(SafeHeaders),
        Middleware(UnexpectedErrors, log=log),
        Middleware(HeaderLimits),
        Middleware(HostCheck, loopback_only=loopback_only),
        Middleware(InFlight, most=limits_here().in_flight),
        Middleware(Authentication, token=token, login_page=login_page, code=code),
        Middleware(HiddenFault, hidden=hidden),
    ]
    return Starlette(routes=list(routes), middleware=guards, exception_handlers={HTTPException: _http_error})


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code != 404 or error.detail != "Not Found":
        return problem(error.status_code, str(error.detail), dict(error.headers or {}))
    paths = sorted(str(path) for path in (getattr(route, "path", "") for route in request.app.routes) if path)
    return problem(404, f"nothing here; there is: {' '.join(paths)}")
