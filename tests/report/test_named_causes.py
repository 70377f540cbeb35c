"""The report names the cause of what each built-in scenario does, with the rig as the scenario declares it."""

from dataclasses import replace

import pytest

from warmflow.report import declared_rig, from_scenario
from warmflow.report.declared_rig import Declared
from warmflow.report.flags import Flag, flags
from warmflow.report.run_record import Record
from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import built_in

# what is known of the scenario, and not read off a report; "" where no rate flag may be raised
SHORT = {
    "activation": "a cold pump warms in the body",
    "cold-plunge": "cold (cold water)",
    "exercise": "heat exposure (exercise)",
    "flight": "altitude or depth",
    "heating-pad": "heat exposure (heating pad)",
    "hot-tub-42": "heat exposure (hot tub or sauna)",
    "scuba": "altitude or depth",
}
LONG = {
    "catheter-loose": "catheter loose, or a leak before it",
    "cycle-14-14": "",  # its fluids are declared
    "extreme-heat": "heat exposure",
    "fever-39": "heat exposure (fever)",
    "glycerol-break": "",  # the same
    "holiday-2500": "altitude or depth",
    "hot-tub-40": "heat exposure (hot tub or sauna)",
    "occlusion-creeping": "creeping occlusion",
    "occlusion-sudden": "sudden occlusion",
    "refill-visit": "",
    "rest": "",
    "run-dry": "reservoir near empty",
    "sauna": "heat exposure (hot tub or sauna)",
    "warm-pocket": "unknown",  # a probe on the skin does not see it
}
STEPS_OF = {"occlusion-creeping": ("sudden occlusion",)}  # each of its steps is one
R_11 = Declared("r11")


def played(name: str) -> Record:
    return from_scenario.read(name, Rig())


def named(record: Record, declared: Declared = R_11) -> list[Flag]:
    """The rate flags of the run."""
    found = flags(record, declared_rig.declarations(declared, record))
    return [flag for flag in found.flags if flag.kind == "rate"]


def check(name: str, cause: str) -> None:
    found = named(played(name))
    assert bool(found) is bool(cause)
    if cause:
        largest = max(found, key=lambda flag: abs(flag.peak_percent))
        assert largest.cause == cause or largest.cause.startswith(f"{cause} (")
        assert {flag.cause.partition(" (")[0] for flag in found} <= {cause.partition(" (")[0], *STEPS_OF.get(name, ())}


def test_every_built_in_scenario_has_its_cause_here() -> None:
    assert set(SHORT | LONG) == set(built_in())


@pytest.mark.parametrize("name", SHORT)
def test_the_report_names_the_cause(name: str) -> None:
    check(name, SHORT[name])


@pytest.mark.soak  # runs of days: five seconds each
@pytest.mark.parametrize("name", LONG)
def test_the_report_names_the_cause_of_a_long_run(name: str) -> None:
    check(name, LONG[name])


def test_the_monitor_gets_a_flow_that_stops_at_once_as_often_as_any_other() -> None:
    """A sudden change of the pump is not taken for noise of the meter."""
    record = played("scuba")
    assert flags(record, record.declarations).feed_s <= 5


def test_a_rig_that_is_given_over_a_boards_declaration_counts_alone() -> None:
    record = replace(played("scuba"), kind="board")
    board = declared_rig.of_board(record.declarations[0][1], Declared())
    assert declared_rig.declarations(board, record) == record.declarations
    [(from_s, rig)] = declared_rig.declarations(Declared("n-butane"), record)
    assert (from_s, rig.profile) == (0.0, "n-butane")


def test_readings_too_slow_to_show_a_course_name_no_kind_of_exposure() -> None:
    record = played("hot-tub-42")
    columns = {
        name: getattr(record, name)[::60] for name in ("t_s", "volume_ul", "flow_ul_h", "probe_c", "ambient_kpa")
    }
    causes = {flag.cause for flag in named(replace(record, usual_s=60.0, **columns))}
    assert causes == {"heat exposure"}
