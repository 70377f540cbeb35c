"""What goes wrong in the pages of a browser test, as it happens."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

OWN = "127.0.0.1"


def watched(context: BrowserContext, own: str = OWN) -> list[str]:
    """What went wrong in any page of the context, as it happens; `own` is the host that may be asked."""
    wrong: list[str] = []

    def asked(url: str) -> None:
        if urlsplit(url).hostname not in (own, None):  # None: data: and blob:
            wrong.append(f"a request left the host: {url}")

    context.on("request", lambda request: asked(request.url))
    context.on("weberror", lambda error: wrong.append(f"error in the page: {error.error}"))
    context.on("page", lambda page: page.on("websocket", lambda socket: asked(socket.url)))
    return wrong
