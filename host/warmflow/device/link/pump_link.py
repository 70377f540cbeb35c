"""One pump's link: its bytes go through session and monitor and are published as updates; commands go back.

Every fault becomes a state with a reason. Two records never overtake each other here: all of it runs in one task of
the event loop.
"""

import asyncio
import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pumplink import messages as m
from pumplink.codes import FIRST_TRUTH_EVENT, EventCode, spoken
from pumplink.decoder import Event
from pumplink.fastcodec import ENCODERS
from pumplink.framing import frame, line
from warmflow.device import session as s
from warmflow.device.clock.time_sync import Timekeeper
from warmflow.device.host_clock import Now, stamp
from warmflow.device.identity import Boot
from warmflow.device.link.monitor_runner import MonitorRunner
from warmflow.device.link.pending_requests import PendingRequests
from warmflow.device.link.port_supervisor import PortSupervisor
from warmflow.device.states import LinkState
from warmflow.device.updates import (
    Assessed,
    BoardEvent,
    Declaration,
    Gap,
    GroundTruth,
    LinkStatus,
    PumpRemoved,
    Reading,
    Summary,
    Update,
)
from warmflow.errors import UserError
from warmflow.monitor import Assessment, Measured
from warmflow.runtime.logs import Log, toned, within

REOPEN_S = 5.0
ANSWER_S = 3.0
ASK_AGAIN_S = 1.0  # the same request again, if no answer has come
OUTSTANDING = 8  # requests at a time: a board holds 12 answers that its port does not take
SLOW = (m.SelfTest,)  # takes long and changes nothing: asked for once
DECLARED = [name for name in m.Info._fields if name in m.Hello._fields and name not in ("uptime_ms", "pump_time_ms")]
NAME_TAKEN = "another board is called {name}: give this one a name of its own (rig_name) and start it again"
CALM = (LinkState.CONNECTING, LinkState.OK, LinkState.STOPPED)
No = str  # why not; "" if nothing is against it


class CommandError(UserError):
    """The board refused a command, or did not answer."""


