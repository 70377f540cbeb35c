"""Every source of a run: the journal and its export say the same; instruments' files are understood or refused."""

import csv
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from records import BOOT, START, reading

from pumplink import messages as m
from pumplink.fastcodec import ENCODERS
from warmflow.cli.export import write
from warmflow.device.updates import BoardEvent, Declaration, Gap
from warmflow.errors import UserError
from warmflow.journal import Journal
from warmflow.journal.alarm_rows import AlarmRow
from warmflow.journal.csv_import import imported
from warmflow.report import declared_rig, from_csv, from_journal, from_scenario
from warmflow.report.from_csv import Instrument
from warmflow.report.from_journal import LAYOUT, Wanted
from warmflow.report.run_record import ReportError
from warmflow.simulation.rig import Rig

pytestmark = pytest.mark.time

SECOND = BOOT._replace(boots=BOOT.boots + 1)
ANY = Wanted("rig", None, None)


def again(sequence: int):
    """A reading of the next boot, an hour later: its pump time and total begin anew."""
    return reading(sequence, SECOND)._replace(utc=START + timedelta(seconds=3600 + sequence / 10))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([reading(number) for number in range(1, 101)])
    journal.append([Gap("rig", BOOT, 101, 140, "the ring was full")])
    journal.append([reading(number, backlog=1) for number in range(141, 201)])
    event = m.Event(0, 201, 20_050, 20_050, 6, 30_000, "by hand")
    journal.append([BoardEvent("rig", BOOT, event, START + timedelta(seconds=20.05), False)])
    journal.append([again(number) for number in range(1, 51)])
    journal.append([reading(150, flow=1)])  # the same identity, other bytes
    journal.append([reading(1, pump="other", boot=BOOT._replace(boots=77))])
    journal.close()
    return tmp_path / "journal.sqlite"


@pytest.fixture
def exported(path: Path, tmp_path: Path) -> Path:
    out = tmp_path / "export.csv"
    with out.open("w", newline="", encoding="utf-8") as file:
        write(path, file, None, None, None, lambda share: None)
    return out


def test_the_layout_of_a_reading_is_the_codecs():
    message = m.Telemetry(1, 2, 3, 4, -5, 6, 7, 8, 9, 10)
    assert np.frombuffer(ENCODERS[m.Telemetry](message), LAYOUT)[0].tolist()[1:] == tuple(message)


def test_a_journal_gives_every_reading_and_all_that_went_wrong(path):
    record = from_journal.read(path, ANY)
    assert len(record.t_s) == 210
    assert (record.counts.resent, record.counts.conflicts, record.counts.total_restarts) == (60, 1, 1)
    assert [(one.readings, one.reason) for one in record.lost] == [(40, "the ring was full")]
    assert record.lost[0].at_s == pytest.approx(9.9)
    assert [event.text for event in record.events] == ["refilled: by hand"]
    assert record.events[0].at_s == pytest.approx(19.95)
    assert record.began_utc == START + timedelta(milliseconds=100)


def test_boots_stand_behind_each_other_by_utc_and_the_break_is_a_hole(path):
    record = from_journal.read(path, ANY)
    assert record.t_s[160] - record.t_s[159] == pytest.approx(3580.1)
    assert [19.9, 3600.0] in [pytest.approx(row) for row in record.holes_s.tolist()]
    assert record.volume_ul[-1] == pytest.approx((199 + 49) * 0.081)  # the total restarts, and is put together
    assert np.all(np.diff(record.t_s) > 0)


def test_an_export_gives_the_same_as_its_journal(path, exported):
    one, other = from_journal.read(path, ANY), from_csv.read(exported, "rig")
    for name in ("t_s", "volume_ul", "flow_ul_h", "probe_c", "holes_s"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=0, atol=1e-9)
    assert [each[:2] for each in one.lost] == [each[:2] for each in other.lost]
    assert other.ambient_kpa is None


def test_who_did_what_about_an_alarm_stands_among_the_events(path: Path):
    journal = Journal(path)
    at = {"pump": "rig", "id": "rate", "at": "2026-11-21T12:00:10.000Z", "by": "", "said": ""}
    told = [at | {"event": "raised"}, at | {"event": "acknowledged", "by": "Kim", "said": "out of the tub"}]
    utc_ms = round(START.timestamp() * 1000) + 10_000
    journal.keep_alarms([AlarmRow("rig", "rate", utc_ms, {}, line) for line in told])
    journal.close()
    events = from_journal.read(path, ANY).events
    [note] = [each for each in events if "alarm" in each.text]
    assert note.text == "alarm rate acknowledged by Kim: out of the tub"
    assert note.at_s == pytest.approx(9.9, abs=0.2)
    assert list(events) == sorted(events, key=lambda each: each.at_s)


def test_a_gap_belongs_to_the_readings_beside_it_whatever_the_date_was_when_it_was_stored(path):
    with_gap = from_journal.read(path, Wanted("rig", START, START + timedelta(seconds=19)))
    assert [(one.readings, one.reason) for one in with_gap.lost] == [(40, "the ring was full")]
    assert from_journal.read(path, Wanted("rig", START, START + timedelta(seconds=5))).lost == ()


