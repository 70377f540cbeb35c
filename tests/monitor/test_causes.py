"""The table of causes, and that nothing but what is declared and measured can reach it."""

import ast
import inspect
from pathlib import Path

import pytest

import warmflow.monitor
from pumplink.codes import Status
from pumplink.messages import Hello, Info, Telemetry, Truth
from warmflow.monitor import Diagnosis, Finding, Level, Measured, Monitor, Rig
from warmflow.monitor.causes import CAUSES, NAMES, NO_CAUSE, decide, score
from warmflow.monitor.evidence import EVIDENCE
from warmflow.monitor.features import Features
from warmflow.monitor.pump_limits import PumpLimits

ROOT = Path(warmflow.monitor.__file__).parent
RIG = Rig("r11", "average", "water", "drug", 0.0, 101.325, 54167, 30_000_000, 0, 1_000_000, 1)
ASKED_FOR = {
    "heat", "cold", "altitude or depth", "near-empty", "over-fill", "occlusion, sudden", "occlusion, creeping",
    "catheter loose", "wrong fluid", "sensor", "clock", "unknown", "probe elsewhere",
}  # fmt: skip
NOTHING = dict.fromkeys(EVIDENCE, 0.0)


def test_all_causes_that_are_asked_for_are_in_the_table_and_no_others():
    assert set(NAMES) == ASKED_FOR


def test_every_evidence_of_the_table_exists_and_each_is_used():
    used = {name for cause in CAUSES for name in (*cause.needs, *cause.against)}
    assert used <= set(EVIDENCE)
    assert set(EVIDENCE) - used <= {"probe explains it"}  # shown, and part of "course of a body"


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.title)
def test_a_cause_is_named_when_all_that_it_needs_is_so_and_nothing_else(cause):
    evidence = NOTHING | dict.fromkeys(cause.needs, 1.0)
    assert decide(evidence).name == cause.name or score(cause, evidence) < 0.25  # unknown gives way
    for name in cause.needs:
        assert score(cause, evidence | {name: 0.0}) == 0.0
    for name in cause.against:
        assert score(cause, evidence | {name: 1.0}) == 0.0


def test_confidences_are_shares_of_what_speaks_for_each():
    verdict = decide(NOTHING | {"stepped down": 0.7})
    assert verdict.name == "occlusion, sudden"
    assert 0.0 < sum(confidence for _, confidence in verdict.ranking) < 1.0
    assert verdict.confidence == verdict.ranking[0][1]
    assert decide(NOTHING) is NO_CAUSE


# the reference rate follows from the declaration alone: both sides work it out
TRUTH_ONLY = set(Truth._fields) - set(Telemetry._fields) - set(Hello._fields) - {"reference_flow_nl_h", "flow_nl_h"}


def sources() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(ROOT.glob("*.py"))]


def test_no_module_of_the_monitor_imports_or_names_the_truth():
    """By name: the messages and codes of the emulator's inner state, and every field that only a TRUTH frame has."""
    forbidden = TRUTH_ONLY | {
        "Truth",
        "TruthFlag",
        "Fault",
        "Inner",
        "FIRST_TRUTH_EVENT",
        "EventCode",
        "Event",
        "truth",
    }
    assert {"skin_mc", "core_mc", "pump_mc", "drive_pa", "outlet_pa", "faults", "delivered_nl"} <= forbidden
    for path, tree in sources():
        nodes = list(ast.walk(tree))
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        names |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom | ast.Import) for alias in node.names}
        names |= {node.arg for node in nodes if isinstance(node, ast.arg | ast.keyword) and node.arg}
        assert not names & forbidden, path


def test_the_monitor_takes_nothing_stateful_of_the_model_that_has_a_truth():
    """`Pump`, `Surroundings`, `Faults` hold a truth; the monitor uses formulas, constants and an empty reservoir."""
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pumpmodel"):
                assert not {alias.name for alias in node.names} & {
                    "Pump",
                    "Surroundings",
                    "Faults",
                    "Exposure",
                    "Body",
                }, path


def test_what_goes_in_is_declared_or_measured_by_its_types():
    assert inspect.get_annotations(Rig.declared.__func__)["hello"] == Hello | Info
    assert inspect.get_annotations(Measured.reading.__func__)["message"] is Telemetry
    ways_in = {name for name, _ in inspect.getmembers(Monitor, inspect.isfunction) if not name.startswith("_")}
    assert ways_in == {"declare", "read", "diagnosis", "use"}
    assert inspect.get_annotations(Monitor.use)["limits"] is PumpLimits  # of people, not of the pump
    assert list(inspect.signature(Monitor.declare).parameters) == ["self", "rig"]
    assert list(inspect.signature(Monitor.read).parameters) == ["self", "reading"]
    assert list(inspect.signature(Monitor.diagnosis).parameters) == ["self"]
    assert not TRUTH_ONLY & {*Rig._fields, *Measured._fields, *Features._fields, *Finding._fields, *Diagnosis._fields}


def test_the_same_readings_give_the_same_diagnosis_whatever_was_true():
    """Flow stops and nothing warms: an occlusion or a closed tap, the monitor cannot know, and says one thing."""
    found = []
    for _ in range(2):
        monitor = Monitor()
        monitor.declare(RIG)
        for second in range(1800):
            flow = 48_880 if second < 900 else 0
            volume = 48_880 * min(second + 1, 900) // 3600
            monitor.read(Measured(second * 1000, 24.0, None, flow, volume, Status(32), second * 1000, second + 1))
        found.append(monitor.diagnosis())
    assert found[0] == found[1]
    assert found[0] is not None
    assert found[0].cause == "occlusion, sudden"
    assert found[0].confidence > 0.7
    assert found[0].since_ms < 960_000


def test_a_diagnosis_is_worked_out_once_for_a_sample():
    monitor = Monitor()
    assert monitor.diagnosis() is None
    monitor.declare(RIG)
    assert monitor.diagnosis() is None
    monitor.read(Measured(0, 24.0, None, 48_880, 0, Status(32), 0, 1))
    first = monitor.diagnosis()
    monitor.read(Measured(1000, 24.0, None, 48_880, 13, Status(32), 1000, 2))
    assert monitor.diagnosis() is first


def test_readings_within_a_second_tell_a_change_once():
    monitor = Monitor()
    monitor.declare(RIG)
    told = 0
    for n in range(3000):
        flow = 48_880 if n < 1500 else 70_000
        finding = monitor.read(Measured(n * 100, 24.0, None, flow, n, Status(32), n * 100, n + 1))
        assert finding is not None
        told += finding.changed
    assert finding.level is Level.HIGH
    assert 2 <= told <= 4  # normal, notice, act and urgent, or fewer where two rise in the same second
