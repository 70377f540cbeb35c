"""Pictures of every page of the dashboard, dark and light: `python tests/support/dashboard_pictures.py docs/pictures`.

The pumps are simulated: one in a hot tub, one at rest, one clogged, one that nobody hears.
"""

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import train_pictures
from dashboard_site import SimulatedPump, Site
from optional_parts import chromium
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from warmflow.device.states import LinkState

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--no-proxy-server"]
COLOURS = 256
THEMES = ("dark", "light")


class Shot(NamedTuple):
    """One picture; `ready` is what has to be there first. Pages are opened together and looked at after `later_s`."""

    name: str
    path: str
    ready: str
    size: tuple[int, int] = (1440, 900)
    later_s: float = 3


TUB_S = 42  # of ours: 42 minutes of pump time at 60x, soon after the peak
SHOTS = (
    Shot("pump", "/pump/hot-tub?span=60", ".plots[data-drawn]", later_s=TUB_S),
    Shot("pump-1024x600", "/pump/hot-tub?span=60", ".plots[data-drawn]", (1024, 600), TUB_S),
    Shot("overview", "/", "tr[data-pump] .spark", later_s=28),
    Shot("overview-1024x600", "/", "tr[data-pump] .spark", (1024, 600)),
    Shot("overview-kiosk", "/?kiosk=1", "tr[data-pump] .spark", (1920, 1080)),
    Shot("alarms", "/alarms", "tr[data-alarm]"),
    Shot("controls", "/controls", ".card"),
    Shot("help", "/help", "dl"),
    Shot("login", "/static/login/login.html", ".card", (900, 600)),
)


@contextmanager
def bench() -> Iterator[Site]:
    """Four pumps at 60x with five minutes behind them; `hot-tub` gets into the water when it is looked at."""
    with tempfile.TemporaryDirectory() as folder:
        names = ("at-rest", "hot-tub", "clogged", "unplugged")
        site = Site(Path(folder), {name: SimulatedPump(name, at + 1, 60) for at, name in enumerate(names)}, 10)

        def past(name: str, left_s: float) -> None:
            if name == "clogged" and 89.7 < left_s < 90:
                site.pumps[name].clog(0.16)

        site.prefill(300, 5, past)
        site.start()
        try:
            site.link("unplugged", LinkState.PORT_LOST, "/dev/ttyACM1 went away")
            yield site
        finally:
            site.close()


def take(browser: Browser, site: Site, shot: Shot, themes: Sequence[str]) -> dict[str, bytes]:
    """By theme: the picture as PNG of few colours, small and the same to the eye."""
    pages: dict[str, Page] = {}
    for theme in themes:
        page = pages[theme] = browser.new_page(
            viewport={"width": shot.size[0], "height": shot.size[1]}, color_scheme=theme,  # type: ignore[arg-type]
        )  # fmt: skip
        page.on("console", lambda message: print(message.text, file=sys.stderr) if message.type == "error" else None)
        page.on("pageerror", lambda error: print(error, file=sys.stderr))
        page.goto(site.url + shot.path)
        page.wait_for_selector(shot.ready, timeout=30_000)
    if shot.later_s == TUB_S or not site.pumps["hot-tub"].tub:
        page.wait_for_timeout(8000)
        site.pumps["hot-tub"].bathe(30)
    page.wait_for_timeout(shot.later_s * 1000)
    return {theme: squeezed(page.screenshot()) for theme, page in pages.items()}


def squeezed(png: bytes) -> bytes:
    out = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", help="names of pictures")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with bench() as site, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for shot in SHOTS:
            if given.only and shot.name not in given.only:
                continue
            for theme, picture in take(browser, site, shot, THEMES).items():
                path = given.folder / f"dashboard-{shot.name}-{theme}.png"
                path.write_bytes(picture)
                print(f"{path} {len(picture) // 1000} kB")
        for name, page in train_pictures.pages(browser, THEMES):
            if not given.only or f"train-{name.split('-')[0]}" in given.only:
                path = given.folder / f"train-{name}.png"
                path.write_bytes(squeezed(page.screenshot()))
                print(f"{path} {path.stat().st_size // 1000} kB")
        browser.close()


if __name__ == "__main__":
    main()
