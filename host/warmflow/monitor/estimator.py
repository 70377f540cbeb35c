"""One pump's state: what the readings of some seconds add to everything that is remembered of it.

It learns what is normal here (body, site and offset of the probe are told by nobody), and splits the rest of the flow's
change: what pressure and level explain, steps between two readings, and what is slow: only this part is compared with
the probe. What stands from the first readings on is learned as well, whatever its size, and remembered as `stands`. It
names no cause.
"""

import math
from collections import deque
from typing import NamedTuple

from pumpmodel import BODY_NAMES, rest_pump_c
from pumpmodel.body import BODIES
from warmflow.monitor.cold_water import ThermalModels
from warmflow.monitor.core_fit import CoreFit, Fits
from warmflow.monitor.cusum import Cusum
from warmflow.monitor.fill_level import FillLevel
from warmflow.monitor.history import History
from warmflow.monitor.restrictor import LEAST, Restrictor
from warmflow.monitor.rig import Rig
from warmflow.monitor.sensor_checks import Instruments
from warmflow.monitor.steps import Steps, line
from warmflow.monitor.thermal_response import Pocket, Warmth

FINE_S = 20.0
FINE_READINGS = 4
SPARSE_S = 60.0  # readings further apart are each an entry of the history
FLOOR = 0.03
BASELINE_S = 43_200.0  # [chosen] the baseline follows what is slower than half a day
SETTLES_S = 300.0  # [chosen] until so much has been seen at rest it is still being found
FIRST_S = 3600.0  # [chosen] then a running mean, of an hour at least: an event below the floor is not followed
STANDS_S = 600.0  # [chosen] what is steady for so long from the first reading on stands
STEADY = 0.012
REVIEW_S = 600.0
STOPPED = math.log(2.5 * LEAST)
AIR_MOVES = 0.05  # of the logarithm: what a dive does to the flow is known too roughly to find steps in it
STANDS = 0.07  # of the logarithm: from there on it is asked whether a deviation stands
PUMP_REST_C = (35.2, 37.3)  # a first reading in place `pump` outside is no rest
NEARLY = 2e-4  # of the flow: a baseline that moved by less has the same temperature
TAIL_MIN = 240.0  # after an exposure nothing is left of it
TAIL_C = 0.12
LEAST_SUSPICION = 0.1
WEATHER_KPA = 2.5
LOW_LEVEL_NL = 1_200_000
FASTEST_C_S = 0.004  # of a pump in the skin's heat: slim, 8 degC; in cold water three times that
TREND, LEAST_TREND, TREND_S = 40, 6, 360.0
DAY_C = 0.35  # [chosen] of a core by the hour


class Sample(NamedTuple):
    """Means over some seconds of readings."""

    now_ms: int
    length_s: float
    flow_nl_h: float
    probe_c: float | None
    ambient_kpa: float | None
    volume_nl: int
    fresh: bool = True  # follows the sample before it without a pause


