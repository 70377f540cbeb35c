"""The core relation against the domain file's flow table: every fill, temperature, pressure, altitude and depth."""

import math

import pytest

from pumpmodel import (
    ARTERIAL_KPA,
    BODY_NAMES,
    LOW_PRESSURE_KPA,
    PROFILE_NAMES,
    PumpModelError,
    altitude_pressure_kpa,
    cabin_pressure_kpa,
    depth_pressure_kpa,
    flow_ratio,
    kpa_to_mmhg,
    mmhg_to_kpa,
    reference_flow_nl_h,
    vapour_pressure_kpa,
    viscosity_mpa_s,
    weather_pressure_kpa,
    zero_flow_depth_m,
    zero_flow_temperature_c,
)
from pumpmodel.flow import label_drive_kpa
from pumpmodel.surroundings import SITE_KPA

LOW = LOW_PRESSURE_KPA
# Ref: domain file: drive kPa, %/degC, flow at 39, 40, 42 degC, %/10 mmHg, 5000 ft, 8000 ft, zero-flow depth m
TABLE = {
    ("r11", ARTERIAL_KPA): ("44.9", "13.3", "1.28", "1.43", "1.76", "-3.0", "1.38", "1.58", "4.5"),
    ("r11", LOW): ("55.9", "11.0", "1.23", "1.36", "1.63", "-2.4", "1.30", "1.47", "5.6"),
    ("r123", ARTERIAL_KPA): ("26.0", "20.1", "1.43", "1.66", "2.17", "-5.1", "1.65", "2.00", "2.6"),
    ("isopentane", ARTERIAL_KPA): ("23.9", "20.5", "1.43", "1.67", "2.18", "-5.6", "1.71", "2.09", "2.4"),
    ("nc5f12", ARTERIAL_KPA): ("19.5", "25.5", "1.54", "1.84", "2.48", "-6.8", "1.87", "2.34", "1.9"),
    ("r114", ARTERIAL_KPA): ("196", "6.6", "1.14", "1.21", "1.37", "-0.7", "1.09", "1.13", "19.5"),
    ("n-butane", ARTERIAL_KPA): ("234", "6.2", "1.13", "1.20", "1.34", "-0.6", "1.07", "1.11", "23.3"),
}
COLUMNS = ("drive", "%/degC", "39 degC", "40 degC", "42 degC", "%/10 mmHg", "5000 ft", "8000 ft", "depth")


def ratio(fill, label_outlet_kpa, temp_c=37.0, ambient_kpa=101.325, extra_outlet_kpa=0.0):
    outlet_kpa = label_outlet_kpa + extra_outlet_kpa
    return flow_ratio(fill, temp_c, ambient_kpa=ambient_kpa, outlet_kpa=outlet_kpa, label_outlet_kpa=label_outlet_kpa)


def slope_percent(fill, outlet_kpa):
    return 100.0 * (ratio(fill, outlet_kpa, 37.01) - ratio(fill, outlet_kpa, 36.99)) / 0.02


MODEL = {
    "drive": lambda fill, out: label_drive_kpa(fill, out),
    "%/degC": slope_percent,
    "39 degC": lambda fill, out: ratio(fill, out, 39.0),
    "40 degC": lambda fill, out: ratio(fill, out, 40.0),
    "42 degC": lambda fill, out: ratio(fill, out, 42.0),
    "%/10 mmHg": lambda fill, out: 100.0 * (ratio(fill, out, extra_outlet_kpa=mmhg_to_kpa(10.0)) - 1.0),
    "5000 ft": lambda fill, out: ratio(fill, out, ambient_kpa=altitude_pressure_kpa(5000 * 0.3048)),
    "8000 ft": lambda fill, out: ratio(fill, out, ambient_kpa=cabin_pressure_kpa()),
    "depth": lambda fill, out: zero_flow_depth_m(fill, outlet_kpa=out),
}


def printed_half(text):
    """Half a unit of the last printed digit: what the table's own rounding hides."""
    return 0.5 * 10.0 ** -(len(text.partition(".")[2])) * (1 + 1e-9)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[1]:.1f}")
@pytest.mark.parametrize("column", COLUMNS)
def test_the_flow_table_within_half_a_percent(row, column):
    text = TABLE[row][COLUMNS.index(column)]
    assert MODEL[column](*row) == pytest.approx(float(text), rel=0.005, abs=printed_half(text))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[1]:.1f}")
@pytest.mark.parametrize("column", ["39 degC", "40 degC", "42 degC", "5000 ft", "8000 ft"])
def test_the_flow_ratios_need_no_rounding_allowance(row, column):
    assert MODEL[column](*row) == pytest.approx(float(TABLE[row][COLUMNS.index(column)]), rel=0.005)


@pytest.mark.parametrize(("percent", "temp_c"), [(10, 37.74), (15, 38.10), (20, 38.45), (25, 38.79), (50, 40.43)])
def test_r11_reaches_its_label_thresholds_at_these_temperatures(percent, temp_c):
    assert flow_ratio("r11", temp_c - 0.006) < 1.0 + percent / 100.0 < flow_ratio("r11", temp_c + 0.006)


