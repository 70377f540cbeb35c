"""Who drives the body: exposures, the probe in its three places, ambient and outlet pressure, faults."""

import pytest

from pumpmodel import (
    FAULT_KINDS,
    PLACES,
    Pump,
    PumpModelError,
    altitude_pressure_kpa,
    flag_names,
    rest_pump_c,
    vapour_pressure_kpa,
)


def run(pump, seconds, dt_s=1.0):
    for _ in range(round(seconds / dt_s)):
        pump.step(dt_s)
    return pump


def deviation(pump):
    return pump.flow_nl_h / pump.reference_flow_nl_h


def test_an_untouched_pump_rests_at_its_reference_rate():
    pump = run(Pump(), 3600)
    assert (pump.skin_c, pump.core_c, pump.pump_c) == (34.0, 37.0, rest_pump_c("average"))
    assert deviation(pump) == pytest.approx(1.0, abs=1e-12)
    assert pump.flags == 0


def test_attributes_are_there_before_the_first_step():
    pump = Pump()
    assert pump.flow_nl_h == pytest.approx(pump.reference_flow_nl_h)
    assert (pump.pumped_nl, pump.delivered_nl, pump.reservoir_nl) == (0, 0, 30_000_000)


@pytest.mark.parametrize("dt_s", [0.0, -0.1, 1.0001, float("nan"), float("inf")])
def test_a_step_outside_0_to_1_s_is_refused(dt_s):
    pump = run(Pump(), 10)
    with pytest.raises(PumpModelError, match="at most 1 s"):
        pump.step(dt_s)


def test_skin_follows_an_exposure_with_2_minutes_and_rest_with_12():
    pump = Pump()
    pump.expose(skin_c=40.0, duration_s=600)
    run(pump, 120)
    assert pump.skin_c == pytest.approx(40.0 - 6.0 * 0.36788, abs=1e-3)
    run(pump, 480)
    left_c = pump.skin_c
    run(pump, 720)
    assert pump.skin_c == pytest.approx(34.0 + (left_c - 34.0) * 0.36788, abs=1e-3)


def test_core_ramps_over_the_exposure_and_decays_with_40_minutes():
    pump = Pump()
    pump.expose(core_c=39.0, duration_s=1000)
    run(pump, 500)
    assert pump.core_c == pytest.approx(38.0, abs=1e-9)
    run(pump, 500)
    assert pump.core_c == pytest.approx(39.0, abs=1e-9)
    run(pump, 2400)
    assert pump.core_c == pytest.approx(37.0 + 2.0 * 0.36788, abs=1e-3)


def test_core_holds_after_a_ramp_that_is_shorter_than_the_exposure():
    pump = Pump()
    pump.expose(core_c=39.0, core_ramp_s=100, duration_s=1000)
    run(pump, 100)
    assert pump.core_c == pytest.approx(39.0, abs=1e-9)
    run(pump, 899)
    assert pump.core_c == pytest.approx(39.0, abs=1e-9)


def test_an_exposure_ends_on_time_and_pressures_revert_with_it():
    pump = Pump()
    pump.expose(ambient_kpa=75.0, outlet_kpa=10.0, duration_s=60)
    assert (pump.ambient_kpa, pump.outlet_kpa) == (75.0, 10.0)
    run(pump, 59)
    assert flag_names(pump.flags) == ["exposure_active"]
    run(pump, 1)
    assert (pump.flags, pump.ambient_kpa, pump.outlet_kpa) == (0, 101.325, 12.40)
    run(pump, 1)
    assert deviation(pump) == pytest.approx(1.0)


def test_an_exposure_of_two_weeks_ends_to_the_millisecond():
    pump = Pump()
    pump.expose(ambient_kpa=90.0, duration_s=14 * 86400)
    run(pump, 14 * 86400 - 1)
    assert pump.flags == 64
    run(pump, 1, 0.125)
    assert pump.flags == 0


def test_an_exposure_to_nothing_is_refused():
    with pytest.raises(PumpModelError, match="exposure to nothing"):
        Pump().expose(duration_s=10)


@pytest.mark.parametrize(
    "bad", [{"skin_c": 80.0}, {"core_c": 50.0}, {"ambient_kpa": 0.0}, {"outlet_kpa": 100.0}, {"skin_c": float("nan")}]
)
def test_an_impossible_exposure_is_refused_and_changes_nothing(bad):
    pump = Pump()
    with pytest.raises(PumpModelError, match=next(iter(bad))):
        pump.expose(**bad, duration_s=10)
    assert run(pump, 1).flags == 0


def test_water_puts_the_skin_half_a_degree_below_the_probe_and_heats_the_core():
    pump = Pump(place="water")
    pump.touch(40.0)
    run(pump, 1800)
    assert pump.skin_c == pytest.approx(39.5, abs=1e-3)
    assert pump.core_c == pytest.approx(37.0 + 0.01 * 3.0 * 30, abs=1e-6)  # the table's 37.9 after 30 min at 40 degC
    pump.touch(36.0)
    run(pump, 2400)
    assert pump.core_c == pytest.approx(37.0 + 0.9 * 0.36788, abs=1e-3)