class PumpEstimator:
    """Feed samples in pump time."""

    def __init__(self, rig: Rig, restrictor: Restrictor, instruments: Instruments) -> None:
        self.rig, self.restrictor, self.instruments = rig, restrictor, instruments
        self.models = ThermalModels(rig.place, rig.body)
        self.fits = Fits(rig.body)
        self.steps = Steps()
        self.fill = FillLevel()
        self.stands = 0.0  # logarithm of what has stood from the first readings on, beyond what a body explains
        self._unsettled = False  # the first readings are beyond it, and not yet steady
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
        self._warmings: deque[tuple[float, float]] = deque(maxlen=TREND)  # (s, degC above rest) in an exposure
        self.base_c = restrictor.rest_c  # the temperature that the flow at rest speaks for
        self.near_c = restrictor.rest_c  # the one that it speaks for now
        ratios = [restrictor.ratio(rest_pump_c(body), restrictor.site_kpa) for body in BODY_NAMES]
        spread = max(abs(math.log(max(ratio, LEAST))) for ratio in ratios)
        self._base_limit = spread + restrictor.percent_per_kpa * WEATHER_KPA

    def paused(self) -> None:
        """Too long without a reading, or a board that began anew: the body is taken to be at rest again."""
        rest_c = self.warmth.rest_probe_c
        self.models = ThermalModels(self.rig.place, self.rig.body)
        self.warmth.rest_probe_c = rest_c
        self.steps.restart()
        self.cusum.pause()

    @property
    def warmth(self) -> Warmth:
        """What the probe's course does to the pump, by the model that the flow has confirmed."""
        return self.models.believed

    def _expect_weather(self, barometer: bool) -> None:
        g, _ = BODIES[self.rig.body]
        day = (1 - g) * DAY_C * self.restrictor.percent_per_c
        self.cusum = Cusum(self.restrictor.percent_per_kpa, barometer, day)
        self.floor = max(FLOOR, self.cusum.allowance)

    def refilled(self, rig: Rig, now_s: float | None) -> None:
        """Another fill is declared; what was learned at rest stays."""
        self.rig = rig
        self.filled_s = now_s
        self.fill = FillLevel()

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
        probe_before_c = self.sample.probe_c if self.sample else None
        self.sample = sample
        self.instruments.settle(sample.length_s)
        if self.history.began_s is None:
            self._first_probe(sample)
        was_quiet, air_before = self.quiet, self.air
        before = self._pockets
        self.models.advance(sample.probe_c, sample.length_s, self.near_c - self.base_c)
        self.quiet = self._is_quiet()
        self._pockets = None if self.quiet else self.warmth.pockets()
        level_nl = self.level_nl
        self._explain(sample, level_nl)
        self.total = math.log(max(sample.flow_nl_h / self.restrictor.reference_nl_h, LEAST)) - self.base
        now_s = sample.now_ms / 1000
        self.reservoir += self.fill.explain(
            self.total - self.air - self.reservoir - self.steps.total, level_nl, self.restrictor, sample.length_s
        )
        self.shift = self.total - self.air - self.reservoir
        if self.total <= STOPPED and self.air + self.reservoir <= STOPPED:
            self.shift = 0.0  # nothing is expected, and nothing flows
        if self.history.began_s is None:
            self._begin()
        moved = abs(self.air - air_before)
        if self.warmth.place == "pump" and sample.probe_c is not None and probe_before_c is not None:
            moved += abs(sample.probe_c - probe_before_c) * self.restrictor.percent_per_c  # the flow follows at once
        if not sample.fresh or self._unsettled or moved > AIR_MOVES:
            self.steps.restart()
        slope_s = self._slope_s() + moved / sample.length_s  # a meter and a barometer have their lags
        self.steps.add(now_s, self.shift, slope_s, sample.length_s)
        fine_s = max(FINE_S, FINE_READINGS * sample.length_s) if sample.length_s < SPARSE_S else sample.length_s
        self.history.add(now_s, self.shift, sample.length_s, fine_s)
        if self._unsettled:
            self._settle(now_s)
        self._review_step(now_s)
        if self.quiet:
            self.near_c = self._near_c() if self.models.undecided else self.base_c
            self._rest(sample)
        else:
            self._exposed(sample, was_quiet, before or self._pockets or [])

    def _review_step(self, now_s: float) -> None:
        # what has gone again without a step back was none
        last = self.steps.last
        if last is None or not self.quiet or now_s - last.at_s < max(REVIEW_S, 6 * last.resolution_s):
            return
        if self.steps.total * self.history.recent(REVIEW_S / 2) < 0.4 * self.steps.total**2:
            self.steps.forgive()

    @property
    def slow(self) -> float:
        """What is left of the change of the flow without its steps, as a logarithm."""
        return self.history.latest - self.steps.total

    @property
    def trend(self) -> tuple[float | None, float]:
        """Warming of the pump in degC and its slope in degC/min, by the flow of the last minutes."""
        rows = self._warmings
        if len(rows) < LEAST_TREND:
            return None, 0.0
        last_s = rows[-1][0]
        recent = [(at_s - last_s, warming_c) for at_s, warming_c in rows if last_s - at_s <= TREND_S]
        if len(recent) < LEAST_TREND:
            return None, 0.0
        mean, slope, middle_s = line(recent)
        return mean - slope * middle_s, 60 * slope

    def _near_c(self) -> float:
        # the temperature that the flow without its steps speaks for
        ratio = math.exp(self.base + self.shift - self.steps.total)
        return self.restrictor.temperature_c(ratio, self.restrictor.site_kpa, 0.0, self.near_c)

    def _slope_s(self) -> float:
        # of the logarithm of the flow, a second: how fast an exposure may move it now
        if self.quiet and not self.models.undecided:
            return 0.0
        cold = self.models.undecided or self.warmth.cold
        return (3.0 if cold else 1.0) * FASTEST_C_S * self.restrictor.percent_per_c

    def eventful(self) -> bool:
        """Whether there is anything to judge."""
        return (
            not self.quiet
            or self.models.undecided
            or abs(self.history.latest) > 0.7 * self.floor
            or self.steps.last is not None
            or abs(self.base) > STANDS
            or self._unsettled
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

    def _first_probe(self, sample: Sample) -> None:
        # what a probe reads first is taken for rest, where it can be
        first_c = sample.probe_c
        if first_c is not None and (self.warmth.place != "pump" or PUMP_REST_C[0] <= first_c <= PUMP_REST_C[1]):
            self.warmth.learn_rest(first_c, 1.0)
        elif self.warmth.place == "pump":
            self.warmth.rest_probe_c = self.restrictor.rest_c

    def _begin(self) -> None:
        if not self.quiet:
            return
        if abs(self.shift) < self._base_limit:
            self._learn(self.shift)
        else:
            self._unsettled = True

    def _settle(self, now_s: float) -> None:
        # a deviation that is there from the first reading on and steady is what is normal here
        began_s = self.history.began_s or 0.0
        if now_s - began_s < STANDS_S:
            return
        level = self.history.recent(STANDS_S)
        steady = abs(self.history.latest - level) < STEADY
        if not steady or not self.quiet or level < STOPPED:
            return
        self._unsettled = False
        if abs(level) > self._base_limit:
            self.stands = level
        self.history.rebase(level)
        self.steps.forgive()
        self._learn(level, bounded=False)

    def _learn(self, step: float, bounded: bool = True) -> None:
        low, high = min(self.stands, 0.0) - self._base_limit, max(self.stands, 0.0) + self._base_limit
        moved = min(max(self.base + step, low), high) - self.base if bounded else step
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
        if self._unsettled:
            return
        if self.steps.last is None:
            self.cusum.add(self.shift, sample.length_s)
        else:
            self.cusum.pause()
        far = abs(self.history.latest) > self.floor or abs(self.shift) > 2.5 * self.floor + 0.05
        if far or self.steps.last is not None or self.models.undecided:
            return
        self._quiet_s += sample.length_s
        settled = self._quiet_s > SETTLES_S
        share = sample.length_s / (min(max(self._quiet_s, FIRST_S), BASELINE_S) if settled else self._quiet_s)
        self._learn(min(share, 1.0) * self.shift)
        if sample.probe_c is not None:
            self.warmth.learn_rest(sample.probe_c, min(share, 1.0))

    def _exposed(self, sample: Sample, was_quiet: bool, before: list[Pocket]) -> None:
        self.cusum.pause()
        if was_quiet:
            self.fits.reset()
            self._warmings.clear()
        if self.warmth.place == "pump" or self.shift - self.steps.total < -1.5:
            return
        self.near_c = self._near_c()
        self._warmings.append((sample.now_ms / 1000, self.near_c - self.base_c))
        # the flow is the mean of the interval, so are the responses that it is compared with
        middle = [
            Pocket(now.name, 0.5 * (was.skin_c + now.skin_c), 0.5 * (was.core_per_ramp_c + now.core_per_ramp_c))
            for was, now in zip(before, self._pockets or before, strict=True)
        ]
        self.fits.add(self.near_c - self.base_c, middle, sample.length_s)
