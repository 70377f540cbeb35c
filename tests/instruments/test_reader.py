"""What a table's cells mean: times, decimal signs, units and words for "no value"; each refusal's own advice works."""

from pathlib import Path

import numpy as np
import pytest
from lab_files import command, import_and_report, report, written

from warmflow.instruments.choice import asked_from
from warmflow.instruments.columns import meaning
from warmflow.instruments.errors import InstrumentFileError
from warmflow.instruments.reader import Asked, read

pytestmark = pytest.mark.time


def rows(header: str, cells: list[str], sign: str = ",") -> str:
    return "\n".join([header, *(f"{60 * n}{sign}{cell}" for n, cell in enumerate(cells))]) + "\n"


@pytest.mark.parametrize(
    ("header", "quantity", "factor"),
    [
        ("flow_ul_h", "flow", 1), ("Flow (µL/min)", "flow", 60), ("FLOW RATE [μL/min]", "flow", 60),
        ("Q/mL/h", "flow", 1000), ("flow_uL_per_min", "flow", 60), ("Weight (mg)", "mass", 0.001),
        ("Mass/g", "mass", 1), ("Volume, mL", "volume", 1000), ("volume_uL", "volume", 1), ("t/s", "time", 1),
        ("Time [min]", "time", 60), ("Time (hh:mm:ss)", "time", 1), ("temp_c", "probe", 1),
        ("Temperature (°C)", "probe", 1), ("probe_degC", "probe", 1), ("ambient_hPa", "ambient", 0.1),
    ],
)  # fmt: skip
def test_a_header_says_quantity_and_unit(header: str, quantity: str, factor: float) -> None:
    found = meaning(header)
    assert found is not None
    assert (found.quantity.name, found.factor) == (quantity, pytest.approx(factor))


@pytest.mark.parametrize(
    "header", ["setpoint_ul_min", "flow_ul_min_filtered", "valve", "m/s", "note", "", "flow 2 (V)"]
)
def test_what_is_no_quantity_is_left_alone(header: str) -> None:
    assert meaning(header) is None


@pytest.mark.parametrize(
    "text",
    ["2026-11-21T12:00:00Z", "2026-11-21 12:00:00Z", "2026-11-21T12:00:00.5Z", "2026-11-21 12:00:00 UTC",
     "2026-11-21T12:00Z", "2026-11-21T13:00:00+01:00", "21.11.2026 12:00:00", "2026/11/21 12:00:00",
     "11/21/2026 12:00:00 PM", "21/11/2026 12:00", "2026-11-21T12:00:00.123456789Z", " 2026-11-21T12:00:00z "],
)  # fmt: skip
def test_a_time_in_any_certain_dress_is_a_time(text: str, tmp_path: Path) -> None:
    found = read(written(tmp_path, "x.csv", f"time,flow_ul_h\n{text},48.9\n"))
    assert found.began is not None
    assert found.began.strftime("%Y-%m-%d %H") == "2026-11-21 12"


