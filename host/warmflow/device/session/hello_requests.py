"""When a board is asked who it is. Every part of a session that needs to know goes through one of these, so that one
limit holds for all of them. Reads no clock.
"""

from pumplink import messages as m
from warmflow.device.session.ask import Ask
from warmflow.device.session.outcomes import Outcome, Send

HELLO_EVERY_S = 1.0  # until the board answers
HELLO_TRIES = 10  # then the link says that no HELLO comes, and the pauses grow


class HelloRequests:
    """`number` is drawn by who counts the request ids: a board that is told another one forgets the ids before it."""

    def __init__(self, number: int) -> None:
        self.request = Send(m.HelloRequest(1, number))
        self._ask = Ask(HELLO_EVERY_S, HELLO_TRIES)

    @property
    def exhausted(self) -> bool:
        """The board was asked often, and no HELLO has come."""
        return self._ask.exhausted

    def first(self, now_s: float) -> Outcome:
        """The request to a port that was just opened."""
        self._ask.answered()
        self._ask.on_sent(now_s)
        return self.request

    def due(self, now_s: float) -> list[Outcome]:
        """The request, if it may be sent (again) now."""
        if not self._ask.due(now_s):
            return []
        self._ask.on_sent(now_s)
        return [self.request]

    def answered(self) -> None:
        """A HELLO has come."""
        self._ask.answered()