def test_a_real_probe_in_the_tub_gives_the_peak_of_the_scripted_tub():
    pump = Pump(place="water")
    for second in range(1800):
        pump.touch(42.0 + (0.01 if second % 2 else -0.01))  # a sensor is never still
        pump.step(1.0)
    pump.touch(25.0)
    peak = max(deviation(run(pump, 1)) for _ in range(1200))
    assert peak == pytest.approx(1.31, abs=0.01)


def test_a_probe_on_the_skin_is_the_skin_and_leaves_the_core_alone():
    pump = Pump(place="skin")
    pump.touch(38.0)
    run(pump, 1)
    assert (pump.skin_c, pump.core_c) == (38.0, 37.0)
    pump.set_core(39.0)
    run(pump, 6 * 3600)
    assert pump.core_c == pytest.approx(39.0, abs=1e-3)


def test_a_probe_at_the_pump_is_the_pump():
    pump = Pump(place="pump")
    pump.touch(38.79)
    run(pump, 1)
    assert pump.pump_c == pytest.approx(38.79, abs=1e-12)
    assert pump.flow_nl_h / pump.profile.label_nl_h == pytest.approx(1.25, abs=0.002)


def test_no_reading_holds_the_last_one():
    pump = Pump(place="pump")
    pump.touch(38.0)
    run(pump, 5)
    pump.touch(None)
    assert run(pump, 600).pump_c == pytest.approx(38.0)


@pytest.mark.parametrize("place", ["water", "skin"])
def test_a_probe_on_the_desk_is_no_patient(place):
    pump = Pump(place=place)
    for second in range(20):
        pump.touch(22.0)
        pump.step(1.0)
        assert flag_names(pump.flags) == ([] if second < 9 else ["probe_out"])
    assert run(pump, 3600).skin_c == 34.0
    assert deviation(pump) == pytest.approx(1.0)


def test_a_short_cold_reading_is_ignored_and_a_warm_one_counts_at_once():
    pump = Pump(place="skin")
    pump.touch(36.0)
    run(pump, 5)
    pump.touch(20.0)
    run(pump, 9)
    pump.touch(36.0)
    run(pump, 20)
    assert (pump.flags, pump.skin_c) == (0, 36.0)
    pump.touch(20.0)
    run(pump, 10)
    assert flag_names(pump.flags) == ["probe_out"]
    pump.touch(35.0)
    run(pump, 1)
    assert (pump.flags, pump.skin_c) == (0, 35.0)


@pytest.mark.parametrize(
    ("probe_c", "flags"), [(30.0, []), (45.0, []), (29.9, ["probe_out_of_band"]), (45.1, ["probe_out_of_band"])]
)
def test_a_probe_at_the_pump_outside_30_to_45_is_flagged(probe_c, flags):
    pump = Pump(place="pump")
    pump.touch(probe_c)
    assert flag_names(run(pump, 1).flags) == flags


def test_outside_the_fits_the_pump_clamps_and_says_so():
    pump = Pump(place="pump")
    pump.touch(15.0)
    run(pump, 1)
    assert flag_names(pump.flags) == ["probe_out_of_band", "out_of_range"]
    assert pump.vapour_kpa == vapour_pressure_kpa("r11", 20.0)
    assert pump.flow_nl_h == 0.0


def test_an_exposure_takes_precedence_over_a_probe_and_gives_it_back():
    pump = Pump(place="pump")
    pump.touch(36.0)
    pump.expose(skin_c=41.5, duration_s=1200)
    run(pump, 1199)
    assert pump.pump_c > 37.0
    run(pump, 2)
    assert pump.pump_c == pytest.approx(36.0)


def test_an_exposure_of_pressure_alone_leaves_the_probe_in_charge():
    pump = Pump(place="skin")
    pump.touch(36.0)
    pump.expose(ambient_kpa=75.0, duration_s=600)
    assert run(pump, 10).skin_c == 36.0


def test_a_new_place_forgets_the_readings_before():
    pump = Pump(place="pump")
    pump.touch(44.0)
    run(pump, 1)
    pump.place_probe("skin")
    assert run(pump, 12 * 3600).pump_c == pytest.approx(rest_pump_c("average"), abs=1e-5)
    with pytest.raises(PumpModelError, match="unknown place 'desk'; known: " + ", ".join(PLACES)):
        pump.place_probe("desk")


def test_a_cold_pump_warms_in_the_body_and_starts_to_flow_at_27_degrees():
    pump = Pump()
    pump.set_pump_temperature(22.0)
    started_c = None
    for _ in range(4 * 3600):
        pump.step(1.0)
        if started_c is None and pump.flow_nl_h > 0.0:
            started_c = pump.pump_c
    assert started_c == pytest.approx(27.0, abs=0.05)
    assert deviation(pump) == pytest.approx(1.0, abs=1e-3)


