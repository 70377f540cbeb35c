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
from pumplink.decoder import Event
from pumplink.fastcodec import ENCODERS
from pumplink.framing import frame, line
from warmflow.device import session as s
from warmflow.device.clock.host_date import HostDate
from warmflow.device.clock.time_sync import Timekeeper
from warmflow.device.host_clock import Now, stamp
from warmflow.device.identity import UNNAMED, Boot, PumpName, Unnamed
from warmflow.device.link import identity_claims
from warmflow.device.link.declarations import Declarations
from warmflow.device.link.monitor_runner import MonitorRunner
from warmflow.device.link.pending_requests import PendingRequests
from warmflow.device.link.port_supervisor import OutboxFull, PortSupervisor
from warmflow.device.link.record_publisher import RecordPublisher
from warmflow.device.states import LinkState
from warmflow.device.updates import (
    Declaration,
    Gap,
    LinkStatus,
    PumpRemoved,
    SummaryGap,
    Update,
)
from warmflow.errors import UserError
from warmflow.monitor import DEFAULT_LIMITS, PumpLimits
from warmflow.runtime.logs import Log, toned, within

REOPEN_S = 5.0
ANSWER_S = 3.0
ASK_AGAIN_S = 1.0  # the same request again, if no answer has come
OUTSTANDING = 8  # requests at a time: a board holds 12 answers that its port does not take
SLOW = (m.SelfTest,)  # takes long and changes nothing: asked for once
SWAPPED = "another board is at its port"
CALM = (LinkState.CONNECTING, LinkState.OK, LinkState.STOPPED)


Claim = Callable[["PumpLink", PumpName, str], s.Refusal | None]


class CommandError(UserError):
    """The board refused a command, or did not answer."""


