"""One board at the other end of a wire: handshake, strict order, repair, acknowledgement, and what is wrong with the
link.

Sans-I/O: decoder events and a monotonic time in, outcomes out. Go-back-N: a record that does not follow the last one
is dropped and asked for again, so everything downstream sees each record of a boot once and in order, or a
`LostRecords` that names the range. What can be read is taken. A record that came and can not be read counts as taken,
and is one `LostRecords` with the reason. Nothing is asked for without an end (`ask.py`). What can not be had is
reported as lost, never guessed.
"""

from collections import Counter

from pumplink import messages as m
from pumplink.codes import ErrorCode
from pumplink.decoder import Event as WireEvent
from pumplink.decoder import Received, Rejected
from pumplink.heads import HelloHead, MinuteHead, RecordHead
from pumplink.messages import LAYOUT, PROTOCOL_MAJOR, PROTOCOL_MINOR
from warmflow.device.identity import Boot
from warmflow.device.session.acks import Acks
from warmflow.device.session.ask import Ask
from warmflow.device.session.error_rate import UNREADABLE as UNREADABLE_CAUSES
from warmflow.device.session.error_rate import FrameErrorRate
from warmflow.device.session.outcomes import (
    Answer,
    BoardLog,
    Declared,
    LostMinutes,
    LostRecords,
    Outcome,
    Record,
    Send,
    StateChanged,
    Summary,
    Truth,
)
from warmflow.device.session.readings import ReadingsWatch
from warmflow.device.session.reasons import (
    AT_PROMPT,
    GAP_WORDS,
    NO_HELLO,
    OTHER_LAYOUT,
    OTHER_VERSION,
    SHORT_HELLO,
    SILENT,
    at_prompt,
)
from warmflow.device.session.record_store import NoMemory, RecordStore
from warmflow.device.session.reorder_buffer import Arrived, ReorderBuffer
from warmflow.device.session.repair import Repair
from warmflow.device.session.summaries import Summaries
from warmflow.device.session.unreadable import Unreadable
from warmflow.device.states import LinkState

HELLO_EVERY_S = 1.0  # until the board answers
HELLO_TRIES = 10  # then the link says that no HELLO comes, and the pauses grow
SILENT_S = 2.5  # no good frame for so long: silent
NO_SEQUENCE = 0xFFFFFFFF  # no record has it: none could follow, and the journal means by it that nobody knows the end
WHOLE = ("version", "unknown", *UNREADABLE_CAUSES)  # causes of frames that arrived as they were sent


