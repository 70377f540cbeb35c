"""Each case that report or import got wrong on 2026-11-29 gives its right value, or is refused with a remedy."""

from pathlib import Path

import numpy as np
import pytest
from lab_files import case, command, import_and_report, report

from warmflow.journal import JournalReader, Wanted

pytestmark = pytest.mark.time
LIMITED = ("--reference-ul-h", "48.9", "--limits", "rate_percent=10")


def test_noise_is_not_rectified_by_an_import(tmp_path: Path) -> None:
    path = case(tmp_path, "noise-import.csv")
    through = import_and_report(path, tmp_path / "j.sqlite")
    straight = report(path)
    assert through.numbers["accuracy"][0]["volume_ul"] == pytest.approx(9)
    assert straight.numbers["accuracy"][0]["volume_ul"] == pytest.approx(9)
    assert through.doubt_ul_h == pytest.approx(straight.doubt_ul_h, rel=0.01)


def test_noise_of_a_balance_stays_noise_in_flows_roll_ups_and_exports(tmp_path: Path) -> None:
    path, journal = tmp_path / "balance.csv", tmp_path / "j.sqlite"
    noise = np.random.default_rng(1).normal(0, 0.5, 121)
    rows = [f"2026-11-21T12:{n // 6:02d}:{n % 6}0Z,{48.9 * n / 360 + noise[n]:.2f}" for n in range(121)]
    path.write_text("\n".join(["time,volume_ul", *rows]) + "\n")
    straight = report(path)
    assert abs(straight.mean_ul_h - 48.9) < straight.doubt_ul_h
    assert import_and_report(path, journal).mean_ul_h == pytest.approx(straight.mean_ul_h, rel=1e-3)
    reader = JournalReader(journal)
    rollups = reader.rollups("balance", 60, 0, 2**40)
    mean = sum(one.flow_mean_nl_h * one.n for one in rollups) / sum(one.n for one in rollups) / 1000
    assert mean == pytest.approx(straight.mean_ul_h, rel=0.05)
    reader.close()
    assert command("export", tmp_path / "out.csv", "--journal", journal).status == 0
    again = report(tmp_path / "out.csv")
    assert again.mean_ul_h == pytest.approx(straight.mean_ul_h, rel=1e-3)
    assert again.doubt_ul_h == pytest.approx(straight.doubt_ul_h, rel=0.02)
    assert import_and_report(tmp_path / "out.csv", tmp_path / "k.sqlite").mean_ul_h == pytest.approx(again.mean_ul_h)


def test_unmeasured_time_gives_no_volume_and_no_verdict(tmp_path: Path) -> None:
    found = report(case(tmp_path, "hole-flow.csv"), *LIMITED)
    assert found.numbers["accuracy"][0]["volume_ul"] == pytest.approx(16.3)
    assert found.numbers["quality"]["coverage_percent"] == pytest.approx(3.2, abs=0.1)
    assert set(found.verdicts.values()) == {"not judged"}
    assert "3.2" in found.numbers["verdicts"][0]["why"]
    assert found.doubt_ul_h > 40
    assert found.status == 0
    allowed = report(case(tmp_path, "hole-flow.csv"), *LIMITED, "--min-coverage", "1")
    assert allowed.verdicts["rate_percent"] == "not judged"  # its uncertainty says why


def test_a_total_knows_what_flowed_in_a_hole(tmp_path: Path) -> None:
    found = report(case(tmp_path, "hole-volume.csv"), *LIMITED)
    assert found.verdicts["rate_percent"] == "FAIL"
    assert found.numbers["accuracy"][0]["volume_ul"] == pytest.approx(16.3)
    assert found.status == 1


def test_a_tare_is_a_hole_and_said_with_the_verdict(tmp_path: Path) -> None:
    found = report(
        case(tmp_path, "tare-mass.csv"), "--density", "0.9982", "--reference-ul-h", "601.1", "--limits",
        "rate_percent=20",
    )  # fmt: skip
    assert found.mean_ul_h == pytest.approx(601.1, abs=0.1)
    [step] = found.numbers["run"]["steps"]
    assert (step["from_s"], step["to_s"]) == (300, 360)
    assert found.verdicts["rate_percent"] == "not judged"
    assert "93.3 % of the time" in found.numbers["verdicts"][0]["why"]
    judged = report(
        case(tmp_path, "tare-mass.csv"), "--density", "0.9982", "--reference-ul-h", "601.1", "--limits",
        "rate_percent=30", "--min-coverage", "90",
    )  # fmt: skip
    assert judged.verdicts["rate_percent"] == "PASS"
    assert "a step of the total" in judged.numbers["verdicts"][0]["why"]


