"""A temperature of its own file lies beside the readings by the clocks of both; what has no common clock is refused."""

from pathlib import Path

import numpy as np
import pytest

from warmflow.instruments.gravimetry import Correction
from warmflow.instruments.reader import Asked
from warmflow.report.from_csv import Instrument, read
from warmflow.report.run_record import Record, ReportError


def table(path: Path, header: str, rows: list[tuple[str, float]]) -> Path:
    path.write_text(header + "\n" + "".join(f"{time},{value:.4f}\n" for time, value in rows), encoding="utf-8")
    return path


def utc(second: int, day: int = 21) -> str:
    return f"2026-11-{day}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


def flows(folder: Path, day: int = 21, name: str = "flow.csv") -> Path:
    """An hour from second 600 on."""
    return table(folder / name, "time_utc,flow_ul_h", [(utc(600 + 10 * row, day), 50.0) for row in range(361)])


def joined(run: Path, temperature: Path, asked: Asked | None = None) -> Record:
    return read(run, None, Instrument(temperature=temperature), asked or Asked())


def test_each_reading_gets_the_temperature_of_its_own_time(tmp_path: Path) -> None:
    warm = table(tmp_path / "t.csv", "time_utc,temperature_degC", [(utc(60 * m), 30 + m / 10) for m in range(100)])
    found = joined(flows(tmp_path), warm)
    assert found.probe_c == pytest.approx(30 + (600 + found.t_s) / 600, abs=1e-3)
    assert any("at 100 % of the readings" in note and "t.csv" in note for note in found.notes)


def test_where_the_temperature_was_not_read_there_is_none(tmp_path: Path) -> None:
    rows = [(utc(60 * minute), 30.0) for minute in (*range(20, 30), *range(45, 50))]
    found = joined(flows(tmp_path), table(tmp_path / "t.csv", "time_utc,temperature_degC", rows))
    assert found.probe_c is not None
    at_s = found.t_s + 600
    known = ((at_s >= 1200) & (at_s <= 1740)) | ((at_s >= 2700) & (at_s <= 2940))
    assert np.array_equal(np.isfinite(found.probe_c), known)
    percent = 100 * known.mean()
    assert any(f"at {percent:.3g} % of the readings" in note for note in found.notes)


def test_elapsed_times_of_both_count_from_one_moment(tmp_path: Path) -> None:
    run = table(tmp_path / "f.csv", "time_s,flow_ul_h", [(str(100 + 10 * row), 50.0) for row in range(50)])
    warm = table(tmp_path / "t.csv", "time_s,temperature_degC", [(str(10 * row), float(row)) for row in range(80)])
    assert joined(run, warm).probe_c == pytest.approx(10.0 + np.arange(50))


def test_times_of_day_of_both_are_one_clock(tmp_path: Path) -> None:
    run = table(tmp_path / "f.csv", "time,flow_ul_h", [(f"10:{row:02d}:00", 50.0) for row in range(10, 40)])
    warm = table(tmp_path / "t.csv", "time,temperature_degC", [(f"10:{row:02d}:00", float(row)) for row in range(50)])
    assert joined(run, warm).probe_c == pytest.approx(np.arange(10.0, 40.0))


def test_a_column_beside_the_flow_gives_way_to_the_file_and_the_report_says_so(tmp_path: Path) -> None:
    run = tmp_path / "f.csv"
    run.write_text("time_s,flow_ul_h,temperature_degC\n" + "".join(f"{10 * row},50,20\n" for row in range(30)))
    warm = table(tmp_path / "t.csv", "time_s,Channel 2,Channel 3", [(f"{10 * row},1", 36.0) for row in range(30)])
    found = joined(run, warm, Asked({"probe": "Channel 3:degC"}))
    assert found.probe_c == pytest.approx(36.0)
    assert "temperature_degC of f.csv is not used" in found.notes


@pytest.mark.parametrize(
    ("header", "times", "complaint"),
    [
        ("time_s,temperature_degC", [str(60 * row) for row in range(90)], "has elapsed time, .* has dates"),
        ("time_utc,temperature_degC", [utc(60 * row, 23) for row in range(90)], "times do not overlap"),
        ("time,temperature_degC", [f"00:{row:02d}:00" for row in range(60)], "has times of day, .* has dates"),
        ("time_utc,humidity", [utc(60 * row) for row in range(90)], "no column of temperature"),
    ],
)
def test_files_that_cannot_be_put_beside_each_other_are_refused(
    header: str, times: list[str], complaint: str, tmp_path: Path
) -> None:
    warm = table(tmp_path / "t.csv", header, [(time, 36.0) for time in times])
    with pytest.raises(ReportError, match=complaint) as caught:
        joined(flows(tmp_path), warm)
    assert str(warm) in str(caught.value)
    if "column" not in complaint:
        assert "flow.csv" in str(caught.value)


@pytest.mark.parametrize("correction", [Correction(0.0012), Correction(None, 0.5)])
def test_a_correction_that_would_do_nothing_is_refused(correction: Correction, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="leave it out"):
        read(flows(tmp_path), None, Instrument(correction=correction))
