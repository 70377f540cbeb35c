"""Who may come in: nobody from a foreign page, and beyond loopback nobody without the token."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from warmflow.sinks.web.application import site
from warmflow.sinks.web.auth import Authentication
from warmflow.sinks.web.host_check import host_is_allowed
from warmflow.sinks.web.sessions import SESSION_S

TOKEN = "a-token-that-is-long-enough"
HERE = "http://bench.local:8080"


async def _inside(request: Request) -> Response:
    return PlainTextResponse("inside")


@pytest.fixture
def page(tmp_path: Path) -> str:
    (tmp_path / "login.html").write_text("<title>log in</title>")
    return str(tmp_path / "login.html")


class Visitor:
    """A browser that keeps its cookies."""

    def __init__(self, page: str, token: str | None = TOKEN, base: str = HERE, loopback: bool = False) -> None:
        routes = [Route(path, _inside, methods=["GET", "POST"]) for path in ("/", "/health", "/metrics", "/api/x")]
        self.application = site(routes, loopback, (lambda: token) if token else None, page)
        self._base = base
        self.cookies = httpx.Cookies()
        self.address = "192.0.2.1"

    async def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        async def main() -> httpx.Response:
            transport = httpx.ASGITransport(self.application, client=(self.address, 1234))
            async with httpx.AsyncClient(transport=transport, base_url=self._base, cookies=self.cookies) as client:
                response = await client.request(method, path, **more)  # type: ignore[arg-type]
                self.cookies = client.cookies
                return response

        return await main()

    async def log_in(self, token: str = TOKEN, **more: str) -> httpx.Response:
        return await self.ask("POST", "/login", data={"token": token, **more}, headers={"Origin": self._base})


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/x"])
async def test_without_the_token_nobody_sees_anything(page: str, path: str) -> None:
    visitor = Visitor(page)
    assert (await visitor.ask("GET", path)).status_code == 401
    assert (
        (await visitor.ask("GET", path, headers={"Accept": "text/html"})).headers["location"].startswith("/login?next=")
    )
    assert (await visitor.ask("GET", "/health")).text == "inside"


async def test_the_login_gives_a_cookie_that_scripts_and_other_sites_can_not_use(page: str) -> None:
    visitor = Visitor(page)
    assert "log in" in (await visitor.ask("GET", "/login")).text
    cookie = (await visitor.log_in(next="/api/x")).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()  # so that who is logged in can follow a link to a page of ours
    assert TOKEN not in cookie
    assert (await visitor.ask("GET", "/api/x")).text == "inside"


async def test_a_bearer_is_known_too(page: str) -> None:
    assert (await Visitor(page).ask("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).text == "inside"
    assert (await Visitor(page).ask("GET", "/metrics", headers={"Authorization": "Bearer wrong"})).status_code == 401


async def test_guessing_is_slowed_down_for_whoever_guesses_and_for_nobody_else(page: str) -> None:
    visitor = Visitor(page)
    assert [(await visitor.log_in(f"wrong {number}")).status_code for number in range(5)] == [303] * 5
    assert (await visitor.log_in(TOKEN)).status_code == 429
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert (await visitor.ask("GET", "/", headers=bearer)).status_code == 429
    visitor.address = "192.0.2.7"
    assert (await visitor.ask("GET", "/", headers=bearer)).text == "inside"


ELSEWHERE = ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", ""]
ELSEWHERE += [
    "https://evil.example/?from=/pump/rig",
    "//evil.example?kiosk=1",
    "?//evil.example",
    "/\t/evil.example?a=1",
]


@pytest.mark.parametrize("next_page", ELSEWHERE)
async def test_after_the_login_nobody_is_sent_elsewhere(page: str, next_page: str) -> None:
    assert (await Visitor(page).log_in(next=next_page)).headers["location"] == "/"
    assert (await Visitor(page).log_in("wrong", next=next_page)).headers["location"] == "/login?wrong&next=/"


STRETCH = "/api/x?from=2026-11-21T12%3A00%3A00%2B00%3A00&to=2026-11-21T13:00:00Z&kiosk=1"


@pytest.mark.parametrize("way", [STRETCH, "/pump/50%25%3F%26", "/api/x?next=//evil.example"])
async def test_a_link_that_was_sent_leads_to_its_stretch_also_after_a_wrong_token(page: str, way: str) -> None:
    visitor = Visitor(page)
    login = (await visitor.ask("GET", way, headers={"Accept": "text/html"})).headers["location"]
    for token in ("wrong", TOKEN):
        kept = parse_qs(urlsplit(login).query)["next"][0]
        login = (await visitor.log_in(token, next=kept)).headers["location"]
    assert login == way


async def test_a_foreign_page_can_not_listen_to_a_visitors_feed(page: str) -> None:
    visitor, sent = Visitor(page), []
    cookie = (await visitor.log_in()).headers["set-cookie"].partition(";")[0]
    headers = {"host": "bench.local:8080", "origin": "https://evil.example", "cookie": cookie}

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {
        "type": "websocket", "path": "/live", "query_string": b"", "client": (visitor.address, 1234),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    await visitor.application(scope, receive, send)
    assert sent == ["websocket.close"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://bench.local:8081"])
async def test_a_foreign_page_can_not_act_in_a_visitors_name(page: str, origin: str) -> None:
    visitor = Visitor(page)
    await visitor.log_in()
    assert (await visitor.ask("POST", "/api/x", headers={"Origin": origin})).status_code == 403
    assert (await visitor.ask("POST", "/api/x", headers={"Origin": HERE})).text == "inside"


async def test_on_loopback_no_token_but_no_other_name_either(page: str) -> None:
    assert (await Visitor(page, None, "http://127.0.0.1:8080", True).ask("GET", "/")).text == "inside"
    assert (await Visitor(page, None, "http://evil.example", True).ask("GET", "/")).status_code == 400


async def test_every_answer_tells_the_browser_to_load_nothing_from_elsewhere(page: str) -> None:
    for path in ("/health", "/login", "/nothing"):
        headers = (await Visitor(page).ask("GET", path)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


async def test_logging_out_ends_the_session_whoever_still_has_the_cookie(page: str) -> None:
    visitor = Visitor(page)
    await visitor.log_in()
    stolen = httpx.Cookies(visitor.cookies)
    answer = await visitor.ask("POST", "/logout", headers={"Origin": HERE})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    visitor.cookies = stolen
    assert (await visitor.ask("GET", "/api/x")).status_code == 401


async def test_nobody_is_logged_out_by_a_link(page: str) -> None:
    visitor = Visitor(page)
    await visitor.log_in()
    assert (await visitor.ask("GET", "/logout")).status_code == 405
    assert (await visitor.ask("POST", "/logout", headers={"Origin": "https://evil.example"})).status_code == 403
    assert (await visitor.ask("GET", "/api/x")).text == "inside"


async def test_a_changed_token_ends_all_sessions_and_the_old_token(page: str) -> None:
    tokens = [TOKEN]
    visitor = Visitor(page)
    visitor.application = site([Route("/", _inside)], False, lambda: tokens[-1], page)
    await visitor.log_in()
    assert (await visitor.ask("GET", "/")).text == "inside"
    tokens.append("another-token-of-length")
    assert (await visitor.ask("GET", "/")).status_code == 401
    assert "wrong" in (await visitor.log_in()).headers["location"]
    await visitor.log_in(tokens[-1])
    assert (await visitor.ask("GET", "/")).text == "inside"


async def test_a_session_has_an_end(page: str) -> None:
    now_s = 0.0
    inner = Authentication(_refuses_nobody, lambda: TOKEN, page, now=lambda: now_s)
    visitor = Visitor(page)
    visitor.application = inner
    await visitor.log_in()
    now_s = SESSION_S - 1
    assert (await visitor.ask("GET", "/")).text == "inside"
    now_s = SESSION_S + 1
    assert (await visitor.ask("GET", "/")).status_code == 401


async def _refuses_nobody(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("inside")(scope, receive, send)


async def test_an_open_live_feed_ends_with_its_session(page: str) -> None:
    sent: list[dict[str, Any]] = []

    async def feed(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            return await PlainTextResponse("inside")(scope, receive, send)
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "before"})
        await visitor.ask("POST", "/logout", headers={"Origin": HERE})
        await send({"type": "websocket.send", "text": "after"})

    async def send(message: Any) -> None:
        sent.append(message)

    visitor = Visitor(page)
    visitor.application = Authentication(feed, lambda: TOKEN, page)
    cookie = (await visitor.log_in()).headers["set-cookie"].partition(";")[0]
    scope = {
        "type": "websocket", "path": "/live", "query_string": b"", "client": ("192.0.2.1", 1),
        "headers": [(b"host", b"bench.local:8080"), (b"cookie", cookie.encode())],
    }  # fmt: skip
    await visitor.application(scope, None, send)
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send", "websocket.close"]


async def test_a_header_that_names_other_addresses_does_not_help_to_guess(page: str) -> None:
    visitor = Visitor(page)
    for number in range(5):
        forged = {"X-Forwarded-For": f"192.0.2.{number}", "Authorization": f"Bearer wrong {number}"}
        assert (await visitor.ask("GET", "/", headers=forged)).status_code == (401 if number < 4 else 429)
    forged = {"X-Forwarded-For": "192.0.2.99", "Authorization": f"Bearer {TOKEN}"}
    assert (await visitor.ask("GET", "/", headers=forged)).status_code == 429


async def test_the_addresses_of_one_ipv6_network_guess_together(page: str) -> None:
    visitor = Visitor(page)
    for number in range(5):
        visitor.address = f"2001:db8::{number}"
        await visitor.log_in("wrong")
    visitor.address = "2001:db8::abcd"
    assert (await visitor.log_in()).status_code == 429
    visitor.address = "2001:db8:1::1"
    assert (await visitor.log_in()).headers["location"] == "/"


async def test_every_refusal_is_a_problem(page: str) -> None:
    visitor = Visitor(page)
    refused = [
        await visitor.ask("GET", "/api/x"),
        await visitor.ask("POST", "/api/x", headers={"Origin": "https://evil.example"}),
        await visitor.ask("POST", "/login", content=b"token=" + b"x" * 5000),
        await visitor.ask("GET", "/logout"),
        await visitor.ask("GET", "/health", headers={"Host": "["}),
    ]
    assert [answer.status_code for answer in refused] == [401, 403, 413, 405, 400]
    for answer in refused:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(
    "address", ["127.0.0.2:8080", "localhost:8080", "LOCALHOST", "localhost.", "[::1]", "127.1.2.3"]
)
def test_every_loopback_address_is_this_computer(address: str) -> None:
    assert host_is_allowed(address, loopback_only=True)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "0x7f000001", "192.0.2.1", "", "127.0.0.1:x"]
)
def test_no_other_name_is_this_computer(host: str) -> None:
    assert not host_is_allowed(host, loopback_only=True)
