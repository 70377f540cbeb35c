"""The page's one WebSocket: `{"watch": "<pump>"}` comes in, what is new goes out. Anything else that comes in is
refused with a reason.

Text messages are JSON (`pumps`: the table; and whatever else every page has to know), binary ones are columns
(`blocks.py`). `{"lost": n}` says that the page was too slow: it reads the hole from the history.
"""

import asyncio

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from warmflow.device.identity import name_fault
from warmflow.runtime.json_bytes import dump
from warmflow.runtime.json_text import parse_json
from warmflow.runtime.tasks import end
from warmflow.sinks.web.live_feed import LiveFeed, Page

LONGEST = 1000  # characters of a message that comes in


def socket_route(live: LiveFeed, path: str = "/live") -> WebSocketRoute:
    """The route. Who may come in is the gate's matter."""

    async def serve(socket: WebSocket) -> None:
        await socket.accept()
        page = Page()
        live.pages.add(page)
        tasks: list[asyncio.Task[None]] = []
        try:
            for message in live.first():
                await _send(socket, message)
            tasks += [asyncio.create_task(_send_all(socket, page)), asyncio.create_task(_hear(socket, page))]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            live.pages.discard(page)
            await end(*tasks)

    return WebSocketRoute(path, serve)


async def _send_all(socket: WebSocket, page: Page) -> None:
    told = 0
    while True:
        message = await page.get()
        if page.dropped > told:
            await _send(socket, dump({"lost": page.dropped - told}).decode())
            told = page.dropped
        await _send(socket, message)


async def _send(socket: WebSocket, message: str | bytes) -> None:
    await (socket.send_text(message) if isinstance(message, str) else socket.send_bytes(message))


async def _hear(socket: WebSocket, page: Page) -> None:
    try:
        while True:
            said = await socket.receive_text()
            wanted = _wanted(said)
            if isinstance(wanted, ValueError):
                await _send(socket, dump({"error": str(wanted)}).decode())
            else:
                page.watched = wanted
    except (WebSocketDisconnect, RuntimeError, KeyError):  # KeyError: a binary message, which nobody sends us
        return


def _wanted(said: str) -> str | ValueError | None:
    try:
        asked = parse_json(said) if len(said) <= LONGEST else None
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or asked.keys() != {"watch"} or not isinstance(asked["watch"], str | None):
        return ValueError('a page says {"watch": "<pump>"} or {"watch": null}, and nothing else')
    if asked["watch"] and (fault := name_fault(asked["watch"])):
        return ValueError(fault)
    return asked["watch"] or None