def test_time_and_pump_choose_from_a_journal(path):
    early = from_journal.read(path, Wanted("rig", None, START + timedelta(seconds=5)))
    assert len(early.t_s) == 50
    with pytest.raises(ReportError, match="no readings of rig"):
        from_journal.read(path, Wanted("rig", START + timedelta(days=1), None))
    with pytest.raises(ReportError, match=r"which pump\? it has other, rig"):
        from_journal.read(path, Wanted(None, None, None))
    with pytest.raises(ReportError, match="no pump nobody; it has other, rig"):
        from_journal.read(path, Wanted("nobody", None, None))


def test_a_file_that_was_imported_into_a_journal_is_an_instruments(tmp_path):
    meter = tmp_path / "meter.csv"
    meter.write_text("time,volume_ul\n" + "".join(f"{60 * number},{number / 2:.1f}\n" for number in range(9)))
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append(imported(meter, start=START).records)
    journal.close()
    one, other = from_journal.read(tmp_path / "journal.sqlite", Wanted(None, None, None)), from_csv.read(meter)
    assert (one.kind, one.resolution_ul, one.counts.resent) == ("instrument", 0.5, None)
    np.testing.assert_allclose(one.volume_ul, other.volume_ul)
    np.testing.assert_allclose(one.t_s, other.t_s)


def test_reading_a_journal_changes_nothing_in_it(path):
    before = path.read_bytes()
    from_journal.read(path, ANY)
    assert path.read_bytes() == before


SAME = {
    "volume": "time,volume_ul\n0,0\n60,1\n120,2\n180,3.5\n",
    "UTC": "time,volume_ul\n2026-11-21T12:00:00Z,0\n2026-11-21T12:01:00Z,1\n2026-11-21T12:02:00Z,2\n"
    "2026-11-21T12:03:00Z,3.5\n",
    "another zone": "time,volume_ul\n2026-11-21T13:00:00+01:00,0\n2026-11-21T12:01:00Z,1\n2026-11-21T12:02:00,2\n"
    "2026-11-21T12:03:00,3.5\n",
    "millilitres": "time_min,volume_mL\n0,0\n1,0.001\n2,0.002\n3,0.0035\n",
    "semicolons": "# balance 7\ntime_s;volume_ul\n\n0;0\n60;1\n120;2,0\n180;3,5\n",
    "mass": "time\tmass_g\tprobe_c\n0\t10\t34\n60\t10.002\t\n120\t10.004\t35\n180\t10.007\t36\n",
}


@pytest.mark.parametrize("name", SAME)
def test_an_instrument_may_write_time_and_volume_in_its_own_way(name, tmp_path):
    path = tmp_path / "meter.csv"
    path.write_text(SAME[name])
    record = from_csv.read(path, instrument=Instrument(density_g_ml=2.0))
    assert record.t_s.tolist() == [0, 60, 120, 180]
    assert record.volume_ul.tolist() == pytest.approx([0, 1, 2, 3.5])
    assert record.kind == "instrument"


