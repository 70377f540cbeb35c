"""Which Host a request may name. On loopback: only this computer, by its address or as localhost.

A page from elsewhere that got its own name to mean 127.0.0.1 (DNS rebinding) would otherwise read what is here. A Host
that is no host at all is refused everywhere: libraries that build an address from it would break.
"""

import ipaddress
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from warmflow.sinks.web.problem import problem
from warmflow.sinks.web.refuse import refused

WELL_FORMED = re.compile(r"(?P<name>\[[0-9a-f:.%]+\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?", re.IGNORECASE)


def host_is_allowed(host: str, loopback_only: bool) -> bool:
    """Of the header `Host`."""
    found = WELL_FORMED.fullmatch(host)
    if found is None:
        return False
    return not loopback_only or _is_this_computer(found["name"].strip("[]").rstrip("."))


def _is_this_computer(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


class HostCheck:
    """ASGI middleware."""

    def __init__(self, inner: ASGIApp, loopback_only: bool) -> None:
        self._inner, self._loopback_only = inner, loopback_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not host_is_allowed(
            Headers(scope=scope).get("host", ""), self._loopback_only
        ):
            allowed = "127.0.0.1 or localhost" if self._loopback_only else "a name or an address"
            return await refused(problem(400, f"the header Host has to be {allowed}"), scope, receive, send)
        await self._inner(scope, receive, send)