def test_weather_changes_the_flow_and_not_the_reference():
    pump = Pump()
    reference_nl_h = pump.reference_flow_nl_h
    pump.set_ambient(101.325 - 3.0)
    assert deviation(run(pump, 1)) == pytest.approx(1.07, abs=0.005)
    assert pump.reference_flow_nl_h == reference_nl_h
    pump.set_ambient(None)
    assert deviation(run(pump, 1)) == pytest.approx(1.0)


def test_a_commissioned_site_is_no_deviation():
    pump = Pump(site_pressure_kpa=altitude_pressure_kpa(1600.0))
    assert deviation(run(pump, 1)) == pytest.approx(1.0)
    pump.set_site_pressure(101.325)
    assert deviation(run(pump, 1)) == pytest.approx(1.0)


def test_blood_pressure_changes_the_flow_by_3_percent_for_10_mmhg():
    pump = Pump(place="pump")
    pump.touch(37.0)
    before_nl_h = run(pump, 1).flow_nl_h
    pump.set_outlet(12.40 + 1.33322)
    assert run(pump, 1).flow_nl_h / before_nl_h == pytest.approx(0.970, abs=5e-4)


def test_occlusion_stops_the_flow_while_the_drive_is_unchanged():
    pump = run(Pump(), 1)
    drive_kpa = pump.drive_kpa
    pump.fault("occlusion", 1.0)
    run(pump, 10)
    assert (pump.flow_nl_h, pump.drive_kpa, pump.occlusion) == (0.0, drive_kpa, 1.0)
    pump.fault("occlusion", 0.4)
    assert deviation(run(pump, 1)) == pytest.approx(0.6)


def test_a_leak_leaves_the_pump_and_misses_the_artery():
    pump = Pump()
    pump.fault("leak", 0.25)
    run(pump, 3600)
    assert deviation(pump) == pytest.approx(1.0)
    assert pump.delivered_flow_nl_h == pytest.approx(0.75 * pump.flow_nl_h)
    assert pump.delivered_nl == pytest.approx(0.75 * pump.pumped_nl, abs=1)


def test_a_loose_catheter_flows_faster_into_tissue_and_delivers_nothing():
    pump = Pump()
    pump.fault("catheter_loose", 1.0)
    run(pump, 600)
    assert pump.outlet_kpa == pytest.approx(0.4, abs=0.001)
    assert deviation(pump) > 1.2
    assert pump.delivered_nl == 0


def test_a_warm_pocket_warms_the_pump_without_skin_or_core():
    pump = Pump()
    pump.fault("warm_pocket", 0.5)
    run(pump, 3 * 3600)
    assert pump.pump_c == pytest.approx(rest_pump_c("average") + 1.5, abs=1e-3)
    assert (pump.skin_c, pump.core_c) == (34.0, 37.0)


def test_faults_end_by_themselves_each_on_its_own_or_all_at_once():
    pump = Pump()
    pump.fault("occlusion", 1.0, duration_s=10)
    pump.fault("leak", 1.0, duration_s=20)
    run(pump, 10)
    assert (pump.occlusion, pump.flags) == (0.0, 32)
    run(pump, 10)
    assert pump.flags == 0
    for kind in FAULT_KINDS:
        pump.fault(kind, 1.0)
    pump.end_faults()
    assert run(pump, 1).flags == 0


@pytest.mark.parametrize(("kind", "magnitude"), [("leak", 1.1), ("leak", -0.1), ("gremlin", 0.5)])
def test_a_fault_that_cannot_be_is_refused(kind, magnitude):
    with pytest.raises(PumpModelError):
        Pump().fault(kind, magnitude)


def test_another_profile_comes_full_and_the_totals_go_on():
    pump = run(Pump(), 3600)
    pumped_nl = pump.pumped_nl
    pump.set_profile("n-butane")
    assert (pump.reservoir_nl, pump.pumped_nl) == (30_000_000, pumped_nl)
    assert deviation(run(pump, 1)) == pytest.approx(1.0)
    chamber = pump.reservoir
    assert chamber.filled_nl - chamber.withdrawn_nl - pump.pumped_nl == chamber.level_nl


def test_another_body_moves_the_pump_to_another_rest():
    pump = run(Pump(), 10)
    pump.set_body("slim")
    assert run(pump, 12 * 3600).pump_c == pytest.approx(rest_pump_c("slim"), abs=1e-5)
    assert deviation(pump) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    "bad",
    [
        {"profile": "x"},
        {"body": "x"},
        {"fluid": "x"},
        {"place": "x"},
        {"site_pressure_kpa": 10.0},
        {"fill_nl": 30_000_001},
    ],
)
def test_a_pump_that_cannot_be_is_refused(bad):
    with pytest.raises(PumpModelError):
        Pump(**bad)
