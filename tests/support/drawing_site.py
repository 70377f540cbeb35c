"""The drawing alone, served with the daemon's own headers: for its tests and pictures. No pump, no lesson, no clock.

`python tests/support/drawing_site.py FOLDER` takes pictures of every case, dark and light.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from dashboard_pictures import ARGUMENTS
from drawing_cases import CASES, given
from optional_parts import chromium
from playwright.sync_api import Page, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from wait import wait_until_sync

from warmflow.sinks.web.pages import STATIC
from warmflow.sinks.web.security_headers import SafeHeaders
from warmflow.training.texts import texts

HERE = Path(__file__).parent
SMALL = (512 + 24, 368 + 24)
SIZES = {
    "": (1280, 900),
    "-1024x600": SMALL,
    "-1280x800": (645 + 24, 501 + 24),
    "-4k": (1937 + 24, 1370 + 24),
}  # what is left for it on such a screen


async def _texts(request: Request) -> JSONResponse:
    return JSONResponse(texts().all())


async def _own(request: Request) -> FileResponse:
    return FileResponse(HERE / f"drawing_page.{request.path_params['kind']}")


@contextmanager
def drawing_site() -> Iterator[str]:
    """The address of the page while the block lasts."""
    routes = [Route("/bench/texts", _texts), Route("/bench/drawing_page.{kind}", _own)]
    app = SafeHeaders(Starlette(routes=[*routes, Mount("/static", StaticFiles(directory=STATIC))]))
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", 0, lifespan="off", log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until_sync(lambda: server.started, what="the site comes up")
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/bench/drawing_page.html"
    finally:
        server.should_exit = True
        thread.join(10)


def opened(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("body[data-ready]")


def main() -> None:
    folder = Path(sys.argv[1])
    names = sys.argv[2:] or list(CASES)
    folder.mkdir(parents=True, exist_ok=True)
    with drawing_site() as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for theme in ("dark", "light"):
            for suffix, (width, height) in SIZES.items():
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
                page.on("pageerror", lambda error: print(error, file=sys.stderr))
                page.on("console", lambda said: print(said.text, file=sys.stderr) if said.type == "error" else None)
                opened(page, url)
                for name in names:
                    page.evaluate("given => bench.draw(given)", given(name))
                    page.wait_for_timeout(700)
                    (folder / f"drawing-{name}{suffix}-{theme}.png").write_bytes(page.screenshot())
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
