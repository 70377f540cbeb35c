"""The drug chamber: whole nanolitres, refused over-fills, the fall-off near empty, the spring."""

import math

import pytest

from pumpmodel import Pump, PumpModelError, Reservoir
from pumpmodel.reservoir import LAST_FLOW_FRACTION, NEAR_EMPTY_NL


def reservoir(level_nl=0, spring_kpa=0.0):
    chamber = Reservoir(30_000_000, 1_000_000, spring_kpa)
    chamber.fill(level_nl)
    return chamber


def test_an_over_fill_is_refused_and_changes_nothing():
    chamber = reservoir(20_000_000)
    with pytest.raises(PumpModelError, match=r"10\.001 mL do not fit, there is room for 10\.000 mL"):
        chamber.fill(10_001_000)
    with pytest.raises(PumpModelError, match=r"30\.001 mL, the reservoir holds 30\.000 mL"):
        chamber.refill(30_001_000)
    assert (chamber.level_nl, chamber.filled_nl, chamber.withdrawn_nl) == (20_000_000, 20_000_000, 0)


@pytest.mark.parametrize("volume_nl", [-1, 0.5, float("nan"), float("inf")])
def test_volumes_that_are_no_whole_nanolitres_are_refused(volume_nl):
    with pytest.raises(PumpModelError, match="whole number of nanolitres"):
        reservoir().fill(volume_nl)


def test_withdrawing_gives_what_there_is_and_no_more():
    chamber = reservoir(2_000_000)
    assert chamber.withdraw(500_000) == 500_000
    assert chamber.withdraw(5_000_000) == 1_500_000
    assert chamber.level_nl == 0
    assert chamber.withdrawn_nl == 2_000_000


def test_a_refill_returns_the_rest_and_resets_the_level():
    chamber = reservoir(12_345_678)
    assert chamber.refill(30_000_000) == 12_345_678
    assert chamber.level_nl == 30_000_000


def test_a_flush_passes_by_the_reservoir():
    chamber = reservoir(1_000)
    chamber.flush(5_000_000)
    assert (chamber.level_nl, chamber.flushed_nl) == (1_000, 5_000_000)


def test_flow_falls_off_linearly_near_empty_and_stops_when_empty():
    assert reservoir(NEAR_EMPTY_NL + 1).flow_fraction(0.0) == 1.0
    assert reservoir(NEAR_EMPTY_NL).flow_fraction(0.0) == pytest.approx(1.0)
    assert reservoir(NEAR_EMPTY_NL // 2).flow_fraction(0.0) == pytest.approx((1.0 + LAST_FLOW_FRACTION) / 2.0)
    assert reservoir(1).flow_fraction(0.0) == pytest.approx(LAST_FLOW_FRACTION, abs=1e-5)
    assert reservoir(0).flow_fraction(0.0) == 0.0


def test_the_fall_off_within_a_step_is_the_mean_over_the_step():
    # exact: the level obeys dx = -(a + b x) dq, so the mean share over a demand q is (a + b x) (1 - exp(-b q)) / (b q)
    slope = (1.0 - LAST_FLOW_FRACTION) / NEAR_EMPTY_NL
    for level_nl, demand_nl in ((500_000, 50_000.0), (200_000, 20_000.0)):
        start = LAST_FLOW_FRACTION + slope * level_nl
        exact = start * -math.expm1(-slope * demand_nl) / (slope * demand_nl)
        assert reservoir(level_nl).flow_fraction(demand_nl) == pytest.approx(exact, rel=1e-3)


def test_the_spring_is_linear_over_the_level_and_nothing_at_half():
    for level_nl, expected_kpa in ((30_000_000, 2.2), (22_500_000, 1.1), (15_000_000, 0.0), (0, -2.2)):
        assert reservoir(level_nl, 2.2).spring_kpa() == pytest.approx(expected_kpa, abs=1e-4)


def test_days_left_at_the_present_flow_and_none_when_nothing_flows():
    assert reservoir(13_000_000).days_left(1.3e6 / 24.0) == pytest.approx(10.0)
    assert reservoir(13_000_000).days_left(0.0) is None


def test_a_pump_runs_dry_in_finite_time_and_says_so_on_the_way():
    pump = Pump(fill_nl=NEAR_EMPTY_NL + 100)
    seen = []
    for second in range(86400):
        if second == 60:
            assert pump.withdraw(NEAR_EMPTY_NL - 30_000) == NEAR_EMPTY_NL - 30_000  # spares the test the hours between
        pump.step(1.0)
        if not seen or pump.flags != seen[-1]:
            seen.append(pump.flags)
        if pump.reservoir_nl == 0:
            break
    pump.step(1.0)
    assert seen == [0, 8, 8 | 16]  # near_empty, then empty
    assert pump.flow_nl_h == 0.0
    assert pump.pumped_nl == 30_100


def test_a_refill_brings_the_flow_of_a_dry_pump_back():
    pump = Pump(fill_nl=0)
    pump.step(1.0)
    assert (pump.flow_nl_h, pump.days_left()) == (0.0, None)
    pump.refill(20_000_000)
    pump.step(1.0)
    assert pump.flow_nl_h == pytest.approx(pump.reference_flow_nl_h)
    assert pump.days_left() == pytest.approx(20_000_000 / pump.reference_flow_nl_h / 24.0, rel=1e-5)


def test_14_days_on_and_14_off_with_a_change_of_fluid_count_two_fills():
    # NCT03856658: the rest is withdrawn and replaced by heparinised saline
    pump = Pump()
    start_nl = pump.reservoir.filled_nl
    for fluid in ("drug", "saline"):
        pump.set_fluid(fluid)
        for _ in range(14 * 24):  # an hour at a time: the totals of the long run are another test
            for _ in range(4):
                pump.step(1.0)
        pump.refill(30_000_000)
        pump.flush(2_000_000)
    chamber = pump.reservoir
    assert chamber.filled_nl == start_nl + 60_000_000
    assert chamber.filled_nl - chamber.withdrawn_nl - pump.pumped_nl == chamber.level_nl == 30_000_000
    assert chamber.flushed_nl == 4_000_000


def test_a_glycerol_break_slows_the_pump_and_its_reference_alike():
    pump = Pump()
    before_nl_h = pump.reference_flow_nl_h
    pump.set_fluid("glycerol", 0.5)
    pump.step(1.0)
    assert pump.flow_nl_h == pytest.approx(pump.reference_flow_nl_h)
    assert pump.flow_nl_h / before_nl_h == pytest.approx(0.205, rel=0.04)