def test_a_flow_meter_without_a_total_is_integrated(tmp_path):
    path = tmp_path / "meter.csv"
    path.write_text("time,flow_ml_day\n0,1.2\n3600,1.2\n7200,2.4\n")
    record = from_csv.read(path)
    assert record.volume_ul.tolist() == pytest.approx([0, 50, 125])
    assert "integral" in record.volume_from


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("time,volume_ul\n0,0\n60,x\n120,2\n", ":3: volume_ul: 'x' is not a number"),
        ("time,volume_ul\n0,0\n60,\n120,2\n", "volume_ul: 2 lines have a value: at least 3"),
        ("time,volume_ul\n0,0\n60,2 or 3\n120,2\n", ":3: volume_ul: '2 or 3' is not a number"),
        ("time,volume_ul\n0,0\n60,1\n60,2\n", ":4: time does not rise"),
        ("# head\ntime,volume_ul\n0,0\n60,1\n\n30,2\n", ":6: time does not rise"),
        ("time,volume_ul\n0,0\n60,1,7\n", ":3: 3 values, but the header names 2 columns"),
        ("time,volume_ul\nnoon,0\n60,1\n", ":2: time: 'noon' is not a time: write UTC as 2026"),
        ("time,temp_c\n0,0\n60,1\n90,2\n", ":1: no column of volume, mass or flow; known are volume_ul"),
        ("when,volume_ul\n0,0\n60,1\n", ":1: no column of time; known are"),
        ("time,mass_g\n0,0\n60,1\n90,2\n", "give --density in g/mL"),
        ("time,volume_ul\n0,9\n60,5\n90,2\n", "the volume falls; does the balance carry the reservoir"),
        ("time,volume_ul\n0,9\n60,10\n", "2 readings: a report needs at least 3"),
        ("time,volume_ul\n", "no rows in it"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_file_and_line(text, complaint, tmp_path):
    path = tmp_path / "meter.csv"
    path.write_text(text)
    with pytest.raises(ReportError) as caught:
        from_csv.read(path)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_export_with_a_broken_line_names_it(exported):
    lines = exported.read_text().splitlines()
    lines[7] = lines[7].replace("48.88", "48.88 or so")
    exported.write_text("\n".join(lines))
    with pytest.raises(ReportError, match=r"export\.csv:8: flow_uL_h: '48.88 or so' is not a number"):
        from_csv.read(exported, "rig")


def test_an_export_with_two_pumps_asks_which(exported):
    assert {row["pump"] for row in csv.DictReader(exported.read_text().splitlines())} == {"rig", "other"}
    with pytest.raises(ReportError, match="which pump"):
        from_csv.read(exported)


def test_a_scenario_is_read_through_a_meter_with_noise_and_whole_nanolitres():
    record = from_scenario.read("rest", Rig())
    assert record.kind == "simulated"
    assert record.flow_ul_h is not None
    assert np.allclose(record.volume_ul * 1000, np.round(record.volume_ul * 1000))
    assert np.std(record.flow_ul_h) / np.mean(record.flow_ul_h) == pytest.approx(0.005, rel=0.1)
    # Ref: domain study: R-11 in the average body rests at 0.90 of its label of 1.3 mL/day
    assert record.volume_ul[-1] / record.length_s * 86.4 == pytest.approx(0.90 * 1.3, rel=0.01)


def test_the_same_seed_gives_the_same_run_and_another_does_not():
    one, other = (from_scenario.read("hot-tub-42", Rig(), seed=seed).volume_ul for seed in (3, 4))
    assert np.array_equal(one, from_scenario.read("hot-tub-42", Rig(), seed=3).volume_ul)
    assert not np.array_equal(one, other)


def test_a_scenario_that_there_is_not_is_named():
    with pytest.raises(UserError, match="no such scenario"):
        from_scenario.read("no-such", Rig())


HELLO = m.Hello(
    protocol_major=2, protocol_minor=0, firmware_major=0, firmware_minor=1, firmware_patch=0, platform=3,
    board_id=bytes(8), boot_count=1, boot_random=1, uptime_ms=0, pump_time_ms=0, ring_bytes=65536, oldest_sequence=1,
    next_sequence=1, rig_name="rig", profile="n-butane", fill=1, label_flow_nl_h=54_167, reservoir_nl=30_000_000,
    residual_nl=1_500_000, spring_pa=0, declared_outlet_pa=0, site_pressure_pa=84_000, fluid=1, glycerol_permille=0,
    body=2, place=2, sensor=1, fitted=0, filled_nl=30_000_000, metered_at_fill_nl=0, rate_hz=10, speed_x=1,
    layout=None,
)  # fmt: skip


def test_what_the_board_declared_is_what_it_is_judged_by(path: Path):
    journal = Journal(path)
    journal.append([Declaration("rig", BOOT, HELLO, START)])
    journal.close()
    record = from_journal.read(path, ANY)
    assert record.rig
    found = declared_rig.of_board(record.rig, declared_rig.Declared())
    assert (found.profile, found.site_kpa, found.label_ul_h) == ("n-butane", 84.0, 54.167)
    assert ("firmware", "0.1.0") in record.declared
    assert declared_rig.rig(found) == record.rig


def test_a_rig_that_was_declared_anew_meanwhile_is_noted(path: Path):
    journal = Journal(path)
    later = START + timedelta(seconds=5)
    journal.append([Declaration("rig", BOOT, HELLO, START - timedelta(hours=1))])
    journal.append([Declaration("rig", BOOT, HELLO._replace(profile="r11"), later)])
    journal.close()
    record = from_journal.read(path, ANY)
    assert record.rig
    assert record.rig.profile == "r11"
    assert any("declared anew" in note for note in record.notes)


def test_a_fill_that_was_declared_counts_from_the_records_own_total(path: Path):
    """A report may begin in the middle of a filling: the monitor must not see a fill at its first reading."""
    whole = from_journal.read(path, ANY)
    filled = HELLO._replace(metered_at_fill_nl=0)
    again_filled = HELLO._replace(metered_at_fill_nl=500, filled_nl=20_000_000)
    journal = Journal(path)
    journal.append([Declaration("rig", BOOT, filled, START - timedelta(hours=1))])
    journal.append([Declaration("rig", BOOT, again_filled, START + timedelta(seconds=15))])
    journal.close()
    record = from_journal.read(path, Wanted("rig", START + timedelta(seconds=5), None))
    before_ul = float(np.interp(whole.length_s - record.length_s, whole.t_s, whole.volume_ul))
    first_total_nl = reading(1).message.metered_volume_nl
    (first_s, first), (second_s, second) = record.declarations
    assert first_s == 0
    assert second_s == pytest.approx(10, abs=0.2)
    assert first.metered_at_fill_nl == pytest.approx(-first_total_nl - 1000 * before_ul, abs=1)
    assert second.metered_at_fill_nl == pytest.approx(500 - first_total_nl - 1000 * before_ul, abs=1)
    assert second.filled_nl == 20_000_000
