"""The monitor of one pump: readings in order of pump time go in, a finding comes out with each; a diagnosis when asked.

Readings are averaged to a second of pump time for the rate flag, and to ten for everything that is slower. Cause and
diagnosis are worked out at most once a second of board time.
"""

from pumplink.codes import Status
from warmflow.monitor.causes import NONE
from warmflow.monitor.classifier import CauseClassifier
from warmflow.monitor.diagnosis import Diagnosis
from warmflow.monitor.dose import Dose
from warmflow.monitor.estimator import PumpEstimator, Sample
from warmflow.monitor.findings import Finding
from warmflow.monitor.limits import Limits
from warmflow.monitor.pump_limits import DEFAULT_LIMITS, PumpLimits
from warmflow.monitor.restrictor import Restrictor
from warmflow.monitor.rig import Measured, Rig
from warmflow.monitor.sensor_checks import Instruments
from warmflow.monitor.smoothed_rate import Rate

TICK_MS = 1000
SAMPLE_MS = 10_000
SAMPLE_COUNTS = 8  # of a meter that counts drops: a shorter sample is made of chance
BOARD_MS = 1000
NEARLY_MS = 20  # a reading that comes so much early belongs to the second that it ends
MAX_GAP_MS = 3_600_000  # after a longer pause the body may have done anything: it is taken to be at rest
MOVED_C = 2.0
BATCH = 256  # readings that wait for the end of their second
HOLD_MS = 60_000  # a probe that gives nothing for longer has no last value any more
SUPPRESSED = {
    Status.PROBE_ILLUSTRATIVE: "the die sensor only illustrates",
    Status.PROBE_RANGE: "the probe reads outside 30-45 degC: no body",
}
SUPPRESSING = int(Status.PROBE_ILLUSTRATIVE | Status.PROBE_RANGE)
CAUSE_WORDS = {"heat": "heat", "cold": "cold"}  # the rate flag knows no finer ones


