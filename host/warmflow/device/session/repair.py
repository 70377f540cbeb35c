"""When a hole in the sequence is asked for, and when it is given up. Reads no clock, sends nothing.

A board that answers each request and leaves the same record out every time will never send it: it is given up after
fewer tries than for a board that does not answer.
"""

from warmflow.device.session.ask import Ask

RESEND_EVERY_S = 0.3
UNREPAIRED_TRIES = 100  # half a minute without an answer
ANSWERED_TRIES = 20  # so many answers, each with the same hole


class Repair:
    """Of one hole at a time. `lowest`: the first record behind the hole since the last request."""

    def __init__(self) -> None:
        self._ask = Ask(RESEND_EVERY_S, UNREPAIRED_TRIES)
        self._last = self._answers = 0
        self._answered = True
        self.lowest = 0

    @property
    def in_vain(self) -> bool:
        return self._ask.exhausted or self._answers >= ANSWERED_TRIES

    def behind(self, sequence: int) -> None:
        """This record came, and it lies behind the hole. A lower number than the one before: the board began again."""
        if sequence <= self._last and not self._answered:
            self._answered = True
            self._answers += 1
            self.lowest = sequence
        self._last = sequence
        self.lowest = min(self.lowest or sequence, sequence)

    def due(self, now_s: float) -> bool:
        return self._ask.due(now_s)

    def on_sent(self, now_s: float) -> None:
        """The board was asked for what is missing."""
        self._ask.on_sent(now_s)
        self._answered, self.lowest = False, 0

    def done(self) -> None:
        """The hole is closed, or given up."""
        self._ask.answered()
        self._answers = self.lowest = 0
        self._answered = True
