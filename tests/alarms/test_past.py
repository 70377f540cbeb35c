"""A past moment told out of the journal: the same words as were told then, and a clear no for what is not in there."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from explanation_cases import START, hot_tub, play, rig

from pumplink import messages as m
from pumplink.codes import Body, Fluid, Place
from warmflow.api.payloads import explanation
from warmflow.device.identity import Boot
from warmflow.device.updates import Assessed, Declaration, Gap, Reading
from warmflow.journal import Journal, JournalError
from warmflow.monitor import Measured, Monitor, Rig
from warmflow.report.past_diagnosis import NotKnown, judged

pytestmark = pytest.mark.time

BOOT = Boot("0000000000000000", 1, 1)
HELLO = m.Hello(
    protocol_major=2, protocol_minor=0, firmware_major=0, firmware_minor=1, firmware_patch=0, platform=3,
    board_id=bytes(8), boot_count=1, boot_random=1, uptime_ms=0, pump_time_ms=0, ring_bytes=65536, oldest_sequence=1,
    next_sequence=1, rig_name="rig", profile="r11", fill=1, label_flow_nl_h=54_167, reservoir_nl=30_000_000,
    residual_nl=1_000_000, spring_pa=0, declared_outlet_pa=0, site_pressure_pa=101_325, fluid=Fluid.DRUG,
    glycerol_permille=0, body=Body.AVERAGE, place=Place.WATER, sensor=1, fitted=0, filled_nl=30_000_000,
    metered_at_fill_nl=0, rate_hz=1, speed_x=1, layout=None,
)  # fmt: skip


class Kept(list[Measured]):
    """Every reading that a monitor gets, while the block lasts."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        read = Monitor.read
        patch.setattr(Monitor, "read", lambda monitor, reading: (self.append(reading), read(monitor, reading))[1])


def entry(number: int, each: Measured) -> Reading:
    probe_mc = None if each.probe_c is None else round(1000 * each.probe_c)
    message = m.Telemetry(
        0, number, each.uptime_ms or 0, each.pump_time_ms, probe_mc, 0, None, each.flow_nl_h, each.volume_nl,
        int(each.status),
    )  # fmt: skip
    utc = START + timedelta(milliseconds=each.pump_time_ms)
    return Reading("rig", BOOT, message, Measured.reading(message), utc, False, None, None, 1)


@pytest.fixture(scope="module")
def tub(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Assessed]:
    """36 minutes in and around a tub, in a journal; and what was known at their end."""
    with pytest.MonkeyPatch.context() as patch:
        kept = Kept(patch)
        then, _ = play(hot_tub, 36, rig("water"))
    assert Rig.declared(HELLO) == then.assessment.rig
    path = tmp_path_factory.mktemp("past") / "journal.sqlite"
    journal = Journal(path)
    journal.append([Declaration("rig", BOOT, HELLO, START)])
    journal.append([entry(number, each) for number, each in enumerate(kept, 1)])
    journal.append([Gap("rig", BOOT, 9000, 9001, "lost")])
    journal.close()
    return path, then


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def test_the_past_is_told_as_it_was_told_then(tub: tuple[Path, Assessed]) -> None:
    path, then = tub
    now = judged(path, "rig", None, 3.0)
    assert explanation(now.assessment) == explanation(then.assessment)
    assert explanation(judged(path, None, at(36), 3.0).assessment) == explanation(then.assessment)


def test_a_moment_before_the_exposure_knows_nothing_of_it(tub: tuple[Path, Assessed]) -> None:
    text = explanation(judged(tub[0], "rig", at(9), 3.0).assessment).text
    assert "There is nothing to explain" in text
    assert "at rest" in text


@pytest.mark.parametrize(
    ("pump", "minutes", "why"),
    [
        ("rigg", 36, "no pump rigg; did you mean rig"),
        ("rig", 80, "no readings of rig within 10 minutes before 2026-11-21 13:20:00 UTC; the last one before is of"),
        ("rig", -5, "was never declared before"),
    ],
)
def test_what_is_not_in_the_journal_is_said(tub: tuple[Path, Assessed], pump: str, minutes: float, why: str) -> None:
    with pytest.raises(NotKnown, match=why):
        judged(tub[0], pump, at(minutes), 3.0)


def test_a_file_that_is_no_journal_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(JournalError, match=r"x\.sqlite"):
        judged(path, None, None, 1.0)


def test_only_so_much_is_read_as_was_asked_for(tub: tuple[Path, Assessed]) -> None:
    short = judged(tub[0], "rig", at(36), 0.2)
    assert short.assessment.diagnosis.dose.since_ms >= 1000 * 60 * (36 - 12) - 2000
