"""The port of one pump, reopened after failures with growing pauses. Bytes go in through a decoder, lines out in order.

It knows nothing of what the frames mean. All of it runs in one task of the event loop, so nothing overtakes anything.
"""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from pumplink.decoder import Event
from warmflow.device.host_clock import Now
from warmflow.device.link.wire_stats import WireCount
from warmflow.device.states import LinkState
from warmflow.device.transport.recording import Recorder
from warmflow.device.transport.serial_port import PortError
from warmflow.device.transport.sources import Port, source_of
from warmflow.runtime.backoff import pause_s

TICK_S = 0.2
RETRY_S = (0.2, 5.0)  # first and longest pause between attempts to open
OUTBOX_MAX = 256  # [chosen] lines that wait for a port: acknowledgements and requests, which are sent again
FULL = "the port accepts no data and the send queue is full: reset the board, or plug it in again"
STEADY_S = 10.0  # a port that was open so long was a good one


class OutboxFull(Exception):
    """The port accepts no data and its send queue is full."""


class Hears(Protocol):
    """Who is told what happens at the port; `now_s` is a clock for timeouts that goes as fast as the bytes come."""

    def opened(self, now_s: float) -> None: ...

    def received(self, events: list[Event], now_s: float) -> None: ...

    def idle(self, now_s: float, pending: bytes) -> None:
        """Five times a second while it is open; `pending` is what may become a frame."""

    def closed(self, state: LinkState, reason: str) -> None: ...


class PortSupervisor:
    """Run `run()` as a task. `wanted` is a path, a USB serial number, a URL, a recording, or None for the only Pico
    there is. `room` says whether more can be taken, `record` is a folder for all that comes.
    """

    def __init__(
        self,
        wanted: str | None,
        hears: Hears,
        room: Callable[[], bool],
        record: Path | None,
        log: Callable[[str], None],
        now: Now,
    ) -> None:
        self.source = source_of(wanted, room, now)
        self.count = WireCount()
        self.decoder = self.count.fresh()
        self.at = now()  # when what is being looked at arrived
        self._hears, self._now = hears, now
        self._recorder = Recorder(record, wanted or "pico", log) if record and not self.source.mark else None
        self._port: Port | None = None
        self._lost = asyncio.Event()
        self._again = asyncio.Event()  # somebody does not want to wait for the next attempt
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue(OUTBOX_MAX)

    async def run(self) -> None:
        """Until cancelled: opens, serves, opens again. A recording has an end."""
        try:
            attempt, loop = 0, asyncio.get_running_loop()
            while not self.source.ended:
                began_s = loop.time()
                steady = await self._serve_once() and loop.time() - began_s > STEADY_S
                attempt = 0 if steady or self._again.is_set() else attempt + 1
                self._again.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause_s(attempt, *RETRY_S)):
                        await self._again.wait()
        finally:
            why = "the recording has ended" if self.source.ended else "the daemon was stopped"
            self._hears.closed(LinkState.STOPPED, why)
            if self._recorder:
                self._recorder.close()
            if self._port:
                await self._port.close()

    def restart(self) -> None:
        """Closes the port, if it is open, and opens it again without a pause."""
        if self._port:
            self.lose("restarted on request")
        self._again.set()

    def post(self, line: bytes) -> None:
        """To be written when all before it is. What a port does not take before it closes is dropped.

        Raises: OutboxFull, and counts it, where OUTBOX_MAX lines wait already.
        """
        try:
            self._outbox.put_nowait(line)
        except asyncio.QueueFull:
            self.count.unsent += 1
            raise OutboxFull(FULL) from None

    def introduce(self, hello: bytes) -> None:
        """The board's HELLO, as a frame: a recording says it at the head of each file."""
        if self._recorder:
            self._recorder.hello(hello)

    def begin(self, port: Port) -> None:
        """It is open."""
        self._port = port
        self.decoder = self.count.fresh()
        self._outbox = asyncio.Queue(OUTBOX_MAX)  # a command that an earlier port did not take is not for this one
        self.count.openings += 1
        if self._recorder:
            self._recorder.opened(port.path, self._now())
        self._hears.opened(port.now_s())

    def receive(self, data: bytes) -> None:
        """Bytes have come."""
        if self._port is None:
            return
        self.count.bytes += len(data)
        self.at = self._port.stamp()
        if self._recorder:
            self._recorder.received(data, self.at)
        self._hears.received(self.decoder.feed(data), self._port.now_s())

    def look(self) -> None:
        """Nothing has to have come: it is time to see whether something should have."""
        if self._port is not None:
            self._hears.idle(self._port.now_s(), self.decoder.pending)

    def lose(self, reason: str) -> None:
        """The port is gone."""
        if self._recorder:
            self._recorder.lost(reason, self._now())
        self._hears.closed(LinkState.PORT_LOST, f"{reason}: trying to open it again")
        self._lost.set()

    async def _serve_once(self) -> bool:
        """One life of the port; True if it could be opened."""
        self._lost.clear()
        try:
            port = await self.source.open(self.receive, self.lose)
        except PortError as error:
            self._hears.closed(error.state, str(error))
            return False
        self.begin(port)
        sender = asyncio.create_task(self._send_all(port))
        try:
            while not self._lost.is_set():
                self.look()
                await asyncio.sleep(TICK_S)  # a wait for `_lost` with a limit costs three times as much
        finally:
            sender.cancel()
            await port.close()
            self._port = None
        return True

    async def _send_all(self, port: Port) -> None:
        try:
            while True:
                await port.write(await self._outbox.get())
        except Exception as error:  # unseen it would leave a port that hears us no more
            if not self._lost.is_set():
                self.lose(f"writing to it failed: {error!r}")
