"""Connections of strangers: places at accept, limits of time and bytes, and who still gets an answer."""

import asyncio
import contextlib
import logging
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trustme
import websockets
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from wait import wait_until

from warmflow.sinks.web import http_connection
from warmflow.sinks.web.application import site
from warmflow.sinks.web.connection_limits import Limits, limits_for
from warmflow.sinks.web.connection_slots import REFUSED, Slots, neighbourhood
from warmflow.sinks.web.http_connection import HttpConnection
from warmflow.sinks.web.in_flight import InFlight
from warmflow.sinks.web.server import Tls, WebServer

SMALL = Limits(http=8, websockets=4)
ASK = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def test_an_idle_connection_gives_way_to_a_new_one_and_one_in_use_does_not() -> None:
    slots: Slots[str] = Slots(size=3, share=3)
    assert [slots.enter(one, "a") for one in ("first", "second", "third")] == [None] * 3
    slots.use("first", True)
    assert slots.enter("fourth", "a") == "second"
    slots.use("third", True)
    slots.use("fourth", True)
    assert slots.enter("fifth", "a") == REFUSED
    slots.leave("third")
    assert slots.enter("sixth", "a") is None


def test_the_address_that_holds_the_most_gives_way() -> None:
    slots: Slots[str] = Slots(size=4, share=4)
    slots.enter("b1", "b")
    for one in ("a1", "a2", "a3"):
        slots.enter(one, "a")
    assert slots.enter("c1", "c") == "a1"
    assert slots.enter("c2", "c") == "a2"


def test_one_address_holds_its_share_at_most() -> None:
    slots: Slots[str] = Slots(size=4, share=2)
    slots.enter("a1", "a")
    slots.enter("a2", "a")
    assert slots.enter("a3", "a") == "a1"
    slots.use("a2", True)
    slots.use("a3", True)
    assert slots.enter("a4", "a") == REFUSED
    assert slots.enter("b1", "b") is None


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:ffff", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_network_of_one_owner_counts_as_one_address(address: str, counts_as: str) -> None:
    assert neighbourhood(address) == counts_as


@pytest.mark.parametrize("files", [64, 256, 1024, 65_536])
def test_most_file_descriptors_are_kept_for_journal_ports_and_broker(files: int) -> None:
    limits = limits_for(files)
    assert limits.http + limits.websockets <= files * 3 / 8
    assert limits.in_flight < limits.http


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok")


async def _slow(request: Request) -> Response:
    async def forever() -> AsyncIterator[bytes]:
        yield b"begins"
        await asyncio.Event().wait()

    return StreamingResponse(forever())