def test_overload_is_no_mass(tmp_path: Path) -> None:
    found = report(case(tmp_path, "overload-mass.csv"), "--density", "0.9982")
    assert found.mean_ul_h == pytest.approx(49.3, abs=0.1)
    assert found.doubt_ul_h < 10
    assert any("+9999999E+19" in note for note in found.numbers["run"]["notes"])


def test_two_files_of_one_name_are_asked_about(tmp_path: Path) -> None:
    journal = tmp_path / "j.sqlite"
    assert not command("import", case(tmp_path, "a/log.csv"), "--journal", journal).refused
    second = case(tmp_path, "b/log.csv")
    refused = command("import", second, "--journal", journal).refused
    assert "--pump" in refused
    assert "log" in refused
    # its own advice: another name, or the same on purpose
    assert not command("import", second, "--journal", journal, "--pump", "log-2").refused
    assert report(journal, "--pump", "log").numbers["accuracy"][0]["volume_ul"] == pytest.approx(48.9)
    assert report(journal, "--pump", "log-2").numbers["accuracy"][0]["volume_ul"] == pytest.approx(20)


def test_two_files_that_are_one_pump_on_purpose_do_not_add_what_lies_between(tmp_path: Path) -> None:
    journal = tmp_path / "j.sqlite"
    for name in ("a/log.csv", "b/log.csv"):
        assert not command("import", case(tmp_path, name), "--journal", journal, "--pump", "log").refused
    found = report(journal, *LIMITED)
    assert found.numbers["accuracy"][0]["volume_ul"] == pytest.approx(68.9)
    assert found.verdicts["rate_percent"] == "not judged"


def test_a_reserved_name_is_refused_from_a_file_as_from_an_option(tmp_path: Path) -> None:
    path = case(tmp_path, "bridge.csv")
    refused = command("import", path, "--journal", tmp_path / "j.sqlite").refused
    assert "bridge" in refused
    assert "--pump" in refused
    assert "bridge" in command("import", path, "--pump", "bridge", "--journal", tmp_path / "j.sqlite").refused
    assert not command("import", path, "--pump", "balance", "--journal", tmp_path / "j.sqlite").refused


def test_a_file_under_another_name_adds_and_renames_nothing(tmp_path: Path) -> None:
    journal = tmp_path / "j.sqlite"
    command("import", case(tmp_path, "bridge.csv"), "--pump", "first", "--journal", journal)
    (tmp_path / "bridge.csv").rename(tmp_path / "second.csv")
    again = command("import", tmp_path / "second.csv", "--journal", journal)
    assert "0 records added" in again.text
    assert "first" in again.text
    reader = JournalReader(journal)
    assert reader.pumps() == ["first"]
    assert len(reader.after(0, 10, Wanted("first"))) == 3
    reader.close()


def test_two_columns_of_one_name_are_asked_about(tmp_path: Path) -> None:
    path = case(tmp_path, "two-channels.csv")
    refused = report(path, *LIMITED).refused
    assert "two-channels.csv:1: 2 columns of flow" in refused
    assert "--column flow=2" in refused
    assert report(path, "--column", "flow=3").mean_ul_h == pytest.approx(48.9)
    assert report(path, "--column", "flow=2").mean_ul_h == pytest.approx(90)


def test_day_numbers_of_a_spreadsheet_are_days(tmp_path: Path) -> None:
    found = report(case(tmp_path, "time-excel-days.csv"))
    assert found.numbers["run"]["length_s"] == pytest.approx(300)
    assert found.numbers["run"]["began_utc"] == "2026-11-21T12:00:00.000Z"
    assert any("day numbers" in note for note in found.numbers["run"]["notes"])


def test_a_point_that_may_group_thousands_is_asked_about(tmp_path: Path) -> None:
    path = case(tmp_path, "thousands-dot.csv")
    refused = report(path).refused
    assert "thousands-dot.csv:4: '1.002'" in refused
    assert "--decimal comma" in refused
    assert report(path, "--decimal", "comma").mean_ul_h == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("name", ["import-semicolon.csv", "import-case.csv"])
