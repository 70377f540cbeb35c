"""The rate flag, from measured values alone."""

import ast
from pathlib import Path

import pytest

import warmflow.monitor
from pumplink.codes import Status
from pumpmodel import Pump
from warmflow.monitor import Finding, Level, Measured, Monitor, Rig
from warmflow.monitor.limits import CLEAR_HOLD_MS, RAISE_HOLD_MS, Limits

RIG = Rig("r11", "average", "water", "drug", 0.0, 101.325, 54167, 30_000_000, 0, 1_000_000)
REST = 24.0  # a probe on the desk


def played(
    minutes: float, probe_c: float, start_ms: int, pump: Pump, monitor: Monitor, status: int = 0
) -> list[Finding]:
    """A pump whose probe reads `probe_c` for some minutes; every finding, one a second."""
    out = []
    for second in range(round(minutes * 60)):
        pump.touch(probe_c)
        pump.step(1.0)
        now_ms = start_ms + second * 1000
        flow = round(pump.flow_nl_h)
        finding = monitor.read(Measured(now_ms, probe_c, None, flow, pump.pumped_nl, Status(status)))
        assert finding is not None
        out.append(finding)
    return out


def watched(rig: Rig = RIG) -> tuple[Pump, Monitor]:
    monitor = Monitor()
    monitor.declare(rig)
    return Pump(profile=rig.profile, body=rig.body, place=rig.place), monitor


def test_nothing_is_said_before_the_rig_is_declared() -> None:
    assert Monitor().read(Measured(0, 24.0, None, 50_000, 0, Status(0))) is None


def test_rest_raises_no_flag() -> None:
    pump, monitor = watched()
    findings = played(60, REST, 0, pump, monitor)
    assert {finding.level for finding in findings} == {Level.NORMAL}
    assert [finding.changed for finding in findings].count(True) == 1  # the first one says what is so


def test_a_hot_tub_rises_through_the_levels_with_cause_heat_and_clears() -> None:
    pump, monitor = watched()
    findings = played(3, REST, 0, pump, monitor)
    findings += played(30, 42.0, 180_000, pump, monitor)
    findings += played(120, REST, 1_980_000, pump, monitor)
    course = [(finding.level, finding.cause) for finding in findings if finding.changed]
    assert course == [
        (Level.NORMAL, ""),
        (Level.LOW, "heat"),
        (Level.MEDIUM, "heat"),
        (Level.HIGH, "heat"),
        (Level.MEDIUM, "heat"),
        (Level.LOW, "heat"),
        (Level.NORMAL, ""),
    ]
    assert 0.28 < max(finding.deviation for finding in findings) < 0.34  # domain: +31 %


def test_flow_without_warmth_is_not_called_heat() -> None:
    _, monitor = watched()
    reference = monitor.read(Measured(0, REST, None, 48_880, 0, Status(0))).reference_flow_nl_h  # type: ignore[union-attr]
    for second in range(1, 200):
        finding = monitor.read(Measured(second * 1000, REST, None, round(reference * 1.3), 0, Status(0)))
    assert finding is not None
    assert (finding.level, finding.cause) == (Level.HIGH, "unexplained")


def test_warmth_without_flow_raises_nothing() -> None:
    _, monitor = watched()
    for second in range(3000):
        finding = monitor.read(Measured(second * 1000, 42.0, None, 48_880, 0, Status(0)))
    assert finding is not None
    assert finding.level is Level.NORMAL
    assert finding.expected > 0.2


def test_a_reading_that_no_probe_can_give_is_judged_all_the_same() -> None:
    _, monitor = watched()
    for second, probe_c in enumerate([24.0, -127.0, 850.0, None, 24.0]):
        assert monitor.read(Measured(second * 1000, probe_c, None, 48_880, 0, Status(0))) is not None


def test_flow_that_stops_is_a_flag_too() -> None:
    _, monitor = watched()
    for second in range(200):
        finding = monitor.read(Measured(second * 1000, REST, None, 0, 0, Status(0)))
    assert finding is not None
    assert (finding.level, finding.cause) == (Level.HIGH, "unexplained")


@pytest.mark.parametrize("status", [Status.PROBE_ILLUSTRATIVE, Status.PROBE_RANGE])
def test_a_probe_that_can_not_judge_raises_no_flag_and_says_why(status: Status) -> None:
    pump, monitor = watched()
    findings = played(30, 42.0, 0, pump, monitor, status)
    assert {finding.level for finding in findings} == {Level.NORMAL}
    assert findings[-1].suppressed


def test_a_deviation_must_last_to_be_reached_and_to_be_left() -> None:
    limits = Limits()
    assert limits.update(0.2, 0) is Level.NORMAL
    assert limits.update(0.2, RAISE_HOLD_MS - 1) is Level.NORMAL
    assert limits.update(0.2, RAISE_HOLD_MS) is Level.MEDIUM
    assert limits.update(0.0, RAISE_HOLD_MS + 1) is Level.MEDIUM
    assert limits.update(0.0, RAISE_HOLD_MS + CLEAR_HOLD_MS) is Level.MEDIUM
    assert limits.update(0.0, RAISE_HOLD_MS + CLEAR_HOLD_MS + 1) is Level.NORMAL


def test_noise_around_a_threshold_neither_raises_nor_chatters() -> None:
    limits = Limits()
    levels = {limits.update(0.1 + (0.01 if n % 2 else -0.01), n * 1000) for n in range(1000)}
    assert levels == {Level.NORMAL}
    raised = [limits.update(0.12, 1_000_000 + n * 1000) for n in range(60)]
    assert raised[-1] is Level.LOW
    held = {limits.update(0.1 + (0.015 if n % 2 else -0.015), 2_000_000 + n * 1000) for n in range(1000)}
    assert held == {Level.LOW}


def test_readings_far_apart_in_pump_time_give_the_same_course() -> None:
    """At 60 times real time a reading comes every 6 s of pump time."""
    peaks = []
    for step in (1, 6):
        pump, monitor = watched()
        peak = 0.0
        for second in range(0, 5400):
            probe_c = 42.0 if 180 <= second < 1980 else REST
            pump.touch(probe_c)
            pump.step(1.0)
            if second % step == 0:
                found = monitor.read(Measured(second * 1000, probe_c, None, round(pump.flow_nl_h), 0, Status(0)))
                assert found is not None
                peak = max(peak, found.deviation)
        peaks.append(peak)
    assert peaks[0] == pytest.approx(peaks[1], abs=0.003)


def test_the_monitor_has_no_name_for_the_truth() -> None:
    """Nothing below monitor/ names TRUTH frames, faults or the inner state, so nothing of it can get in."""
    forbidden = {"Truth", "TruthFlag", "Fault", "Inner"}
    for path in Path(warmflow.monitor.__file__).parent.glob("*.py"):
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        assert not names & forbidden, path
