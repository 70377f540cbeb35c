"""Pictures of the training pages: the hot tub, guessed at, played to its peak and compared with a fever."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from stepped_training_server import TrainSite

SPEED_X = 600

SIZES = ((1920, 1080), (1024, 600))
PAGES = ("/train", "/train/instructor")
Taken = tuple[str, Page]


def pages(browser: Browser, themes: Sequence[str]) -> Iterator[Taken]:
    """Name and page of each picture, when it is to be taken."""
    with tempfile.TemporaryDirectory() as folder:
        site = TrainSite(Path(folder))
        site.start()
        try:
            yield from _played(site, {(*size, theme, path): _opened(browser, site.url + path, size, theme)
                                      for size in SIZES for theme in themes for path in PAGES})  # fmt: skip
        finally:
            site.close()


def _opened(browser: Browser, url: str, size: tuple[int, int], theme: Any) -> Page:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
    page.goto(url)
    page.wait_for_selector(".lesson-card, .panel")
    return page


def _played(site: TrainSite, opened: dict[tuple[int, int, str, str], Page]) -> Iterator[Taken]:
    def action(name: str, **given: Any) -> None:
        answer = next(iter(opened.values())).request.post(f"{site.url}/api/train/deeds/{name}", data=given)
        assert answer.ok, answer.text()

    def shown(name: str, ready: str, path: str = "/train", before: Callable[[Page], None] = lambda page: None) -> Any:
        for (width, height, theme, of), page in opened.items():
            if of == path:
                before(page)
                page.wait_for_selector(ready)
                page.wait_for_timeout(700)
                yield f"{name}-{width}x{height}-{theme}", page

    yield from shown("choose", ".lesson-card")
    action("choose", lesson="hot-tub", way="replay", speed_x=SPEED_X)
    for what, value in (("peak_percent", 20), ("peak_after_min", 0), ("added_percent", 3)):
        action("guess", what=what, value=value)
    yield from shown("predict", ".sliders:not(:has([data-unset]))")
    action("start")
    site.pass_s(0.1)
    yield from shown("rest", ".step[data-step=rest]")
    action("jump", step="peak")
    yield from shown("peak", ".step[data-step=peak]")
    action("inject", fault="occlusion", magnitude=1)
    action("diagnose", fault="leak")
    yield from shown("instructor", ".in-force li", "/train/instructor")
    site.pass_s(2)
    yield from shown("occluded", ".step[data-step=peak]")
    action("again")
    action("start")
    while site.lesson_run.phase == "run":
        site.pass_s(5)
    yield from shown("results", ".outcome")
    for name in ("questions", "compare", "sources"):
        ready = ".compare[data-shown]" if name == "compare" else f".{name}"
        yield from shown(name, ready, before=lambda page: page.click(".turn .primary"))
    yield from shown("play", ".play-view[data-shown]", before=lambda page: page.click(".places li:last-child button"))
