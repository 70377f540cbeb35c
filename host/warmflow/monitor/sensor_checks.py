"""What the instruments give away of themselves: readings that no probe, meter or clock in order would give.

Each suspicion is a share of the last minutes in which it was seen, from 0 to 1; nothing here looks at what the flow
means. A value that repeats is no suspicion: probes and quiet meters repeat by nature.
"""

import math

from pumplink.codes import Status
from pumpmodel.probe import READING_MAX_C, READING_MIN_C
from warmflow.monitor.rig import Measured

MEMORY_S = 300.0  # [chosen] suspicions fade with this
LEAP_LEAST_C = 4.0
LEAPS = 3.0  # in the memory: one or two are a probe that is moved
AMBIENT_KPA = (20.0, 700.0)
VOLUME_BLOCK_S = 600.0
LEAST_COUNTS = 8  # of a meter that counts: fewer tell nothing
MOST_COUNT_NL = 20_000  # [chosen] no meter counts in larger drops
VOLUME_SHARE = 0.05  # of what flowed: volume and flow of one meter do not differ by more
CLOCK_BLOCK_S = 60.0
CLOCK_SHARE = 0.01  # a crystal is 100 times better
CLOCK_STEP_MS = 5000
LOST_SHARE = 0.2  # of the readings
FAULTS = int(Status.PROBE_FAULT | Status.BAROMETER_FAULT | Status.LATE | Status.METER_RANGE)
# readings between which events may stand: they count in the same sequence
EVENTS = 3
SILENCE_MS = 900_000  # [chosen] a longer gap is a link that was down, no readings that get lost
FADED = 1e-3
NEVER_C = -1e9
NO_STATUS = -1


