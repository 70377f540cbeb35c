"""Fuzz targets of the web server: bytes of a visitor into uvicorn's protocols as we use them, with the whole site
behind them. No byte makes an error that nobody expected, and what is answered is never 500.
"""

import asyncio
import json
import logging
import random
import sqlite3
import struct
from typing import Any

from fuzz_inputs import TEXTS, mutated
from records import START
from starlette.applications import Starlette
from uvicorn.config import Config
from uvicorn.server import ServerState

from warmflow.api.payloads import http
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.sinks.web.application import site
from warmflow.sinks.web.health_route import health_route
from warmflow.sinks.web.http_api import api
from warmflow.sinks.web.http_connection import HttpConnection
from warmflow.sinks.web.live_feed import LiveFeed
from warmflow.sinks.web.pages import LOGIN_PAGE, dashboard_routes

TOKEN = "a-token-that-is-long-enough"
STEPS = 60  # of the event loop: enough for any answer that needs no thread
HANDSHAKE = (
    b"GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PATHS = [
    "/health", "/login", "/logout", "/api/pumps", "/api/me", "/api/alarms", "/api/readings?pump=x", "/api/annotations",
    "/api/annotations/1", "/api/requests/list", "/api/requests/annotate", "/live", "/nothing", "/pump/x",
    "*", "//", "/%00", "/api/openapi.json", "http://localhost/health", "/login/instructor",
]  # fmt: skip
HEADERS = [
    "Host: localhost", "Host: [", "Host:", "Origin: http://localhost", "Origin: http://[", "Origin: null",
    "Content-Type: application/json", "Cookie: warmflow_session=x", "Cookie: =;;=", "Authorization: Bearer x",
    f"Authorization: Bearer {TOKEN}", "Accept: text/html", "Expect: 100-continue", "Connection: close",
    "X-Forwarded-For: 192.0.2.1", "Content-Length: 5", "Transfer-Encoding: chunked", "Upgrade: websocket",
    "Connection: Upgrade", "Warmflow-Instructor-Code: x",
]  # fmt: skip
BODIES = [
    b"{}",
    b'{"transaction": "\\ud800"}',
    b'{"transaction": 1e999}',
    b"token=x&next=//x",
    b"\xff",
    b"[" * 2000,
    b"5\r\nhello\r\n0\r\n\r\n",
]


class Errors(logging.Handler):
    """What was logged with a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self.found.append(self.format(record)[-500:])


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 1), "sockname": ("127.0.0.1", 8080)})
        self.written, self.closed = b"", False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Place:
    """Of a connection, where there is always room."""

    def __init__(self) -> None:
        self.transport: Any = None

    def drop(self) -> None:
        self.transport.close()

    def use(self, in_use: bool) -> None: ...

    def upgrade(self) -> bool:
        return True


def _site(token: str | None) -> Starlette:
    answers = Dispatcher(lambda: [])

    async def answer(kind: str, payload: bytes) -> dict[str, Any]:
        return await answers.answer(kind, payload, allowed=True)

    def no_reader() -> Any:
        raise sqlite3.OperationalError("there is no journal here")

    def pumps() -> http.PumpsPage:
        return http.PumpsPage(pumps=[], last={}, scenarios={}, note="")

    live = LiveFeed(lambda reading: None, lambda link: None, lambda: START)
    found = {"status": "ok", "reasons": [], "pumps": {}}
    routes = [health_route(lambda: found), *dashboard_routes(live, api(pumps, no_reader, answer, True, lambda: START))]
    return site(routes, token is None, (lambda: token) if token else None, str(LOGIN_PAGE), "a-code-of-length")


_configs: dict[bool, Config] = {}


def _config(open_to_others: bool) -> Config:
    if open_to_others not in _configs:
        application = _site(TOKEN if open_to_others else None)
        config = Config(application, lifespan="off", log_config=None, proxy_headers=False, ws_per_message_deflate=False)
        config.load()
        _configs[open_to_others] = config
    return _configs[open_to_others]


def visited(parts: list[bytes], open_to_others: bool) -> bytes:
    """What is written for these pieces, each in a read of its own. Raises AssertionError for an unexpected error."""
    return asyncio.get_event_loop().run_until_complete(_visited(parts, _config(open_to_others)))


async def _visited(parts: list[bytes], config: Config) -> bytes:
    errors = Errors()
    logging.getLogger().addHandler(errors)
    transport, state, place = Transport(), ServerState(), Place()
    transport.protocol = connection = HttpConnection(place, config, state)  # type: ignore[arg-type]
    try:
        connection.connection_made(transport)
        for part in parts:
            if transport.closed:
                break
            transport.protocol.data_received(part)  # type: ignore[attr-defined]
            for _ in range(STEPS):
                await asyncio.sleep(0)
        transport.protocol.connection_lost(None)
        for _ in range(STEPS):
            await asyncio.sleep(0)
    finally:
        logging.getLogger().removeHandler(errors)
        for task in list(state.tasks):
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        if connection._timer:
            connection._timer.cancel()
    assert not errors.found, errors.found
    assert b"HTTP/1.1 500" not in transport.written, transport.written[-300:]
    return transport.written


def http_request(dice: random.Random) -> None:
    method = dice.choice(("GET", "POST", "HEAD", "DELETE", "OPTIONS", "PUT", "CONNECT", "x"))
    lines = [f"{method} {dice.choice(PATHS)} HTTP/1.{dice.choice('1110')}"]
    lines += ["Host: localhost"] * (dice.random() < 0.9)
    lines += dice.sample(HEADERS, dice.randrange(4))
    body = dice.choice(BODIES) if dice.random() < 0.6 else b""
    if body and dice.random() < 0.8:
        lines.append(f"Content-Length: {len(body)}")
    data = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    data = mutated(dice, data) if dice.random() < 0.4 else data
    cut = dice.randrange(len(data) + 1)
    visited([data] if dice.random() < 0.6 else [data[:cut], data[cut:]], dice.random() < 0.5)


def frame(dice: random.Random, opcode: int, data: bytes) -> bytes:
    """As a browser sends it; sometimes with bits that none sends."""
    mask = dice.randbytes(4)
    first = opcode | (0x80 if dice.random() < 0.9 else dice.choice((0, 0x40, 0xF0)))
    size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", min(len(data), 65_535))
    return bytes([first]) + size + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


def websocket(dice: random.Random) -> None:
    parts = [HANDSHAKE if dice.random() < 0.95 else mutated(dice, HANDSHAKE)]
    for _ in range(dice.choice((1, 2, 5))):
        said = dice.choice(
            (
                json.dumps({"watch": dice.choice(TEXTS)}).encode(), b'{"watch": "\\ud800"}', b'{"watch": 1e999}', b"{",
                b"[" * 900, b'{"watch": null}', dice.randbytes(40), b"\xff", b"",
            )
        )  # fmt: skip
        sent = frame(dice, dice.choice((1, 1, 1, 2, 0, 8, 9, 10, 3)), said)
        parts.append(mutated(dice, sent) if dice.random() < 0.3 else sent)
    visited(parts, False)
