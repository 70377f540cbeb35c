"""The records of one boot in strict order: each once, or in a `LostRecords` that names the range. Go-back-N: a record
that does not follow the last one is dropped and asked for again. Reads no clock.

What can be read is taken. A record that came and cannot be read counts as taken, and is one `LostRecords` with the
reason. So is an event above the board's share. What cannot be had is reported as lost, never guessed.
"""

from collections import Counter

from pumplink import messages as m
from warmflow.device.identity import Boot
from warmflow.device.session.board_share import BoardShare
from warmflow.device.session.hello_requests import HelloRequests
from warmflow.device.session.link_health import LinkHealth
from warmflow.device.session.outcomes import LostRecords, Outcome, Record, Send
from warmflow.device.session.reasons import GAP_WORDS
from warmflow.device.session.record_store import RecordStore
from warmflow.device.session.reorder_buffer import Arrived, ReorderBuffer
from warmflow.device.session.repair import Repair
from warmflow.device.session.skipped import TOO_MANY, Skipped, unreadable

NO_SEQUENCE = 0xFFFFFFFF  # no record has it: none could follow, and the journal means by it that nobody knows the end


class RecordOrder:
    """`expected`: the sequence that comes next. `held`: there was no room, so the board keeps what it sent.
    `is_recording`: the source cannot be asked; what is missing may come later in the file, or never.
    """

    def __init__(
        self,
        memory: RecordStore,
        is_recording: bool,
        health: LinkHealth,
        hello_requests: HelloRequests,
        counts: Counter[str],
        share: BoardShare,
    ) -> None:
        self.boot: Boot | None = None
        self.expected = 0
        self.held = False
        self._memory, self._is_recording = memory, is_recording
        self._health, self._hello_requests, self._counts = health, hello_requests, counts
        self._share = share
        self._repair, self._skipped, self._early = Repair(), Skipped(), ReorderBuffer()
        self._shown = 0  # last sequence that was shown without being taken
        self._oldest = 0  # sequence that the board said to hold

    def begin(self, boot: Boot, expected: int) -> None:
        """Another boot."""
        self.boot, self.expected, self._shown = boot, expected, 0

    def greeted(self, oldest: int) -> None:
        """The board has sent HELLO and has records from this one on."""
        self._oldest = oldest
        self._repair.done()

    def opened(self) -> None:
        self._repair.done()

    def finish(self, now_s: float) -> list[Outcome]:
        """Nothing more comes of this boot or this port: what waits is taken, and what is not reported yet is."""
        out: list[Outcome] = []
        while self._early:  # there may be holes among them
            out += self._take_early(now_s)
        return [*out, *self._report_skipped()]

    def tick(self, now_s: float) -> list[Outcome]:
        return self._report_skipped() if self._skipped.due(now_s) else []

    def has_room(self, now_s: float) -> bool:
        """Whether something can be taken: the journal has room, and the board did not lose more than its share."""
        return not self._memory.full and self._share.has("losses", now_s)

    def resend(self, now_s: float) -> Send:
        """The request for everything from the expected record on."""
        assert self.boot is not None
        self._repair.on_sent(now_s)
        return Send(m.ResendFrom(0, self.boot.boots, self.boot.random, self.expected))

    def record(self, record: Arrived, now_s: float) -> list[Outcome]:
        """A reading or an event came."""
        assert self.boot is not None
        message = record.message
        out = self._health.well(now_s)
        if message.sequence >= NO_SEQUENCE:
            self._counts["ignored"] += 1
            return out
        if self._is_recording and message.sequence > self.expected:
            none_before = self._oldest if self.expected == 1 else 0
            over = self._early.add(record, now_s, none_before)
            return [*out, *(self._take_early(now_s) if over else [])]
        if message.sequence == self.expected:
            self._early.drain()  # the hole is being filled: they come again, as they did then
        if message.sequence >= self.expected and not self.has_room(now_s):
            return [*out, *self._show(self.boot, record, now_s)]
        if message.sequence == self.expected and isinstance(message, m.Event) and not self._share.take("events", now_s):
            return [*out, *self._skip(message.sequence, TOO_MANY, now_s)]
        if message.sequence == self.expected:
            self.expected += 1
            self._repair.done()
            out += [*self._report_skipped(), *self._came(message, now_s)]
            shown = message.sequence <= self._shown
            return [*out, Record(self.boot, message, bool(message.backlog), shown, payload=record.payload)]
        if message.sequence < self.expected:
            self._counts["repeated"] += 1
            # a board that restarted while nobody listened counts from 1 again
            return out + (self._hello_requests.due(now_s) if not message.backlog else [])
        if (ask := self._hole(message.sequence, now_s)) is not None:
            return [*out, *ask]
        return [*out, *self._give_up(message.sequence, now_s), *self.record(record, now_s)]

    def gap(self, gap: m.Gap, now_s: float) -> list[Outcome]:
        """The board says that it does not hold these records."""
        if self.boot is None or (gap.boot_count, gap.boot_random) != self.boot[1:] or gap.last < self.expected:
            return []
        if gap.last >= NO_SEQUENCE:
            self._counts["ignored"] += 1
            return []
        if gap.first > self.expected and not self._is_recording:  # what is before it may only be lost on the way
            if (ask := self._hole(gap.first, now_s)) is not None:
                return ask
            return [*self._give_up(gap.first, now_s), *self.gap(gap, now_s)]
        if not self.has_room(now_s):
            self.held = True
            return []
        lost = LostRecords(self.boot, self.expected, gap.last, GAP_WORDS.get(gap.reason, f"reason {gap.reason}"))
        out = [*self._report_skipped(), lost]
        self._share.spend("losses")
        self.expected = gap.last + 1
        self._repair.done()
        self._early.drain()
        return out

    def unreadable(self, sequence: int, cause: str, now_s: float) -> list[Outcome]:
        """A record came, and nobody will ever read it: taken, so that nobody waits for it."""
        if sequence >= NO_SEQUENCE:
            return []
        self._health.readings.unreadable(cause)
        if sequence > self.expected and not self._is_recording:
            if (ask := self._hole(sequence, now_s)) is not None:
                return ask
            return [*self._give_up(sequence, now_s), *self.unreadable(sequence, cause, now_s)]
        if sequence == self.expected and self.has_room(now_s):
            return self._skip(sequence, unreadable(cause), now_s)
        return []

    def _skip(self, sequence: int, reason: str, now_s: float) -> list[Outcome]:
        """The expected record is taken and not kept."""
        out = [] if self._skipped.continues(reason) else self._report_skipped()
        self.expected += 1
        self._repair.done()
        self._skipped.add(sequence, reason, now_s)
        return out

    def _hole(self, sequence: int, now_s: float) -> list[Outcome] | None:
        """This number came, and what is expected did not: what to send. None if it is no use to ask any more."""
        self._counts["out of order"] += 1
        self._repair.behind(sequence)
        if not self._repair.due(now_s):
            return []
        return None if self._repair.in_vain else [self.resend(now_s)]

    def _give_up(self, seen: int, now_s: float) -> list[Outcome]:
        """Records that were requested without success are lost, up to the first record that the board sends. seen: the
        present one.
        """
        assert self.boot is not None
        lost = LostRecords(self.boot, self.expected, self._repair.lowest - 1, "requested again without success")
        out = [*self._report_skipped(), lost]
        self._share.spend("losses")
        self.expected = self._repair.lowest
        self._repair.done()
        return out if self.expected == seen else [*out, self.resend(now_s)]

    def _report_skipped(self) -> list[Outcome]:
        row = self._skipped
        if not row.first or self.boot is None:
            return []
        self._share.spend("losses")
        lost = LostRecords(self.boot, row.first, row.last, row.reason)
        row.clear()
        return [lost]

    def _came(self, message: m.Telemetry | m.Event, now_s: float) -> list[Outcome]:
        """A record was taken or shown: readings are what a link is for."""
        if isinstance(message, m.Telemetry):
            self._health.readings.came(now_s)
        return self._health.well(now_s)

    def _take_early(self, now_s: float) -> list[Outcome]:
        """What was missing before them will not come: it is lost."""
        early = self._early.drain()
        if not early or self.boot is None:
            return []
        reason = "the recording begins later" if self.expected == 1 else "not in the recording"
        out: list[Outcome] = [LostRecords(self.boot, self.expected, early[0].message.sequence - 1, reason)]
        self.expected = early[0].message.sequence
        for each in early:
            taken = self.record(each, now_s)
            # they waited here: their time of arrival is over
            out += [one._replace(late=True) if isinstance(one, Record) and len(early) > 1 else one for one in taken]
        return out

    def _show(self, boot: Boot, record: Arrived, now_s: float) -> list[Outcome]:
        """There is no room: the board keeps it, and a live reading is to be seen all the same."""
        self.held = True
        self._counts["left on the board"] += 1
        message = record.message
        if not isinstance(message, m.Telemetry) or message.backlog or message.sequence <= self._shown:
            return []
        self._shown = message.sequence
        return [*self._came(message, now_s), Record(boot, message, late=False, kept=False, payload=record.payload)]
