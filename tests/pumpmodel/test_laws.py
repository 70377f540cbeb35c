"""Physical laws that hold for any input: monotone, never negative, conserved, independent of the step's length."""

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from pumpmodel import BODY_NAMES, FAULT_KINDS, FILL_NAMES, PROFILE_NAMES, Pump, flow_ratio
from pumpmodel.reservoir import NEAR_EMPTY_NL

WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # a long run shrinks for minutes

fills = st.sampled_from(FILL_NAMES)
temperatures = st.floats(20.0, 50.0)
ambients = st.floats(20.0, 400.0)
outlets = st.floats(0.0, 40.0)
skins = st.floats(10.0, 45.0)
cores = st.floats(34.0, 41.0)


@given(fills, temperatures, temperatures, ambients, outlets)
def test_flow_never_falls_with_temperature(fill, one_c, other_c, ambient_kpa, outlet_kpa):
    low, high = (
        flow_ratio(fill, temp_c, ambient_kpa=ambient_kpa, outlet_kpa=outlet_kpa) for temp_c in sorted((one_c, other_c))
    )
    assert 0.0 <= low <= high
    if low > 0.0 and abs(one_c - other_c) > 1e-6:
        assert low < high


@given(fills, temperatures, ambients, outlets, st.floats(1e-3, 50.0))
def test_flow_falls_with_ambient_and_with_outlet_pressure(fill, temp_c, ambient_kpa, outlet_kpa, more_kpa):
    before = flow_ratio(fill, temp_c, ambient_kpa=ambient_kpa, outlet_kpa=outlet_kpa)
    deeper = flow_ratio(fill, temp_c, ambient_kpa=ambient_kpa + more_kpa, outlet_kpa=outlet_kpa)
    tighter = flow_ratio(fill, temp_c, ambient_kpa=ambient_kpa, outlet_kpa=outlet_kpa + more_kpa)
    assert deeper == pytest.approx(tighter, rel=1e-9, abs=1e-12)
    assert deeper < before or before == deeper == 0.0


@given(
    st.sampled_from(BODY_NAMES),
    st.floats(15.0, 45.0),
    st.lists(st.tuples(skins, cores, st.integers(1, 200), st.floats(0.01, 1.0)), min_size=1, max_size=4),
)
@settings(max_examples=50, deadline=None, phases=WITHOUT_SHRINKING)
def test_the_thermal_node_never_overshoots(body, start_c, exposures):
    pump = Pump(body=body)
    pump.set_pump_temperature(start_c)
    seen = [start_c, 34.0, 37.0]
    for skin_c, core_c, seconds, dt_s in exposures:
        seen += [skin_c, core_c]
        pump.expose(skin_c=skin_c, core_c=core_c, duration_s=seconds)
        for _ in range(seconds):
            pump.step(dt_s)
            assert min(seen) - 1e-6 <= min(pump.pump_c, pump.skin_c, pump.core_c)
            assert max(pump.pump_c, pump.skin_c, pump.core_c) <= max(seen) + 1e-6


def constant_pump(profile, body, fill_nl, skin_c, core_c, ambient_kpa, occlusion, leak):
    pump = Pump(profile, body=body, fill_nl=fill_nl)
    pump.expose(skin_c=skin_c, core_c=core_c, ambient_kpa=ambient_kpa, duration_s=1_000_000, core_ramp_s=600)
    pump.fault("occlusion", occlusion)
    pump.fault("leak", leak)
    return pump


