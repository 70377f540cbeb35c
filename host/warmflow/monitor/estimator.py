"""One pump's course: what the readings of some seconds add to everything that is remembered of it.

It learns what is normal here while all is quiet (body, site and offset of the probe are told by nobody), and
keeps the part of the flow that pressure and level do not explain. Names no cause.
"""

import math
from typing import NamedTuple

from pumpmodel import BODY_NAMES, rest_pump_c
from warmflow.monitor.core_fit import CoreFit, Fits
from warmflow.monitor.cusum import Cusum
from warmflow.monitor.history import History
from warmflow.monitor.restrictor import LEAST, Restrictor
from warmflow.monitor.rig import Rig
from warmflow.monitor.sensor_checks import Instruments
from warmflow.monitor.thermal_response import Pocket, Warmth

FINE_S = 20.0
FINE_READINGS = 4
FLOOR = 0.03
BASELINE_S = 43_200.0  # [chosen] the baseline follows what is slower than half a day
PUMP_REST_C = (35.2, 37.3)  # a first reading in place `pump` outside is no rest
NEARLY = 2e-4  # of the flow: a baseline that moved by less has the same temperature
TAIL_MIN = 240.0  # after an exposure nothing is left of it
TAIL_C = 0.12
LEAST_SUSPICION = 0.1
WEATHER_KPA = 2.5
LOW_LEVEL_NL = 1_200_000


class Sample(NamedTuple):
    """Means over some seconds of readings."""

    now_ms: int
    length_s: float
    flow_nl_h: float
    probe_c: float | None
    ambient_kpa: float | None
    volume_nl: int


