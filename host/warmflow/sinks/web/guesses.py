"""Wrong tokens and codes: whoever guesses has to wait, by their address, and nobody else with them."""

from collections import deque
from collections.abc import Callable

from warmflow.sinks.web.connection_slots import neighbourhood

FAILURES_MAX, FAILURES_S = 5, 60.0
ADDRESSES_MAX = 1000  # that are remembered; the oldest are forgotten


class Guesses:
    """`now`: a steady clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failures: dict[str, deque[float]] = {}

    def failed(self, address: str) -> None:
        where = neighbourhood(address)
        self._failures.setdefault(where, deque(maxlen=FAILURES_MAX)).append(self._now())
        if len(self._failures) > ADDRESSES_MAX:
            del self._failures[next(iter(self._failures))]

    def must_wait(self, address: str) -> bool:
        failures = self._failures.get(neighbourhood(address))
        return failures is not None and len(failures) == FAILURES_MAX and self._now() - failures[0] < FAILURES_S