class Instruments:
    """Call `see` with each reading, `settle` now and then, and read `suspicions`."""

    def __init__(self, speed_x: int) -> None:
        self.sensor = 0.0  # how sure it is that probe, barometer or meter is at fault, 0 to 1
        self.clock = 0.0  # the same for a clock or the telemetry
        self._speed_x = speed_x
        self._last: Measured | None = None
        self._good_c = self._raw_c = NEVER_C
        self._last_number = self._last_ms = 0
        self._usual = NO_STATUS
        self._counts = {"probe": 0, "barometer": 0, "late": 0, "range": 0, "lost": 0}
        self._readings = 0
        self._leaps = 0.0
        self._leap_sign = 0.0
        self._flowed_nl = self._came_nl = self._volume_s = 0.0
        self._count_nl = self._came_last_nl = MOST_COUNT_NL  # the step of the total, at most
        self._clock_from: Measured | None = None
        self._seen = dict.fromkeys(("probe", "barometer", "late", "range", "lost", "volume", "clock"), 0.0)

    def see(self, batch: list[Measured]) -> tuple[float, float, int]:
        """Notes what is odd; (sum of flows, sum and count of believable probe readings)."""
        flows = 0
        probes, probe_count = 0.0, 0
        good_c = self._good_c
        last_number, usual, last_ms = self._last_number, self._usual, self._last_ms
        for reading in batch:
            now_ms, probe_c, _, flow, _, status, _, number = reading
            flows += flow
            if status != usual:
                usual = self._note_status(status)
            if number is not None:
                if number - last_number - 1 > EVENTS and last_number and now_ms - last_ms < SILENCE_MS:
                    self._counts["lost"] += number - last_number - 1
                last_number = number
            last_ms = now_ms
            if probe_c is None or probe_c != probe_c:
                continue
            if not -LEAP_LEAST_C < probe_c - good_c < LEAP_LEAST_C:
                self._good_c = good_c
                probe_c = self._leapt(probe_c, good_c)
                good_c = self._good_c
            else:
                good_c = probe_c
            probes += probe_c
            probe_count += 1
        self._good_c, self._last_number, self._usual, self._last_ms = good_c, last_number, usual, last_ms
        self._readings += len(batch)
        self._follow(batch[-1], flows / len(batch))
        return flows, probes, probe_count

    def expect_speed(self, speed_x: int) -> None:
        """The rig says how fast its pump time runs."""
        if speed_x != self._speed_x:
            self._speed_x, self._clock_from = speed_x, None

    def forget(self) -> None:
        """A board that began anew, or a long pause: differences to what was before mean nothing."""
        self._last = self._clock_from = None
        self._flowed_nl = self._came_nl = self._volume_s = 0.0

    def _note_status(self, status: int) -> int:
        # returns the status that needs no second look
        if not status & FAULTS:
            return status
        counts = self._counts
        counts["probe"] += bool(status & Status.PROBE_FAULT)
        counts["barometer"] += bool(status & Status.BAROMETER_FAULT)
        counts["late"] += bool(status & Status.LATE)
        counts["range"] += bool(status & Status.METER_RANGE)
        return NO_STATUS

    def _follow(self, reading: Measured, flow_nl_h: float) -> None:
        last, self._last = self._last, reading
        if last is None:
            return
        passed_s = (reading.pump_time_ms - last.pump_time_ms) / 1000
        if passed_s > 0:
            self._flowed_nl += flow_nl_h * passed_s / 3600
            came_nl = reading.volume_nl - last.volume_nl
            self._came_nl += came_nl
            self._volume_s += passed_s
            if came_nl > 0:
                apart = abs(came_nl - self._came_last_nl)
                self._count_nl = min(self._count_nl, came_nl, apart or came_nl)
                self._came_last_nl = came_nl

    def _leapt(self, probe_c: float, good_c: float) -> float:
        # what to believe instead
        if not READING_MIN_C <= probe_c <= READING_MAX_C:
            self._counts["probe"] += 1
            self._raw_c = probe_c
            return good_c if good_c > NEVER_C else probe_c
        raw_c, self._raw_c = self._raw_c, probe_c
        if good_c == NEVER_C:
            self._good_c = probe_c
            return probe_c
        if -LEAP_LEAST_C < probe_c - raw_c < LEAP_LEAST_C:  # it says so twice: the probe was moved
            self._good_c = probe_c
            sign = math.copysign(1.0, probe_c - good_c)
            self._leaps += 1.0 if self._leap_sign * sign < 0 else 0.3
            self._leap_sign = sign
            return probe_c
        self._leaps += 0.6
        return good_c

    def settle(self, dt_s: float) -> None:
        """Brings the suspicions up to date after `dt_s` of pump time."""
        readings, counts, seen = self._readings, self._counts, self._seen
        if not readings:
            return
        share = 1 - math.exp(-dt_s / MEMORY_S)
        self._leaps = self._leaps * (1 - share) if self._leaps > FADED else 0.0
        lost = counts["lost"]
        for name, count in counts.items():
            if count or seen[name]:
                seen[name] += share * (count / (readings + (lost if name == "lost" else 0)) - seen[name])
                seen[name] = seen[name] if seen[name] > FADED else 0.0
                counts[name] = 0
        self._readings = 0
        self._compare_volume()
        self._compare_clocks()
        self._suspect()

    def _compare_volume(self) -> None:
        if self._volume_s < VOLUME_BLOCK_S:
            return
        size_nl = max(self._flowed_nl, self._came_nl, 20.0)
        count_nl = self._count_nl if self._count_nl < MOST_COUNT_NL else 0  # both may end within a count
        if size_nl < LEAST_COUNTS * count_nl and self._volume_s < 36 * VOLUME_BLOCK_S:
            return
        off_nl = max(abs(self._came_nl - self._flowed_nl) - 1.1 * count_nl, 0.0)
        off = off_nl / size_nl / VOLUME_SHARE / 2
        self._seen["volume"] = off if off > 0.2 else 0.0
        self._flowed_nl = self._came_nl = self._volume_s = 0.0

    def _compare_clocks(self) -> None:
        last, start = self._last, self._clock_from
        if last is None or last.uptime_ms is None or not self._speed_x:
            return
        if start is None or start.uptime_ms is None:
            self._clock_from = last
            return
        board_ms = last.uptime_ms - start.uptime_ms
        if board_ms < CLOCK_BLOCK_S * 1000:
            return
        self._clock_from = last
        off_ms = abs((last.pump_time_ms - start.pump_time_ms) / self._speed_x - board_ms)
        worst = max(off_ms / board_ms / CLOCK_SHARE, off_ms / CLOCK_STEP_MS) / 2
        passed_s = board_ms * self._speed_x / 1000
        worst = max(worst, self._seen["clock"] * math.exp(-passed_s / MEMORY_S))
        self._seen["clock"] = worst if worst > 0.2 else 0.0

    def _suspect(self) -> None:
        seen = self._seen
        if not self._leaps and not any(seen.values()):
            self.sensor = self.clock = 0.0
            return
        leaps = _ramp(self._leaps, 0.6 * LEAPS, LEAPS)
        parts = (_ramp(seen["probe"], 0.1, 0.3), _ramp(seen["barometer"], 0.1, 0.3), _ramp(seen["range"], 0.1, 0.3))
        self.sensor = max(*parts, leaps, _ramp(seen["volume"], 0.4, 1.0))
        late, lost = _ramp(seen["late"], 0.2, 0.5), _ramp(seen["lost"], LOST_SHARE / 2, LOST_SHARE)
        self.clock = max(late, lost, _ramp(seen["clock"], 0.4, 1.0))

    @property
    def words(self) -> str:
        """The strongest suspicion."""
        seen = self._seen | {"leaps": self._leaps / LEAPS}
        worst = max(seen, key=lambda name: seen[name])
        return WORDS[worst] if seen[worst] > 0.1 else ""


WORDS = {
    "probe": "the probe gives no valid readings",
    "barometer": "the barometer gives no valid readings",
    "late": "the board samples late",
    "range": "the meter is out of its range",
    "lost": "readings are missing",
    "volume": "the meter's volume and its flow do not agree",
    "clock": "pump time and board time do not agree",
    "leaps": "the probe's readings leap to and fro",
}


def _ramp(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)
