"""Which stored times are wrong after the date was moved, and what the right ones are. Pure: no clock and no file.

Two witnesses know how long ago a record was made: the steady clock, within one of its sessions, and the uptime of a
board with a crystal that is connected now. Where both agree the steady clock is followed, which is the more exact one.
Where they do not agree, the steady clock stood still or jumped, and the board is followed. Where there is neither, a
time is uncertain if it cannot be right: no record is made after now.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from warmflow.device.clock.board_clock import BoardClock
from warmflow.device.clock.host_date import REDATE_S, HostDate
from warmflow.device.host_clock import Dating
from warmflow.device.identity import Boot

AGREE_S = 0.5
DRIFT = 1e-5  # of the age: what a crystal wanders with the temperature
FUTURE_S = 60.0  # a record that is later than now by more cannot be right
UNCERTAIN = Dating("", 0, 0, 0, uncertain=True)


class Point(NamedTuple):
    """One stored record: the board's uptime, and the time that it was given (ms, UTC)."""

    uptime_ms: int
    utc_ms: int


class Segment(NamedTuple):
    """Records of one kind and boot with one dating: sequences `first` to `last`, and its two ends as stored."""

    boot: Boot
    kind: int
    first: int
    last: int
    dating: Dating | None
    oldest: Point
    newest: Point


class Redating(NamedTuple):
    """Records of a segment get other times: moved by `by_ms`, or those of `line` where there is one. stays: the times
    are right as they are, only what they are compared by is new.
    """

    segment: Segment
    dating: Dating
    by_ms: int = 0
    line: "UptimeLine | None" = None
    stays: bool = False

    def utc_ms(self, stored: Point) -> int:
        """The right time of a record."""
        return stored.utc_ms + self.by_ms if self.line is None else self.line.utc_ms(stored.uptime_ms)


class UptimeLine(NamedTuple):
    """A board's clock as it is now: the date (ms) at an uptime (ms), and ms of the host for each of the board."""

    uptime_ms: int
    at_ms: float
    rate: float

    @classmethod
    def of(cls, clock: BoardClock, uptime_ms: int) -> "UptimeLine":
        here, later = (clock.moment(at_ms).utc.timestamp() for at_ms in (uptime_ms, uptime_ms + 1_000_000))
        return cls(uptime_ms, here * 1000, (later - here) / 1000)

    def utc_ms(self, uptime_ms: int) -> int:
        """The date of that uptime."""
        return max(0, round(self.at_ms + (uptime_ms - self.uptime_ms) * self.rate))


class _Error(NamedTuple):
    """By how much a stored time is wrong, as a board's clock sees it, and how wrong that can be."""

    by_s: float
    bound_s: float
    age_s: float


Sessions = dict[str, float]  # of each session of the steady clock: its `corrected_s`, as it is by now's date


def comparable(segments: Iterable[Segment], host: HostDate, clocks: Mapping[Boot, BoardClock]) -> Sessions:
    """The sessions that can be compared with now: this one, and earlier ones in which a board was heard that is heard
    now, too. What it says of an earlier session holds for all boards that were heard then.
    """
    found: Sessions = {host.session: host.corrected_s}
    for segment in segments:
        clock, dating = clocks.get(segment.boot), segment.dating
        if clock and clock.steady_rate and dating and dating.session and dating.session not in found:
            end = _error(clock, segment.newest, segment.newest.utc_ms)
            if end.bound_s <= AGREE_S:
                found[dating.session] = dating.corrected_ms / 1000 + end.by_s
    return found


def plan(
    segments: Iterable[Segment], host: HostDate, sessions: Sessions, now_s: float, clocks: Mapping[Boot, BoardClock]
) -> Iterator[Redating]:
    """What is to be dated again now; nothing where all is well. `now_s` is the steady clock."""
    now_ms = host.date(now_s).timestamp() * 1000
    for segment in segments:
        clock = clocks.get(segment.boot)
        by_s = moved_since(segment.dating, host, sessions, now_s)
        if clock is not None and clock.steady_rate:
            found = _with_board(segment, host, now_ms, clock, by_s)
        else:
            found = _shifted(segment, host, by_s) if by_s is not None else None
            newest_ms = found.utc_ms(segment.newest) if found else segment.newest.utc_ms
            if newest_ms > now_ms + FUTURE_S * 1000:  # the steady clock is wrong, too, if it says so
                found = None if segment.dating and segment.dating.uncertain else Redating(segment, UNCERTAIN)
        if found:
            yield found


def moved_since(dating: Dating | None, host: HostDate, sessions: Sessions, now_s: float) -> float | None:
    """How far the date was moved since this dating; None where the steady clock cannot tell."""
    if dating is None or not dating.session or dating.session not in sessions:
        return None
    if dating.session == host.session and dating.steady_ms > now_s * 1000 + 1:
        return None
    return sessions[dating.session] - dating.corrected_ms / 1000


def _shifted(segment: Segment, host: HostDate, by_s: float) -> Redating | None:
    return Redating(segment, _now(host), round(by_s * 1000)) if abs(by_s) > REDATE_S else None


def _with_board(
    segment: Segment, host: HostDate, now_ms: float, clock: BoardClock, by_s: float | None
) -> Redating | None:
    ends = [_error(clock, point, now_ms) for point in (segment.oldest, segment.newest)]
    if by_s is not None and all(_agree(by_s, end) for end in ends):
        return _shifted(segment, host, by_s)
    if all(abs(end.by_s) <= REDATE_S + end.bound_s for end in ends):
        return None if by_s is None or abs(by_s) <= REDATE_S else _confirmed(segment, host)
    return Redating(segment, _now(host), line=UptimeLine.of(clock, segment.newest.uptime_ms))


def _confirmed(segment: Segment, host: HostDate) -> Redating:
    """The board says that the times are right, and the steady clock does not: it broke. When the board is gone the
    steady clock is not to be believed again.
    """
    marks = segment.dating or UNCERTAIN
    dating = _now(host)._replace(redated=marks.redated, uncertain=marks.uncertain)
    return Redating(segment, dating, stays=True)


def _agree(by_s: float, end: _Error) -> bool:
    return abs(end.by_s - by_s) <= AGREE_S + end.bound_s + DRIFT * end.age_s


def _error(clock: BoardClock, point: Point, now_ms: float) -> _Error:
    moment = clock.moment(point.uptime_ms)
    right_ms = moment.utc.timestamp() * 1000
    return _Error((right_ms - point.utc_ms) / 1000, moment.error_s or 0.0, max(0.0, (now_ms - right_ms) / 1000))


def _now(host: HostDate) -> Dating:
    """The dating of a time that is right by the date of now."""
    return host.dating._replace(corrected_ms=round(host.corrected_s * 1000), redated=True)
