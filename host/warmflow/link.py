"""One pump's link, kept open: port, decoder, session and monitor in a row, and its commands on the one lane back.

It opens the port again for ever, with pauses that grow; every fault becomes a state with a reason. Two records never
overtake each other here: all of it runs in one task of the event loop.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pumplink import messages as m
from pumplink.codes import FIRST_TRUTH_EVENT, EventCode, spoken
from pumplink.decoder import Decoder
from pumplink.fastcodec import ENCODERS
from pumplink.framing import line
from warmflow import session as s
from warmflow.errors import Mendable
from warmflow.hub import BoardEvent, Gap, Hub, Inner, Link, Reading, Summary
from warmflow.monitor import Measured, Monitor, Rig
from warmflow.source.serialport import PortError, SerialPort, find_port
from warmflow.status import LinkState

TICK_S = 0.1
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)  # pauses between attempts to open; the last one is repeated
ANSWER_S = 3.0
NAME_TAKEN = "another board is called {name}: give this one a name of its own (rig_name) and start it again"


class CommandError(Mendable):
    """The board refused a command, or did not answer."""


class PumpLink:
    """Run `run()` as a task. `port` is a path, a USB serial number, or None for the only Pico there is.

    `memory` knows what is safe already: after a restart of the daemon it goes on there.
    `claim` says whether a board may have the name that it says.
    """

    def __init__(
        self,
        port: str | None,
        hub: Hub,
        log: Callable[[str], None],
        memory: s.Memory | None = None,
        claim: Callable[[str, str], bool] = lambda name, board_id: True,
    ) -> None:
        self.wanted = port
        self.name = ""  # until the board has said it
        self.session = s.Session(memory)
        self.decoder = Decoder()
        self.hello: m.Hello | None = None
        self.speed_x = 1
        self._hub, self._log, self._claim = hub, log, claim
        self._monitor = Monitor()
        self._port: SerialPort | None = None
        self._lost = asyncio.Event()
        self._greeted = asyncio.Event()
        self._ids = itertools.cycle(range(2, 0xFFFF))
        self._waiting: dict[int, asyncio.Future[m.Ack | m.Nack]] = {}
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._epoch: tuple[s.Boot, datetime] | None = None

    async def run(self) -> None:
        """Until cancelled: opens, serves, opens again."""
        try:
            attempt = 0
            while True:
                attempt = 0 if await self._serve_once() else attempt + 1
                await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
        finally:
            self._handle(self.session.closed(LinkState.STOPPED, "the daemon was stopped"))
            if self._port:
                await self._port.close()

    async def greeted(self, timeout_s: float) -> m.Hello:
        """The board's HELLO. Raises CommandError with the link's state if none comes in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._greeted.wait()
        except TimeoutError:
            detail = self.session.detail or "no answer"
            raise CommandError(f"{self.wanted}: {self.session.state.value}: {detail}") from None
        assert self.hello is not None
        return self.hello

    async def command(self, make: Callable[[int], m.Message], timeout_s: float = ANSWER_S) -> m.Ack:
        """Sends what `make` gives for a request id and waits for the board's answer. Raises CommandError."""
        request_id = next(self._ids)
        future: asyncio.Future[m.Ack | m.Nack] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = future
        try:
            self._post(make(request_id))
            async with asyncio.timeout(timeout_s):
                answer = await future
        except TimeoutError:
            raise CommandError(f"{self.name}: no answer within {timeout_s:g} s ({self.session.state.value})") from None
        finally:
            del self._waiting[request_id]
        if isinstance(answer, m.Nack):
            raise CommandError(f"{self.name}: refused: {answer.text or f'error {answer.error}'}")
        return answer

    def safe(self, boot: s.Boot, sequence: int) -> None:
        """All records up to this one are safe; the board may forget them."""
        self.session.safe(boot, sequence)

    def summary_safe(self, board_id: str, minute: int) -> None:
        """The board may forget its minutes up to this one."""
        if self.session.boot and self.session.boot.board_id == board_id:
            self.session.summaries.safe(minute)

    async def _serve_once(self) -> bool:
        """One life of the port; True if it could be opened."""
        self._lost.clear()
        self.decoder = Decoder()
        try:
            path = find_port(self.wanted)
            self._port = SerialPort(path, self._bytes, self._port_lost)
        except PortError as error:
            self._handle(self.session.closed(error.state, str(error)))
            return False
        self._outbox = asyncio.Queue()  # a command that an earlier port did not take is not for this one
        self._handle(self.session.opened(time.monotonic()))
        sender = asyncio.create_task(self._send_all(self._port))
        try:
            while not self._lost.is_set():
                self._handle(self.session.tick(time.monotonic(), self.decoder.pending))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TICK_S):
                        await self._lost.wait()
        finally:
            sender.cancel()
            await self._port.close()
            self._port = None
        return True

    async def _send_all(self, port: SerialPort) -> None:
        while True:
            await port.write(await self._outbox.get())

    def _post(self, message: m.Message) -> None:
        """Encodes here, where a wrong value still finds its sender. Raises CommandError."""
        try:
            self._outbox.put_nowait(line(ENCODERS[type(message)](message)))
        except ValueError as error:
            raise CommandError(f"{self.name or self.wanted}: {error}") from None

    def _bytes(self, data: bytes) -> None:
        self._handle(self.session.receive(self.decoder.feed(data), time.monotonic()))

    def _port_lost(self, reason: str) -> None:
        self._handle(self.session.closed(LinkState.PORT_LOST, f"{reason}: trying to open it again"))
        self._lost.set()

    def _handle(self, outcomes: list[s.Outcome]) -> None:
        for outcome in outcomes:
            if self.session.refused and isinstance(outcome, (s.Record, s.Truth, s.Summary, s.Lost)):
                continue  # of a board that is not to be heard
            match outcome:
                case s.Send(message):
                    self._post(message)
                case s.Record(boot, m.Telemetry() as reading, late):
                    self._reading(boot, reading, late)
                case s.Record(boot, m.Event() as event, late):
                    self._hub.publish(BoardEvent(self.name, boot, event, self._utc(boot, event.uptime_ms), late))
                    if event.code < FIRST_TRUTH_EVENT:
                        self._log(f"{self.name}: board: {spoken(EventCode, event.code)} {event.text}".rstrip())
                case s.Declared(boot, rig):
                    self._declared(boot, rig)
                case s.Truth(boot, truth):
                    self._hub.publish(Inner(self.name, truth, self._utc(boot, truth.uptime_ms)))
                case s.Summary(boot, minute):
                    utc = self._utc(boot, minute.uptime_ms) if boot == self.session.boot else None
                    self._hub.publish(Summary(self.name, boot, minute, utc))
                case s.Lost(boot, first, last, reason):
                    self._hub.publish(Gap(self.name, boot, first, last, reason))
                    self._log(
                        f"{self.name}: records {first} to {'?' if last is None else last} of boot {boot} lost: {reason}"
                    )
                case s.Answer(answer):
                    future = self._waiting.get(answer.request_id)
                    if future and not future.done():
                        future.set_result(answer)
                case s.Said(text):
                    self._log(f"{self.name or self.wanted}: board says: {text}")
                case s.StateChanged(state, detail) if state is self.session.state:  # not one that is over already
                    self._hub.publish(Link(self.name, state, detail, datetime.now(UTC)))
                    where = self.name or self.wanted or "the only Pico"
                    self._log(f"{where}: {state.value}{': ' if detail else ''}{detail}")

    def _declared(self, boot: s.Boot, rig: m.Hello | m.Info) -> None:
        if rig.rig_name != self.name and self._claim(rig.rig_name, boot.board_id):
            self.name = rig.rig_name
            self._hub.publish(Link(self.name, self.session.state, self.session.detail, datetime.now(UTC)))
        elif rig.rig_name != self.name:
            self._handle(self.session.refuse(LinkState.NAME_TAKEN, NAME_TAKEN.format(name=rig.rig_name)))
            return
        self.speed_x = rig.speed_x
        self._utc(boot, rig.uptime_ms)
        try:
            self._monitor.declare(Rig.declared(rig))
        except ValueError as error:
            self._log(f"{self.name}: not monitored: {error}")
        if isinstance(rig, m.Hello):
            self.hello = rig
            self._greeted.set()

    def _reading(self, boot: s.Boot, message: m.Telemetry, late: bool) -> None:
        measured = Measured.reading(message)
        try:
            finding = self._monitor.read(measured)
        except Exception as error:  # what the monitor can not judge is a record all the same
            finding = None
            self._log(f"{self.name}: reading {message.sequence} not judged: {error!r}")
        utc = self._utc(boot, message.uptime_ms)
        self._hub.publish(
            Reading(self.name, boot, message, measured, utc, late, finding, self._monitor.rig, self.speed_x)
        )

    def _utc(self, boot: s.Boot, uptime_ms: int) -> datetime:
        """Board time as UTC: the earliest arrival seen in this boot sets where its uptime began."""
        began = datetime.now(UTC) - timedelta(milliseconds=uptime_ms)
        if self._epoch is None or self._epoch[0] != boot or began < self._epoch[1]:
            self._epoch = (boot, began)
        return self._epoch[1] + timedelta(milliseconds=uptime_ms)