class Session:
    """Feed `receive` and `tick`; carry out each `Send`; call `safe` when records are safe with somebody.

    Of a boot that `memory` does not know everything is asked for from 1 on: the board says with a GAP what it does not
    hold any more. While `memory` is full nothing is taken (`held`): live readings are shown, the board keeps them, and
    it is asked for them when there is room. `mark` goes before the board's id; with one the board is a recording, which
    can not be asked: what is missing may come behind what the board sent meanwhile (then it had been asked), or never.
    `number` is drawn by who counts the request ids: a board that is told another one forgets the ids before it.
    """

    def __init__(self, memory: RecordStore | None = None, mark: str = "", number: int = 0) -> None:
        self._memory = NoMemory() if memory is None else memory
        self._mark = mark
        self._hello_request = Send(m.HelloRequest(1, number))
        self.held = False
        self._shown = 0  # last sequence that was shown without being taken
        self.boot: Boot | None = None
        self.expected = 0
        self.state = LinkState.CONNECTING
        self.detail = ""
        self.counts: Counter[str] = Counter()
        self._last_good_s: float | None = None
        self._hello_ask, self._repair = Ask(HELLO_EVERY_S, HELLO_TRIES), Repair()
        self._readings, self._unreadable = ReadingsWatch(), Unreadable()
        self._acks, self._storm = Acks(), FrameErrorRate()
        self._stormy = False  # bad frames are the state of this link
        self.refused = False
        self._greeted = (
            False  # a HELLO has come since the port was opened: before, nobody knows whose records these are
        )
        self.summaries = Summaries()
        self._early = ReorderBuffer()
        self._oldest = 0  # sequence that the board said to hold

    def opened(self, now_s: float) -> list[Outcome]:
        """The port is open (again)."""
        self._last_good_s = now_s
        self._greeted = False
        self._stormy = False
        self._repair.done()
        self._hello_ask.answered()
        self._hello_ask.on_sent(now_s)
        return [*self._become(LinkState.CONNECTING, ""), self._hello_request]

    def closed(self, state: LinkState, detail: str) -> list[Outcome]:
        """The port is gone, or can not be opened."""
        early = self._take_all_early(self._last_good_s or 0.0)
        return [*early, *self._report_unreadable(), *self._become(state, detail)]

    def refuse(self, state: LinkState, detail: str) -> list[Outcome]:
        """Takes nothing from this board any more, until it says hello again."""
        self.refused = True
        return self._become(state, detail)

    def receive(self, events: list[WireEvent], now_s: float) -> list[Outcome]:
        """What the decoder's events mean."""
        out: list[Outcome] = []
        for event in events:
            if isinstance(event, Received):
                self._storm.good_frame()
                self._alive(now_s)
                out += self._message(event, now_s)
            else:
                out += self._rejected(event, now_s)
        return out

    def tick(self, now_s: float, pending: bytes = b"") -> list[Outcome]:
        """Call a few times a second; `pending` is what the decoder holds of an unfinished frame."""
        out: list[Outcome] = []
        if self.state.is_closed:
            return out
        quiet_s = now_s - self._last_good_s if self._last_good_s is not None else 0.0
        if quiet_s > 0.5 and at_prompt(pending):
            out += self._become(LinkState.AT_PROMPT, AT_PROMPT)
        elif quiet_s > SILENT_S and not self.refused and self.state is not LinkState.AT_PROMPT:
            out += self._become(LinkState.SILENT, SILENT)
        elif quiet_s <= SILENT_S and not self.refused and not self._greeted and self._hello_ask.exhausted:
            out += self._become(LinkState.MISMATCH, NO_HELLO)
        if self._storm.calm(now_s) and self._stormy:
            self._stormy = False
            out += self._well(now_s)
        if self._readings_expected(quiet_s) and (why := self._readings.missing(now_s)):
            out += self._become(LinkState.NO_READINGS, why)
        if self._unreadable.due(now_s):
            out += self._report_unreadable()
        # not at a prompt: there a command would only be typed into somebody's session
        if (
            (quiet_s > HELLO_EVERY_S or not self._greeted)
            and not self.refused
            and self.state is not LinkState.AT_PROMPT
        ):
            out += self._ask_hello(now_s)
        if self.held and not self._memory.full and self.boot and self._greeted and not self.refused:
            self.held = False
            out += [self._resend(now_s), *map(Send, self.summaries.again(now_s))]
        if self.boot and self._greeted and not self.refused and (safe := self._acks.due(now_s)):
            out.append(Send(m.AckThrough(0, self.boot.boots, self.boot.random, safe)))
        if self.state.is_live:
            out += map(Send, self.summaries.tick(now_s))
        return out

    def _readings_expected(self, quiet_s: float) -> bool:
        """The board has said who it is, frames come, and no other state says why no reading does."""
        return self._greeted and not self.refused and quiet_s <= SILENT_S and not self._stormy

    def _alive(self, now_s: float) -> None:
        """A whole frame came. After a silence readings get their time anew."""
        if self._last_good_s is not None and now_s - self._last_good_s > SILENT_S:
            self._readings.came(now_s)
        self._last_good_s = now_s

    def safe(self, boot: Boot, sequence: int) -> None:
        """Everything up to this record is safe; the next `tick` tells the board."""
        if boot == self.boot:
            self._acks.safe = max(self._acks.safe, sequence)

    def _message(self, received: Received, now_s: float) -> list[Outcome]:
        message = received.message
        if isinstance(message, m.Hello):
            return self._hello(message, now_s)
        if self.boot is None or self.refused or not self._greeted:
            return self._ask_hello(now_s) if not self.refused else []
        out: list[Outcome] = []
        match message:
            case m.Telemetry() | m.Event():
                return self._record(Arrived(message, received.payload), now_s)
            case m.Gap():
                return self._gap(message, now_s)
            case m.Info():
                return [Declared(self.boot, message)]
            case m.Truth():
                return [Truth(self.boot, message)]
            case m.MinuteSummary() if self._memory.full:
                self.held = True
            case m.MinuteSummary():
                new, to_send = self.summaries.on_summary(message, now_s)
                boot = Boot(self.boot.board_id, message.boot_count, message.boot_random)
                if not new:
                    self.counts["summaries repeated"] += 1
                taken = [Summary(boot, message, received.payload)] if new else []
                return [*self._lost_minutes(), *taken, *map(Send, to_send)]
            case m.Ack() | m.Nack():
                self.summaries.answered(message)
                out += self._lost_minutes()
                wrong_boot = isinstance(message, m.Nack) and message.error == ErrorCode.WRONG_BOOT
                return [*out, Answer(message), *(self._ask_hello(now_s) if wrong_boot else [])]
        self.counts["ignored"] += 1
        return []

    def _hello(self, hello: m.Hello, now_s: float) -> list[Outcome]:
        if hello.protocol_major != PROTOCOL_MAJOR:
            return self._unreadable_hello(HelloHead(*hello[:5]))
        if hello.protocol_minor == PROTOCOL_MINOR and hello.layout not in (None, 0, LAYOUT):
            return self.refuse(LinkState.MISMATCH, OTHER_LAYOUT.format(firmware=_version(HelloHead(*hello[:5]))))
        self.refused = False
        boot = Boot(self._mark + hello.board_id.hex(), hello.boot_count, hello.boot_random)
        out: list[Outcome] = []
        again = self._greeted and boot == self.boot  # a board that was starting answers each request that waited
        self._oldest = hello.oldest_sequence
        if boot != self.boot:
            out += [*self._take_all_early(now_s), *self._report_unreadable()]
            before = self.boot or self._memory.latest(boot.board_id)
            if before and before != boot and before.board_id == boot.board_id:
                self.counts["resets"] += 1
                after = self.expected if before == self.boot else self._memory.through(before) + 1
                out.append(LostRecords(before, after, None, "the board restarted: what it had not sent yet is gone"))
            self._acks.next_boot(self._memory.through(boot))
            self.boot, self.expected = boot, self._acks.safe + 1
            self._shown = 0
        self._greeted = True
        self._repair.done()
        self._hello_ask.answered()
        if not again:
            self._readings.came(now_s)
        out += [Declared(boot, hello), *self._well(now_s)]
        return out if again else [*out, self._resend(now_s), *map(Send, self.summaries.hello(hello, now_s))]

    def _record(self, record: Arrived, now_s: float) -> list[Outcome]:
        assert self.boot is not None
        message = record.message
        out = self._well(now_s)
        if message.sequence >= NO_SEQUENCE:
            self.counts["ignored"] += 1
            return out
        if self._mark and message.sequence > self.expected:
            none_before = self._oldest if self.expected == 1 else 0
            over = self._early.add(record, now_s, none_before)
            return [*out, *(self._take_early(now_s) if over else [])]
        if message.sequence == self.expected:
            self._early.drain()  # the hole is being filled: they come again, as they did then
        if message.sequence >= self.expected and self._memory.full:
            return [*out, *self._show(self.boot, record, now_s)]
        if message.sequence == self.expected:
            self.expected += 1
            self._repair.done()
            out += [*self._report_unreadable(), *self._came(message, now_s)]
            shown = message.sequence <= self._shown
            return [*out, Record(self.boot, message, bool(message.backlog), shown, payload=record.payload)]
        if message.sequence < self.expected:
            self.counts["repeated"] += 1
            self._acks.repeated(now_s)
            # a board that restarted while nobody listened counts from 1 again
            return out + (self._ask_hello(now_s) if not message.backlog else [])
        if (ask := self._hole(message.sequence, now_s)) is not None:
            return [*out, *ask]
        return [*out, *self._give_up(message.sequence, now_s), *self._record(record, now_s)]

    def _hole(self, sequence: int, now_s: float) -> list[Outcome] | None:
        """This number came, and what is expected did not: what to send. None if it is no use to ask any more."""
        self.counts["out of order"] += 1
        self._repair.behind(sequence)
        if not self._repair.due(now_s):
            return []
        return None if self._repair.in_vain else [self._resend(now_s)]

    def _give_up(self, seen: int, now_s: float) -> list[Outcome]:
        """What was asked for in vain is lost, up to the first record that the board sends. seen: the present one."""
        assert self.boot is not None
        lost = LostRecords(self.boot, self.expected, self._repair.lowest - 1, "asked for again in vain")
        out = [*self._report_unreadable(), lost]
        self.expected = self._repair.lowest
        self._repair.done()
        return out if self.expected == seen else [*out, self._resend(now_s)]

    def _unreadable_record(self, sequence: int, cause: str, now_s: float) -> list[Outcome]:
        """It came, and nobody will ever read it: taken, so that nobody waits for it."""
        self._readings.unreadable(cause)
        if sequence > self.expected and not self._mark:
            if (ask := self._hole(sequence, now_s)) is not None:
                return ask
            return [*self._give_up(sequence, now_s), *self._unreadable_record(sequence, cause, now_s)]
        if sequence == self.expected and not self._memory.full:
            self.expected += 1
            self._repair.done()
            self._unreadable.add(sequence, cause, now_s)
        return []

    def _report_unreadable(self) -> list[Outcome]:
        row = self._unreadable
        if not row.first or self.boot is None:
            return []
        lost = LostRecords(self.boot, row.first, row.last, row.reason)
        row.clear()
        return [lost]

    def _came(self, message: m.Telemetry | m.Event, now_s: float) -> list[Outcome]:
        """A record was taken or shown: readings are what a link is for."""
        if isinstance(message, m.Telemetry):
            self._readings.came(now_s)
        return self._well(now_s)

    def _well(self, now_s: float) -> list[Outcome]:
        """The link is all right, unless something else is known."""
        if self._stormy or self.refused or not self._greeted or self._readings.missing(now_s):
            return []
        return self._become(LinkState.OK, "")

    def _take_all_early(self, now_s: float) -> list[Outcome]:
        out: list[Outcome] = []
        while self._early:  # there may be holes among them
            out += self._take_early(now_s)
        return out

    def _take_early(self, now_s: float) -> list[Outcome]:
        """What was missing before them will not come: it is lost."""
        early = self._early.drain()
        if not early or self.boot is None:
            return []
        reason = "the recording begins later" if self.expected == 1 else "not in the recording"
        out: list[Outcome] = [LostRecords(self.boot, self.expected, early[0].message.sequence - 1, reason)]
        self.expected = early[0].message.sequence
        for each in early:
            taken = self._record(each, now_s)
            # they waited here: their time of arrival is over
            out += [one._replace(late=True) if isinstance(one, Record) and len(early) > 1 else one for one in taken]
        return out

    def _show(self, boot: Boot, record: Arrived, now_s: float) -> list[Outcome]:
        """There is no room: the board keeps it, and a live reading is to be seen all the same."""
        self.held = True
        self.counts["left on the board"] += 1
        message = record.message
        if not isinstance(message, m.Telemetry) or message.backlog or message.sequence <= self._shown:
            return []
        self._shown = message.sequence
        return [*self._came(message, now_s), Record(boot, message, late=False, kept=False, payload=record.payload)]

    def _gap(self, gap: m.Gap, now_s: float) -> list[Outcome]:
        if self.boot is None or (gap.boot_count, gap.boot_random) != self.boot[1:] or gap.last < self.expected:
            return []
        if gap.last >= NO_SEQUENCE:
            self.counts["ignored"] += 1
            return []
        if gap.first > self.expected and not self._mark:  # what is before it may only have been lost on the way
            if (ask := self._hole(gap.first, now_s)) is not None:
                return ask
            return [*self._give_up(gap.first, now_s), *self._gap(gap, now_s)]
        lost = LostRecords(self.boot, self.expected, gap.last, GAP_WORDS.get(gap.reason, f"reason {gap.reason}"))
        out = [*self._report_unreadable(), lost]
        self.expected = gap.last + 1
        self._repair.done()
        self._early.drain()
        return out

    def _rejected(self, event: Rejected, now_s: float) -> list[Outcome]:
        self.counts[event.cause] += 1
        if event.cause == "text":
            return [BoardLog(event.sample.decode("ascii", "replace").strip())]
        if event.cause in WHOLE:
            self._alive(now_s)
        if isinstance(event.head, HelloHead):
            return self._unreadable_hello(event.head)
        self._storm.rejected(event.cause)
        out: list[Outcome] = []
        if not self._stormy and not self.refused and self._storm.rages:
            self._stormy = True
            out = self._become(*self._storm.state)
        if self.boot is None or self.refused or not self._greeted:
            return out
        match event.head:
            case RecordHead(sequence=sequence) if sequence < NO_SEQUENCE:
                out += self._unreadable_record(sequence, event.cause, now_s)
            case MinuteHead(minute=minute) if not self._memory.full:
                out += map(Send, self.summaries.unreadable(minute, event.cause, now_s))
                out += self._lost_minutes()
        return out

    def _unreadable_hello(self, head: HelloHead) -> list[Outcome]:
        """Of another version, or of a firmware that is none of this program's."""
        firmware = _version(head)
        if head.protocol_major == PROTOCOL_MAJOR:
            return self.refuse(LinkState.MISMATCH, SHORT_HELLO.format(firmware=firmware))
        words = OTHER_VERSION.format(firmware=firmware, theirs=head.protocol_major, ours=PROTOCOL_MAJOR)
        return self.refuse(LinkState.WRONG_VERSION, words)

    def _lost_minutes(self) -> list[Outcome]:
        assert self.boot is not None
        return [LostMinutes(self.boot.board_id, *lost) for lost in self.summaries.lost()]

    def _resend(self, now_s: float) -> Send:
        assert self.boot is not None
        self._repair.on_sent(now_s)
        return Send(m.ResendFrom(0, self.boot.boots, self.boot.random, self.expected))

    def _ask_hello(self, now_s: float) -> list[Outcome]:
        if not self._hello_ask.due(now_s):
            return []
        self._hello_ask.on_sent(now_s)
        return [self._hello_request]

    def _become(self, state: LinkState, detail: str) -> list[Outcome]:
        if (state, detail) == (self.state, self.detail):
            return []
        self.state, self.detail = state, detail
        return [StateChanged(state, detail)]


def _version(head: HelloHead) -> str:
    return f"{head.firmware_major}.{head.firmware_minor}.{head.firmware_patch}"