class PumpLink:
    """Run `run()` as a task. `port` is a path, a USB serial number, a URL, a recording, or None for the only Pico there
    is.

    `memory` knows what is safe already: after a restart of the daemon it goes on there.
    `claim` says why a board may not have the name that it says; "" if it may. `record` is a folder for all that comes.
    """

    def __init__(
        self,
        port: str | None,
        publish: Callable[[Update], None],
        log: Callable[[str], None],
        memory: s.RecordStore | None = None,
        claim: Callable[[str, str], No] = lambda name, board_id: "",
        record: Path | None = None,
        now: Now = stamp,
    ) -> None:
        memory = s.NoMemory() if memory is None else memory
        self.wire = PortSupervisor(port, self, lambda: not memory.full, record, log, now)
        self.time = Timekeeper()
        self._past: dict[type, m.Message] = {}  # the newest questions for what is over, until the clock is known
        self.wanted = port
        self.name = ""  # until the board has said it
        self.session = s.Session(memory, self.wire.source.mark, secrets.randbits(32))
        self.counts: Counter[str] = Counter()  # gaps, lost records, lost minutes
        self.hello: m.Hello | None = None
        self.rig: m.Hello | m.Info | None = None  # what the board declared last
        self._said_rig: tuple[object, ...] = ()
        self.since = now().utc  # of the session's state
        self._told_state = self.session.state
        self.speed_x = 1
        self._publish, self._log, self._claim = publish, log, claim
        self._judge = MonitorRunner(lambda text, level: self._say(text, toned(self._log, level)))
        self._greeted = asyncio.Event()
        self._asked = PendingRequests()
        self._room = asyncio.Semaphore(OUTSTANDING)
        self._now = now

    async def run(self) -> None:
        """Until cancelled, or to the end of a recording."""
        await self.wire.run()

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
        """Sends what `make` gives for a request id and waits for the board's answer. Raises CommandError.

        While none comes the same request is sent again: a board carries it out once.
        """
        try:
            async with asyncio.timeout(timeout_s), self._room, self._asked.answer() as (request_id, answered):
                answer = await self._answer(make(request_id), answered)
        except TimeoutError:
            raise CommandError(
                f"{self.name}: no answer within {timeout_s:g} s ({self.session.state.value}): it may have been carried "
                "out; look before you repeat it"
            ) from None
        if isinstance(answer, m.Nack):
            raise CommandError(f"{self.name}: refused: {answer.text or f'error {answer.error}'}")
        return answer

    async def _answer(self, message: m.Message, answered: asyncio.Future[m.Ack | m.Nack]) -> m.Ack | m.Nack:
        while True:
            self._post(message)
            await asyncio.wait([answered], timeout=None if isinstance(message, SLOW) else ASK_AGAIN_S)
            if answered.done():
                return answered.result()

    async def restart(self) -> None:
        """Closes the port and opens it again; returns when the board has answered, or after REOPEN_S."""
        self._greeted.clear()
        self.wire.restart()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REOPEN_S):
                await self._greeted.wait()

    def safe(self, boot: Boot, sequence: int) -> None:
        """All records up to this one are safe; the board may forget them."""
        self.session.safe(boot, sequence)

    def summary_safe(self, board_id: str, minute: int) -> None:
        """The board may forget its minutes up to this one."""
        if self.session.boot and self.session.boot.board_id == board_id:
            self.session.summaries.safe(minute)

    def opened(self, now_s: float) -> None:
        """The wire says so; the same holds for the next three."""
        self.time.opened()
        self._past.clear()
        self._handle(self.session.opened(now_s))

    def received(self, events: list[Event], now_s: float) -> None:
        self._handle(self.session.receive(events, now_s))

    def idle(self, now_s: float, pending: bytes) -> None:
        self._handle(self.session.tick(now_s, pending))
        self._ask_time()
        self._ask_past()

    def closed(self, state: LinkState, reason: str) -> None:
        self._handle(self.session.closed(state, reason))

    def _ask_time(self) -> None:
        if self.session.state.is_live and not self.wire.source.mark:
            for question in self.time.due(self._now(), self._asked.number):
                self._post(question)

    def _ask_past(self) -> None:
        """Once the clock can give it its times."""
        if self._past and self.time.settled(self._now()):
            for question in self._past.values():
                self._post(question)
            self._past.clear()

    def _post(self, message: m.Message) -> None:
        """Encodes here, where a wrong value still finds its sender. Raises CommandError."""
        try:
            self.wire.post(line(ENCODERS[type(message)](message)))
        except ValueError as error:
            raise CommandError(f"{self.name or self.wanted}: {error}") from None

    def _handle(self, outcomes: list[s.Outcome]) -> None:
        for outcome in outcomes:
            if self.session.refused and isinstance(
                outcome, (s.Record, s.Truth, s.Summary, s.LostRecords, s.LostMinutes)
            ):
                continue  # of a board that is not to be heard
            try:
                self._carry_out(outcome)
            except Exception as error:  # ours: the outcomes behind it are no worse for it
                self._failed_at(outcome, error)

    def _failed_at(self, outcome: s.Outcome, error: Exception) -> None:
        """Says it; a record that got no further is lost, and the journal has to know: its board will forget it."""
        self._say(f"failed at {outcome!r:.200}: {error!r}", toned(self._log, logging.ERROR))
        if isinstance(outcome, s.Record):
            lost = outcome.message.sequence
            self._publish(Gap(self.name, outcome.boot, lost, lost, f"the daemon failed at it: {error!r}"[:200]))

    def _carry_out(self, outcome: s.Outcome) -> None:
        match outcome:
            case s.Send(m.ResendFrom() | m.RequestSummaries() as past) if not self.wire.source.mark:
                self._past[type(past)] = past
                self._ask_time()
                self._ask_past()
            case s.Send(message):
                self._post(message)
            case s.Record(_, m.Telemetry()):
                self._reading(outcome)
            case s.Record(boot, m.Event() as event, late, payload=payload):
                utc = self.time.record(boot, event.uptime_ms).utc
                self._publish(BoardEvent(self.name, boot, event, utc, late, payload))
                if event.code < FIRST_TRUTH_EVENT:
                    self._say(f"board: {spoken(EventCode, event.code)} {event.text}".rstrip())
            case s.Declared(boot, rig):
                self._declared(boot, rig)
            case s.Truth(boot, truth):
                self._publish(GroundTruth(self.name, truth, self.time.moment(boot, truth.uptime_ms).utc))
            case s.Summary(boot, minute, payload):
                here = boot == self.session.boot
                when = self.time.moment(boot, minute.uptime_ms).utc if here else None
                self._publish(Summary(self.name, boot, minute, when, payload))
            case s.LostRecords(boot, first, last, reason):
                self._publish(Gap(self.name, boot, first, last, reason))
                self.counts["gaps"] += 1
                self.counts["lost records"] += last - first + 1 if last is not None else 0
                text = f"records {first} to {'?' if last is None else last} of boot {boot} lost: {reason}"
                self._say(text, toned(self._log, logging.WARNING))
            case s.LostMinutes(_, first, last, reason):
                self.counts["lost minutes"] += last - first + 1
                text = f"minute summaries {first} to {last} lost: {reason}"
                self._say(text, toned(self._log, logging.WARNING))
            case s.Answer(answer):
                self.time.answered(answer, self.session.boot, self.wire.at)
                self._ask_past()
                self._asked.answered(answer)
            case s.BoardLog(text):
                self._say(f"board says: {text}", within(self._log, "board"))
            case s.StateChanged(state, detail) if state is self.session.state:  # not one that is over already
                self._tell_state()
                level = logging.INFO if state in CALM else logging.WARNING
                self._say(f"{state.value}{': ' if detail else ''}{detail}", toned(self._log, level))

    def _declared(self, boot: Boot, rig: m.Hello | m.Info) -> None:
        name = f"{rig.rig_name}-{self.wire.source.mark.rstrip('-')}" if self.wire.source.mark else rig.rig_name
        if name != self.name:
            if against := self._claim(name, boot.board_id):
                self._handle(self.session.refuse(LinkState.NAME_TAKEN, against))
                return
            if self.name:
                self._publish(PumpRemoved(self.name))
            self.name = name
            self._tell_state()
        said = (boot, *(getattr(rig, field) for field in DECLARED))
        if said != self._said_rig:
            self._said_rig = said
            self._publish(Declaration(self.name, boot, rig, self._now().utc))
        self.rig, self.speed_x = rig, rig.speed_x
        self.time.arrived(boot, rig.uptime_ms, self.wire.at)
        self._judge.declared(rig)
        if isinstance(rig, m.Hello):
            self.hello = rig
            self._greeted.set()
            self.wire.introduce(frame(ENCODERS[m.Hello](rig)))

    def _say(self, text: str, log: Log | None = None) -> None:
        """A line about this pump; what has no name yet is called by its port."""
        toned(log or self._log, pump=self.name or self.wanted or "the only Pico")(text)

    def _tell_state(self) -> None:
        state, detail = self.session.state, self.session.detail
        if state is not self._told_state:
            self._told_state, self.since = state, self._now().utc
        self._publish(LinkStatus(self.name, state, detail, self.since, self.wanted or ""))

    def _reading(self, record: s.Record) -> None:
        boot, message = record.boot, record.message
        assert isinstance(message, m.Telemetry)
        if not record.late:
            self.time.arrived(boot, message.uptime_ms, self.wire.at)
        # what was shown only, for want of room, keeps no order: it comes again
        utc, error_s = (self.time.record if record.kept else self.time.moment)(boot, message.uptime_ms)
        measured = Measured.reading(message)
        finding = None if record.shown else self._judge.read(message.sequence, measured)
        rig, late = self._judge.rig, record.late or record.shown
        known = (self.name, boot, message, measured, utc, late, finding, rig, self.speed_x, record.kept, error_s)
        self._publish(Reading(*known, record.payload))
        if finding and rig and (diagnosis := self._judge.diagnosis(self.wire.at.steady_s)):
            self._publish(Assessed(self.name, utc, Assessment(rig, measured, finding, diagnosis)))
