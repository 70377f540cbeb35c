"""The minutes that a board kept while nobody listened: asked for after each HELLO, taken in order, acknowledged.

Sans-I/O, a part of the session. The board answers the request with the number of the first minute that it still has;
what comes before that answer is dropped, and what comes after it must follow without a hole. A hole is asked for again;
after HOLE_TRIES the minutes in it are lost, and those behind it are taken.
"""

import re
from typing import NamedTuple

from pumplink import messages as m
from pumplink.decoder import CAUSES
from pumplink.messages import TYPES
from warmflow.device.session.ask import Ask

REQUEST_ID = 0xFFFF  # no other command has it
REQUEST = TYPES[m.RequestSummaries]
NUMBER = re.compile("[0-9]{1,10}")  # a minute, as the board's answer has it
AGAIN_S = 2.0  # no answer for so long: asked again
AGAIN_TRIES = 8  # then with growing pauses
HOLE_TRIES = 8  # requests for one minute that were answered and did not bring it
OVERWRITTEN = "the board had to overwrite them"
NOT_SENT = "asked for {tries} times; the board answers and does not send them: its copy is damaged"
UNREADABLE = "came and could not be read: {cause}"
ACK_EVERY_S = 1.0


class BootId(NamedTuple):
    boots: int
    random: int


class LostRange(NamedTuple):
    """Minutes that will not come."""

    first: int
    last: int
    reason: str


class Summaries:
    """Each call that may have something to send gives it as a list of messages."""

    def __init__(self) -> None:
        self._boot: BootId | None = None  # the present one of a board that keeps minutes
        self._next = 0  # number that follows; 0: whatever the board has
        self._waiting = False  # for the answer to the request
        self._request, self._hole = Ask(AGAIN_S, AGAIN_TRIES), Ask(0.0, HOLE_TRIES)
        self._lost: list[LostRange] = []
        self._safe = self._acked = 0
        self._acked_s = 0.0

    def hello(self, hello: m.Hello, now_s: float) -> list[m.Message]:
        """The board said who it is: asks for what it has, or for the rest of it."""
        boot = BootId(hello.boot_count, hello.boot_random)
        if boot != self._boot:
            self._boot, self._next = boot, 0
            self._safe = self._acked = 0
            self._hole.answered()
        self._request.answered()
        return self._ask(now_s)

    def lost(self) -> list[LostRange]:
        """What was lost since the last call."""
        lost, self._lost = self._lost, []
        return lost

    def answered(self, answer: m.Ack | m.Nack) -> None:
        """Any answer of the board; one that nobody waits for says nothing."""
        if self._waiting and (answer.request_id, answer.command) == (REQUEST_ID, REQUEST):
            self._waiting = False
            self._request.answered()
            if isinstance(answer, m.Nack) or not NUMBER.fullmatch(answer.text):
                self._boot = None
            elif (first := int(answer.text)) > self._next > 0:
                self._pass(first - 1, OVERWRITTEN)
            else:
                self._next = first

    def on_summary(self, summary: m.MinuteSummary, now_s: float) -> tuple[bool, list[m.Message]]:
        """(is it the next one, what to send)."""
        if not self._expects(summary.minute):
            return False, []
        past, to_send = self._past_hole(summary.minute, now_s)
        if past:
            self._pass(summary.minute)
        return past, to_send

    def unreadable(self, minute: int, cause: str, now_s: float) -> list[m.Message]:
        """A minute came of which the number alone can be read."""
        if not self._expects(minute):
            return []
        if minute == self._next:
            self._pass(minute, UNREADABLE.format(cause=CAUSES[cause]))
            return []
        past, to_send = self._past_hole(minute, now_s)
        return self.unreadable(minute, cause, now_s) if past else to_send

    def _expects(self, minute: int) -> bool:
        return self._boot is not None and not self._waiting and minute >= self._next

    def _past_hole(self, minute: int, now_s: float) -> tuple[bool, list[m.Message]]:
        """(does nothing before this one have to come first, the request for what has to).

        After HOLE_TRIES it is lost.
        """
        if minute > self._next:
            if not self._hole.exhausted:
                self._hole.on_sent(now_s)
                return False, self._ask(now_s)
            self._pass(minute - 1, NOT_SENT.format(tries=HOLE_TRIES))
        return True, []

    def _pass(self, through: int, lost_by: str = "") -> None:
        """All up to this one are taken, or lost for this reason."""
        if lost_by:
            self._lost.append(LostRange(self._next, through, lost_by))
        self._next = through + 1
        self._hole.answered()

    def safe(self, minute: int) -> None:
        """This one, and so all before it, will not be lost any more."""
        if minute < self._next:
            self._safe = max(self._safe, minute)

    def again(self, now_s: float) -> list[m.Message]:
        """There was no room for what came: asks for it again, if the board keeps minutes at all."""
        return self._ask(now_s) if self._boot else []

    def tick(self, now_s: float) -> list[m.Message]:
        if self._boot is None:
            return []
        if self._waiting and self._request.due(now_s):
            return self._ask(now_s)
        if self._safe > self._acked and now_s - self._acked_s >= ACK_EVERY_S:
            self._acked, self._acked_s = self._safe, now_s
            return [m.AckSummaries(0, *self._boot, self._safe)]
        return []

    def _ask(self, now_s: float) -> list[m.Message]:
        assert self._boot is not None
        self._waiting = True
        self._request.on_sent(now_s)
        return [m.RequestSummaries(REQUEST_ID, *self._boot, self._next)]
