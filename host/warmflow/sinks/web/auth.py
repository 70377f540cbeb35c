"""Who may come in. On loopback: whoever is at this computer. Beyond it: who has the token, by login or as a bearer; the
instructor has a code beside it.

A page from elsewhere may link to ours, and do nothing else in a visitor's name: its requests that change something have
no cookie (SameSite), and those, as our WebSocket, are refused where a browser says that they come from a foreign page.
"""

import hmac
import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warmflow.runtime.text import single_line
from warmflow.sinks.web.guesses import FAILURES_S, Guesses
from warmflow.sinks.web.problem import problem
from warmflow.sinks.web.refuse import refused
from warmflow.sinks.web.sessions import SESSION_S, Session, Sessions
from warmflow.sinks.web.visitor import AT_THIS_COMPUTER, NOBODY, Visitor

TokenSource = Callable[[], str]  # asked at each request: a token that was changed ends all sessions

COOKIE = "warmflow_session"
CODE_HEADER = "warmflow-instructor-code"  # beside a bearer
LOGIN_BYTES = 4000
NAME_MAX = 60
OPEN = ("/login", "/health", "/static/")
SAFE = ("GET", "HEAD", "OPTIONS")
WAIT = "too many wrong tokens: wait a minute"
REFUSED = "not logged in: open /login in a browser, or send the header Authorization: Bearer TOKEN"
FOREIGN = "this request comes from a page of another site"


class Authentication:
    """ASGI middleware around the whole site. token: None lets everybody in (loopback). `code`: what an instructor has
    to know; None where nobody is one.
    """

    def __init__(
        self,
        inner: ASGIApp,
        token: TokenSource | None,
        login_page: str,
        code: str | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner, self._source, self._page, self._code = inner, token, login_page, code
        self._token = token() if token else ""
        self._sessions, self._guesses = Sessions(now), Guesses(now)
        self._forms: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "/login": self._login,
            "/login/instructor": self._login_instructor,
            "/logout": self._logout,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._inner(scope, receive, send)
        asked = HTTPConnection(scope)
        if _is_foreign(asked.headers) and (scope["type"] == "websocket" or scope["method"] not in SAFE):
            return await refused(problem(403, FOREIGN), scope, receive, send)
        if self._source is None:
            scope.setdefault("state", {})["visitor"] = AT_THIS_COMPUTER
            return await self._inner(scope, receive, send)
        self._look_at_token(self._source())
        if scope["type"] == "http" and (form := self._forms.get(scope["path"])):
            answer = await form(Request(scope, receive))
            return await answer(scope, receive, send)
        session = self._sessions.find(asked.cookies.get(COOKIE, ""))
        visitor = Visitor(True, session.user, session.instructor, login=True) if session else self._bearer(asked)
        if not visitor.known and not scope["path"].startswith(OPEN):
            return await refused(self._refusal(asked), scope, receive, send)
        scope.setdefault("state", {})["visitor"] = visitor
        await self._inner(scope, receive, self._while_on(session, send) if session else send)

    def _look_at_token(self, token: str) -> None:
        if token != self._token:
            self._token = token
            self._sessions.end_all()

    async def _login(self, request: Request) -> Response:
        if request.method != "POST":
            return FileResponse(self._page)
        given = await self._form(request)
        if isinstance(given, Response):
            return given
        way = _own_path(given.get("next", "/"))
        if not self._is_right(given.get("token", ""), self._token, _address(request)):
            return RedirectResponse("/login?wrong&next=" + quote(way, safe="/"), 303)
        answer = RedirectResponse(way, 303)
        self._sessions.end(request.cookies.get(COOKIE, ""))
        name = self._sessions.begin(single_line(given.get("name", ""))[:NAME_MAX])
        secure = request.scope["scheme"] == "https"
        answer.set_cookie(COOKIE, name, SESSION_S, httponly=True, samesite="lax", secure=secure)
        return answer

    async def _login_instructor(self, request: Request) -> Response:
        session = self._sessions.find(request.cookies.get(COOKIE, ""))
        if session is None:
            return RedirectResponse("/login?next=/login/instructor", 303)
        if request.method != "POST":
            return FileResponse(self._page)
        given = await self._form(request)
        if isinstance(given, Response):
            return given
        if self._code is None or not self._is_right(given.get("token", ""), self._code, _address(request)):
            return RedirectResponse("/login/instructor?wrong", 303)
        session.instructor = True
        return RedirectResponse("/train/instructor", 303)

    async def _logout(self, request: Request) -> Response:
        if request.method != "POST":
            return problem(405, "log out with POST", {"Allow": "POST"})
        self._sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    async def _form(self, request: Request) -> dict[str, str] | Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LOGIN_BYTES:
                return problem(413, "request too large: send only the token")
        if self._guesses.must_wait(_address(request)):
            return _wait()
        return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}

    def _bearer(self, asked: HTTPConnection) -> Visitor:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        address = _address(asked)
        if scheme.lower() != "bearer" or self._guesses.must_wait(address):
            return NOBODY
        if not self._is_right(token.strip(), self._token, address):
            return NOBODY
        code = asked.headers.get(CODE_HEADER)
        is_instructor = bool(code and self._code) and self._is_right(code or "", self._code or "", address)
        return Visitor(True, "", is_instructor)

    def _is_right(self, given: str, expected: str, address: str) -> bool:
        """In constant time; a wrong one is counted."""
        right = hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
        if not right:
            self._guesses.failed(address)
        return right

    def _while_on(self, session: Session, send: Send) -> Send:
        """A WebSocket ends with the session that opened it."""

        async def checked(message: Message) -> None:
            if message["type"] == "websocket.send" and not self._sessions.is_on(session):
                message = {"type": "websocket.close", "code": 1008, "reason": "logged out"}
            await send(message)

        return checked

    def _refusal(self, asked: HTTPConnection) -> Response:
        if "text/html" in asked.headers.get("accept", ""):
            return RedirectResponse("/login?next=" + quote(_way(asked.scope), safe="/"), 303)
        if self._guesses.must_wait(_address(asked)):
            return _wait()
        return problem(401, REFUSED, {"WWW-Authenticate": "Bearer"})


def _wait() -> Response:
    return problem(429, WAIT, {"Retry-After": str(round(FAILURES_S))})


def _address(asked: HTTPConnection) -> str:
    return asked.client.host if asked.client else ""


def _is_foreign(headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc != headers.get("host", "")
    except ValueError:  # no address at all
        return True


def _way(scope: Scope) -> str:
    """Path and query, as they stand in the address."""
    query = scope["query_string"].decode("latin-1")
    return quote(scope["path"], errors="replace") + (f"?{query}" if query else "")


def _own_path(path: str) -> str:
    """Where to go after the login, with its query: never to another host."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