@given(
    st.sampled_from(PROFILE_NAMES),
    st.sampled_from(BODY_NAMES),
    st.integers(0, 30_000_000) | st.integers(0, NEAR_EMPTY_NL + 5_000),
    skins,
    cores,
    st.floats(60.0, 120.0),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.sampled_from([0.0, 0.5]),
    st.integers(2, 7),
)
@example("nc5f12", "slim", 30_000_000, 45.0, 41.0, 101.325, 0.0, 0.5, 7)
@settings(max_examples=60, deadline=None, phases=WITHOUT_SHRINKING)
def test_splitting_a_step_changes_totals_by_at_most_one_nanolitre(
    profile, body, fill_nl, skin_c, core_c, ambient_kpa, occlusion, leak, parts
):
    whole, split = (
        constant_pump(profile, body, fill_nl, skin_c, core_c, ambient_kpa, occlusion, leak) for _ in range(2)
    )
    for _ in range(900):
        whole.step(1.0)
        for _ in range(parts):
            split.step(1.0 / parts)
    assert abs(whole.pumped_nl - split.pumped_nl) <= 1
    assert abs(whole.delivered_nl - split.delivered_nl) <= 1
    assert whole.pump_c == pytest.approx(split.pump_c, abs=1e-6)


@pytest.mark.parametrize("profile", ["r11", "r11-spring"])
def test_splitting_a_step_changes_nothing_while_a_pump_runs_dry(profile):
    whole, split = (Pump(profile, fill_nl=200_000) for _ in range(2))
    for _ in range(2 * 3600):
        whole.step(1.0)
        split.step(0.5)
        split.step(0.5)
    assert whole.pumped_nl > 30_000
    assert abs(whole.pumped_nl - split.pumped_nl) <= 1


operations = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.integers(1, 300), st.floats(0.001, 1.0)),
        st.tuples(st.just("withdraw"), st.integers(0, 40_000_000)),
        st.tuples(st.just("refill"), st.integers(0, 30_000_000)),
        st.tuples(st.just("fault"), st.sampled_from(FAULT_KINDS), st.floats(0.0, 1.0)),
        st.tuples(st.just("set_profile"), st.sampled_from(PROFILE_NAMES)),
        st.tuples(st.just("touch"), st.floats(15.0, 45.0)),
    ),
    max_size=12,
)


@given(st.integers(0, 30_000_000) | st.integers(0, 2_000), operations)
@settings(max_examples=80, deadline=None, phases=WITHOUT_SHRINKING)
def test_volume_is_conserved_to_the_nanolitre(fill_nl, sequence):
    pump = Pump(fill_nl=fill_nl)
    for name, *arguments in sequence:
        before = (pump.pumped_nl, pump.delivered_nl)
        if name == "step":
            for _ in range(arguments[0]):
                pump.step(arguments[1])
        else:
            getattr(pump, name)(*arguments)
        chamber = pump.reservoir
        assert chamber.filled_nl - chamber.withdrawn_nl - pump.pumped_nl == chamber.level_nl == pump.reservoir_nl
        assert 0 <= chamber.level_nl <= chamber.capacity_nl
        assert (pump.pumped_nl, pump.delivered_nl) >= before
        assert 0 <= pump.delivered_nl <= pump.pumped_nl
        assert pump.flow_nl_h >= pump.delivered_flow_nl_h >= 0.0


@pytest.mark.parametrize("profile", ["r11", "r11-spring"])
def test_cruising_counts_what_full_steps_count(profile):
    cruising, full = (Pump(profile, fill_nl=600_000) for _ in range(2))
    for pump in (cruising, full):
        pump.expose(ambient_kpa=98.0, duration_s=3000)
    for _ in range(4 * 3600):
        cruising.step(1.0)
        full.set_core(None)  # changes nothing, and ends any cruise
        full.step(1.0)
        assert (cruising.pumped_nl, cruising.reservoir_nl, cruising.flags) == (
            full.pumped_nl,
            full.reservoir_nl,
            full.flags,
        )


def test_14_days_of_steps_are_14_days_of_flow_to_the_nanolitre():
    pump = Pump()
    for _ in range(14 * 86400):
        pump.step(1.0)
    assert pump.pumped_nl == pump.delivered_nl == pytest.approx(pump.reference_flow_nl_h * 24 * 14, abs=1)
    assert pump.reservoir.filled_nl - pump.pumped_nl == pump.reservoir_nl
