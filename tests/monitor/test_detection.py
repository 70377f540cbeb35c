"""When a flag rises and when it must not: rate, drift and dose."""

import random

import pytest
from rest_days import RIGS, add, watch
from short_form import few

from pumplink.codes import Status
from pumpmodel import reference_flow_nl_h
from warmflow.monitor import Level, Measured, Monitor, Rig
from warmflow.monitor.cusum import BLOCK_S, Cusum, run_length
from warmflow.monitor.limits import RAISE_HOLD_MS
from warmflow.monitor.pump_limits import DEFAULT_LIMITS

RIG = Rig("r11", "average", "skin", "drug", 0.0, 101.325, 54167, 30_000_000, 0, 1_000_000)
REFERENCE = float(reference_flow_nl_h("r11", "average"))
LATE_S = RAISE_HOLD_MS / 1000 + 30
POINTS = 0.02


def seconds_to_flag(course, level: Level, seed: int) -> float | None:
    """From the second at which the true deviation passes the threshold and two points, at 1 Hz and 2 % of noise."""
    r, monitor, passed = random.Random(seed), Monitor(), None
    monitor.declare(RIG)
    due = DEFAULT_LIMITS.above[level] + POINTS
    for second in range(6000):
        true = course(second - 300) if second >= 300 else 0.0
        if passed is None and abs(true) >= due - 1e-9:
            passed = second
        flow = max(0, round(REFERENCE * (1 + true) * (1 + r.gauss(0, 0.02))))
        found = monitor.read(Measured(second * 1000, 34.0, None, flow, 0, Status(0)))
        assert found is not None
        if passed is not None and found.level >= level:
            return second - passed
        if passed is not None and second > passed + 300:
            return None
    return None


@pytest.mark.parametrize("level", DEFAULT_LIMITS.above)
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("seed", few(range(4), 1))
def test_a_flag_rises_within_its_hold_time_and_30_s(level, sign, seed):
    due = DEFAULT_LIMITS.above[level] + POINTS
    step = seconds_to_flag(lambda s: sign * due, level, seed)
    ramp = seconds_to_flag(lambda s: sign * min(s * 0.01 / 60, due + 0.001), level, seed)
    stop = seconds_to_flag(lambda s: -1.0, level, seed)
    for found in (step, ramp, stop):
        assert found is not None
        assert found <= LATE_S


def test_no_flag_at_rest_in_a_few_days_of_every_pump_and_body():
    counts = add([watch(profile, body, 2, 100 + number) for number, (profile, body) in enumerate(RIGS)])
    assert counts.readings == 2 * 2880 * len(RIGS)
    assert counts.false == 0, counts


def test_a_standing_deviation_two_points_below_the_limit_is_no_flag():
    counts = watch("n-butane", "average", 3, 5, standing=0.08)
    assert counts.rate == 0


def test_a_standing_deviation_above_the_limit_is_one():
    """The same watch can find something."""
    assert watch("n-butane", "average", 1, 5, standing=0.13).rate == 0  # allowed: the truth is over its threshold
    monitor = Monitor()
    monitor.declare(RIG)
    for n in range(100):
        found = monitor.read(Measured(n * 30_000, 34.0, None, round(REFERENCE * 1.13), 0, Status(0)))
    assert found is not None
    assert found.level is Level.LOW


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_flag_in_3000_pump_days_at_rest():
    counts = add([watch(profile, body, 500, 7 + number) for number, (profile, body) in enumerate(RIGS)])
    assert counts.readings == 3000 * 2880
    assert counts.false == 0, counts


def simulated_run_length(shift: float, sigma: float, rounds: int = 400) -> float:
    """Blocks to an alarm on the side of the shift, by chance."""
    r, total = random.Random(11), 0
    for _ in range(rounds):
        cusum = Cusum(0.0, barometer=True)
        while cusum.drift <= 0:
            cusum.add(r.gauss(shift, sigma), BLOCK_S)
            total += 1
    return total / rounds


@pytest.mark.parametrize(("shift", "sigma"), [(0.0, 0.03), (0.01, 0.02), (0.02, 0.01), (0.05, 0.0045)])
def test_the_stated_run_length_is_that_of_the_running_thing(shift, sigma):
    cusum = Cusum(0.0, barometer=True)
    stated = run_length(shift, sigma, cusum.allowance, cusum.limit)
    assert simulated_run_length(shift, sigma) == pytest.approx(stated, rel=0.25, abs=1.0)


def test_noise_alone_is_a_drift_once_in_more_than_a_million_years():
    """At one reading in 30 s and 2 % the mean of a block of ten minutes has 0.45 %."""
    cusum = Cusum(0.0, barometer=True)
    blocks = run_length(0.0, 0.0045, cusum.allowance, cusum.limit) / 2
    assert blocks * BLOCK_S / 86400 / 365 > 1e6


def drifts(rate_a_day: float, days: float, profile: str) -> int:
    r, monitor = random.Random(2), Monitor()
    monitor.declare(RIG._replace(profile=profile))
    reference = float(reference_flow_nl_h(profile, "average"))
    volume = 0.0
    for n in range(round(days * 2880)):
        true = -rate_a_day * n / 2880
        flow = round(reference * (1 + true) * (1 + r.gauss(0, 0.02)))
        volume += flow / 120
        monitor.read(Measured(n * 30_000, 34.0, 101.325, flow, int(volume), Status(0)))
    found = monitor.diagnosis()
    assert found is not None
    return found.drift


def test_a_drift_is_found_before_the_rate_flag():
    assert drifts(0.08, 1.0, "n-butane") == -1
    assert drifts(0.0, 1.0, "n-butane") == 0


def test_the_dose_flag_counts_days_and_not_peaks():
    def dose(deviation: float, hours: float):
        monitor, volume = Monitor(), 0.0
        monitor.declare(RIG)
        for n in range(round(hours * 120)):
            flow = REFERENCE * (1 + deviation)
            volume += flow / 120
            monitor.read(Measured(n * 30_000, 34.0, None, round(flow), int(volume), Status(0)))
        found = monitor.diagnosis()
        assert found is not None
        return found.dose

    bath, fever, week = dose(0.5, 0.5), dose(0.30, 48), dose(0.30, 60)
    assert (bath.level, round(bath.deviation, 4)) == (Level.NORMAL, 0.0007)
    assert fever.level is Level.LOW
    assert fever.deviation == pytest.approx(0.30 * 2 / 14, abs=2e-4)  # domain: 4.3 %
    assert week.level is Level.MEDIUM
    assert bath.whole


def test_a_refill_begins_the_dose_anew():
    monitor, volume = Monitor(), 0.0
    monitor.declare(RIG)
    for n in range(3 * 2880):
        volume += REFERENCE * 1.3 / 120
        if n == 2 * 2880:
            monitor.declare(RIG._replace(metered_at_fill_nl=int(volume)))
        monitor.read(Measured(n * 30_000, 34.0, None, round(REFERENCE * 1.3), int(volume), Status(0)))
    found = monitor.diagnosis()
    assert found is not None
    assert found.dose.deviation == pytest.approx(0.3 / 14, abs=2e-4)
