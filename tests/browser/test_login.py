"""Beyond loopback, in a real browser: a daemon that others can reach shows nothing to who does not know its token."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from browser_watch import watched
from command_process import Process
from playwright.sync_api import Browser, Page, expect
from short_form import few

pytestmark = pytest.mark.e2e
TOKEN = "correct-horse-battery-staple"


class Reached(NamedTuple):
    """A daemon on all addresses of this computer, and the one by which it is asked."""

    host: str
    url: str


def own_address() -> str:
    """An address of this computer that is not its loopback; that one where it has no other. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))
            return str(asked.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("0.0.0.0", 0))
        return int(free.getsockname()[1])


@contextmanager
def running(folder: Path, port: int) -> Iterator[Reached]:
    """A daemon with a token, for as long as the block lasts."""
    (folder / "token").write_text(TOKEN + "\n")
    journal = str(folder / "journal.sqlite")
    process = Process(
        folder, "run", "--broker", "embedded", "--journal", journal, "--listen", f"0.0.0.0:{port}",
        WARMFLOW_HTTP_TOKEN_FILE=str(folder / "token"),
    )  # fmt: skip
    try:
        process.says(r"dashboard: (http://\S+)")
        yield Reached(own_address(), f"http://{own_address()}:{port}")
    finally:
        process.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("daemon")


@pytest.fixture(scope="module")
def daemon(folder: Path) -> Iterator[Reached]:
    with running(folder, free_port()) as reached:
        yield reached


@pytest.fixture
def code(folder: Path, daemon: Reached) -> Path:
    """The file with the instructor's code."""
    return folder / "instructor-code"


@pytest.fixture
def visitor(browser: Browser, daemon: Reached) -> Iterator[Page]:
    context = browser.new_context()
    wrong = watched(context, daemon.host)
    yield context.new_page()
    context.close()
    assert not wrong


@pytest.mark.parametrize("path", few(["/", "/pump/rig", "/alarms", "/controls"], 2))
def test_every_page_leads_to_the_login_first_and_back_after_it(visitor: Page, daemon: Reached, path: str) -> None:
    visitor.goto(daemon.url + path)
    assert visitor.url == f"{daemon.url}/login?next={path}"
    expect(visitor.locator("main")).not_to_contain_text("Pumps")
    visitor.get_by_label("Token").fill(TOKEN)
    visitor.get_by_role("button", name="Log in").click()
    visitor.wait_for_url(daemon.url + path)
    expect(visitor.locator("nav")).to_be_visible()
    expect(visitor.locator("#connection")).to_be_hidden()  # the live feed has let it in, too


def test_a_wrong_token_is_said_to_be_wrong_and_opens_nothing(visitor: Page, daemon: Reached) -> None:
    visitor.goto(daemon.url)
    visitor.get_by_label("Token").fill("correct-horse-battery-stable")
    visitor.get_by_role("button", name="Log in").click()
    expect(visitor.get_by_role("alert")).to_have_text("That token is wrong.")
    for path in ("/api/pumps", "/api/me", "/api/annotations", "/metrics"):
        assert visitor.request.get(daemon.url + path).status == 401
    refused = visitor.evaluate(
        "new Promise((done) => { const socket = new WebSocket(`ws://${location.host}/live`);"
        " socket.onopen = () => done('open'); socket.onerror = () => done('refused'); })"
    )
    assert refused == "refused"


def test_the_name_given_at_the_login_stands_ready_and_scripts_can_not_read_the_cookie(
    visitor: Page, daemon: Reached
) -> None:
    visitor.goto(daemon.url + "/alarms")
    visitor.get_by_label("Token").fill(TOKEN)
    visitor.get_by_label("Your name").fill("Kim Lee")
    visitor.get_by_role("button", name="Log in").click()
    expect(visitor.get_by_label("Your name")).to_have_value("Kim Lee")
    assert visitor.request.get(daemon.url + "/api/me").json()["user"] == "Kim Lee"
    assert visitor.evaluate("document.cookie") == ""
    [cookie] = visitor.context.cookies()
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Lax")


def test_a_link_to_a_stretch_is_kept_through_the_login_and_through_a_wrong_token(
    visitor: Page, daemon: Reached
) -> None:
    visitor.goto(f"{daemon.url}/pump/rig?from=2026-11-21T12:00:00Z&to=2026-11-21T13:00:00Z&kiosk=1")
    visitor.get_by_label("Token").fill("wrong-horse-battery-staple")
    visitor.get_by_role("button", name="Log in").click()
    expect(visitor.get_by_role("alert")).to_have_text(
        "That token is wrong."
    )  # what is typed before is for the page of now
    visitor.get_by_label("Token").fill(TOKEN)
    visitor.get_by_role("button", name="Log in").click()
    visitor.wait_for_url(f"{daemon.url}/pump/rig?from=*&to=*&kiosk=1")


@pytest.mark.parametrize("path", few(["/alarms", "/train"], 1))  # each takes two daemons
def test_an_open_page_asks_for_the_token_again_when_a_new_daemon_knows_nobody(
    browser: Browser, tmp_path: Path, path: str
) -> None:
    port, context = free_port(), browser.new_context()
    page = context.new_page()
    with running(tmp_path, port) as daemon:
        page.goto(daemon.url + path)
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(daemon.url + path)
        page.wait_for_load_state("networkidle")
    with running(tmp_path, port) as daemon:
        page.wait_for_url(f"{daemon.url}/login?next=*", timeout=30_000)
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(daemon.url + path)
    context.close()


def log_in(visitor: Page, daemon: Reached, path: str) -> None:
    visitor.goto(daemon.url + path)
    visitor.get_by_label("Token").fill(TOKEN)
    visitor.get_by_role("button", name="Log in").click()
    visitor.wait_for_url(daemon.url + path)


def test_who_logs_out_is_out(visitor: Page, daemon: Reached) -> None:
    log_in(visitor, daemon, "/alarms")
    visitor.get_by_role("button", name="Log out").click()
    visitor.wait_for_url(f"{daemon.url}/login")
    assert visitor.request.get(daemon.url + "/api/me").status == 401


def test_the_instructors_page_asks_for_the_code(visitor: Page, daemon: Reached, code: Path) -> None:
    log_in(visitor, daemon, "/train")
    for given in ("not-the-code", code.read_text().strip()):
        visitor.goto(daemon.url + "/train/instructor")
        visitor.get_by_label("Instructor's code").fill(given)
        visitor.get_by_role("button", name="Log in").click()
        visitor.wait_for_load_state()
    visitor.wait_for_url(f"{daemon.url}/train/instructor")
    assert visitor.request.get(daemon.url + "/api/me").json()["instructor"] is True