@pytest.mark.parametrize(
    ("content", "advice", "options"),
    [
        ("time;flow_nl_h\n0;995\n60;1.002\n120;998\n", "--decimal comma", ("--decimal", "comma")),
        ("time_s,flow_ul_h,flow_ul_h\n0,1,2\n60,1,2\n120,1,2\n", "--column flow=2", ("--column", "flow=2")),
        ("time_s,q1 (µL/h),q2 (µL/h)\n0,1,2\n60,1,2\n120,1,2\n", "--column flow=NAME", ("--column", "flow=q2 (µL/h)")),
        ("time_s,flow\n0,1\n60,1\n120,1\n", "--column flow=2:UNIT", ("--column", "flow=2:ul/min")),
        ("time_s,volume_ul,flow_ul_h\n0,0,5\n60,9,5\n120,18,5\n", "--column volume=volume_ul",
         ("--column", "volume=volume_ul")),
        ("time,volume_ul\n2026-10-25 01:30,0\n2026-10-25 02:00,1\n2026-10-25 02:30,2\n2026-10-25 02:00,3\n"
         "2026-10-25 02:30,4\n2026-10-25 03:00,5\n", "--time-zone", ("--time-zone", "Europe/Berlin")),
        ("time_s,mass_g\n0,1\n60,1.001\n120,1.002\n", "--density", ("--density", "0.9982")),
    ],
)  # fmt: skip
def test_the_advice_of_a_refusal_works(content: str, advice: str, options: tuple[str, ...], tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", content)
    assert advice in report(path).refused
    found = report(path, *options)
    assert not found.refused, found.refused
    assert found.mean_ul_h > 0


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("time,flow_ul_h\n46347.5,1\n46347.6,1\n46347.7,1\n", ("time,", "time_s,"), "name the column time_s or time_d"),
        ("time,flow_ul_h\n0,1\n500,1\n1000,1\n", ("time,", "time_ms,"), "Name the column time_s or time_ms"),
        ("time_s,flow_ul_h\n1763726400000,1\n1763726460000,1\n1763726520000,1\n", ("time_s", "time_ms"), "time_ms"),
        ("time_s,flow_ul_h\n46347.5000,1\n46347.5007,1\n46347.5014,1\n", ("time_s", "time_d"), "time_d"),
        ("time,flow_ul_h\n03/04/2026 12:00,1\n03/04/2026 12:01,1\n03/04/2026 12:02,1\n", ("03/04/2026", "2026-04-03"),
         "Write dates as 2026-11-21"),
        ("time_s,flow_ul_h\n0,1\n60,oops\n120,1\n180,1\n", ("oops", ""), "leave the cell empty"),
        ("time_s,flow_ul_h\n0,1\n60,9e9\n120,1\n180,1\n", ("9e9", ""), "Leave the cell empty"),
        ("time_s,flow_ul_h\n0,1\n60,1\n60,1\n120,1\n", ("60,1\n60,1", "60,1"), "delete the line"),
        ("time_s,flow_ul_h\n0,1\n60,1\n120,1\n18", ("\n18", "\n"), "delete this line"),
        ("time_s,flow_ul_h\n0,0,8\n60,0,8\n120,0,8\n", (",0,8", ";0,8"), "semicolons"),
        ("0,1\n60,1\n120,1\n", ("0,1\n60,1", "time_s,flow_ul_h\n0,1\n60,1"), "write one line with names and units"),
        ('time_s,flow_ul_h\n0,"1\n60,1\n120,1\n', ('"', ""), "quote"),
    ],
)  # fmt: skip
def test_the_advice_to_change_the_file_works(old: str, new: tuple[str, str], advice: str, tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", old)
    refused = report(path).refused
    assert advice in refused
    assert "x.csv:" in refused
    changed = old.replace(*new).replace("time_s,flow", "time_s;flow") if advice == "semicolons" else old.replace(*new)
    again = report(written(tmp_path, "y.csv", changed))
    assert not again.refused, again.refused


def test_start_is_for_seconds_alone(tmp_path: Path) -> None:
    utc = written(tmp_path, "x.csv", "time,flow_ul_h\n2026-11-21T12:00:00Z,48\n2026-11-21T12:01:00Z,48\n")
    refused = command("import", utc, "--start", "2026-11-21", "--journal", tmp_path / "j.sqlite").refused
    assert "leave --start out" in refused
    assert not command("import", utc, "--journal", tmp_path / "j.sqlite").refused
    seconds = written(tmp_path, "y.csv", "time_s,flow_ul_h\n5,48\n65,48\n")
    assert "--start" in command("import", seconds, "--journal", tmp_path / "j.sqlite").refused
    taken = command("import", seconds, "--start", "2026-11-21", "--journal", tmp_path / "j.sqlite")
    assert "2 records added" in taken.text


@pytest.mark.parametrize(
    "cell", ["OL", "----", "9.91E37", "+9999999E+19", "1e38", "-9999", "99999", "nan", "#N/A", "", "inf"]
)
def test_a_word_for_no_value_is_a_hole_and_is_listed(cell: str, tmp_path: Path) -> None:
    found = read(written(tmp_path, "x.csv", rows("time_s,flow_ul_h", ["48", "49", cell, "48", "49"])))
    assert np.isnan(found.values["flow"]).tolist() == [False, False, True, False, False]
    assert len(found.notes) == 1


def test_a_code_inside_the_range_of_the_others_is_a_value(tmp_path: Path) -> None:
    found = read(written(tmp_path, "x.csv", rows("time_s,mass_mg", ["9990", "9994", "9999", "10003", "10007"])))
    assert not np.isnan(found.values["mass"]).any()


def test_a_probe_that_is_gone_or_came_on_has_no_temperature(tmp_path: Path) -> None:
    text = "time_s,flow_ul_h,temp_c\n0,48,85.0\n60,48,36.1\n120,48,-127\n180,48,36.2\n"
    found = read(written(tmp_path, "x.csv", text))
    assert np.isnan(found.values["probe"]).tolist() == [True, False, True, False]


def test_a_spike_of_a_flow_sensor_is_no_flow(tmp_path: Path) -> None:
    cells = ["48.9"] * 60
    cells[20] = "50000"
    found = report(
        written(tmp_path, "x.csv", rows("time_s,flow_ul_h", cells)), "--reference-ul-h", "48.9", "--limits",
        "rate_percent=10",
    )  # fmt: skip
    assert found.mean_ul_h == pytest.approx(48.9)
    assert len(found.numbers["run"]["steps"]) == 1


@pytest.mark.parametrize("factor", [1000, 1 / 1000, 60, 24])
def test_a_slip_of_units_is_no_fail(factor: float, tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", rows("time_s,flow_ul_h", [f"{48.9 * factor:.4f}"] * 60))
    found = report(path, "--reference-ul-h", "48.9", "--limits", "rate_percent=10")
    assert set(found.verdicts.values()) == {"not judged"}
    assert "units" in found.numbers["verdicts"][0]["why"]


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"PK\x03\x04rest", "save the sheet as CSV"), (b"%PDF-1.7", "export the readings as CSV"),
        (b"time_s,flow_ul_h\n0,1\n60,1\n120,1\n\0\0", "NUL character"), (b"", "no rows in it"),
        (b"\x1f\x8b\x08rest", "unpack it first"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(content: bytes, hint: str, tmp_path: Path) -> None:
    assert hint in report(written(tmp_path, "x.csv", content)).refused


@pytest.mark.parametrize("text", ["flow", "flux=2", "flow=", "=2"])
def test_a_column_option_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(InstrumentFileError, match="QUANTITY=NAME"):
        asked_from([text])


def test_times_in_two_columns_that_run_alike_are_one_and_others_are_asked_about(tmp_path: Path) -> None:
    both = "time,time_s,flow_ul_h\n" + "".join(f"2026-11-21T12:0{n}:00Z,{60 * n},48.9\n" for n in range(5))
    assert read(written(tmp_path, "x.csv", both)).began is not None
    other = both.replace(",60,", ",90,").replace(",120,", ",999,")
    assert "--column time=" in report(written(tmp_path, "y.csv", other)).refused
    assert report(tmp_path / "y.csv", "--column", "time=time").mean_ul_h == pytest.approx(48.9)


def test_cells_with_units_are_read_and_a_change_of_unit_is_refused(tmp_path: Path) -> None:
    text = rows("time_s,weight", ["0.8 mg", "1.6 mg", "2.5", "3.3 mg", "4.1 mg"])
    found = read(written(tmp_path, "x.csv", text))
    np.testing.assert_allclose(found.values["mass"], [0.0008, 0.0016, np.nan, 0.0033, 0.0041])
    with pytest.raises(InstrumentFileError, match=r"x\.csv:5: weight: .* another unit than before"):
        read(written(tmp_path, "x.csv", text.replace("3.3 mg", "3.3 g")))


@pytest.mark.parametrize("decimal", ["point", "comma"])
def test_an_import_takes_the_options_of_a_report(decimal: str, tmp_path: Path) -> None:
    sign = "." if decimal == "point" else ","
    path = written(tmp_path, "x.csv", f"time;mass [g]\n2026-11-21T12:00:00Z;1{sign}000\n"
                   f"2026-11-21T13:00:00Z;1{sign}049\n2026-11-21T14:00:00Z;1{sign}098\n")  # fmt: skip
    taken = command("import", path, "--decimal", decimal, "--density", "1", "--journal", tmp_path / "j.sqlite")
    assert not taken.refused
    assert report(tmp_path / "j.sqlite").mean_ul_h == pytest.approx(49)
    assert read(path, Asked(decimal="comma" if decimal == "comma" else "point")).values["mass"][1] == pytest.approx(
        1.049
    )


def test_an_import_makes_the_corrections_of_a_report(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", rows("time_s,mass_g", [f"{0.0489 * n:.4f}" for n in range(5)]))
    weighed = ("--density", "0.9982", "--air-density", "0.0012", "--evaporation-ul-h", "1.5")
    straight, start = report(path, *weighed), ("--start", "2026-11-21T12:00:00Z")
    assert not command("import", path, *start, *weighed, "--journal", tmp_path / "j.sqlite").refused
    through, bare = report(tmp_path / "j.sqlite"), report(path, "--density", "0.9982")
    assert through.mean_ul_h == pytest.approx(straight.mean_ul_h, rel=1e-5)
    assert straight.mean_ul_h == pytest.approx(bare.mean_ul_h * 1.00106 + 1.5, rel=1e-5)


def test_a_journal_of_an_import_gives_the_reports_figures(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    cells = [f"{48.9 * n / 60 + random.normal(0, 0.3):.2f}" for n in range(200)]
    path = written(tmp_path, "x.csv", "time,volume_ul\n" + "".join(
        f"2026-11-21T{12 + n // 60:02d}:{n % 60:02d}:00Z,{cell}\n" for n, cell in enumerate(cells)))  # fmt: skip
    straight, through = report(path), import_and_report(path, tmp_path / "j.sqlite")
    assert through.mean_ul_h == pytest.approx(straight.mean_ul_h, rel=1e-3)
    assert through.doubt_ul_h == pytest.approx(straight.doubt_ul_h, rel=1e-2)