class PumpLink:
    """Run `run()` as a task. `port` is a path, a USB serial number, a URL, a recording, or None for the only Pico there
    is.

    `memory` knows what is safe already: after a restart of the daemon it goes on there.
    `claim` gives the board at this port a name, or the reason why it may not have it. `record` is a folder for all that
    comes.
    `host` is this computer's date, the same for all links. `limits` of a pump, by its name.
    """

    def __init__(
        self,
        port: str | None,
        publish: Callable[[Update], None],
        log: Callable[[str], None],
        memory: s.RecordStore | None = None,
        claim: "Claim" = lambda link, name, board_id: None,
        record: Path | None = None,
        now: Now = stamp,
        host: HostDate | None = None,
        limits: Callable[[str], PumpLimits] = lambda pump: DEFAULT_LIMITS,
    ) -> None:
        memory = s.NoMemory() if memory is None else memory
        self.wire = PortSupervisor(port, self, lambda: not memory.full, record, log, now)
        self.time = Timekeeper(None if self.wire.source.mark else host)
        self._past: dict[type, m.Message] = {}  # the newest questions for what is over, until the clock is known
        self.wanted = port
        self.name: PumpName | Unnamed = UNNAMED  # until the board has said one that it may have
        self.board_id: str | None = None  # the board at this port now: nobody else may say its id
        self.said_name = ""  # the rig_name that the board said last, whether it may have it or not
        self.named_board: str | None = None  # the board that `name` is of
        self.session = s.Session(memory, self.wire.source.mark, secrets.randbits(32), self._admit)
        self.counts: Counter[str] = Counter()  # gaps, lost records, lost minutes
        self.hello: m.Hello | None = None
        self.rig: m.Hello | m.Info | None = None  # what the board declared last
        self._declarations = Declarations()
        self.since = now().utc  # of the session's state
        self._told_state = self.session.state
        self.speed_x = 1
        self._publish, self._log, self._claim = publish, log, claim
        self._judge = MonitorRunner(self._say_at, lambda: limits(self.name))
        self._records = RecordPublisher(publish, self.time, self._judge, self.counts, self._say_at)
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

    def release(self) -> None:
        """Its board is at another port now: the pump's name is there, too."""
        self.name, self.hello, self.rig = UNNAMED, None, None
        self._tell_state()

    def ask_again(self) -> None:
        """Asks the board once more who it is: what was against its name may be over."""
        self._send(self.session.hello_request)

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
        self.board_id = None
        self._handle(self.session.closed(state, reason))

    def _ask_time(self) -> None:
        if self.session.state.is_live and not self.wire.source.mark:
            for question in self.time.due(self._now(), self._asked.number):
                self._send(question)

    def _ask_past(self) -> None:
        """Once the clock can give it its times."""
        if self._past and self.time.settled(self._now()):
            for question in self._past.values():
                self._send(question)
            self._past.clear()

    def _post(self, message: m.Message) -> None:
        """Encodes here, where a wrong value still finds its sender. Raises CommandError."""
        try:
            self.wire.post(line(ENCODERS[type(message)](message)))
        except (ValueError, OutboxFull) as error:
            raise CommandError(f"{self.name or self.wanted}: {error}") from None

    def _send(self, message: m.Message) -> None:
        """Sends commands of the session and the clock. If the port accepts no data, they are sent again later."""
        with contextlib.suppress(OutboxFull):
            self.wire.post(line(ENCODERS[type(message)](message)))

    def _handle(self, outcomes: list[s.Outcome]) -> None:
        for outcome in outcomes:
            try:
                if isinstance(outcome, s.OfAPump):
                    assert self.name, "a record came before the board had a name"
                    self._records.publish(outcome, self.name, self.wire.at, self.session.boot, self.speed_x)
                else:
                    self._carry_out(outcome)
            except Exception as error:  # a fault of this program: the later outcomes are still valid
                self._failed_at(outcome, error)

    def _failed_at(self, outcome: s.Outcome, error: Exception) -> None:
        """Says it; a record that got no further is lost, and the journal has to know: its board will forget it."""
        self._say(f"failed at {outcome!r:.200}: {error!r}", toned(self._log, logging.ERROR))
        if isinstance(outcome, s.Record) and self.name:
            lost = outcome.message.sequence
            self._publish(Gap(self.name, outcome.boot, lost, lost, f"the daemon failed at it: {error!r}"[:200]))
        if isinstance(outcome, s.Summary) and self.name:
            lost = outcome.message.minute
            self._publish(SummaryGap(self.name, outcome.boot, lost, lost, f"the daemon failed at it: {error!r}"[:200]))

    def _carry_out(self, outcome: s.Outcome) -> None:
        match outcome:
            case s.Send(m.ResendFrom() | m.RequestSummaries() as past) if not self.wire.source.mark:
                self._past[type(past)] = past
                self._ask_time()
                self._ask_past()
            case s.Send(message):
                self._send(message)
            case s.Declared(boot, rig):
                self._declared(boot, rig)
            case s.IdentityRefused(board_id):
                if self.named_board != board_id:
                    self._rename(UNNAMED, board_id)
            case s.Answer(answer):
                self.time.answered(answer, None if self.session.refused else self.session.boot, self.wire.at)
                self._ask_past()
                self._asked.answered(answer)
            case s.BoardLog(text):
                self._say(f"board says: {text}", within(self._log, "board"))
            case s.LeftOut(text):
                self._say(text, toned(self._log, logging.WARNING))
            case s.StateChanged(state, detail) if state is self.session.state:  # not one that is over already
                self._tell_state()
                level = logging.INFO if state in CALM else logging.WARNING
                self._say(f"{state.value}{': ' if detail else ''}{detail}", toned(self._log, level))

    def _admit(self, boot: Boot, rig: m.Hello | m.Info) -> s.Refusal | None:
        """Why the board at this port may not be who it says it is."""
        self.said_name = rig.rig_name
        name = identity_claims.rig_name(rig.rig_name, self.wire.source.mark)
        refusal = name if isinstance(name, s.Refusal) else self._claim(self, name, boot.board_id)
        self.board_id = None if refusal and refusal.state is LinkState.ID_TAKEN else boot.board_id
        return refusal

    def _rename(self, name: PumpName | Unnamed, board_id: str) -> None:
        """If the board was renamed, its old name is removed. Another board does not affect the previous one's name."""
        if self.name and self.named_board == board_id:
            self._publish(PumpRemoved(self.name))
        elif self.name:
            self._publish(LinkStatus(self.name, LinkState.PORT_LOST, SWAPPED, self._now().utc, self.wanted or ""))
            self.hello = self.rig = None
        self.name, self.named_board = name, board_id

    def _declared(self, boot: Boot, rig: m.Hello | m.Info) -> None:
        name = identity_claims.rig_name(rig.rig_name, self.wire.source.mark)
        if isinstance(name, s.Refusal):  # the session has asked `_admit` before
            raise CommandError(name.reason)
        if name != self.name:
            self._rename(name, boot.board_id)
            self._tell_state()
        if self._declarations.is_news(boot, rig, self.session.share, self.wire.at.steady_s):
            self.time.arrived(boot, rig.uptime_ms, self.wire.at)
            utc = self._now().utc if self.wire.source.mark else self.time.moment(boot, rig.uptime_ms).utc
            self._publish(Declaration(name, boot, rig, utc, self.time.dating))
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

    def _say_at(self, text: str, level: int) -> None:
        self._say(text, toned(self._log, level))

    def _tell_state(self) -> None:
        state, detail = self.session.state, self.session.detail
        if state is not self._told_state:
            self._told_state, self.since = state, self._now().utc
        self._publish(LinkStatus(self.name, state, detail, self.since, self.wanted or ""))
