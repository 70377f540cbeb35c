"""Asks one board for its uptime now and then, and keeps the clock of its present boot.

The first questions follow one another closely: a bound of some milliseconds is there after the first answer, and the
rate within minutes. It sends nothing itself: it returns the commands and is given the answers.
"""

from collections.abc import Callable

from pumplink import messages as m
from warmflow.device.clock.board_clock import BoardClock, Moment
from warmflow.device.clock.host_date import HostDate
from warmflow.device.host_clock import Dating, Stamp
from warmflow.device.identity import Boot

FIRST_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)  # pauses before the first questions
EVERY_S = 16.0
FORGET_S = 60.0  # an answer that takes longer tells nothing
GOOD_S = 0.1  # a bound that will do to give a backlog its times
PATIENCE_S = 2.0  # for a board that does not answer, or a host too busy to read it


class Timekeeper:
    """One for each link; a new boot gets a new clock. `host` is the date of this computer, the same for all links; a
    recording has its own.
    """

    def __init__(self, host: HostDate | None = None) -> None:
        self.host = HostDate() if host is None else host
        self.clock = BoardClock(self.host)
        self._boot: Boot | None = None
        self._asked: dict[int, float] = {}  # request id: when, on the steady clock
        self._count = 0
        self._newest_ms = 0
        self._next_s = -1e18
        self._asking_since_s: float | None = None

    def opened(self) -> None:
        """The port is open again: asks closely again, for the board may have slept."""
        self._count, self._next_s = 0, -1e18
        self._asking_since_s = None

    def ask_soon(self) -> None:
        """Something has happened to a clock of this computer: the board's answer is wanted now."""
        self._count, self._next_s = 0, -1e18

    def settled(self, now: Stamp) -> bool:
        """Whether the clock is good enough to date a backlog, or will not get better. Before an answer
        there are arrivals alone, and a host that has just started reads them late: by as much its records would be.
        """
        if self._asking_since_s is not None and now.steady_s - self._asking_since_s >= PATIENCE_S:
            return True
        error_s = self.clock.moment(self._newest_ms).error_s
        return error_s is not None and error_s <= GOOD_S

    def due(self, now: Stamp, request_id: Callable[[], int]) -> list[m.Message]:
        """The question to send now, if it is time for one. Its number is to be nobody else's."""
        if now.steady_s < self._next_s:
            return []
        self._asked = {number: asked_s for number, asked_s in self._asked.items() if now.steady_s - asked_s < FORGET_S}
        self._count += 1
        self._next_s = now.steady_s + (FIRST_S[self._count] if self._count < len(FIRST_S) else EVERY_S)
        if self._asking_since_s is None:
            self._asking_since_s = now.steady_s
        number = request_id()
        self._asked[number] = now.steady_s
        return [m.Ping(number)]

    def answered(self, answer: m.Ack | m.Nack, boot: Boot | None, at: Stamp) -> None:
        """Any answer of the board."""
        asked_s = self._asked.pop(answer.request_id, None)
        if asked_s is not None and boot is not None and isinstance(answer, m.Ack):
            self._clock(boot).round_trip(asked_s, answer.uptime_ms, at)

    def arrived(self, boot: Boot, uptime_ms: int, at: Stamp) -> None:
        """Something live with this uptime came."""
        self._newest_ms = uptime_ms
        self._clock(boot).arrived(uptime_ms, at)

    def moment(self, boot: Boot, uptime_ms: int) -> Moment:
        return self._clock(boot).moment(uptime_ms)

    def record(self, boot: Boot, uptime_ms: int) -> Moment:
        """The same for records in their order: no later one gets an earlier time."""
        return self._clock(boot).record(uptime_ms)

    @property
    def boot(self) -> Boot | None:
        """The boot whose clock this is."""
        return self._boot

    @property
    def dating(self) -> Dating | None:
        """What the times are derived from now; None where they cannot be dated again: those of a recording."""
        return self.host.dating if self.host.session else None

    @property
    def error_s(self) -> float | None:
        """Bound of the error of a reading that comes now; None where nobody knows it."""
        return self.clock.moment(self._newest_ms).error_s

    @property
    def drift_ppm(self) -> float | None:
        return self.clock.drift_ppm

    def _clock(self, boot: Boot) -> BoardClock:
        if boot != self._boot:
            self._boot, self.clock, self._asked = boot, BoardClock(self.host), {}
            self.opened()
        return self.clock