class Course:
    """Feed samples in pump time."""

    def __init__(self, rig: Rig, restrictor: Restrictor, instruments: Instruments) -> None:
        self.rig, self.restrictor, self.instruments = rig, restrictor, instruments
        self.warmth = Warmth(rig.place, rig.body)
        self.fits = Fits(rig.body)
        self.history = History()
        self.barometer_kpa: float | None = None  # its last reading
        self._expect_weather(barometer=False)
        self._pockets: list[Pocket] | None = None
        self.quiet = True  # nothing is left of any exposure
        self.filled_s: float | None = None
        self.sample: Sample | None = None
        self._based = 0.0  # the one that `base_c` is for
        self.base = 0.0  # learned logarithm of the flow at rest, to the reference rate
        self.total = self.air = self.reservoir = self.shift = 0.0
        self._quiet_s = 0.0
        self.base_c = restrictor.rest_c  # the temperature that the flow at rest speaks for
        self.near_c = restrictor.rest_c  # the one that it speaks for now
        ratios = [restrictor.ratio(rest_pump_c(body), restrictor.site_kpa) for body in BODY_NAMES]
        spread = max(abs(math.log(max(ratio, LEAST))) for ratio in ratios)
        self._base_limit = spread + restrictor.percent_per_kpa * WEATHER_KPA

    def paused(self) -> None:
        """Too long without a reading, or a board that began anew: the body is taken to be at rest again."""
        rest_c = self.warmth.rest_probe_c
        self.warmth = Warmth(self.rig.place, self.rig.body)
        self.warmth.rest_probe_c = rest_c
        self.cusum.pause()

    def _expect_weather(self, barometer: bool) -> None:
        self.cusum = Cusum(self.restrictor.percent_per_kpa, barometer)
        self.floor = max(FLOOR, self.cusum.allowance)

    def refilled(self, rig: Rig, now_s: float | None) -> None:
        """Another fill is declared; what was learned at rest stays."""
        self.rig = rig
        self.filled_s = now_s

    @property
    def level_nl(self) -> float:
        """By the declared fill and the metered volume."""
        volume_nl = self.sample.volume_nl if self.sample else self.rig.metered_at_fill_nl
        return self.rig.filled_nl - (volume_nl - self.rig.metered_at_fill_nl)

    def observe(self, sample: Sample) -> None:
        """The next sample."""
        if sample.ambient_kpa is not None:
            if self.barometer_kpa is None:
                self._expect_weather(barometer=True)
            self.barometer_kpa = sample.ambient_kpa
        elif self.barometer_kpa is not None:  # a barometer that fails has a last reading
            sample = sample._replace(ambient_kpa=self.barometer_kpa)
        self.sample = sample
        self.instruments.settle(sample.length_s)
        was_quiet = self.quiet
        before = self._pockets
        self.warmth.advance(sample.probe_c, sample.length_s)
        self.quiet = self._is_quiet()
        self._pockets = None if self.quiet else self.warmth.pockets()
        level_nl = self.level_nl
        self._explain(sample, level_nl)
        self.total = math.log(max(sample.flow_nl_h / self.restrictor.reference_nl_h, LEAST)) - self.base
        self.shift = self.total - self.air - self.reservoir
        now_s = sample.now_ms / 1000
        if self.history.began_s is None:
            self._begin(sample, level_nl, now_s)
        fine_s = max(FINE_S, FINE_READINGS * sample.length_s)
        self.history.add(now_s, self.shift, sample.length_s, fine_s)
        if self.quiet:
            self._rest(sample)
        else:
            self._exposed(sample, was_quiet, before or self._pockets or [])

    def eventful(self) -> bool:
        """Whether there is anything to judge."""
        return (
            not self.quiet
            or abs(self.history.latest) > 0.7 * self.floor
            or self.level_nl < LOW_LEVEL_NL
            or self.rig.filled_nl > self.restrictor.capacity_nl
            or max(self.instruments.sensor, self.instruments.clock) > LEAST_SUSPICION
            or abs(self.air_kpa or 0.0) > WEATHER_KPA
        )

    @property
    def air_kpa(self) -> float | None:
        """Measured pressure less the site's."""
        measured = self.sample.ambient_kpa if self.sample else None
        return None if measured is None else measured - self.restrictor.site_kpa

    def _is_quiet(self) -> bool:
        # whether nothing is left of any exposure, by the probe and by what the flow said of the core
        if not self.warmth.quiet:
            return False
        if self.warmth.since_min > TAIL_MIN:
            return True
        fit = self.fit()
        return fit is None or abs(fit.explained_c) < TAIL_C

    def fit(self) -> CoreFit | None:
        """What the flow says of body and core in this exposure."""
        return None if self.warmth.place == "pump" else self.fits.best(self.warmth.pockets(), self.warmth.cold)

    def _explain(self, sample: Sample, level_nl: float) -> None:
        # logarithms of what measured pressure and declared level do to the flow
        restrictor = self.restrictor
        site_kpa, ambient_kpa = restrictor.site_kpa, sample.ambient_kpa
        self.air = self.reservoir = 0.0
        if ambient_kpa is None and level_nl > restrictor.level_matters_nl:
            return
        spring_kpa, falloff = restrictor.spring_kpa(level_nl), restrictor.falloff(level_nl)
        base = max(restrictor.ratio(self.base_c, site_kpa), LEAST)
        air_kpa = site_kpa if ambient_kpa is None else ambient_kpa
        with_air = max(restrictor.ratio(self.base_c, air_kpa), LEAST * base)
        with_both = max(restrictor.ratio(self.base_c, air_kpa, spring_kpa) * falloff, LEAST * base)
        self.air = math.log(with_air / base)
        self.reservoir = math.log(with_both / with_air)

    def _begin(self, sample: Sample, level_nl: float, now_s: float) -> None:
        came_nl = self.rig.filled_nl - level_nl
        if self.filled_s is None and 0 <= came_nl < self.restrictor.reference_nl_h / 6:
            self.filled_s = now_s
        first_c = sample.probe_c
        if first_c is not None and (self.warmth.place != "pump" or PUMP_REST_C[0] <= first_c <= PUMP_REST_C[1]):
            self.warmth.learn_rest(first_c, 1.0)
        elif self.warmth.place == "pump":
            self.warmth.rest_probe_c = self.restrictor.rest_c
        if abs(self.shift) < self._base_limit and self.quiet:
            self._learn(self.shift)

    def _learn(self, step: float) -> None:
        moved = min(max(self.base + step, -self._base_limit), self._base_limit) - self.base
        self.base += moved
        self.shift -= moved
        restrictor = self.restrictor
        if abs(self.base - self._based) > NEARLY:
            self._based = self.base
            self.base_c = restrictor.temperature_c(math.exp(self.base), restrictor.site_kpa, 0.0, self.base_c)

    def _rest(self, sample: Sample) -> None:
        instruments = self.instruments
        if max(instruments.sensor, instruments.clock) > LEAST_SUSPICION:
            self.cusum.pause()
            return
        self.cusum.add(self.shift, sample.length_s)
        if abs(self.history.latest) > self.floor or self.cusum.drift or abs(self.shift) > 2.5 * self.floor + 0.05:
            return
        self._quiet_s = min(self._quiet_s + sample.length_s, BASELINE_S)
        share = sample.length_s / self._quiet_s
        self._learn(share * self.shift)
        if sample.probe_c is not None:
            self.warmth.learn_rest(sample.probe_c, share)

    def _exposed(self, sample: Sample, was_quiet: bool, before: list[Pocket]) -> None:
        self.cusum.pause()
        if was_quiet:
            self.fits.reset()
        if self.warmth.place == "pump" or self.shift < -1.5:
            return
        ratio = math.exp(self.base + self.shift)
        site_kpa = self.restrictor.site_kpa
        self.near_c = self.restrictor.temperature_c(ratio, site_kpa, 0.0, self.near_c)
        # the flow is the mean of the interval, so are the responses that it is compared with
        middle = [
            Pocket(now.name, 0.5 * (was.skin_c + now.skin_c), 0.5 * (was.core_per_ramp_c + now.core_per_ramp_c))
            for was, now in zip(before, self._pockets or before, strict=True)
        ]
        self.fits.add(self.near_c - self.base_c, middle, sample.length_s)
