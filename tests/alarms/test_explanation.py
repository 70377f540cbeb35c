"""`explain`'s paragraph: right in what it says of five pumps, marked number by number, and blind to the truth."""

import ast
import inspect
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from explanation_cases import Change, altitude, fever, hot_tub, occlusion, play, rest, rig

import warmflow.alarms
import warmflow.monitor.explanation
from pumplink import messages as m
from pumpmodel import PROFILE_NAMES
from warmflow.api.payloads import explanation
from warmflow.monitor import Assessment
from warmflow.monitor.causes import NAMES
from warmflow.monitor.explanation import paragraph_parts
from warmflow.monitor.explanation.cause_texts import MEANINGS, PROPELLANTS


class Told(NamedTuple):
    """A case, and what its paragraph has to say and must not say."""

    change: Change
    minutes: float
    place: str
    barometer: bool
    says: tuple[str, ...]
    not_says: tuple[str, ...]
    share: str  # the largest


CASES = {
    "hot tub": Told(
        hot_tub, 36, "water", False,
        (r"probe in the water reads 4[12]\.\d °C \(measured\)",
         r"in its pocket is taken to be at 3[78]\.\d °C \(modelled\)",
         r"vapour pressure of 16\d\.\d kPa \(modelled\), \+\d+\.\d kPa \(modelled\) against rest",
         r"on average \+2\d\.\d % \(measured\) against the reference rate of 4[89]\.\d µL/h \(modelled\)",
         r"propellant's pressure \+\d+\.\d % \(modelled\)", r"heat exposure, by its course a hot tub",
         r"more came than the reference rate gives: \+0\.0\d % \(measured\)", r"within limits", r"back under 10 %"),
        ("occlusion", "altitude"), "propellant",
    ),
    "fever": Told(
        fever, 300, "skin", False,
        (r"probe on the skin reads 3[56]\.\d °C \(measured\)", r"heat exposure, by its course a fever",
         r"warmer than at rest", r"at high"),
        ("hot tub", "occlusion"), "propellant",
    ),
    "occlusion": Told(
        occlusion, 25, "skin", False,
        (r"taken to be at rest", r"154\.\d kPa \(modelled\), as at rest", r"-100\.0 % \(measured\)",
         r"sudden occlusion",
         r"Temperature cannot tell it", r"less came than the reference rate gives", r"nothing explains -100\.0 %"),
        ("heat exposure", "warmer than"), "unexplained",
    ),
    "altitude": Told(
        altitude, 50, "skin", True,
        (r"around the body there are 76\.\d kPa \(measured\), -25\.\d kPa \(measured\)",
         r"against the site's 101\.3 kPa \(declared\)", r"pressure around the body \+\d\d\.\d % \(modelled\)",
         r"altitude or depth", r"Temperature has no part in that", r"as at rest"),
        ("heat exposure", "no barometer"), "ambient",
    ),
    "rest": Told(
        rest, 40, "skin", False,
        (r"taken to be at rest", r"There is nothing to explain", r"no barometer is fitted", r"within limits"),
        ("The rate flag", "likeliest"), "",
    ),
}  # fmt: skip


@cache
def case(name: str) -> Assessment:
    row = CASES[name]
    return play(row.change, row.minutes, rig(row.place), row.barometer)[0].assessment


@pytest.mark.parametrize("name", CASES)
def test_the_paragraph_says_what_happened_and_nothing_else(name: str):
    said = explanation(case(name))
    for pattern in CASES[name].says:
        assert re.search(pattern, said.text), f"{pattern} is not in: {said.text}"
    for words in CASES[name].not_says:
        assert words not in said.text


@pytest.mark.parametrize("name", CASES)
def test_the_shares_sum_to_the_deviation_and_the_largest_is_the_cause(name: str):
    said = explanation(case(name))
    assert sum(share.percent for share in said.shares) == pytest.approx(100 * case(name).diagnosis.deviation, abs=0.05)
    largest = max(said.shares, key=lambda share: abs(share.percent))
    if CASES[name].share:
        assert largest.name == CASES[name].share
    else:
        assert abs(largest.percent) < 3


@pytest.mark.parametrize("name", CASES)
def test_every_number_says_whether_it_was_measured_modelled_or_declared(name: str):
    parts = paragraph_parts(case(name))
    names = {"(R-11)"}
    for part in parts:
        bare = part.text
        for word in names:
            bare = bare.replace(word, "")
        assert bool(re.search(r"\d", bare)) is bool(part.mark), part
        assert part.mark in ("", "measured", "modelled", "declared")
    assert {part.mark for part in parts} >= {"", "measured", "modelled"}


def test_a_measured_number_is_the_instrument_s_own():
    now = case("fever")
    measured = {part.text for part in paragraph_parts(now) if part.mark == "measured"}
    assert f"{now.measured.probe_c:.1f} °C" in measured
    assert f"{now.measured.flow_nl_h / 1000:.1f} µL/h" in measured


def test_without_a_probe_it_says_so_and_invents_no_number():
    now = case("rest")
    text = explanation(now._replace(measured=now.measured._replace(probe_c=None))).text
    assert "The probe gives no valid reading" in text
    assert "The probe on the skin" not in text


def test_every_cause_has_its_sentence_and_every_profile_its_propellant():
    assert set(MEANINGS) == set(NAMES)
    assert set(PROPELLANTS) == set(PROFILE_NAMES)


TRUTH = {"Truth", "TruthFlag", "Inner", "EventCode", "Fault", "FIRST_TRUTH_EVENT", "Pump"}
TRUTH_FIELDS = set(m.Truth._fields) - set(m.Telemetry._fields) - set(m.Hello._fields)


@pytest.mark.parametrize("package", [warmflow.monitor.explanation, warmflow.alarms])
def test_nothing_that_tells_or_alarms_can_name_the_truth(package):
    for path in sorted(Path(inspect.getfile(package)).parent.glob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        names |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom | ast.Import) for alias in node.names}
        assert not names & (TRUTH | TRUTH_FIELDS - {"reference_flow_nl_h", "flow_nl_h"}), path
    assert {"skin_mc", "core_mc", "pump_mc", "drive_pa", "faults"} <= TRUTH_FIELDS


def test_what_it_is_told_of_is_declared_measured_or_the_monitor_s():
    kinds = {kind.__module__ for kind in inspect.get_annotations(Assessment).values()}
    assert kinds <= {f"warmflow.monitor.{name}" for name in ("rig", "findings", "diagnosis")}


def test_the_same_readings_are_told_alike_whatever_the_body_really_was():
    """The true core of the fever is 39; what is told is what the readings leave to be inferred."""
    update, pump = play(fever, 300, rig())
    now = update.assessment
    assert explanation(now).text == explanation(case("fever")).text
    told_numbers = set(re.findall(r"-?\d+\.\d+", explanation(now).text))
    assert f"{pump.core_c:.1f}" == "39.0"
    assert "39.0" not in told_numbers
