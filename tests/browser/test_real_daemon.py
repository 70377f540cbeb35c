"""The whole chain to the screen: a virtual Pico, the daemon as a process, its dashboard in a real browser."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_process import Process
from dashboard_reading import DRAWN, holes, shown, times
from playwright.sync_api import Page, expect
from wait import wait_until_on_page

from warmflow.runtime.wall_clock import wall_clock

pytestmark = [pytest.mark.alone, pytest.mark.e2e, pytest.mark.timeout(240)]
RISE_MS = 90_000
HELLO_MS = 60_000


class Bench:
    """The board, and a daemon that can be started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.board = Process(folder, "emulate", "--name", "rig", "--speed", "60", "--state", str(folder / "board"))
        self.board.says(r"port\s+(\S+)")
        self.start()

    def start(self) -> None:
        journal = str(self.folder / "journal.sqlite")
        self.daemon = Process(
            self.folder,
            "run",
            "--broker",
            "embedded",
            "--journal",
            journal,
            "--listen",
            self.address,
        )
        self.daemon.says(rf"(http://{self.address})")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.daemon.stop()
    made.board.stop()


def test_a_real_boards_hot_tub_is_seen_rising_and_a_restart_of_the_daemon_leaves_no_hole(
    page: Page, bench: Bench
) -> None:
    page.goto(f"http://{bench.address}/")
    row = page.locator("tr[data-pump=rig]:not([data-stale])")
    expect(row).to_be_visible(timeout=HELLO_MS)
    page.get_by_role("link", name="Controls").click()
    card = page.locator(".card[data-kind=environment]")
    card.get_by_label("Skin").fill("41.5")
    card.get_by_label("Core").fill("38.5")
    card.get_by_role("button").click()
    expect(card.locator("output")).to_have_attribute("data-outcome", "ok", timeout=15_000)

    page.get_by_role("link", name="Pumps").click()
    expect(row.locator(".deviation strong")).to_have_text(re.compile(r"^\+[12]\d\.\d"), timeout=RISE_MS)
    page.get_by_role("link", name="rig", exact=True).click()
    page.wait_for_selector(DRAWN)

    bench.daemon.stop()
    expect(page.locator("#connection")).to_contain_text("no connection")
    expect(page.locator(".figures[data-stale]")).to_be_visible()
    stopped_s = max(times(page))
    wait_until_on_page(lambda: wall_clock().timestamp() > stopped_s + 3, page)  # the board goes on alone
    bench.start()
    expect(page.locator(".figures:not([data-stale])")).to_be_visible(timeout=HELLO_MS)
    wait_until_on_page(
        lambda: max(times(page)) > stopped_s + 5 and not [each for each in holes(page) if each[0] > stopped_s - 1],
        page,
        60,
    )
    assert shown(page)[0] < stopped_s < max(times(page))
