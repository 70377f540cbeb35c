"""The closed forms are the stepped model: same totals, temperatures, peaks and flags, for any scenario and any pump."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from short_form import few

from pumpmodel import BODY_NAMES, PROFILE_NAMES
from warmflow.simulation import stepped, vectorised
from warmflow.simulation.rig import Rig, SimulateError
from warmflow.simulation.scenario import Scenario, load
from warmflow.simulation.summary import summarise
from warmflow.simulation.sweep import SWEPT, parse, sweep

TOTAL_NL = 2.0  # the stepped model moves whole nanolitres, drawn and pumped ones apart
TEMP_C = 3e-6  # the stepped model calls 1e-6 settled
RATIO = 2e-5


def scenario(events, start=None, rest_after_min=20):
    return Scenario(
        title="Any",
        why="It is made for a test. It says nothing.",
        statement=(1,),
        illustrates="Nothing at all (a test).",
        rest_before_min=2,
        rest_after_min=rest_after_min,
        event=events,
        start=start or {},
        outcome=[{"basis": "chosen", "how": "for a test"}],
    )


def assert_same(one, rig, step_s=1.0, total_nl=TOTAL_NL):
    truth, found = stepped.run(one, rig), vectorised.run(one, rig, step_s)
    for name in ("pumped_nl", "delivered_nl", "reservoir_nl"):
        assert getattr(found.trace, name)[-1] == pytest.approx(getattr(truth.trace, name)[-1], abs=total_nl), name
    assert found.withdrawn_nl == pytest.approx(truth.withdrawn_nl, abs=total_nl)
    for name in ("skin_c", "core_c", "pump_c"):
        at_s, values = truth.trace.t_s, getattr(truth.trace, name)
        same = np.isin(np.round(at_s, 6), np.round(found.trace.t_s, 6))
        shown = getattr(found.trace, name)[np.isin(np.round(found.trace.t_s, 6), np.round(at_s, 6))]
        assert np.max(np.abs(shown - values[same])) < TEMP_C, name
    for name in ("peak_percent", "dose_percent", "flow_ml_day"):
        expected = getattr(summarise(truth), name)
        assert getattr(summarise(found), name) == pytest.approx(expected, abs=100 * RATIO, rel=RATIO), name


@pytest.mark.parametrize("profile", few(PROFILE_NAMES, 3))
def test_every_profile_in_a_hot_tub(profile):
    assert_same(load("hot-tub-42"), Rig(profile, "slim", 98.0))


SPECIAL = ["activation", "run-dry", "scuba", "cold-plunge", "fever-39", "glycerol-break"]


@pytest.mark.parametrize("name", few(SPECIAL, 3))
def test_what_scenarios_are_made_of(name):
    assert_same(load(name), Rig())


def test_a_spring_over_14_days_and_a_refill():
    assert_same(load("refill-visit"), Rig("r11-spring"), total_nl=20.0)  # it is read in 1 uL steps there


minutes = st.integers(0, 40)
exposures = st.builds(
    lambda at, length, skin, core, ramp, ambient: {
        "kind": "exposure", "at_min": at, "duration_min": length, "skin_c": skin, "ambient_kpa": ambient,
        **({"core_c": core, "core_ramp_min": max(1, round(length * ramp))} if core else {}),
    },
    minutes, st.integers(1, 30), st.floats(15, 45), st.none() | st.floats(35, 40), st.floats(0.1, 1),
    st.none() | st.floats(60, 140),
)  # fmt: skip
faults = st.builds(
    lambda at, fault, magnitude, length: {
        "kind": "fault", "at_min": at, "fault": fault, "magnitude": magnitude, "duration_min": length,
    },
    minutes, st.sampled_from(["occlusion", "catheter_loose", "leak", "warm_pocket"]), st.floats(0, 1),
    st.none() | st.integers(1, 30),
)  # fmt: skip
needles = st.one_of(
    st.builds(lambda at, volume: {"kind": "refill", "at_min": at, "volume_ml": volume}, minutes, st.floats(0.01, 30)),
    st.builds(lambda at: {"kind": "withdraw", "at_min": at}, minutes),
    st.builds(lambda at, volume: {"kind": "withdraw", "at_min": at, "volume_ml": volume}, minutes, st.floats(0.1, 30)),
    st.builds(lambda at: {"kind": "flush", "at_min": at, "volume_ml": 2.0}, minutes),
)
fluids = st.builds(
    lambda at, share: {"kind": "fluid", "at_min": at, "fluid": "glycerol", "glycerol_fraction": share},
    minutes, st.floats(0, 0.9),
)  # fmt: skip


@given(
    st.lists(st.one_of(exposures, faults, needles, fluids), max_size=6),
    st.sampled_from(["r11", "n-butane", "nc5f12", "r11-low"]),
    st.sampled_from(BODY_NAMES),
    st.fixed_dictionaries({}, optional={"pump_c": st.floats(20, 40), "fill_ml": st.floats(0, 1)}),
)
@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_any_scenario_whatever_overlaps_in_it(events, profile, body, start):
    assert_same(scenario(events, start), Rig(profile, body))


@pytest.mark.parametrize("step_s", [5.0, 10.0])
def test_long_steps_of_closed_forms_move_a_peak_by_less_than_a_hundredth_of_a_percent(step_s):
    one = load("hot-tub-42")
    fine, coarse = (summarise(vectorised.run(one, Rig(), step)) for step in (1.0, step_s))
    assert coarse.peak_percent == pytest.approx(fine.peak_percent, abs=0.01)
    assert coarse.dose_percent == pytest.approx(fine.dose_percent, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "scenario_name", "profile", "expected"),
    [
        ("r11 tub", "hot-tub-42", "r11", 0.10),
        ("tub 40", "hot-tub-40", "r11", 0.04),
        ("tub", "hot-tub-42", "n-butane", 0.04),
    ],
)
def test_the_lesson_of_the_hot_tub(name, scenario_name, profile, expected):
    # Ref: domain study, the honest lesson of the training rig
    found = summarise(vectorised.run(load(scenario_name), Rig(profile)))
    assert found.dose_percent == pytest.approx(expected, abs=0.005), name


@pytest.mark.parametrize(("profile", "expected"), [("r11", 4.3), ("n-butane", 1.9)])
def test_the_lesson_of_the_fever(profile, expected):
    assert summarise(vectorised.run(load("fever-39"), Rig(profile))).dose_percent == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("name", "scenario_name", "values"),
    [
        ("temp", "rest", [34.0, 37.0, 42.0]),
        ("skin", "hot-tub-42", [38.0, 41.5]),
        ("core", "fever-39", [38.0, 39.0, 40.0]),
        ("ambient", "flight", [75.0, 90.0]),
        ("magnitude", "occlusion-sudden", [0.2, 1.0]),
        ("magnitude", "warm-pocket", [0.2, 0.9]),
    ],
)
def test_a_sweep_gives_each_pump_what_it_gets_alone(name, scenario_name, values):
    one = load(scenario_name)
    together = sweep(one, Rig(), name, np.array(values))
    for at, value in enumerate(values):
        alone = sweep(one, Rig(), name, np.array([value]))
        for column in ("peak_percent", "extra_ul", "dose_percent"):
            assert getattr(together, column)[at] == pytest.approx(getattr(alone, column)[0], rel=1e-6, abs=1e-6)


def test_a_swept_value_equal_to_the_scenario_s_own_changes_nothing():
    one = load("hot-tub-42")
    found, plain = sweep(one, Rig(), "skin", np.array([41.5])), summarise(vectorised.run(one, Rig(), 10.0))
    assert found.peak_percent[0] == pytest.approx(plain.peak_percent, rel=1e-9)
    assert found.dose_percent[0] == pytest.approx(plain.dose_percent, rel=1e-9)


def test_a_thousand_pumps_at_once_and_warmer_is_faster():
    found = sweep(load("hot-tub-42"), Rig(), "skin", np.linspace(34.0, 44.0, 1000))
    assert len(found.peak_percent) == 1000
    assert np.all(np.diff(found.peak_percent) > 0)
    assert np.all(np.diff(found.dose_percent) > 0)


def test_sweep_text_is_read_with_both_ends():
    name, values = parse("temp=34:42:0.1")
    assert (name, len(values)) == ("temp", 81)
    assert values[[0, -1]] == pytest.approx([34.0, 42.0])


@pytest.mark.parametrize(
    "text", ["temp", "heat=1:2:1", "temp=1:2:1", "temp=42:34:1", "temp=34:42:0", "temp=34:42:-1", "temp=34:42",
             "temp=34:42:1e-9", "temp=nan:42:1", "temp=34:nan:1", "temp=34:42:nan", "magnitude=0:2:1"],
)  # fmt: skip
def test_a_sweep_that_can_not_be_is_refused_in_one_line(text):
    with pytest.raises(SimulateError) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [name for name, row in SWEPT.items() if row.keys])
def test_a_sweep_of_what_no_event_sets_is_refused(name):
    with pytest.raises(SimulateError, match="try temp"):
        sweep(load("rest"), Rig(), name, np.array([1.0]))
