"""Imported readings: the file is the board, twice adds nothing, and what does not fit is named by file and line."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from records import BOOT, START, reading
from typer.testing import CliRunner

from warmflow.cli.export import write
from warmflow.cli.import_csv import import_
from warmflow.cli.main import _register, app
from warmflow.device.updates import Gap, Reading
from warmflow.journal import Journal
from warmflow.journal.csv_import import ImportFault, imported

pytestmark = pytest.mark.time

VOLUME = """time,volume_ul
2026-11-21T12:00:00Z,0
2026-11-21T12:30:00Z,25
2026-11-21T13:00:00Z,49.5
2026-11-21T13:30:00Z,49.4
"""
FLOW = """time,flow_ul_h,note
0,50,
3600,50,half an hour late
5400,48,
"""


def file(folder: Path, text: str, name: str = "balance 2.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def readings(path: Path, **options: object) -> list[Reading]:
    return [each for each in imported(path, **options).records if isinstance(each, Reading)]  # type: ignore[arg-type]


def test_a_balance_gives_volume_and_its_flow_is_the_slope(tmp_path: Path) -> None:
    content = imported(file(tmp_path, VOLUME))
    got = [each.message for each in content.records if isinstance(each, Reading)]
    assert [each.metered_volume_nl for each in got] == [0, 25_000, 49_500, 49_400]
    assert [each.metered_flow_nl_h for each in got] == [50_000, 50_000, 48_800, 0]
    assert [each.uptime_ms for each in got] == [0, 1_800_000, 3_600_000, 5_400_000]
    first = content.records[0]
    assert isinstance(first, Reading)
    assert (first.pump, first.late, first.utc) == ("balance-2", True, datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert first.boot.board_id.startswith("import-")


def test_a_flow_meter_gives_flow_and_its_volume_is_the_area(tmp_path: Path) -> None:
    got = readings(file(tmp_path, FLOW), pump="meter", start=START)
    assert [each.message.metered_flow_nl_h for each in got] == [50_000, 50_000, 48_000]
    assert [each.message.metered_volume_nl for each in got] == [0, 50_000, 74_500]
    assert [(each.utc - START).total_seconds() for each in got] == [0, 3600, 5400]
    assert {each.pump for each in got} == {"meter"}


@pytest.mark.parametrize(
    ("column", "ul_h"), [("flow_nl_h", 0.048), ("flow_ml_h", 48_000), ("flow_ul_min", 2880), ("flow_ml_day", 2000)]
)
def test_other_units_are_known_by_the_columns_name(tmp_path: Path, column: str, ul_h: float) -> None:
    [only] = readings(file(tmp_path, f"time,{column}\n2026-11-21,48\n"))
    assert only.message.metered_flow_nl_h == round(ul_h * 1000)


def test_our_own_export_comes_back_with_every_number_and_every_gap(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.sqlite")
    other = BOOT._replace(boots=9)
    journal.append([*(reading(n) for n in range(1, 11)), Gap("rig", BOOT, 11, 14, "full"), reading(15)])
    journal.append([reading(n, other, "other") for n in range(1, 4)])
    path = tmp_path / "out.csv"
    with path.open("w", newline="") as out:
        write(journal.path, out, None, None, None, lambda share: None)
    content = imported(path)
    before = [entry.record for entry in journal.after(0)]
    assert len(content.records) == len(before)
    for old, new in zip(before, content.records, strict=True):
        assert new.pump == old.pump + "-import"
        if isinstance(old, Gap):
            assert isinstance(new, Gap)
            assert (new.first, new.last) == (old.first, old.last)
            continue
        assert isinstance(new, Reading)
        assert isinstance(old, Reading)
        assert new.utc == old.utc
        same = ("sequence", "pump_time_ms", "probe_mc", "metered_flow_nl_h", "metered_volume_nl", "status")
        assert [getattr(new.message, name) for name in same] == [getattr(old.message, name) for name in same]
    assert len({record.boot for record in content.records}) == 2


def test_a_file_that_is_imported_twice_adds_nothing_and_another_one_does(tmp_path: Path) -> None:
    path, target = file(tmp_path, VOLUME), tmp_path / "j.sqlite"
    for _ in range(2):
        import_(path, None, None, target)
    assert len(Journal(target).after(0)) == 4
    import_(file(tmp_path, VOLUME + "2026-11-21T14:00:00Z,74\n"), None, None, tmp_path / "k.sqlite")
    [first] = {entry.record.boot for entry in Journal(tmp_path / "k.sqlite").after(0)}
    [second] = {record.boot for record in imported(file(tmp_path, VOLUME)).records}
    assert first != second


def test_a_journal_that_a_daemon_has_open_is_refused_with_the_remedy(tmp_path: Path) -> None:
    held = Journal(tmp_path / "j.sqlite")
    with pytest.raises(Exception, match="Stop that one"):
        import_(file(tmp_path, VOLUME), None, None, held.path)


FAULTS = {
    "no such file": (None, "no such file"),
    "empty": ("", "no rows in it"),
    "other columns": ("a,b\n1,2\n", "csv:1: .*there is: a, b"),
    "no time": ("time,volume_ul\nyesterday,1\n", "csv:2: time: 'yesterday' is not a time"),
    "no number": ("time,volume_ul\n2026-11-21,1\n2026-11-22,x\n", "csv:3: volume_ul: 'x' is not a number"),
    "not a number": ("time,flow_ul_h\n2026-11-21,nan\n", "flow_ul_h: no line has a value"),
    "seconds without a start": ("time,flow_ul_h\n0,48\n60,48\n", "csv:2: .*--start 2026"),
    "backwards": ("time,flow_ul_h\n2026-11-22,1\n2026-11-21,1\n", "csv:3: time does not rise"),
    "too few": ("time,flow_ul_h\n2026-11-22\n", "csv:2: 1 values, but the header names 2"),
    "too many": ("time,flow_ul_h\n2026-11-22,1,1\n", "csv:2: 3 values, but the header names 2"),
    "impossible flow": (
        "time,volume_ul\n2026-11-21T00:00:00,0\n2026-11-21T00:00:01,1e12\n",
        "csv:3: volume_ul: 1e12 is not from",
    ),
    "our sequence": (
        "time_utc,pump,boot,sequence,pump_time_s,flow_uL_h,volume_uL,status\n2026-11-21,p,1,0,1,1,1,1\n",
        "csv:2: sequence: '0'",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_does_not_fit_is_named_by_file_and_line(tmp_path: Path, name: str) -> None:
    text, words = FAULTS[name]
    path = tmp_path / "balance 2.csv" if text is None else file(tmp_path, text)
    with pytest.raises(ImportFault, match=words):
        imported(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"time,volume_ul\n\xff\xfe")
    with pytest.raises(ImportFault, match="UTF-8"):
        imported(path)


def test_the_command_says_what_it_took(tmp_path: Path) -> None:
    _register()
    arguments = ["import", str(file(tmp_path, VOLUME)), "--journal", str(tmp_path / "j.sqlite")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "4 records added, 0 already present" in result.output
    assert "(balance-2)" in result.output
    with (tmp_path / "o.csv").open("w") as out:
        write(tmp_path / "j.sqlite", out, "balance-2", None, None, lambda share: None)
    assert len(list(csv.reader((tmp_path / "o.csv").read_text().splitlines()))) == 5
