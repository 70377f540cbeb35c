"""A report goes by the limits that were in force, each for its own time."""

from dataclasses import replace
from pathlib import Path

import pytest
from records import START, reading

from warmflow.alarms.alarm_history import row
from warmflow.alarms.limit_registry import ALL_PUMPS, LimitRegistry
from warmflow.journal import Journal
from warmflow.monitor import PumpLimits
from warmflow.report import from_journal, from_scenario
from warmflow.report.flags import flags
from warmflow.report.from_journal import Wanted
from warmflow.report.run_record import Record
from warmflow.simulation.rig import Rig

WIDE = PumpLimits({"rate_low_above_percent": 300, "rate_medium_above_percent": 350, "rate_high_above_percent": 400})


@pytest.fixture(scope="module")
def tub() -> Record:
    return from_scenario.read("hot-tub-42", Rig("r11", "average", 101.325), "water")


def test_flags_are_raised_by_the_limits_of_the_record(tub: Record) -> None:
    declared = tub.declarations
    assert flags(tub, declared).flags
    assert not flags(replace(tub, limits=((0.0, WIDE),)), declared).flags
    late_s = tub.length_s * 0.9
    assert flags(replace(tub, limits=((late_s, WIDE),)), declared).flags


def test_limits_come_out_of_the_journals_history_with_a_note_of_those_that_are_not_usual(tmp_path: Path) -> None:
    journal, registry = Journal(tmp_path / "journal.sqlite"), LimitRegistry()
    journal.append([reading(number) for number in range(1, 41)])
    changes = [
        *registry.change(ALL_PUMPS, {"dose_low_percent": 1}, "Ann", START.replace(year=2020)),
        *registry.change("rig", {"rate_low_above_percent": 5}, "Ann", START.replace(microsecond=2_000_00)),
    ]
    journal.keep_alarms([row(change) for change in changes])
    journal.close()
    record = from_journal.read(tmp_path / "journal.sqlite", Wanted("rig", None, None))
    assert [limits["rate_low_above_percent"] for _, limits in record.limits] == [10, 5]
    assert {limits["dose_low_percent"] for _, limits in record.limits} == {1}
    assert any("flow too high, low 5 %, dose, low 1 %" in note for note in record.notes)
    assert "limit changed, flow too high, low: from 10 to 5 % by Ann" in [note.text for note in record.events]