async def _body(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _live(socket: WebSocket) -> None:
    await socket.accept()
    with contextlib.suppress(Exception):
        while True:
            await socket.send_text(await socket.receive_text())


ROUTES = [
    Route("/health", _health), Route("/slow", _slow), Route("/body", _body, methods=["POST"]),
    WebSocketRoute("/live", _live),
]  # fmt: skip


@asynccontextmanager
async def serving(limits: Limits = SMALL, tls: Tls | None = None) -> AsyncIterator[int]:
    sock = socket.create_server(("127.0.0.1", 0))
    server = WebServer(sock, lambda line: None, tls, limits)
    server.start(site(ROUTES, True))
    try:
        yield sock.getsockname()[1]
    finally:
        async with asyncio.timeout(3):
            await server.ended()


async def asked(port: int, data: bytes = ASK) -> bytes:
    """What comes until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()


async def connected(port: int, count: int) -> list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    return [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]


def close(pairs: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> None:
    for _, writer in pairs:
        writer.close()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.needs("Linux")
async def test_connections_that_say_nothing_hold_few_descriptors_and_keep_nobody_out() -> None:
    async with serving() as port:
        before = descriptors()
        silent = await connected(port, 100)
        assert b"200 OK" in await asked(port)
        held = descriptors() - before - len(silent)
        assert held <= SMALL.http
        assert sum(reader.at_eof() or reader.exception() is not None for reader, _ in silent) >= 90
        close(silent)


async def test_a_connection_that_does_not_finish_its_request_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(http_connection.LONGEST_S, "request", 0.3)
    head = b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
    async with serving() as port:
        for beginning in (b"", b"GET / HT", head, head + b"\r\nab", ASK.replace(b"close", b"keep-alive") + b"GET /h"):
            assert b"\r\n\r\nab" not in await asked(port, beginning)


async def test_one_who_does_not_fetch_an_answer_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(http_connection.LONGEST_S, "answer", 0.3)
    async with serving() as port:
        assert b"begins" in await asked(port, ASK.replace(b"/health", b"/slow"))


async def test_a_slow_request_that_comes_in_time_is_answered() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for byte in ASK:
            writer.write(bytes([byte]))
            await writer.drain()
        assert b"200 OK" in await reader.read()
        writer.close()


async def test_live_feeds_have_places_of_their_own_and_leave_the_others() -> None:
    async with serving() as port, contextlib.AsyncExitStack() as stack:
        for _ in range(2):  # half of four is one address's share
            live = await stack.enter_async_context(websockets.connect(f"ws://127.0.0.1:{port}/live"))
            await live.send("here")
            assert await live.recv() == "here"
        with pytest.raises(websockets.InvalidStatus, match="503"):
            await stack.enter_async_context(websockets.connect(f"ws://127.0.0.1:{port}/live"))
        assert b"200 OK" in await asked(port)


async def test_a_live_feed_that_has_said_nothing_gives_way_to_a_new_one() -> None:
    async with serving() as port, contextlib.AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(websockets.connect(f"ws://127.0.0.1:{port}/live")) for _ in range(5)]
        await silent[-1].send("here")
        assert await silent[-1].recv() == "here"
        await wait_until(lambda: sum(one.close_code is not None for one in silent) == 3, what="three are closed")


@pytest.mark.parametrize("kind", ["many", "ping", "fragments", "large"])
async def test_a_live_feed_that_is_flooded_is_cut_off_before_it_is_parsed(kind: str) -> None:
    masked = b"\0\0\0\0"
    frames = {
        "many": b"\x81\x81" + masked + b"x",
        "ping": b"\x89\x80" + masked,
        "fragments": b"\x01\x81" + masked + b"x" + (b"\x00\x81" + masked + b"x") * 100,
        "large": b"\x82\xfe\x3f\xff" + masked + bytes(16_383),
    }
    handshake = (
        b"GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(handshake)
        assert b"101" in await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                writer.write(frames[kind] * max(1, 20_000 // len(frames[kind])))
                await writer.drain()
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(5):
                assert len(await reader.read()) < 200_000
        writer.close()


async def test_a_handshake_that_is_not_finished_keeps_no_place(tmp_path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("localhost")
    made.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with serving(tls=Tls(tmp_path / "both.pem", tmp_path / "both.pem")) as port:
        silent = await connected(port, 30)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
        writer.write(ASK)
        assert b"200 OK" in await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        close(silent)


async def test_many_requests_at_a_time_are_refused_and_health_is_not() -> None:
    begun = asyncio.Semaphore(0)
    go_on = asyncio.Event()

    async def inner(scope, receive, send) -> None:
        if scope["path"] != "/health":
            begun.release()
            await go_on.wait()
        await PlainTextResponse("done")(scope, receive, send)

    guarded = InFlight(inner, most=4)

    async def status(path: str, address: str) -> int:
        sent: list[int] = []

        async def send(message) -> None:
            sent.append(message.get("status", 0))

        await guarded({"type": "http", "path": path, "client": (address, 1), "headers": []}, None, send)
        return sent[0]

    first = [asyncio.create_task(status("/x", "192.0.2.1")) for _ in range(2)]
    await begun.acquire()
    await begun.acquire()
    assert await status("/x", "192.0.2.1") == 503
    assert await status("/health", "192.0.2.1") == 200
    second = asyncio.create_task(status("/x", "192.0.2.2"))
    await begun.acquire()
    go_on.set()
    assert [await one for one in (*first, second)] == [200] * 3
    assert await status("/x", "192.0.2.1") == 200


async def test_without_a_free_descriptor_nobody_is_accepted_until_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("warmflow.sinks.web.accept.RETRY_S", 0.05)
    async with serving() as port:
        refusing = True
        accept = socket.socket.accept

        def no_room(self: socket.socket):
            if refusing:
                raise OSError(24, "Too many open files")
            return accept(self)

        monkeypatch.setattr(socket.socket, "accept", no_room)
        asking = asyncio.create_task(asked(port))
        await asyncio.wait({asking}, timeout=0.2)
        assert not asking.done()
        refusing = False
        assert b"200 OK" in await asking


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00", b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"G" * 40_000, b"GET /\xff HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * 4000 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)  # fmt: skip
async def test_what_is_no_request_costs_its_connection_and_nothing_else(request_: bytes) -> None:
    async with serving() as port:
        assert b"200 OK" not in await asked(port, request_ + b"\r\n\r\n")
        assert b"200 OK" in await asked(port)


async def test_headers_have_a_bound_in_number_and_bytes_however_they_come() -> None:
    head = ASK.removesuffix(b"\r\n")
    async with serving() as port:
        for more in (b"a: b\r\n" * 101, b"a: " + b"b" * 200_000 + b"\r\n", b"a: " + b"b" * 17_000 + b"\r\n"):
            answer = b""  # where the server closes before all of it was sent
            with contextlib.suppress(ConnectionError):
                answer = await asked(port, head + more + b"\r\n")
            assert answer.partition(b" ")[2][:3] in (b"", b"400", b"431"), answer[:80]
        assert b" 431 " in await asked(port, head + b"a: b\r\n" * 101 + b"\r\n")
        assert b"200 OK" in await asked(port, head + b"a: b\r\n" * 90 + b"\r\n")


async def test_headers_that_trickle_in_have_one_time_limit_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(http_connection.LONGEST_S, "request", 0.3)
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        ended = asyncio.create_task(reader.read())
        writer.write(ASK.removesuffix(b"\r\n"))
        while not ended.done():  # else the test's own time limit ends it
            writer.write(b"a: b\r\n")
            await asyncio.wait({ended}, timeout=0.05)
        with contextlib.suppress(ConnectionError):
            assert b"200 OK" not in await ended
        writer.close()


@pytest.mark.parametrize("header", [b"Host: [", b"Origin: http://[\r\nHost: localhost", b"Host: a/b", b"Host: a@b"])
async def test_a_header_that_is_no_address_is_refused_and_breaks_nothing(
    header: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving() as port:
        answer = await asked(
            port, b"POST /body HTTP/1.1\r\n" + header + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    assert answer.split(b" ")[1] in (b"400", b"403")
    assert b"application/problem+json" in answer
    assert not caplog.records


async def test_who_asks_is_who_is_connected_whatever_a_header_says() -> None:
    async def address(request: Request) -> Response:
        assert request.client
        return PlainTextResponse(f"{request.client.host} {request.url.scheme}")

    sock = socket.create_server(("127.0.0.1", 0))
    server = WebServer(sock, lambda line: None, None, SMALL)
    server.start(site([Route("/health", address)], True))
    forged = b"X-Forwarded-For: 192.0.2.66\r\nX-Forwarded-Proto: https\r\nForwarded: for=192.0.2.66\r\nConnection"
    answer = await asked(sock.getsockname()[1], ASK.replace(b"Connection", forged))
    await server.ended()
    assert answer.endswith(b"127.0.0.1 http")


async def test_an_error_that_nobody_expected_is_logged_once_and_answered_as_a_problem(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(request: Request) -> Response:
        raise ZeroDivisionError("a stranger made this")

    sock = socket.create_server(("127.0.0.1", 0))
    server = WebServer(sock, lambda line: None, None, SMALL)
    server.start(site([Route("/health", broken)], True))
    with caplog.at_level(logging.ERROR):
        answers = [await asked(sock.getsockname()[1]) for _ in range(5)]
    await server.ended()
    assert all(b"500" in answer and b"application/problem+json" in answer for answer in answers)
    assert all(b"default-src 'self'" in answer for answer in answers)
    assert len(caplog.records) == 1


def test_the_limits_of_uvicorn_that_are_relied_on_are_still_there() -> None:
    """A later uvicorn may rename what is overridden: then it would be called no more."""
    from uvicorn.protocols.http.h11_impl import H11Protocol
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    ours = {"connection_made", "connection_lost", "data_received", "on_response_complete", "handle_websocket_upgrade"}
    assert ours <= vars(HttpConnection).keys() & vars(H11Protocol).keys()
    assert {"data_received", "handle_text", "send_receive_event_to_app"} <= vars(WebSocketsSansIOProtocol).keys()
