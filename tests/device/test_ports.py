"""Ports: by path, by USB serial number, by URL; found again under another name; one that hangs stops no other."""

import asyncio
import contextlib
import fcntl
import logging
import os
import socket
import struct
import termios
import threading
import time
import tty
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cable import Cable
from serial import rfc2217
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo
from wait import wait_until

from warmflow.device.link import PumpLink
from warmflow.device.link.fleet import Fleet
from warmflow.device.session import NoMemory
from warmflow.device.states import LinkState
from warmflow.device.transport import port_poller, sources
from warmflow.device.transport.serial_port import PortError, SerialPort, open_exclusive
from warmflow.device.updates import LinkStatus, PumpRemoved, Reading
from warmflow.device.virtual import virtual_pico
from warmflow.hub import Hub, UpdateQueue
from warmflow.runtime.tasks import end
from warmflow.runtime.threads import in_thread

CONFIG = {"rig_name": "rig", "sensor": "emulated", "rate_hz": 20}
STANDS_S = 2.0  # a thread that takes nothing for so long waits


async def more(subscriber: UpdateQueue, number: int, seconds: float = 30) -> list[Reading]:
    got: list[Reading] = []
    async with asyncio.timeout(seconds):
        while len(got) < number:
            update = await subscriber.get()
            if isinstance(update, Reading):
                got.append(update)
    return got


async def state(subscriber: UpdateQueue, wanted: LinkState, seconds: float = 30) -> LinkStatus:
    async with asyncio.timeout(seconds):
        while True:
            update = await subscriber.get()
            if isinstance(update, LinkStatus) and update.state is wanted:
                return update


@asynccontextmanager
async def linked(port: str) -> AsyncIterator[tuple[UpdateQueue, PumpLink]]:
    hub = Hub()
    link = PumpLink(port, hub.publish, print)
    running = asyncio.create_task(link.run())
    try:
        yield hub.subscriber(), link
    finally:
        await end(running)


def whole(got: list[Reading]) -> bool:
    numbers = [reading.message.sequence for reading in got]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))  # no event stands between


async def with_pico(tmp_path: Path, check: Callable[[str], Awaitable[None]]) -> None:

    async with virtual_pico("auto", state_dir=tmp_path / "board", config=CONFIG) as pico:
        await check(pico.port)


@pytest.mark.e2e
async def test_a_port_that_comes_back_under_another_name_is_found_by_its_link(tmp_path: Path) -> None:
    async def check(port: str) -> None:
        cable = Cable(port, tmp_path / "by-id")
        cable.plug()
        async with linked(str(cable.path)) as (subscriber, _):
            await more(subscriber, 10)
            cable.pull()
            await state(subscriber, LinkState.NOT_FOUND)
            cable.plug()
            assert await more(subscriber, 10)
        assert len(set(cable.names)) == 2
        cable.close()

    await with_pico(tmp_path, check)


@pytest.mark.e2e
async def test_a_pico_is_found_by_its_usb_serial_number_whatever_its_tty_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(port: str) -> None:
        cable = Cable(port, tmp_path / "tty")

        def comports() -> list[ListPortInfo]:
            if not cable.path.exists():
                return []
            info = ListPortInfo(cable.names[-1])
            info.vid, info.pid, info.serial_number = 0x2E8A, 0x0005, "E6614C311B7A"
            return [info]

        monkeypatch.setattr(list_ports, "comports", comports)
        cable.plug()
        hub = Hub()
        subscriber = hub.subscriber()
        fleet = Fleet([], hub.publish, print, NoMemory())
        running = asyncio.create_task(fleet.run())
        try:
            await more(subscriber, 10)
            assert list(fleet.links) == ["E6614C311B7A"]
            cable.pull()
            await state(subscriber, LinkState.NOT_FOUND)
            cable.plug()
            await more(subscriber, 10)
            assert list(fleet.links) == ["E6614C311B7A"]
        finally:
            await end(running)
            cable.close()

    await with_pico(tmp_path, check)


@contextlib.contextmanager
def served(port: str, telnet: bool) -> Iterator[str]:
    """The port at a TCP address, plain or with RFC 2217 around it; its host and port as text."""
    board = os.open(port, os.O_RDWR | os.O_NOCTTY)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, board, telnet, stop), daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        stop.set()
        thread.join(10)
    os.close(board)


class Lines:
    """What RFC 2217 wants to know of a serial port, and nothing behind it."""

    baudrate, bytesize, parity, stopbits, xonxoff, rtscts = 9600, 8, "N", 1, False, False
    dtr = rts = cts = dsr = ri = cd = break_condition = False

    def reset_input_buffer(self) -> None: ...

    def reset_output_buffer(self) -> None: ...


class Written:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def write(self, data: bytes) -> None:
        self._connection.sendall(data)


def _serve(server: socket.socket, board: int, telnet: bool, stop: threading.Event) -> None:
    os.set_blocking(board, False)
    connection, _ = server.accept()
    connection.settimeout(0.02)
    # its log shows what is negotiated, if a test fails
    around = rfc2217.PortManager(Lines(), Written(connection), logging.getLogger("rfc2217")) if telnet else None
    with connection, contextlib.suppress(OSError):
        while not stop.is_set():
            with contextlib.suppress(BlockingIOError):
                data = os.read(board, 4096)
                connection.sendall(b"".join(around.escape(data)) if around else data)
            try:
                command = connection.recv(4096)
            except TimeoutError:
                continue
            if not command:
                return
            os.write(board, b"".join(around.filter(command)) if around else command)


