"""The thermal table of the domain file, driven through `expose`, and the cumulative doses of its lesson."""

import pytest

from pumpmodel import BODIES, Pump, reference_flow_nl_h, rest_pump_c

RESERVOIR_DAYS = 14.0
# name: skin degC, core degC, minutes
EXPOSURES = {
    "tub 40 20 min": (39.5, 37.4, 20),
    "tub 40 30 min": (39.5, 37.9, 30),
    "tub 42 30 min": (41.5, 38.5, 30),
    "heating pad": (41.5, 37.0, 60),
    "sauna": (41.0, 37.66, 15),
}
# Ref: domain file: rest and peak degC, flow against the reference rate with R-11 and n-butane, minutes after leaving
TABLE = {
    ("tub 40 20 min", "deep"): (36.7, 37.1, 1.06, 1.03, 13),
    ("tub 40 20 min", "average"): (36.2, 37.3, 1.15, 1.07, 7),
    ("tub 40 20 min", "slim"): (35.8, 37.5, 1.27, 1.11, 4),
    ("tub 40 30 min", "deep"): (36.7, 37.5, 1.11, 1.05, 13),
    ("tub 40 30 min", "average"): (36.2, 37.7, 1.21, 1.09, 6),
    ("tub 40 30 min", "slim"): (35.8, 38.0, 1.35, 1.15, 3),
    ("tub 42 30 min", "deep"): (36.7, 37.9, 1.16, 1.07, 14),
    ("tub 42 30 min", "average"): (36.2, 38.3, 1.31, 1.14, 6),
    ("tub 42 30 min", "slim"): (35.8, 38.9, 1.50, 1.21, 3),
    ("heating pad", "deep"): (36.7, 37.3, 1.09, 1.04, 2),
    ("heating pad", "average"): (36.2, 38.0, 1.26, 1.12, 1),
    ("heating pad", "slim"): (35.8, 38.7, 1.47, 1.20, 0),
    ("sauna", "deep"): (36.7, 37.3, 1.08, 1.04, 17),
    ("sauna", "average"): (36.2, 37.5, 1.18, 1.08, 9),
    ("sauna", "slim"): (35.8, 37.8, 1.31, 1.13, 6),
}


def peak(profile, body, exposure):
    """(peak degC, peak ratio, minutes of the peak after leaving) of an exposure, stepped at 1 s."""
    skin_c, core_c, minutes = EXPOSURES[exposure]
    pump = Pump(profile, body=body)
    pump.expose(skin_c=skin_c, core_c=core_c, duration_s=minutes * 60)
    peak_c, peak_nl_h, peak_s = pump.pump_c, pump.flow_nl_h, 0
    for second in range(1, (minutes + 45) * 60):
        pump.step(1.0)
        if pump.pump_c > peak_c:
            peak_c, peak_nl_h, peak_s = pump.pump_c, pump.flow_nl_h, second
    return peak_c, peak_nl_h / pump.reference_flow_nl_h, peak_s / 60 - minutes


@pytest.mark.parametrize(("exposure", "body"), TABLE)
def test_the_thermal_table_within_0_01_and_one_minute(exposure, body):
    rest_c, peak_c, r11, n_butane, minutes = TABLE[exposure, body]
    assert rest_pump_c(body) == pytest.approx(rest_c, abs=0.051)
    for profile, expected in (("r11", r11), ("n-butane", n_butane)):
        found_c, ratio, found_minutes = peak(profile, body, exposure)
        assert found_c == pytest.approx(peak_c, abs=0.051)
        assert ratio == pytest.approx(expected, abs=0.01)
        assert found_minutes == pytest.approx(minutes, abs=1.0)


@pytest.mark.parametrize(
    ("profile", "body", "expected"),
    [("r11", "deep", 1.29), ("r11", "average", 1.30), ("r11", "slim", 1.31), ("n-butane", "average", 1.13)],
)
def test_fever_held_at_39_degrees(profile, body, expected):
    pump = Pump(profile, body=body)
    pump.expose(skin_c=36.0, core_c=39.0, duration_s=12 * 3600, core_ramp_s=3600)
    for _ in range(12 * 3600 - 1):
        pump.step(1.0)
    assert pump.flow_nl_h / pump.reference_flow_nl_h == pytest.approx(expected, abs=0.01)


def over_delivery_percent(profile, exposure, hours):
    """What an exposure adds to the dose of 14 days at the reference rate, in percent of it."""
    pump = Pump(profile)
    pump.expose(**exposure)
    for _ in range(hours * 3600):
        pump.step(1.0)
    extra_nl = pump.delivered_nl - pump.reference_flow_nl_h * hours
    return 100.0 * extra_nl / (pump.reference_flow_nl_h * 24.0 * RESERVOIR_DAYS)


@pytest.mark.parametrize(
    ("profile", "exposure", "expected"),
    [
        ("r11", "tub 42 30 min", 0.10),
        ("r11", "tub 40 20 min", 0.04),
        ("n-butane", "tub 42 30 min", 0.04),
    ],
)
def test_a_hot_tub_peaks_high_yet_adds_almost_nothing_to_14_days(profile, exposure, expected):
    skin_c, core_c, minutes = EXPOSURES[exposure]
    inputs = {"skin_c": skin_c, "core_c": core_c, "duration_s": minutes * 60}
    assert over_delivery_percent(profile, inputs, hours=5) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(("profile", "expected"), [("r11", 4.3), ("n-butane", 1.9)])
def test_two_days_of_fever_add_percents_to_14_days(profile, expected):
    # the onset of one hour is ours: the domain file holds the fever for two days and names none
    fever = {"skin_c": 36.0, "core_c": 39.0, "duration_s": 2 * 86400, "core_ramp_s": 3600}
    assert over_delivery_percent(profile, fever, hours=54) == pytest.approx(expected, abs=0.05)


def test_every_preset_rests_between_skin_and_core():
    for body, (g, _) in BODIES.items():
        assert rest_pump_c(body) == pytest.approx(37.0 - 3.0 * g)
        assert reference_flow_nl_h("r11", body) > 0.0
