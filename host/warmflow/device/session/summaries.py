"""The minutes that a board kept while nobody listened: asked for after each HELLO, taken in order, acknowledged.

Sans-I/O, a part of the session. The board answers the request with the number of the first minute that it still has;
what comes before that answer is dropped, and what comes after it must follow without a hole.
"""

from typing import NamedTuple

from pumplink import messages as m
from pumplink.messages import TYPES

REQUEST_ID = 0xFFFF  # no other command has it
REQUEST = TYPES[m.RequestSummaries]
AGAIN_S = 2.0  # no answer for so long: asked again
ACK_EVERY_S = 1.0
FIRST_MINOR = 1  # of the protocol that knows the request


class BootId(NamedTuple):
    boots: int
    random: int


class Summaries:
    """Each call that may have something to send gives it as a list of messages."""

    def __init__(self) -> None:
        self._boot: BootId | None = None  # the present one of a board that keeps minutes
        self._next = 0  # number that follows; 0: whatever the board has
        self._asked_s: float | None = None  # waiting for the answer since
        self._safe = self._acked = 0
        self._acked_s = 0.0

    def hello(self, hello: m.Hello, now_s: float) -> list[m.Message]:
        """The board said who it is: asks for what it has, or for the rest of it."""
        boot = BootId(hello.boot_count, hello.boot_random)
        if hello.protocol_minor < FIRST_MINOR:
            self._boot = None
            return []
        if boot != self._boot:
            self._boot, self._next = boot, 0
            self._safe = self._acked = 0
        return self._ask(now_s)

    def answered(self, answer: m.Ack | m.Nack) -> None:
        """Any answer of the board."""
        if (answer.request_id, answer.command) == (REQUEST_ID, REQUEST):
            self._asked_s = None
            if isinstance(answer, m.Nack) or not answer.text.isdecimal():
                self._boot = None
            else:
                self._next = int(answer.text)

    def take(self, summary: m.MinuteSummary, now_s: float) -> tuple[bool, list[m.Message]]:
        """(is it the next one, what to send)."""
        if self._boot is None or self._asked_s is not None:
            return False, []
        if summary.minute == self._next:
            self._next += 1
            return True, []
        return False, self._ask(now_s) if summary.minute > self._next else []

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
        if self._asked_s is not None and now_s - self._asked_s >= AGAIN_S:
            return self._ask(now_s)
        if self._safe > self._acked and now_s - self._acked_s >= ACK_EVERY_S:
            self._acked, self._acked_s = self._safe, now_s
            return [m.AckSummaries(0, *self._boot, self._safe)]
        return []

    def _ask(self, now_s: float) -> list[m.Message]:
        assert self._boot is not None
        self._asked_s = now_s
        return [m.RequestSummaries(REQUEST_ID, *self._boot, self._next)]
