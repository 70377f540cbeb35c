"""One board at the other end of a wire: handshake, strict order, repair, acknowledgement, and what is wrong with the
link.

Sans-I/O: decoder events and a monotonic time in, outcomes out. Here are the handshake and the way of each message; the
parts with an idea of their own are `link_health`, `record_order`, `summaries` and `acks`. Nothing is asked for without
an end (`ask.py`).
"""

from collections import Counter

from pumplink import messages as m
from pumplink.codes import ErrorCode
from pumplink.decoder import Event as WireEvent
from pumplink.decoder import Received, Rejected
from pumplink.heads import HelloHead, MinuteHead, RecordHead
from warmflow.device.identity import Boot
from warmflow.device.session.acks import Acks
from warmflow.device.session.admission import Admit, Refusal, RefusedAsk, of_other_firmware, of_unreadable
from warmflow.device.session.board_share import BoardShare
from warmflow.device.session.hello_requests import HELLO_EVERY_S, HelloRequests
from warmflow.device.session.link_health import LinkHealth
from warmflow.device.session.outcomes import (
    Answer,
    BoardLog,
    Declared,
    IdentityRefused,
    LeftOut,
    LostMinutes,
    LostRecords,
    Outcome,
    Send,
    Summary,
    Truth,
)
from warmflow.device.session.record_order import RecordOrder
from warmflow.device.session.record_store import NoMemory, RecordStore
from warmflow.device.session.reorder_buffer import Arrived
from warmflow.device.session.summaries import Summaries
from warmflow.device.states import LinkState


