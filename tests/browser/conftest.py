"""A real Chromium in front of the dashboard. Every page that a test opens may ask its own server only: a request to any
other host, or an error in the page, fails the test.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_watch import watched
from dashboard_pictures import ARGUMENTS
from dashboard_site import SimulatedPump, Site
from optional_parts import chromium
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from stepped_training_server import TrainSite

HERE = Path(__file__).parent
ALARMS_X = 10  # an alarm waits 5 to 10 s before it comes and goes: a test need not


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))
            if "browser" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.needs("Chromium"))  # skipped before any site is started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two pumps at 60x with two minutes behind them: `rest`, and `tub`, which is still out of the water."""
    pumps = {name: SimulatedPump(name, at, 60) for at, name in enumerate(("rest", "tub"))}
    made = Site(tmp_path_factory.mktemp("site"), pumps, alarms_x=ALARMS_X)
    made.prefill(120, 10)
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainSite]:
    made = TrainSite(tmp_path_factory.mktemp("stage"))
    made.start()
    yield made
    made.close()


@pytest.fixture
def stage(training: TrainSite) -> TrainSite:
    """A training page's site with nothing on its stage."""
    training.call(training.house.stage.clear)
    return training


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    wrong = watched(made)
    yield made
    made.close()
    assert not wrong


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page
