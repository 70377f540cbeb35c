"""Who may come in: nobody from a foreign page, and beyond loopback nobody without the token."""

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from warmflow.web.site import site

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
        self.application = site(routes, loopback, token, page)
        self._base = base
        self.cookies = httpx.Cookies()
        self.address = "192.0.2.1"

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        async def main() -> httpx.Response:
            transport = httpx.ASGITransport(self.application, client=(self.address, 1234))
            async with httpx.AsyncClient(transport=transport, base_url=self._base, cookies=self.cookies) as client:
                response = await client.request(method, path, **more)  # type: ignore[arg-type]
                self.cookies = client.cookies
                return response

        return asyncio.run(main())

    def log_in(self, token: str = TOKEN, **more: str) -> httpx.Response:
        return self.ask("POST", "/login", data={"token": token, **more}, headers={"Origin": self._base})


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/x"])
def test_without_the_token_nobody_sees_anything(page: str, path: str) -> None:
    visitor = Visitor(page)
    assert visitor.ask("GET", path).status_code == 401
    assert visitor.ask("GET", path, headers={"Accept": "text/html"}).headers["location"].startswith("/login?next=")
    assert visitor.ask("GET", "/health").text == "inside"


def test_the_login_gives_a_cookie_that_scripts_and_other_sites_can_not_use(page: str) -> None:
    visitor = Visitor(page)
    assert "log in" in visitor.ask("GET", "/login").text
    cookie = visitor.log_in(next="/api/x").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert visitor.ask("GET", "/api/x").text == "inside"


def test_a_bearer_is_known_too(page: str) -> None:
    assert Visitor(page).ask("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text == "inside"
    assert Visitor(page).ask("GET", "/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_guessing_is_slowed_down_for_whoever_guesses_and_for_nobody_else(page: str) -> None:
    visitor = Visitor(page)
    assert [visitor.log_in(f"wrong {number}").status_code for number in range(5)] == [303] * 5
    assert visitor.log_in(TOKEN).status_code == 429
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert visitor.ask("GET", "/", headers=bearer).status_code == 429
    visitor.address = "192.0.2.7"
    assert visitor.ask("GET", "/", headers=bearer).text == "inside"


@pytest.mark.parametrize("next_page", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", ""])
def test_after_the_login_nobody_is_sent_elsewhere(page: str, next_page: str) -> None:
    assert Visitor(page).log_in(next=next_page).headers["location"] == "/"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://bench.local:8081"])
def test_a_foreign_page_can_not_act_in_a_visitors_name(page: str, origin: str) -> None:
    visitor = Visitor(page)
    visitor.log_in()
    assert visitor.ask("POST", "/api/x", headers={"Origin": origin}).status_code == 403
    assert visitor.ask("POST", "/api/x", headers={"Origin": HERE}).text == "inside"


def test_on_loopback_no_token_but_no_other_name_either(page: str) -> None:
    assert Visitor(page, None, "http://127.0.0.1:8080", True).ask("GET", "/").text == "inside"
    assert Visitor(page, None, "http://evil.example", True).ask("GET", "/").status_code == 400


def test_every_answer_tells_the_browser_to_load_nothing_from_elsewhere(page: str) -> None:
    for path in ("/health", "/login", "/nothing"):
        headers = Visitor(page).ask("GET", path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