@pytest.mark.e2e
@pytest.mark.parametrize("scheme", ["socket", "rfc2217"])
async def test_a_board_at_the_other_end_of_a_network_is_read_commanded_and_repaired(
    tmp_path: Path, scheme: str
) -> None:
    async def check(port: str) -> None:
        with served(port, scheme == "rfc2217") as address:
            async with linked(f"{scheme}://{address}") as (subscriber, link):
                assert whole([each for each in await more(subscriber, 40) if each.message.sequence > 5])
                hello = await link.greeted(5)
                assert hello.rig_name == "rig"

    await with_pico(tmp_path, check)


@pytest.mark.e2e
@pytest.mark.parametrize("watched", [True, False])
async def test_a_port_is_read_by_the_loop_or_by_a_thread_and_its_loss_is_noticed_in_both(
    tmp_path: Path, watched: bool
) -> None:
    host, slave = os.openpty()
    tty.setraw(slave)
    got, lost = bytearray(), asyncio.get_running_loop().create_future()
    port = SerialPort(os.ttyname(slave), got.extend, lost.set_result, watched)
    os.write(host, bytes(range(256)) * 4)
    async with asyncio.timeout(10):
        await wait_until(lambda: len(got) >= 1024)
        await port.write(b"hello")
        assert os.read(host, 100) == b"hello"
        os.close(slave)
        os.close(host)
        await lost
        await port.close()
    assert got == bytes(range(256)) * 4


@pytest.mark.needs("POSIX")
async def test_a_flood_through_a_terminals_buffer_does_not_wait_for_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds one byte less than a read would take: that is no sign that there is no more."""
    monkeypatch.setattr(port_poller, "PAUSE_S", 30.0)

    host, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(host, False)
    got: list[int] = []
    port = SerialPort(os.ttyname(slave), lambda data: got.append(len(data)), print)
    written = 0
    async with asyncio.timeout(10):
        while written < 40_000:
            with contextlib.suppress(BlockingIOError):
                written += os.write(host, b"x" * 20_000)
            await asyncio.sleep(0)
    assert sum(got) > 20_000
    await port.close()
    os.close(host)
    os.close(slave)


def taken_within(slave: int, seconds: float) -> bool:
    """Whether whoever reads this end takes all that waits there in time."""
    deadline = time.monotonic() + seconds
    while struct.unpack("i", fcntl.ioctl(slave, termios.FIONREAD, bytes(4)))[0]:
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.001)
    return True


async def test_a_reading_thread_waits_for_a_loop_that_is_busy() -> None:
    host, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(host, False)
    pieces: list[int] = []
    port = SerialPort(os.ttyname(slave), lambda data: pieces.append(len(data)), print, watched=False)
    written, quiet = 0, 0
    while taken_within(slave, STANDS_S):  # byte by byte: the loop gets nothing done, so the thread stands at last
        written += os.write(host, b"x")
        threading.Event().wait(0.001)
        assert written < 10_000, "the thread takes without end"
    while quiet < 200:  # and then the buffers of the system run full
        try:
            written += os.write(host, b"x" * 1024)
            quiet = 0
        except BlockingIOError:
            quiet += 1
            threading.Event().wait(0.001)
        if written > 100_000:
            raise AssertionError("the thread takes without end")
    await wait_until(lambda: sum(pieces) >= written, 10)
    await port.close()
    os.close(host)
    os.close(slave)


@pytest.mark.e2e
async def test_a_port_that_hangs_while_it_is_opened_disturbs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hangs(path: str) -> object:
        if path.startswith("socket://"):
            released.wait(60)
            raise PortError(LinkState.PORT_LOST, path)
        return open_exclusive(path)

    monkeypatch.setattr(sources, "open_exclusive", hangs)

    async def check(port: str) -> None:
        hub = Hub()
        subscriber = hub.subscriber()
        fleet = Fleet([f"socket://127.0.0.1:{n}" for n in range(1, 40)] + [port], hub.publish, print, NoMemory())
        running = asyncio.create_task(fleet.run())
        try:
            assert whole([each for each in await more(subscriber, 40) if each.message.sequence > 5])
        finally:
            released.set()
            await end(running)

    await with_pico(tmp_path, check)


@pytest.mark.e2e
async def test_pumps_are_attached_and_detached_at_run_time(tmp_path: Path) -> None:
    async def check(port: str) -> None:
        hub = Hub()
        subscriber = hub.subscriber()
        fleet = Fleet(["/dev/not-there"], hub.publish, print, NoMemory())
        running = asyncio.create_task(fleet.run())
        try:
            await state(subscriber, LinkState.NOT_FOUND)
            fleet.attach(port)
            await more(subscriber, 5)
            await fleet.detach(port)
            updates = subscriber.get_all()
            assert PumpRemoved("rig", port) in updates
            assert port not in fleet.links
            open_exclusive(port).close()  # it is free again
            fleet.attach(port)
            await more(subscriber, 5)
        finally:
            await end(running)

    await with_pico(tmp_path, check)


@pytest.mark.e2e
async def test_a_port_is_opened_for_one_alone(tmp_path: Path) -> None:
    async def check(port: str) -> None:
        held = open_exclusive(port)
        async with linked(port) as (subscriber, _):
            busy = await state(subscriber, LinkState.BUSY)
            assert port in busy.detail
            held.close()
            await more(subscriber, 5)

    await with_pico(tmp_path, check)


async def test_what_nobody_waits_for_any_more_is_given_back() -> None:
    given_back, begun, go = threading.Event(), threading.Event(), threading.Event()

    def work() -> str:
        begun.set()
        go.wait(10)
        return "a port"

    task = asyncio.create_task(in_thread(work, lambda result: given_back.set()))
    await wait_until(begun.is_set)
    await end(task)
    go.set()
    await wait_until(given_back.is_set, 10)
