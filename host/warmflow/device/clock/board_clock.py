"""The time of a board that has no clock of its own: uptime as UTC, with a bound on the error.

A filter over round trips. The host notes when it asked and when the answer came; the uptime in the answer lies between.
Each such interval narrows what line may lead from uptime to host time: its rate (a crystal is off by some 50 ppm, 4 s a
day) and its place. The bound holds as long as the rate is steady within the window; samples that no steady line
explains throw the older ones out, so a new rate, a suspended host or a board whose uptime runs at another speed is
followed within a few samples.

The line leads to a steady host clock that nobody sets. The date is only added to it (`host_date.py`), so that a change
of the date moves all times of a boot alike and none against another. Reads no clock: samples in, moments out.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from warmflow.device.clock.host_date import HostDate
from warmflow.device.host_clock import Stamp

CRYSTAL = 2e-4  # no crystal is further off than this, until samples say otherwise
CRYSTAL_RATE = (1 - CRYSTAL, 1 + CRYSTAL)
ANY_RATE = (1e-3, 1e4)  # host seconds per board second of an emulated board
ODD_AFTER = 3  # so many breaks in a row: this is no crystal; so many samples that fit one, among them: it is one
SLOT_S = 60.0  # the narrowest round trip of each such span is kept
SLOTS = 20
ARRIVAL_SLOTS = 10
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
TICK_S = 1e-3  # resolution of the board's uptime


class Moment(NamedTuple):
    """A time, and how wrong it can be; None: only arrivals are known, and nobody knows how long they took."""

    utc: datetime
    error_s: float | None


class _Sample(NamedTuple):
    """At this uptime, or up to a tick later, the steady host clock stood between the two."""

    uptime_s: float
    earliest_s: float
    latest_s: float

    @property
    def width_s(self) -> float:
        return self.latest_s - self.earliest_s


class _Line(NamedTuple):
    """Host time = at_s + (uptime - uptime_s) * rate; each of the two is off by no more than its error."""

    uptime_s: float
    at_s: float
    rate: float
    at_error_s: float
    rate_error: float


class BoardClock:
    """The clock of one boot of one board, on a computer whose date is `host`."""

    def __init__(self, host: HostDate | None = None) -> None:
        self.host = HostDate() if host is None else host
        self.breaks = 0  # how often the samples of a crystal contradicted a steady rate
        self.missed_s = 0.0  # in all of these: how much more time had passed by the board than by the steady clock
        self._samples: deque[_Sample] = deque(maxlen=SLOTS)
        self._slot_began_s = -1e18
        self._arrivals: deque[tuple[float, float]] = deque(maxlen=ARRIVAL_SLOTS)  # slot's start, earliest beginning
        self._line: _Line | None = None
        self._rates = (0.0, 0.0)  # lowest and highest that lead through all samples
        self._breaks_in_a_row = 0
        self._any_rate = False
        self._fits_in_a_row = 0  # of samples that a crystal could have given, while this is none
        self._last: tuple[int, datetime] | None = None  # uptime and time of the newest record
        self._jumped_back_s = 0.0  # by the date, when that time was given

    @property
    def drift_ppm(self) -> float | None:
        """How much faster the board's crystal runs than the host's; None before a round trip."""
        return (1 / self._line.rate - 1) * 1e6 if self._line else None

    @property
    def steady_rate(self) -> bool:
        """True for a board with a crystal: its uptime tells how far apart two moments were. False before a round trip,
        and for an emulated board whose uptime runs at another speed.
        """
        return self._line is not None and not self._any_rate

    @property
    def wall_steps(self) -> int:
        """How often the date of this computer was set."""
        return self.host.steps

    def arrived(self, uptime_ms: int, at: Stamp) -> None:
        """Something with this uptime has come: it was sent before. All there is until a round trip is known."""
        self.host.look(at)
        if self._line is None:
            began_s = at.steady_s - uptime_ms / 1000
            if not self._arrivals or at.steady_s - self._arrivals[-1][0] >= SLOT_S:
                self._arrivals.append((at.steady_s, began_s))
            else:
                start_s, earliest_s = self._arrivals[-1]
                self._arrivals[-1] = (start_s, min(began_s, earliest_s))

    def round_trip(self, asked_s: float, uptime_ms: int, answered: Stamp) -> None:
        """The answer that came at `answered` to what was asked at `asked_s` (steady clock) says this uptime."""
        sample = _Sample(uptime_ms / 1000, asked_s, answered.steady_s)
        if asked_s > answered.steady_s or (self._samples and sample.uptime_s < self._samples[-1].uptime_s):
            return
        self.host.look(answered)
        if self._any_rate:
            self._look_for_crystal(sample)
        if not self._fits(sample):
            self._break(sample)
        elif sample.latest_s - self._slot_began_s >= SLOT_S or len(self._samples) == 1:  # two make a rate
            self._slot_began_s = sample.latest_s
            self._samples.append(sample)
            self._breaks_in_a_row = 0
        elif sample.width_s < self._samples[-1].width_s:
            self._samples[-1] = sample
        else:
            return
        self._rates = self._through_all()
        self._line = self._drawn()

    def moment(self, uptime_ms: int) -> Moment:
        """When the board's uptime was this."""
        uptime_s, line = uptime_ms / 1000, self._line
        if line is None:
            began_s = min((began_s for _, began_s in self._arrivals), default=0.0)
            return Moment(self.host.date(began_s + uptime_s), None)
        away_s = uptime_s - line.uptime_s
        error_s = line.at_error_s + abs(away_s) * line.rate_error + TICK_S * line.rate + self.host.behind_s
        return Moment(self.host.date(line.at_s + away_s * line.rate), error_s)

    def record(self, uptime_ms: int) -> Moment:
        """The same for records in their order: no later one gets an earlier time, unless the date was set back."""
        moment = self.moment(uptime_ms)
        last = self._last
        if last is not None and self.host.jumped_back_s != self._jumped_back_s:
            last = (last[0], _before(last[1], self.host.jumped_back_s - self._jumped_back_s))
        if last is None or uptime_ms >= last[0]:
            if last is not None and moment.utc < last[1]:
                late_s = (last[1] - moment.utc).total_seconds()
                moment = Moment(last[1], None if moment.error_s is None else moment.error_s + late_s)
            self._last, self._jumped_back_s = (uptime_ms, moment.utc), self.host.jumped_back_s
        return moment

    def _fits(self, sample: _Sample) -> bool:
        """Could a steady rate lead through all samples and this one?"""
        return not self._samples or _explained(*self._rates, self._samples, sample)

    def _look_for_crystal(self, sample: _Sample) -> None:
        """It was taken for none because the host's clock stood still or was slewed, some times one after the other: a
        crystal it is when samples fit one again as often as they did not.
        """
        low, high = _rates_through(self._samples, CRYSTAL_RATE)
        fits = low <= high and _explained(low, high, self._samples, sample)
        self._fits_in_a_row = self._fits_in_a_row + 1 if fits else 0
        if self._fits_in_a_row >= ODD_AFTER:
            self._any_rate, self._breaks_in_a_row = False, 0
            self._rates = low, high

    def _break(self, sample: _Sample) -> None:
        """The oldest samples go until the rest agrees."""
        if self._line and not self._any_rate:
            line = self._line
            expected_s = line.at_s + (sample.uptime_s - line.uptime_s) * line.rate
            self.breaks += 1
            self.missed_s += expected_s - (sample.earliest_s + sample.latest_s) / 2
            self.host.renew(sample.latest_s)  # times of before and after are not derived alike
        while self._samples and not self._fits(sample):
            self._samples.popleft()
            self._rates = self._through_all()
        self._breaks_in_a_row = 0 if self._samples else self._breaks_in_a_row + 1
        if self._breaks_in_a_row >= ODD_AFTER:
            self._any_rate, self._fits_in_a_row = True, 0
        self._samples.append(sample)
        self._slot_began_s = sample.latest_s

    def _through_all(self) -> tuple[float, float]:
        return _rates_through(self._samples, ANY_RATE if self._any_rate else CRYSTAL_RATE)

    def _drawn(self) -> _Line:
        low, high = self._rates
        rate, rate_error = (low + high) / 2, (high - low) / 2
        if self._any_rate and len(self._samples) == 1:  # nothing is known of its rate: the last one is as good as any
            low = high = rate = self._line.rate if self._line else 1.0
        uptime_s = self._samples[-1].uptime_s
        earliest_s, latest_s = _bounds(self._samples, uptime_s, low, high)
        return _Line(uptime_s, (earliest_s + latest_s) / 2, rate, (latest_s - earliest_s) / 2, rate_error)