@pytest.mark.parametrize(
    ("profile", "percent", "temp_c"),
    [
        ("r11", 10, 36.94),
        ("r11", 15, 37.28),
        ("r11", 20, 37.61),
        ("r11", 25, 37.94),
        ("r11", 50, 39.49),
        ("n-butane", 10, 37.79),
        ("n-butane", 15, 38.52),
        ("n-butane", 20, 39.24),
        ("n-butane", 25, 39.93),
    ],
)
def test_the_average_body_reaches_its_reference_thresholds_at_these_temperatures(profile, percent, temp_c):
    reference = reference_flow_nl_h(profile, "average") / (1.3e6 / 24.0)
    low, high = (flow_ratio(profile, temp_c + side) / reference for side in (-0.006, 0.006))
    assert low < 1.0 + percent / 100.0 < high


def test_r11_rests_at_0_90_of_its_label_in_the_average_body():
    assert reference_flow_nl_h("r11", "average") / (1.3e6 / 24.0) == pytest.approx(0.90, abs=0.005)


@pytest.mark.parametrize(("altitude_m", "expected"), [(500.0, 1.14), (1600.0, 1.44)])
def test_a_bench_above_the_sea_stands_high_against_a_sea_level_reference(altitude_m, expected):
    site_kpa = altitude_pressure_kpa(altitude_m)
    assert reference_flow_nl_h("r11", "average", "drug", site_kpa) / reference_flow_nl_h(
        "r11", "average"
    ) == pytest.approx(expected, rel=0.005)


@pytest.mark.parametrize(("fill", "percent", "digits"), [("r11", 6.7, 0.05), ("n-butane", 1.3, 0.05)])
def test_weather_of_3_kpa(fill, percent, digits):
    for offset_kpa in (-3.0, 3.0):
        change = 100.0 * (flow_ratio(fill, 37.0, ambient_kpa=weather_pressure_kpa(101.325, offset_kpa)) - 1.0)
        assert change == pytest.approx(math.copysign(percent, -offset_kpa), abs=digits)


def test_r11_starts_to_flow_at_27_degrees():
    assert zero_flow_temperature_c("r11") == pytest.approx(27.0, abs=0.05)
    assert flow_ratio("r11", 26.9) == 0.0
    assert flow_ratio("r11", 27.1) > 0.0


def test_spring_of_2_2_kpa_is_5_percent_of_r11():
    assert flow_ratio("r11", 37.0, spring_kpa=2.2) == pytest.approx(1.05, abs=0.002)
    assert flow_ratio("r11", 37.0, spring_kpa=-2.2) == pytest.approx(0.95, abs=0.002)


def test_every_profile_flows_at_rest_at_every_site():
    for profile in PROFILE_NAMES:
        for body in BODY_NAMES:
            for site_kpa in SITE_KPA:
                assert reference_flow_nl_h(profile, body, "drug", site_kpa) > 0.0


def test_the_label_itself_is_1():
    for fill in ("r11", "n-butane", "r114", "r123", "isopentane", "nc5f12"):
        assert flow_ratio(fill, 37.0) == pytest.approx(1.0, abs=1e-12)


def test_the_relation_is_pressure_over_viscosity():
    drive = vapour_pressure_kpa("r114", 41.0) - 95.0 - 10.0
    expected = drive / label_drive_kpa("r114") * viscosity_mpa_s("drug", 37.0) / viscosity_mpa_s("drug", 41.0)
    assert flow_ratio("r114", 41.0, ambient_kpa=95.0, outlet_kpa=10.0) == pytest.approx(expected, rel=1e-12)


def test_a_fill_that_cannot_push_against_its_label_outlet_is_refused():
    with pytest.raises(PumpModelError, match="lower the label outlet"):
        label_drive_kpa("nc5f12", 40.0)


def test_mmhg_and_kpa_are_each_others_inverse():
    assert mmhg_to_kpa(93.0) == pytest.approx(ARTERIAL_KPA, rel=1e-3)
    assert kpa_to_mmhg(mmhg_to_kpa(10.0)) == pytest.approx(10.0)


def test_the_standard_atmosphere():
    # Ref: ISO 2533 table: 0, 1000, 2000, 5000, 11000 m
    for altitude_m, expected_kpa in ((0, 101.325), (1000, 89.8746), (2000, 79.4952), (5000, 54.0199), (11000, 22.632)):
        assert altitude_pressure_kpa(altitude_m) == pytest.approx(expected_kpa, rel=2e-4)


def test_ten_metres_of_water_are_about_one_atmosphere_and_salt_weighs_more():
    assert depth_pressure_kpa(10.0) - 101.325 == pytest.approx(100.5, abs=0.1)
    assert depth_pressure_kpa(10.0, "fresh") - 101.325 == pytest.approx(98.07, abs=0.01)
    with pytest.raises(PumpModelError, match="unknown water 'dead'"):
        depth_pressure_kpa(1.0, "dead")


def test_nothing_flows_below_the_zero_flow_depth():
    depth_m = zero_flow_depth_m("r11")
    assert flow_ratio("r11", 37.0, ambient_kpa=depth_pressure_kpa(depth_m + 0.01)) == 0.0
    assert flow_ratio("r11", 37.0, ambient_kpa=depth_pressure_kpa(depth_m - 0.01)) > 0.0
