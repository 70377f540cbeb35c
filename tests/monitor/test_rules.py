"""One rule of the monitor a test, each at the smallest example that once broke it. R-11 in the average body, a reading
a second with noise of 1 %, unless the test says otherwise. The truth is that of `wide_physics`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from wide_cases import Case, Change, Instruments
from wide_physics import Body, Exposure
from wide_readings import Recorded, record

from pumplink.codes import Status
from warmflow.alarms.conditions import usable_nl
from warmflow.monitor import Diagnosis, Finding, Level, Measured, Monitor, Rig

AVERAGE = Body(0.25, 1200.0)
NEVER_S = 1e9
RIG = Rig("r11", "average", "skin", "drug", 0.0, 101.325, 54167, 30_000_000, 0, 1_000_000, 1)
REFERENCE_NL_H = 48_880


class Seen(NamedTuple):
    """At a time: what the monitor said, and the true deviation from the reference rate."""

    t_s: float
    finding: Finding
    diagnosis: Diagnosis
    true: float


def case(
    exposures: tuple[Exposure, ...] = (), changes: tuple[Change, ...] = (), minutes: float = 60.0, place: str = "skin",
    interval_s: float = 1.0, noise: float = 0.01, **values: object,
) -> Case:  # fmt: skip
    """A rig with a probe and a meter without faults; `values` are fields of Case or of Instruments."""
    own = {name: values.pop(name) for name in list(values) if name in Instruments.__dataclass_fields__}
    instruments = Instruments(interval_s=interval_s, noise=noise, **({"lag_s": 5.0} | own))  # type: ignore[arg-type]
    rig = {"seed": 5, "body": AVERAGE, "place": place, "desk_c": 23.0, "instruments": instruments} | values
    return Case("rule", ("",), list(exposures), list(changes), length_s=60 * minutes, **rig)  # type: ignore[arg-type]


def watch(of: Case, every_s: float = 60.0, change: Callable[[Recorded], Recorded] | None = None) -> list[Seen]:
    """What is seen each `every_s`."""
    run = record(of) if change is None else change(record(of))
    monitor, out, due_s = Monitor(), [], 0.0
    monitor.declare(run.rig)
    for index, reading in enumerate(run.readings):
        if run.refilled is not None and index == run.refilled[0]:
            monitor.declare(run.refilled[1])
        finding = monitor.read(reading)
        t_s = float(run.t_s[index])
        if t_s >= due_s:
            due_s += every_s
            found = monitor.diagnosis()
            assert finding is not None
            assert found is not None
            out.append(Seen(t_s, finding, found, float(run.flow[index] / run.reference_nl_h - 1)))
    return out


def causes(seen: list[Seen], from_s: float = 0.0, to_s: float = NEVER_S) -> set[str]:
    return {each.diagnosis.cause for each in seen if from_s <= each.t_s <= to_s}


def occluded(share: float, from_s: float = 1200.0, ramp_s: float = 0.0) -> Change:
    return Change("occlusion", from_s, NEVER_S, share, ramp_s)


def test_a_probe_in_a_cold_room_is_out_and_explains_nothing():
    seen = watch(case(place="water", desk_c=19.0))
    assert causes(seen) == {"none"}
    assert max(abs(each.diagnosis.expected.deviation) for each in seen) < 0.03


def test_an_occlusion_is_one_in_a_cold_room_too():
    seen = watch(case((), (occluded(0.6, 1200, 6 * 3600),), 440, "water", 10.0, desk_c=19.0), 600)
    assert causes(seen, 5 * 3600) == {"occlusion, creeping"}


def test_a_catheter_that_slips_out_is_one_in_a_cold_room_too():
    seen = watch(case((), (Change("loose", 1200, NEVER_S, 1.0),), 60, "water", desk_c=19.0))
    assert causes(seen, 1400) == {"catheter loose"}


def test_a_slow_probe_on_its_way_out_of_a_tub_is_in_no_cold_water():
    seen = watch(case((Exposure(900, 2700, 41.5, 0.05),), (), 105, "water", lag_s=60.0))
    assert {each.diagnosis.cause for each in seen if each.t_s > 1400 and each.true > 0.1} == {"heat"}


def test_a_cool_skin_at_rest_is_rest():
    assert causes(watch(case(body=AVERAGE._replace(skin_c=32.4)))) == {"none"}


def test_a_cool_skin_is_no_other_fluid():
    seen = watch(case((), (), 24 * 60, interval_s=60.0, fill="n-butane", body=AVERAGE._replace(skin_c=31.5)), 600)
    assert causes(seen, 900) == {"none"}


def test_what_is_so_since_the_fill_is_no_step_at_the_fill():
    seen = watch(case((), (occluded(0.09, -NEVER_S),), 120, interval_s=10.0, fill="n-butane"))
    assert causes(seen) <= {"none", "unknown"}


def test_another_fluid_is_a_step_at_the_fill():
    of = case((), (Change("fluid", 3600, NEVER_S, 0.1),), 180, interval_s=10.0, fill="n-butane", refilled_s=3600)
    assert causes(watch(of), 4200) == {"wrong fluid"}


def test_what_stands_from_the_start_is_unknown_and_a_tub_is_judged_from_there():
    seen = watch(case((Exposure(2400, 4200, 41.0, 0.02),), (occluded(0.15, -NEVER_S),), 90))
    assert causes(seen, 120, 2300) == {"unknown"}
    assert causes(seen, 3600, 4400) == {"heat"}


def test_a_flag_that_stands_is_something_to_explain():
    high = Change("occlusion", -NEVER_S, NEVER_S, -0.12)
    seen = watch(case((Exposure(3600, 9000, 37.4, 0.0),), (high,), 160, interval_s=10.0))
    assert not [each for each in seen if each.finding.level and each.diagnosis.cause == "none"]
    assert causes(seen, 6600, 9000) == {"heat"}


@pytest.mark.parametrize("deviation", [0.48, 0.61])
def test_a_fill_that_was_misread_runs_dry_all_the_same(deviation):
    seen = watch(case((), (), 1100, interval_s=60.0, filled_nl=0.5e6, declared_nl=0.35e6), 300)
    assert next(each.diagnosis.cause for each in seen if each.true < -deviation) == "near-empty"


def test_a_step_in_a_tub_is_held_against_what_a_catheter_gives():
    tub = Exposure(900, 3300, 41.0, 0.04)
    seen = watch(case((tub,), (Change("loose", 1500, NEVER_S, 1.0),), 55, "water"))
    assert causes(seen, 1740, 3300) == {"catheter loose"}
    second = [each.diagnosis.second for each in seen if 2700 < each.t_s < 3300]
    assert {found[0] for found in second if found} == {"heat"}


def test_a_step_of_an_hour_between_readings_is_not_called_sudden():
    of = case((), (occluded(0.8, 7200, 6 * 3600),), 600, interval_s=600.0)
    assert causes(watch(of, 600), 16000) <= {"occlusion, creeping", "unknown"}
    assert "occlusion, sudden" not in causes(watch(of, 600))


def test_a_rise_of_a_quarter_of_an_hour_is_no_catheter():
    of = case((), (Change("occlusion", 1800, NEVER_S, -0.10, 900),), 90, "water", 6.0, 0.04, fill="n-butane")
    assert "catheter loose" not in causes(watch(of))


def test_weather_takes_hours_and_a_step_does_not():
    assert causes(watch(case((), (occluded(0.06),))), 1500) == {"occlusion, sudden"}


@pytest.mark.parametrize(("interval_s", "late_s"), [(1.0, 35), (10.0, 120), (60.0, 300), (600.0, 1300)])
def test_a_flag_waits_for_evidence_and_not_for_a_count_of_readings(interval_s, late_s):
    seen = watch(case((), (occluded(0.38, 3 * 3600.0),), 240, interval_s=interval_s), 1.0)
    assert next(each.t_s for each in seen if each.finding.level is Level.HIGH) - 3 * 3600 <= late_s


def test_a_drop_counter_is_no_faulty_meter():
    seen = watch(case((), (), 240, interval_s=10.0, count_nl=500.0))
    assert causes(seen, 300) == {"none"}  # some counts later
    assert {each.finding.level for each in seen} == {Level.NORMAL}
    seen = watch(case((), (occluded(0.96, 3600),), 180, interval_s=10.0, count_nl=500.0))
    assert causes(seen, 4800) == {"occlusion, sudden"}


def test_a_probe_at_the_pump_is_the_pump():
    cool = AVERAGE._replace(skin_c=31.6)  # its pump rests at 35.65 degC
    found = watch(case((), (), 40, "pump", body=cool))[-1]
    assert found.diagnosis.expected.deviation == pytest.approx(found.true, abs=0.015)
    assert found.true == pytest.approx(-0.08, abs=0.01)


def test_silence_explains_no_flow():
    seen = watch(case((), (occluded(1.0, 1200),), 70, silence_s=(1800.0, 3000.0)))
    assert causes(seen, 1400) == {"occlusion, sudden"}


def test_exposures_superpose():
    sauna, plunge = Exposure(1200, 2100, 41.0, 0.044), Exposure(2160, 2400, 12.0, 0.0)
    for place in ("water", "skin"):
        seen = watch(case((sauna, plunge), (), 75, place))
        assert causes(seen, 1600) <= {"heat", "cold", "none"}, place
        assert {each.diagnosis.cause for each in seen if each.true > 0.12} == {"heat"}, place


def test_the_day_of_a_body_is_rest():
    body = AVERAGE._replace(day_c=0.35)
    seen = watch(case((), (), 3 * 1440, interval_s=60.0, body=body, barometer=True), 600)
    assert {each.diagnosis.drift for each in seen} == {0}


def test_a_drift_that_is_flagged_ends_when_it_has_been_learned():
    step = occluded(0.05, 86400, 7200)
    seen = watch(case((), (step,), 6 * 1440, interval_s=120.0, barometer=True), 3600)
    assert seen[-1].diagnosis.drift == 0


def with_zeros(run: Recorded) -> Recorded:
    readings = [reading._replace(flow_nl_h=0) if n % 40 == 20 else reading for n, reading in enumerate(run.readings)]
    return run._replace(readings=readings)


def test_a_lone_outlier_needs_a_second_reading():
    seen = watch(case((), (), 300, interval_s=60.0), 1.0, with_zeros)
    assert max(each.finding.level for each in seen) is Level.NORMAL


@pytest.mark.parametrize(
    "values", [{"flow_nl_h": float("nan")}, {"ambient_kpa": float("nan")}, {"probe_c": float("nan")}]
)
def test_a_reading_that_is_no_number_blinds_nobody(values):
    monitor = Monitor()
    monitor.declare(RIG)
    for n in range(900):
        reading = Measured(
            n * 1000, 34.0, 101.3, REFERENCE_NL_H if n < 600 else 0, min(n, 600) * 13, Status(0), n * 1000, n + 1
        )
        finding = monitor.read(reading._replace(**values) if n == 300 else reading)
    assert finding is not None
    assert finding.level is Level.HIGH
    assert np.isfinite(finding.deviation)
    found = monitor.diagnosis()
    assert found is not None
    assert np.isfinite(found.expected.deviation)
    assert found.cause == "occlusion, sudden"


def test_the_residual_volume_is_no_part_of_the_declared_fill():
    """The rig declares what can come: the residual millilitre lies below it."""
    assert usable_nl(RIG._replace(filled_nl=600_000), 200_000) == 400_000
