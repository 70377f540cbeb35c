"""A visitor with bad intentions, as a program: `python tests/support/hostile_visitor.py PORT TOKEN` floods the web
server at 127.0.0.1:PORT in all its ways at once, until it is killed. Says one line when all of them have begun.
"""

import asyncio
import contextlib
import itertools
import random
import resource
import sys
from collections.abc import Awaitable, Callable

SILENT = 1100
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]
JUNK = [
    b"\x16\x03\x01\x02\x00\x01", b"\0" * 2000, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 3000,
    b"GET / HTTP/1.1\r\nHost: [\r\n\r\n",
    b"POST /api/requests/list HTTP/1.1\r\nHost: x\r\nOrigin: http://[\r\nContent-Length: 0\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\n\r\n" + b"token=" * 2000,
    b"GET /" + b"%ff" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" * 200,
]  # fmt: skip
UPGRADE = (
    "GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n"
)
FRAME = b"\x81\x82\0\0\0\0{}"


async def silent(port: int, held: list[Pair]) -> None:
    """Holds as many connections as it gets, and opens those anew that are closed."""
    while True:
        held[:] = [pair for pair in held if not pair[0].at_eof()]
        for _ in range(min(50, SILENT - len(held))):
            with contextlib.suppress(OSError):
                held.append(await asyncio.open_connection("127.0.0.1", port))
        await asyncio.sleep(0.02)


async def sends(port: int, data: bytes, linger_s: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        await writer.drain()
        async with asyncio.timeout(linger_s):
            await reader.read()
    finally:
        writer.close()


async def junk(port: int, token: str) -> None:
    await sends(port, random.choice(JUNK), 0.5)


async def guesses(port: int, token: str) -> None:
    """Wrong tokens, each from an address of its own as it says."""
    address = ".".join(str(random.randrange(256)) for _ in range(4))
    await sends(
        port,
        f"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\nAuthorization: Bearer {address}\r\n\r\n".encode(),
        0.2,
    )


async def dawdles(port: int, token: str) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for byte in b"GET /health HTTP/1.1\r\nHost: x\r\nx: " + b"y" * 1000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.1)
    finally:
        writer.close()


async def live(port: int, token: str) -> None:
    """Knows the token: opens a live feed, and floods it or does not read it."""
    bearer = random.choice([f"Authorization: Bearer {token}\r\n", ""])
    flood = random.choice([FRAME * 5000, FRAME, b"", b"\x89\x80\0\0\0\0" * 5000])
    await sends(port, UPGRADE.format(bearer).encode() + flood, 3)


async def asks(port: int, token: str) -> None:
    """Knows the token: many requests on one connection, whose answers it does not read."""
    bearer = f"Authorization: Bearer {token}\r\n"
    paths = ("/api/pumps", "/metrics", "/api/readings?pump=p000&points=20000&format=csv", "/api/train/lessons")
    await sends(port, f"GET {random.choice(paths)} HTTP/1.1\r\nHost: x\r\n{bearer}\r\n".encode() * 20, 1)


async def again(way: Callable[[int, str], Awaitable[None]], port: int, token: str) -> None:
    while True:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            await way(port, token)
        await asyncio.sleep(0.05)


async def main(port: int, token: str) -> None:
    held: list[Pair] = []
    ways = {junk: 6, guesses: 4, dawdles: 10, live: 40, asks: 3}
    tasks = [asyncio.create_task(silent(port, held))]
    tasks += [
        asyncio.create_task(again(way, port, token))
        for way in itertools.chain.from_iterable([way] * count for way, count in ways.items())
    ]
    print("floods", flush=True)
    await asyncio.wait(tasks)


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard) if hard > 0 else 4096, hard))
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