class Session:
    """Feed `receive` and `tick`; carry out each `Send`; call `safe` when records are safe with somebody.

    Of a boot that `memory` does not know everything is asked for from 1 on: the board says with a GAP what it does not
    hold any more. While `memory` is full nothing is taken (`held`): live readings are shown, the board keeps them, and
    it is asked for them when there is room. `mark` goes before the board's id; with one the board is a recording, which
    cannot be asked: what is missing may come behind what the board sent meanwhile (then it had been asked), or never.
    `number` is drawn by who counts the request ids: a board that is told another one forgets the ids before it.
    `admit` says why a board may not be who it says it is; a HELLO that is refused changes nothing but the state.
    """

    def __init__(
        self,
        memory: RecordStore | None = None,
        mark: str = "",
        number: int = 0,
        admit: Admit = lambda boot, rig: None,
    ) -> None:
        self._memory = NoMemory() if memory is None else memory
        self._mark, self._admit = mark, admit
        self._refused_ask = RefusedAsk()
        self.counts: Counter[str] = Counter()
        self.summaries = Summaries()
        self._acks = Acks()
        self._health, self._hello_requests = LinkHealth(), HelloRequests(number)
        self.share = BoardShare()
        self._order = RecordOrder(self._memory, bool(mark), self._health, self._hello_requests, self.counts, self.share)
        self._summaries_held = False  # the board keeps what is above its share
        self._summary_boot: Boot | None = None  # of the last summary

    @property
    def boot(self) -> Boot | None:
        """Of which boot records are taken; None before the first HELLO."""
        return self._order.boot

    @property
    def expected(self) -> int:
        """The sequence of the record that comes next."""
        return self._order.expected

    @property
    def state(self) -> LinkState:
        return self._health.state

    @property
    def detail(self) -> str:
        """Why the link is in this state; "" where there is nothing to say."""
        return self._health.detail

    @property
    def hello_request(self) -> m.Message:
        """What asks the board who it is."""
        return self._hello_requests.request.message

    @property
    def refused(self) -> bool:
        """Nothing is taken from this board."""
        return self._health.refused

    def opened(self, now_s: float) -> list[Outcome]:
        """The port is open (again)."""
        self._order.opened()
        return [*self._health.opened(now_s), self._hello_requests.first(now_s)]

    def closed(self, state: LinkState, detail: str) -> list[Outcome]:
        """The port is gone, or cannot be opened."""
        return [*self._order.finish(self._health.last_good_s or 0.0), *self._health.become(state, detail)]

    def refuse(self, state: LinkState, detail: str) -> list[Outcome]:
        """Ignores this board until its next HELLO."""
        return self._health.refuse(state, detail)

    def receive(self, events: list[WireEvent], now_s: float) -> list[Outcome]:
        """What the decoder's events mean."""
        out: list[Outcome] = []
        for event in events:
            if isinstance(event, Received):
                self._health.good_frame(now_s)
                out += self._message(event, now_s)
            else:
                out += self._rejected(event, now_s)
        return out

    def tick(self, now_s: float, pending: bytes = b"") -> list[Outcome]:
        """Call a few times a second; `pending` is what the decoder holds of an unfinished frame."""
        if self.state.is_closed:
            return []
        out = self._health.tick(now_s, pending, self._hello_requests.exhausted)
        out += self._order.tick(now_s)
        if report := self.share.report(now_s):
            out.append(LeftOut(report))
        quiet = self._health.quiet_s(now_s) > HELLO_EVERY_S
        # not at a prompt: there a command would only be typed into somebody's session
        if (quiet or not self._health.greeted) and not self.refused and self.state is not LinkState.AT_PROMPT:
            out += self._hello_requests.due(now_s)
        if self.refused and self._refused_ask.due(self.state, now_s):
            out.append(self._hello_requests.request)
        boot = self.boot if self._is_heard else None
        if boot and self._order.held and self._order.has_room(now_s):
            self._order.held, self._summaries_held = False, True
            out.append(self._order.resend(now_s))
        if boot and self._summaries_held and self._summaries_have_room(now_s):
            self._summaries_held = False
            out += map(Send, self.summaries.again(now_s))
        if boot and (safe := self._acks.due(now_s)):
            out.append(Send(m.AckThrough(0, boot.boots, boot.random, safe)))
        if self.state.is_live:
            out += map(Send, self.summaries.tick(now_s))
        return out

    def safe(self, boot: Boot, sequence: int) -> None:
        """Everything up to this record is safe; the next `tick` tells the board."""
        if boot == self.boot:
            self._acks.safe = max(self._acks.safe, sequence)

    @property
    def _is_heard(self) -> bool:
        """The board has said who it is, and what it sends is taken."""
        return self.boot is not None and self._health.greeted and not self.refused

    def _message(self, received: Received, now_s: float) -> list[Outcome]:
        message = received.message
        if isinstance(message, m.Hello):
            return self._hello(message, now_s)
        if self.refused:  # it may be given another name: who asks for that waits for the answer
            return [Answer(message)] if isinstance(message, (m.Ack, m.Nack)) else []
        if not self._is_heard or self.boot is None:
            return self._hello_requests.due(now_s)
        match message:
            case m.Telemetry() | m.Event():
                if message.sequence < self._order.expected:
                    self._acks.repeated(now_s)
                return self._order.record(Arrived(message, received.payload), now_s)
            case m.Gap():
                return self._order.gap(message, now_s)
            case m.Info() if not self.share.take("INFOs", now_s):
                return []
            case m.Info():
                if refusal := self._admit(self.boot, message):
                    return self._refused_by(refusal, self.boot, now_s)
                return [Declared(self.boot, message)]
            case m.Truth():
                return [Truth(self.boot, message)]
            case m.MinuteSummary() if not self._summaries_have_room(now_s):
                self._summaries_held = True
            case m.MinuteSummary():
                return self._summary(self.boot, message, received.payload, now_s)
            case m.Ack() | m.Nack():
                self.summaries.answered(message)
                wrong_boot = isinstance(message, m.Nack) and message.error == ErrorCode.WRONG_BOOT
                ask = self._hello_requests.due(now_s) if wrong_boot else []
                return [*self._lost_minutes(self.boot), Answer(message), *ask]
        self.counts["ignored"] += 1
        return []

    def _summary(self, present: Boot, message: m.MinuteSummary, payload: bytes, now_s: float) -> list[Outcome]:
        new, to_send = self.summaries.on_summary(message, now_s)
        boot = Boot(present.board_id, message.boot_count, message.boot_random)
        if not new:
            self.counts["summaries repeated"] += 1
        else:
            self.share.spend("summaries")
        if new and boot != self._summary_boot:
            self._summary_boot = boot
            self.share.spend("boots of summaries")
        taken = [Summary(boot, message, payload)] if new else []
        return [*self._lost_minutes(present), *taken, *map(Send, to_send)]

    def _summaries_have_room(self, now_s: float) -> bool:
        room = all(self.share.has(kind, now_s) for kind in ("summaries", "boots of summaries"))
        return room and not self._memory.full

    def _hello(self, hello: m.Hello, now_s: float) -> list[Outcome]:
        boot = Boot(self._mark + hello.board_id.hex(), hello.boot_count, hello.boot_random)
        if not self.share.take("HELLOs", now_s):
            self._health.greeted &= boot == self.boot  # of another boot nothing is taken before it was asked again
            return []
        if mismatch := of_other_firmware(hello):
            return self.refuse(*mismatch)
        if refusal := self._admit(boot, hello):
            return self._refused_by(refusal, boot, now_s)
        self._health.refused = False
        # a board that was starting answers each request that waited
        again = self._health.greeted and boot == self.boot
        finished, lost = self._next_boot(boot, now_s) if boot != self.boot else ([], [])
        self._health.greeted = True
        self._order.greeted(hello.oldest_sequence)
        self._hello_requests.answered()
        if not again:
            self._health.readings.came(now_s)
        # who it is comes before what it lost: a loss without a name would be nobody's
        out = [*finished, Declared(boot, hello), *lost, *self._health.well(now_s)]
        return out if again else [*out, self._order.resend(now_s), *map(Send, self.summaries.hello(hello, now_s))]

    def _refused_by(self, refusal: Refusal, boot: Boot, now_s: float) -> list[Outcome]:
        """The boot that was heard before stays as it was: if its board comes back, it goes on from there."""
        finished = self._order.finish(now_s)
        self._refused_ask.refused(now_s, is_new=not self.refused)
        self._hello_requests.answered()
        return [*finished, IdentityRefused(boot.board_id), *self.refuse(*refusal)]

    def _next_boot(self, boot: Boot, now_s: float) -> tuple[list[Outcome], list[Outcome]]:
        """Another boot than the one before, of which an earlier daemon may have kept something: (what waited of the
        boot before, what its board lost by the restart).
        """
        finished, lost = self._order.finish(now_s), list[Outcome]()
        before = self.boot or self._memory.latest(boot.board_id)
        if before and before != boot and before.board_id == boot.board_id:
            self.counts["resets"] += 1
            after = self.expected if before == self.boot else self._memory.through(before) + 1
            lost.append(LostRecords(before, after, None, "the board restarted: what it had not sent yet is gone"))
        self._acks.next_boot(self._memory.through(boot))
        self._order.begin(boot, self._acks.safe + 1)
        return finished, lost

    def _rejected(self, event: Rejected, now_s: float) -> list[Outcome]:
        self.counts[event.cause] += 1
        if event.cause == "text":
            words = event.sample.decode("ascii", "replace").strip()
            return [BoardLog(words)] if self.share.take("log lines", now_s) else []
        self._health.bad_frame(event.cause, now_s)
        if isinstance(event.head, HelloHead):
            return self.refuse(*of_unreadable(event.head)) if self.share.take("HELLOs", now_s) else []
        out = self._health.count_error(event.cause)
        if not self._is_heard or self.boot is None:
            return out
        match event.head:
            case RecordHead(sequence=sequence):
                out += self._order.unreadable(sequence, event.cause, now_s)
            case MinuteHead(minute=minute) if self._summaries_have_room(now_s):
                self.share.spend("summaries")
                out += map(Send, self.summaries.unreadable(minute, event.cause, now_s))
                out += self._lost_minutes(self.boot)
        return out

    def _lost_minutes(self, boot: Boot) -> list[Outcome]:
        return [LostMinutes(boot, *lost) for lost in self.summaries.lost()]
