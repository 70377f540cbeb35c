"""What the flow should be, from declared and measured values, and how sure that is."""

import math
import random

import pytest

from pumplink.codes import Status
from pumpmodel import PROFILES, Pump, reference_flow_nl_h
from warmflow.monitor import Measured, Monitor, Rig

RIG = Rig("r11", "average", "water", "drug", 0.0, 101.325, 54167, 30_000_000, 0, 1_000_000)


def course(
    interval_s: float, profile: str = "r11", body: str = "average", place: str = "water"
) -> list[tuple[float, float]]:
    """(true deviation, expected deviation) each half minute of a bath and its end; the probe drives the pump itself."""
    pump = Pump(profile, body, place=place)
    monitor = Monitor()
    monitor.declare(RIG._replace(profile=profile, body=body, place=place))
    steps, out = max(1, round(interval_s)), []
    for number in range(round(7200 / interval_s)):
        t_s = number * interval_s
        if place == "water":
            probe_c = 42.0 if 300 <= t_s < 2100 else 24.0
        else:
            probe_c = 41.5 if 300 <= t_s < 2100 else 34.0
        for _ in range(steps):
            pump.touch(probe_c)
            pump.step(interval_s / steps)
        found = monitor.read(Measured(round(t_s * 1000), probe_c, None, round(pump.flow_nl_h), 0, Status(0)))
        assert found is not None
        if t_s % 30 == 0:
            out.append((pump.flow_nl_h / pump.reference_flow_nl_h - 1, found.expected))
    return out


@pytest.mark.parametrize(
    ("interval_s", "bound"), [(1.0, 0.012), (10.0, 0.012), (30.0, 0.035)], ids=lambda value: f"{value}"
)
def test_expected_flow_is_that_of_the_model_however_often_it_is_read(interval_s, bound):
    """The bound is in fractions of the reference rate: the monitor works on 10 s, and says what was so then."""
    worst = max(abs(true - expected) for true, expected in course(interval_s))
    assert worst < bound


@pytest.mark.parametrize("profile", ["n-butane", "r123"])
@pytest.mark.parametrize("body", ["deep", "slim"])
@pytest.mark.parametrize("place", ["water", "skin"])
def test_every_pump_and_pocket_is_followed(profile, body, place):
    worst = max(abs(true - expected) for true, expected in course(10.0, profile, body, place))
    assert worst < (0.06 if profile == "r123" else 0.02)


def test_reading_ten_times_as_often_changes_nothing():
    often, seldom = course(0.1), course(1.0)
    assert max(abs(a[1] - b[1]) for a, b in zip(often, seldom, strict=True)) < 0.002


def diagnosed(rig: Rig, flow: float, ambient_kpa: float | None = None, volume_nl: int = 0):
    monitor = Monitor()
    monitor.declare(rig)
    for second in range(0, 1200, 10):
        monitor.read(Measured(second * 1000, 24.0, ambient_kpa, round(flow), volume_nl, Status(0)))
    found = monitor.diagnosis()
    assert found is not None
    return found


def test_a_measured_pressure_is_in_the_expected_flow_and_one_that_is_not_is_in_its_uncertainty():
    pump = Pump("r11")
    pump.set_ambient(99.0)
    pump.step(1.0)
    with_barometer = diagnosed(RIG, pump.flow_nl_h, 99.0)
    without = diagnosed(RIG, pump.flow_nl_h)
    assert with_barometer.expected.flow_nl_h == pytest.approx(pump.flow_nl_h, rel=1e-3)
    assert without.expected.deviation == pytest.approx(0.0, abs=1e-3)
    assert without.expected.uncertainty > with_barometer.expected.uncertainty + 0.003


def test_the_declared_level_is_in_the_expected_flow():
    half = reference_flow_nl_h("r11-spring", "average")
    full = diagnosed(RIG._replace(profile="r11-spring"), half)
    low = diagnosed(RIG, half, volume_nl=29_750_000)
    assert full.expected.deviation == pytest.approx(2.2 / 41.13, abs=0.002)
    assert low.expected.deviation == pytest.approx(0.1 + 0.9 * 0.5 - 1, abs=0.01)


@pytest.mark.parametrize("profile", ["r11", "n-butane"])
def test_the_uncertainty_covers_bodies_offsets_and_weather_that_nobody_told(profile):
    """A bath of half an hour, declared `average`: the truth is within 2 s.d. for most and within 4 for all."""
    r, away = random.Random(3), []
    row = PROFILES[profile]
    for _ in range(12):
        body, offset_c, weather_kpa = r.choice(["deep", "average", "slim"]), r.uniform(-0.3, 0.3), r.uniform(-2, 2)
        pump = Pump(profile, body)
        pump.set_ambient(101.325 + weather_kpa)
        monitor = Monitor()
        monitor.declare(RIG._replace(profile=profile, label_flow_nl_h=round(row.label_nl_h)))
        for second in range(2400):
            probe_c = 41.0 if second >= 600 else 24.0
            pump.touch(probe_c)
            pump.step(1.0)
            if second % 10 == 0:
                flow = round(pump.flow_nl_h * (1 + r.gauss(0, 0.01)))
                monitor.read(Measured(second * 1000, probe_c + offset_c, None, flow, 0, Status(0)))
        found = monitor.diagnosis()
        assert found is not None
        away.append(
            abs(pump.flow_nl_h - found.expected.flow_nl_h)
            / reference_flow_nl_h(profile, "average")
            / found.expected.uncertainty
        )
    assert max(away) < 4
    assert sum(value < 2 for value in away) >= 0.8 * len(away)
    assert not math.isclose(max(away), 0.0)  # it could be wrong
