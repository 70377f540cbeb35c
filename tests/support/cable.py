"""A cable between a virtual Pico and the daemon that can be pulled, comes back under another name, and carries noise.

It sees every frame of the board and every command of the host, and so knows what was sent and what was acknowledged
from neither of the two. What is on its way when it is pulled is lost, as on a real one.
"""

import asyncio
import contextlib
import os
import random
import tty
from pathlib import Path

from pumplink import messages as m
from pumplink.decoder import Decoder, Received, read
from pumplink.framing import frame, unline

BootId = tuple[int, int]
CHUNK = 4096
TOO_SHORT = 20  # bytes of a reading: its sequence can be read, and what it measured can not


class Cable:
    """`path` is a link to whatever the host's end is called at the moment."""

    def __init__(self, board_port: str, path: Path) -> None:
        self.path = path
        self.sent: dict[tuple[BootId, int], m.Telemetry | m.Event] = {}  # what the board sent, by its boot
        self.acked: dict[BootId, int] = {}
        self.began_s: dict[
            BootId, float
        ] = {}  # when each boot began, on the event loop's clock: at this or a bit before
        self.names: list[str] = []  # of the host's end, one after the other
        self.different: list[tuple[BootId, int]] = []  # sent twice with another content: never
        self.poisoned: tuple[BootId, int] | None = None  # a record that the host gets without its last bytes, always
        self._poison_wanted = False
        self._decoder = Decoder()
        self._boot: BootId | None = None
        self._line = b""
        self._board = os.open(board_port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._host: int | None = None
        self._slave: int | None = None
        self._to_host = b""

    def plug(self) -> None:
        """The host's end gets a new name; the old one is nobody's."""
        loop = asyncio.get_running_loop()
        # the kernel gives the lowest free name: one that was used before is passed over
        spare: list[int] = []
        while True:
            host, slave = os.openpty()
            if os.ttyname(slave) not in self.names:
                break
            spare += [host, slave]
        for fd in spare:
            os.close(fd)
        self._host, self._slave = host, slave
        tty.setraw(slave)
        os.set_blocking(host, False)
        self.names.append(os.ttyname(slave))
        temporary = self.path.with_suffix(".new")
        temporary.symlink_to(self.names[-1])
        temporary.replace(self.path)
        self._decoder, self._line = Decoder(), b""
        loop.add_reader(self._board, self._from_board)
        loop.add_reader(host, self._from_host)

    def pull(self) -> None:
        assert self._host is not None
        assert self._slave is not None
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._board)
        loop.remove_reader(self._host)
        loop.remove_writer(self._host)
        self.path.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._host)
        self._host = self._slave = None
        self._to_host = b""

    def noise(self, size: int, chance: random.Random) -> None:
        """Random bytes into both ends, in the middle of whatever passes. No 0x03: that is Ctrl-C to a board."""
        data = bytes(byte for byte in chance.randbytes(size) if byte != 3)
        with contextlib.suppress(BlockingIOError):
            os.write(self._board, data[: size // 4])
        self._send_host(data)

    def poison(self) -> None:
        """The next reading comes to the host too short and with a good CRC, as often as the board sends it."""
        self._poison_wanted = True

    def close(self) -> None:
        if self._host is not None:
            self.pull()
        os.close(self._board)

    def _from_board(self) -> None:
        try:
            data = os.read(self._board, CHUNK)
        except BlockingIOError:
            return
        for event in self._decoder.feed(data):
            if isinstance(event, Received):
                self._saw(event.message)
                data = self._spoilt(data, event)
        self._send_host(data)

    def _saw(self, message: m.Message) -> None:
        if isinstance(message, m.Hello):
            self._boot = (message.boot_count, message.boot_random)
        elif isinstance(message, m.Telemetry | m.Event) and self._boot is not None:
            key, record = (self._boot, message.sequence), message._replace(backlog=0)
            began_s = asyncio.get_running_loop().time() - message.uptime_ms / 1000
            self.began_s[self._boot] = min(began_s, self.began_s.get(self._boot, began_s))
            if self.sent.setdefault(key, record) != record:
                self.different.append(key)

    def _spoilt(self, data: bytes, event: Received) -> bytes:
        """One that came in two pieces is not spoilt: the first one is on its way already."""
        message, whole = event.message, frame(event.payload)
        if not isinstance(message, m.Telemetry) or self._boot is None or whole not in data:
            return data
        if self._poison_wanted:
            self.poisoned, self._poison_wanted = (self._boot, message.sequence), False
        if self.poisoned != (self._boot, message.sequence):
            return data
        return data.replace(whole, frame(event.payload[:TOO_SHORT]))

    def _send_host(self, data: bytes) -> None:
        """What the host does not take waits here, and the board waits with it."""
        if self._host is None:
            return
        self._to_host += data
        loop = asyncio.get_running_loop()
        with contextlib.suppress(BlockingIOError):
            self._to_host = self._to_host[os.write(self._host, self._to_host) :]
        if self._to_host:
            loop.remove_reader(self._board)
            loop.add_writer(self._host, self._send_host, b"")
        else:
            loop.remove_writer(self._host)
            loop.add_reader(self._board, self._from_board)

    def _from_host(self) -> None:
        assert self._host is not None
        try:
            data = os.read(self._host, CHUNK)
        except (BlockingIOError, OSError):
            return
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            payload, _ = unline(line.strip())
            message = read(payload) if payload else None
            if isinstance(message, m.AckThrough):
                boot = (message.boot_count, message.boot_random)
                self.acked[boot] = max(self.acked.get(boot, 0), message.sequence)
        with contextlib.suppress(BlockingIOError):
            os.write(self._board, data)