def _before(utc: datetime, by_s: float) -> datetime:
    try:
        return utc - timedelta(seconds=by_s)
    except OverflowError:
        return BEGINNING


def _rates_through(samples: Sequence[_Sample], among: tuple[float, float]) -> tuple[float, float]:
    """Lowest and highest rate among these that leads through all samples; none does if the lowest is above."""
    low, high = among
    for number, later in enumerate(samples):
        low, high = _narrowed(low, high, islice(samples, number), later)
    return low, high


def _explained(low: float, high: float, earlier: Sequence[_Sample], later: _Sample) -> bool:
    """Does a rate between these two lead through the earlier samples, and through this one, too?"""
    low, high = _narrowed(low, high, earlier, later)
    if low > high:
        return False
    earliest_s, latest_s = _bounds([*earlier, later], later.uptime_s, low, high)
    return earliest_s <= latest_s


def _narrowed(low: float, high: float, earlier: Iterable[_Sample], later: _Sample) -> tuple[float, float]:
    """Lowest and highest rate that also leads from each earlier sample to this one."""
    for each in earlier:
        between_s = later.uptime_s - each.uptime_s
        low = max(low, (later.earliest_s - each.latest_s) / (between_s + TICK_S))
        if between_s > TICK_S:
            high = min(high, (later.latest_s - each.earliest_s) / (between_s - TICK_S))
    return low, high


def _bounds(samples: Sequence[_Sample], uptime_s: float, low: float, high: float) -> tuple[float, float]:
    """The host's time at this uptime, earliest and latest, as all samples together allow. Not before any of them."""
    earliest_s = max(each.earliest_s + (uptime_s - each.uptime_s) * low for each in samples) - TICK_S * high
    latest_s = min(each.latest_s + (uptime_s - each.uptime_s) * high for each in samples)
    return earliest_s, latest_s