def test_an_import_reads_what_a_report_reads(name: str, tmp_path: Path) -> None:
    path = case(tmp_path, name)
    through = import_and_report(path, tmp_path / "j.sqlite")
    assert through.mean_ul_h == pytest.approx(48.9)
    assert report(path).mean_ul_h == pytest.approx(48.9)


def test_a_negative_flow_of_a_sensor_is_noise(tmp_path: Path) -> None:
    path, journal = case(tmp_path, "import-negative-flow.csv"), tmp_path / "j.sqlite"
    taken = command("import", path, "--journal", journal)
    assert "4 records added" in taken.text
    expected = report(path).numbers["accuracy"][0]["volume_ul"]
    assert report(journal).numbers["accuracy"][0]["volume_ul"] == pytest.approx(expected, abs=0.002)


@pytest.mark.parametrize("name", ["header-savetxt.csv", "header-sep.csv"])
def test_a_header_in_another_dress_is_a_header(name: str, tmp_path: Path) -> None:
    assert report(case(tmp_path, name)).mean_ul_h == pytest.approx(48.9)


def test_another_encoding_is_refused_with_a_remedy_that_works(tmp_path: Path) -> None:
    path = case(tmp_path, "header-cp1252.csv")
    refused = report(path).refused
    assert "header-cp1252.csv:1:" in refused
    assert "save it as UTF-8" in refused
    path.write_text(path.read_bytes().decode("cp1252"), encoding="utf-8")
    assert report(path).mean_ul_h == pytest.approx(48.9)


def test_a_hole_and_a_step_are_the_same_through_the_journal_and_an_export(tmp_path: Path) -> None:
    start = ("--start", "2026-11-21T12:00:00Z")
    flow, mass = case(tmp_path, "hole-flow.csv"), case(tmp_path, "tare-mass.csv")
    command("import", flow, *start, "--journal", tmp_path / "flow.sqlite")
    taken = command("import", mass, *start, "--density", "0.9982", "--journal", tmp_path / "mass.sqlite")
    assert "tare-mass.csv:8: a step of -50.09 µL" in taken.text
    for name, options in (("flow", ()), ("mass", ("--min-coverage", "50"))):
        journal = tmp_path / f"{name}.sqlite"
        command("export", tmp_path / f"{name}.csv", "--journal", journal)
        for source in (journal, tmp_path / f"{name}.csv"):
            found = report(source, "--reference-ul-h", "48.9" if name == "flow" else "601.1", *options, "--limits",
                           "rate_percent=50")  # fmt: skip
            if name == "flow":
                assert found.numbers["accuracy"][0]["volume_ul"] == pytest.approx(16.3)
                assert set(found.verdicts.values()) == {"not judged"}
            else:
                assert found.mean_ul_h == pytest.approx(601.1, abs=0.2)
                assert found.verdicts["rate_percent"] == "PASS"
                assert "gap" in found.numbers["verdicts"][0]["why"]


def test_a_file_that_ends_without_a_value_was_not_measured_there(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    cells = [f"{0.815 * n:.3f}" if n < 75 else "OL" for n in range(100)]
    path.write_text("time_min,volume_ul\n" + "".join(f"{n},{cell}\n" for n, cell in enumerate(cells)))
    found = report(path, *LIMITED)
    assert found.numbers["quality"]["coverage_percent"] == pytest.approx(74.7, abs=0.2)
    assert set(found.verdicts.values()) == {"not judged"}


def test_rows_of_two_pumps_in_one_table_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("time_s,pump,flow_ul_h\n" + "".join(f"{60 * n},{'AB'[n % 2]},48.9\n" for n in range(20)))
    assert "x.csv:1: pump: rows of 2 (A, B)" in report(path).refused


@pytest.mark.parametrize("decimals", [1, 3, 5])
def test_a_point_between_commas_is_decimal(decimals: int, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("time_s,mass_g\n" + "".join(f"{60 * n},{10 + n / 10:.{decimals}f}\n" for n in range(9)))
    assert report(path, "--density", "1").mean_ul_h == pytest.approx(6000)
