"""Who may come in. On loopback: whoever is at this computer. Beyond it: who has the token, by login or as a bearer.

A page from elsewhere may link to ours, and do nothing else in a visitor's name: its requests that change something have
no cookie (SameSite), and those, as our WebSocket, are refused where a browser says that they come from a foreign page.
"""

import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from warmflow.runtime.text import single_line

COOKIE = "warmflow_session"
SESSION_S = 30 * 86_400
SESSIONS_MAX = 1000  # the oldest are forgotten
FAILURES_MAX, FAILURES_S = 5, 60.0  # wrong tokens from one address; then it waits, and nobody else with it
ADDRESSES_MAX = 1000  # that are remembered for it; the oldest are forgotten
LOGIN_BYTES = 4000
NAME_MAX = 60
OPEN = ("/login", "/health", "/static/")
SAFE = ("GET", "HEAD", "OPTIONS")
WAIT = "too many wrong tokens: wait a minute\n"
REFUSED = "not logged in: open /login in a browser, or send the header Authorization: Bearer TOKEN\n"
FOREIGN = "this request comes from a page that is not ours\n"


class _Session(NamedTuple):
    """Until when somebody is logged in, and the name that they gave; nobody checks it."""

    until: float
    user: str


class Authentication:
    """ASGI middleware around the whole site. token: None lets everybody in (loopback)."""

    def __init__(
        self, inner: ASGIApp, token: str | None, login_page: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._inner, self._token, self._page, self._now = inner, token, login_page, now
        self._sessions: dict[str, _Session] = {}
        self._failures: dict[str, deque[float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._inner(scope, receive, send)
        asked = HTTPConnection(scope)
        if _is_foreign(asked.headers) and (scope["type"] == "websocket" or scope["method"] not in SAFE):
            return await _answered(PlainTextResponse(FOREIGN, 403), scope, receive, send)
        if self._token is None:
            return await self._inner(scope, receive, send)
        if scope["path"] == "/login" and scope["type"] == "http":
            answer = await self._login(Request(scope, receive))
            return await answer(scope, receive, send)
        user = "" if scope["path"].startswith(OPEN) else self._user(asked)
        if user is not None:
            scope.setdefault("state", {})["user"] = user
            return await self._inner(scope, receive, send)
        return await _answered(self._refusal(asked), scope, receive, send)

    async def _login(self, request: Request) -> Response:
        if request.method != "POST":
            return FileResponse(self._page)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LOGIN_BYTES:
                return PlainTextResponse("request too large: send only the token\n", 413)
        address = _address(request)
        if self._is_guessing(address):
            return PlainTextResponse(WAIT, 429, headers={"Retry-After": str(round(FAILURES_S))})
        given = parse_qs(body.decode("utf-8", "replace"))
        way = _own_path(given.get("next", ["/"])[0])
        if not self._is_token(given.get("token", [""])[0], address):
            return RedirectResponse("/login?wrong&next=" + quote(way, safe="/"), 303)
        answer = RedirectResponse(way, 303)
        secure = request.url.scheme == "https"
        name = self._session(single_line(given.get("name", [""])[0])[:NAME_MAX])
        answer.set_cookie(COOKIE, name, SESSION_S, httponly=True, samesite="lax", secure=secure)
        return answer

    def _session(self, user: str) -> str:
        now = self._now()
        kept = [each for each in self._sessions.items() if each[1].until > now]
        self._sessions = dict(kept[-(SESSIONS_MAX - 1) :])
        name = secrets.token_urlsafe(32)
        self._sessions[name] = _Session(now + SESSION_S, user)
        return name

    def _user(self, asked: HTTPConnection) -> str | None:
        """The name that was given at the login, "" for none; None for somebody who may not come in."""
        session = self._sessions.get(asked.cookies.get(COOKIE, ""))
        if session and session.until > self._now():
            return session.user
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        address = _address(asked)
        if scheme.lower() != "bearer" or self._is_guessing(address) or not self._is_token(token.strip(), address):
            return None
        return ""

    def _is_token(self, given: str, address: str) -> bool:
        """In constant time; a wrong one is counted."""
        assert self._token is not None
        right = hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())
        if not right:
            self._failures.setdefault(address, deque(maxlen=FAILURES_MAX)).append(self._now())
            if len(self._failures) > ADDRESSES_MAX:
                del self._failures[next(iter(self._failures))]
        return right

    def _is_guessing(self, address: str) -> bool:
        failures = self._failures.get(address)
        return failures is not None and len(failures) == FAILURES_MAX and self._now() - failures[0] < FAILURES_S

    def _refusal(self, asked: HTTPConnection) -> Response:
        if "text/html" in asked.headers.get("accept", ""):
            return RedirectResponse("/login?next=" + quote(_way(asked.scope), safe="/"), 303)
        if self._is_guessing(_address(asked)):
            return PlainTextResponse(WAIT, 429, headers={"Retry-After": str(round(FAILURES_S))})
        return PlainTextResponse(REFUSED, 401, headers={"WWW-Authenticate": "Bearer"})


async def _answered(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """The answer; a WebSocket can only be refused."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
    else:
        await answer(scope, receive, send)


def _address(asked: HTTPConnection) -> str:
    return asked.client.host if asked.client else ""


def _is_foreign(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def _way(scope: Scope) -> str:
    """Path and query, as they stand in the address."""
    query = scope["query_string"].decode("latin-1")
    return quote(scope["path"]) + (f"?{query}" if query else "")


def _own_path(path: str) -> str:
    """Where to go after the login, with its query: never to another host."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