class Monitor:
    """One pump's monitor. Feed `declare` with what the rig says it is, `read` with each reading in order; `use` sets
    other limits, at any time.
    """

    def __init__(self, limits: PumpLimits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.rig: Rig | None = None
        self._finding: Finding | None = None
        self._batch: list[Measured] = []
        self._last_ms = self._tick_due_ms = 0
        self._diagnosis: Diagnosis | None = None

    def declare(self, rig: Rig) -> None:
        """The rig says what it is. The same again changes nothing; a refill alone does not disturb the flag."""
        before = self.rig
        self.rig = rig
        if before is None or rig[:7] != before[:7]:
            self._begin(rig)
        elif (rig.filled_nl, rig.metered_at_fill_nl) != (before.filled_nl, before.metered_at_fill_nl):
            self._estimator.refilled(rig, self._last_ms / 1000 if self._finding else None)
            self._dose.filled()
        self._instruments.expect_speed(rig.speed_x)

    def use(self, limits: PumpLimits) -> None:
        """Other limits from now on: the next reading is compared with them."""
        self.limits = limits
        if self.rig is not None:
            self._limits.use(limits)
            self._dose.limits = limits
            self._diagnosis = None

    def _begin(self, rig: Rig) -> None:
        self._restrictor = Restrictor(rig)
        self._limits = Limits(self.limits)
        self._rate = Rate(self._restrictor.reference_nl_h)
        self._instruments = Instruments(rig.speed_x)
        self._estimator: PumpEstimator = PumpEstimator(rig, self._restrictor, self._instruments)
        self._classifier = CauseClassifier()
        self._dose = Dose(self._restrictor.reference_nl_h, self.limits)
        self._reference_nl_h = self._restrictor.reference_nl_h
        self._label_nl_h = rig.label_flow_nl_h
        self._last_ms = self._tick_due_ms = 0
        self._started = self._counted = False
        self._diagnosis = None
        self._expected = self._warming_c = 0.0
        self._classified_board_ms: int | None = None
        self._valid_ms: int | None = None
        self._held_c: float | None = None

    def read(self, reading: Measured) -> Finding | None:
        """What this reading shows; None before the rig is declared. Within a second of pump time it is one finding."""
        now_ms = reading.pump_time_ms
        if reading.flow_nl_h != reading.flow_nl_h:  # no number: there is no flow to judge
            return self._finding
        if self._last_ms <= now_ms < self._tick_due_ms and len(self._batch) < BATCH:
            self._last_ms = now_ms
            self._batch.append(reading)
            return self._finding
        if self.rig is None:
            return None
        if not self._started or not 0 <= now_ms - self._last_ms <= MAX_GAP_MS:
            self._start(reading)
        self._last_ms = now_ms
        self._batch.append(reading)
        return self._tick(reading, now_ms)

    def diagnosis(self) -> Diagnosis | None:
        """Cause, shares, dose and forecast by what was read so far; None before the first reading.

        Worked out when asked, and at most once a second of board time.
        """
        if self.rig is None or self._finding is None or self._estimator.sample is None:
            return None
        if self._diagnosis is None or self._diagnosis.pump_time_ms != self._estimator.sample.now_ms:
            self._classifier.verdict(self._estimator, self._estimator.sample.now_ms, self._finding.level > 0)
            self._diagnosis = self._classifier.diagnosis(
                self._estimator,
                self._estimator.sample.now_ms,
                self._finding.deviation,
                self._dose.state,
                self.limits,
            )
        return self._diagnosis

    def _start(self, reading: Measured) -> None:
        """The first reading, or the first after a pause or a restart of the board."""
        if self._started:
            self._instruments.forget()
            self._rate.restart()
            self._estimator.paused()
        self._started = True
        self._batch.clear()
        self._sample_from_ms: int | None = None
        self._sample_due_ms = reading.pump_time_ms
        self._sample_flows = self._sample_probes = 0.0
        self._sample_count = self._sample_probe_count = 0
        self._held = (0.0, 0)

    def _tick(self, reading: Measured, now_ms: int) -> Finding:
        count = len(self._batch)
        flows, probes, probe_count = self._instruments.see(self._batch)
        self._batch.clear()
        rate_nl_h = self._rate.add(flows / count, now_ms / 1000, reading.volume_nl)
        drops = self._rate.drops
        if drops.counting and not self._counted:  # what came before was read without knowing it
            last = self._estimator.sample
            self._estimator = PumpEstimator(self._estimator.rig, self._restrictor, self._instruments)
            self._estimator.sample = last
            self._classifier = CauseClassifier()
            self._sample_flows, self._sample_count = 0.0, 0
            self._sample_due_ms = now_ms + self._sample_ms()
        self._counted = self._counted or drops.counting
        if drops.counting:
            flows = drops.rate(now_ms / 1000, SAMPLE_COUNTS) * count
        if self._rate.waits:  # an outlier, unless the next value says the same
            self._held = (flows, count)
        elif not drops.waiting:
            if self._rate.since_s is not None:
                flows, count = flows + self._held[0], count + self._held[1]
            self._sample_flows += flows
            self._sample_count += count
        if probe_count:
            if self._sample_probe_count:
                mean_c = self._sample_probes / self._sample_probe_count
                if not -MOVED_C < probes / probe_count - mean_c < MOVED_C:
                    # it was moved: a mean of both places is neither
                    self._sample_probes, self._sample_probe_count = 0.0, 0
            self._sample_probes += probes
            self._sample_probe_count += probe_count
        self._tick_due_ms = now_ms + TICK_MS - NEARLY_MS
        if now_ms >= self._sample_due_ms and self._sample_count:
            self._sample(reading, now_ms)
        reference = self._reference_nl_h
        deviation = rate_nl_h / reference - 1.0
        suppressed = ""
        if int.__and__(reading.status, SUPPRESSING):
            suppressed = next(why for flag, why in SUPPRESSED.items() if reading.status & flag)
        if self._rate.since_s is not None and not suppressed:  # it held back a value that has been confirmed now
            self._limits.update(deviation, int(1000 * self._rate.since_s))
        level = self._limits.update(0.0 if suppressed else deviation, now_ms)
        before = self._finding
        cause = self._cause(deviation) if level else ""
        same = before is not None and before.level is level and before.cause == cause
        since_ms = before.since_ms if before is not None and before.level is level else now_ms
        label = rate_nl_h / self._label_nl_h - 1.0
        limits = self.limits
        # tuple.__new__: half the cost of the named constructor
        self._finding = found = tuple.__new__(
            Finding,
            (now_ms, level, cause, since_ms, deviation, self._expected, label, reference, not same, suppressed, limits),
        )
        if not same:
            self._finding = found._replace(changed=False)  # a change is returned once
        return found

    def _sample(self, reading: Measured, now_ms: int) -> None:
        since_ms = self._sample_from_ms
        length_s = (now_ms - since_ms) / 1000 if since_ms is not None else 1.0
        ambient_kpa = reading.ambient_kpa
        sample = Sample(
            now_ms,
            length_s if length_s > 0 else 1.0,
            self._sample_flows / self._sample_count,
            self._probe(reading, now_ms),
            ambient_kpa if ambient_kpa == ambient_kpa else None,
            reading.volume_nl,
            since_ms is not None,
        )
        self._sample_from_ms, self._sample_due_ms = now_ms, now_ms + self._sample_ms() - NEARLY_MS
        self._sample_flows = self._sample_probes = 0.0
        self._sample_count = self._sample_probe_count = 0
        self._estimator.observe(sample)
        self._dose.add(now_ms, reading.volume_nl, self.rig.metered_at_fill_nl)  # type: ignore[union-attr]
        warming_c = self._estimator.warmth.explained_c + self._estimator.warmth.rest_away_c
        if warming_c != self._warming_c:
            restrictor = self._restrictor
            self._warming_c = warming_c
            self._expected = restrictor.ratio(restrictor.rest_c + warming_c, restrictor.site_kpa) - 1.0
        board_ms = now_ms if reading.uptime_ms is None else reading.uptime_ms
        if self._classified_board_ms is None or not 0 <= board_ms - self._classified_board_ms < BOARD_MS:
            self._classified_board_ms = board_ms
            self._classifier.verdict(self._estimator, now_ms, self._finding is not None and self._finding.level > 0)

    def _sample_ms(self) -> int:
        drops = self._rate.drops
        if not drops.counting:
            return SAMPLE_MS
        return max(SAMPLE_MS, round(SAMPLE_COUNTS * drops.resolution_nl / self._reference_nl_h * 3.6e6))

    def _probe(self, reading: Measured, now_ms: int) -> float | None:
        if self._sample_probe_count:
            self._valid_ms = now_ms
            self._held_c = self._sample_probes / self._sample_probe_count
        elif self._valid_ms is None or (
            now_ms - self._valid_ms > HOLD_MS and not int.__and__(reading.status, Status.PROBE_HELD)
        ):
            self._held_c = None
        return self._held_c

    def _cause(self, deviation: float) -> str:
        """ "heat" or "cold" where the probe's course explains the deviation, else "unexplained"."""
        name = self._classifier.standing.name
        if name == NONE and deviation * self._expected > 0 and abs(self._expected) >= 0.5 * abs(deviation):
            return "heat" if deviation > 0 else "cold"
        return CAUSE_WORDS.get(name, "unexplained")
