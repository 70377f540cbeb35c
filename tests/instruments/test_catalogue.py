"""Instruments by name: their lines and exports as their manuals and public examples print them."""

from pathlib import Path

import numpy as np
import pytest
from lab_files import command, report, written

from warmflow.instruments import catalogue, columns
from warmflow.instruments.errors import InstrumentFileError
from warmflow.instruments.reader import Asked, read

STAMPS = [f"2026-11-21T12:0{n}:00Z" for n in range(7)]
# six minutes of 49.1 µL/h; the fourth reading has no value
GRAMS = [0.0008, 0.0016, 0.0025, None, 0.0041, 0.0049, 0.0057]
LINES = {
    "mettler": ("S S     {:.4f} g", "S D     0.9999 g"),
    "sartorius": ("N     + {:9.4f} g  ", "N     +    0.9999    "),
    "ohaus": ("   {:.4f} g   N", "   0.9999 g ? N"),
    "and": ("ST,+{:012.7f}  g", "OL,+9999999E+19"),
    "kern": ("      {:.4f} g  ", "?     0.9999    "),
}


def log(name: str) -> str:
    good, bad = LINES[name]
    cells = [bad if grams is None else good.format(grams) for grams in GRAMS]
    return "".join(f"{stamp} {cell}\n" for stamp, cell in zip(STAMPS, cells, strict=True))


@pytest.mark.parametrize("name", LINES)
def test_printed_lines_of_a_balance_are_read_and_unstable_ones_are_no_value(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, "balance.log", log(name))
    found = read(path, Asked(instrument=name))
    assert found.instrument == catalogue.named(name).title
    expected = [float("nan") if grams is None else grams for grams in GRAMS]
    np.testing.assert_allclose(found.values["mass"], expected, atol=1e-9)
    assert report(path, "--as", name, "--density", "0.9982").mean_ul_h == pytest.approx(49.1, abs=0.2)


@pytest.mark.parametrize("name", ["mettler", "sartorius", "and"])
def test_a_balance_whose_lines_are_like_no_others_is_recognised(name: str, tmp_path: Path) -> None:
    assert read(written(tmp_path, "balance.log", log(name))).instrument == catalogue.named(name).title


def test_lines_of_several_balances_are_asked_about_and_the_advice_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "balance.log", log("and"))
    monkeypatch.setattr(catalogue, "own_folder", lambda: tmp_path)
    ours = Path(catalogue.__file__).parent / "files" / "and.toml"
    (tmp_path / "bench.toml").write_text(ours.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InstrumentFileError, match="give --as and or --as bench"):
        read(path)
    assert read(path, Asked(instrument="bench")).values["mass"][0] == pytest.approx(0.0008)


def test_a_line_that_is_none_of_the_instruments_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "other.log", log("kern") + "hello\n")
    with pytest.raises(InstrumentFileError, match=r"other\.log:8: 'hello' is not a line of Kern"):
        read(path, Asked(instrument="kern"))


def test_lines_without_a_time_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "balance.log", "S S     0.0008 g\nS S     0.0016 g\n")
    with pytest.raises(InstrumentFileError, match=r"balance\.log:1: no time before the value"):
        read(path)


EXPORTS = {
    "sensirion": "Relative Time [s],SLF3S-0600F Flow [µl/min],SLF3S-0600F Temperature [°C]\n"
    + "".join(f"{n},0.815,24.9\n" for n in range(6)),
    "bronkhorst": "Time [s];fMeasure [µl/min];Setpoint [%]\n" + "".join(f"{n};0,815;50\n" for n in range(6)),
    "fluigent": "Time (s),Flow unit ch1 (µL/min)\n" + "".join(f"{n},0.815\n" for n in range(6)),
    "ida5": "Elapsed Time (min),Volume (mL),Inst Flow (mL/h),Avg Flow (mL/h)\n"
    + "".join(f"{n},{n * 0.000815:.6f},0.0489,0.0470\n" for n in range(6)),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_recognised_and_read(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, "export.csv", EXPORTS[name])
    assert read(path).instrument == catalogue.named(name).title
    assert report(path).mean_ul_h == pytest.approx(48.9, rel=0.01)


def test_a_hobo_logger_beside_a_flow_has_its_zone_from_the_header(tmp_path: Path) -> None:
    text = '"Plot Title: bath"\n"#","Date Time, GMT-07:00","Temp, °C (LGR S/N: 1)","Flow (µL/h)"\n'
    text += "".join(f"{n},11/21/26 08:0{n}:00 AM,36.{n},48.9\n" for n in range(1, 6))
    found = read(written(tmp_path, "hobo.csv", text))
    assert found.began is not None
    assert found.began.isoformat() == "2026-11-21T15:01:00+00:00"
    assert found.values["probe"][0] == pytest.approx(36.1)


def test_each_instrument_has_its_source_and_says_that_it_was_not_tried() -> None:
    page = (Path(__file__).parents[2] / "docs" / "instruments.md").read_text(encoding="utf-8")
    for name, one in catalogue.known().items():
        assert len(one.ref) > 30, name
        assert one.tried == "", name
        assert f"| `{name}` |" in page, name


def test_a_users_own_file_goes_over_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "own_folder", lambda: tmp_path)
    page = (Path(__file__).parents[2] / "docs" / "instruments.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    (tmp_path / "bench.toml").write_text(example, encoding="utf-8")
    assert catalogue.named("bench").title == "Balance of bench 3"
    path = written(tmp_path, "log.csv", "".join(f"{stamp} S 0.00{n} g\n" for n, stamp in enumerate(STAMPS)))
    np.testing.assert_allclose(read(path, Asked(instrument="bench")).values["mass"], 0.001 * np.arange(7))
    (tmp_path / "bench.toml").write_text("title = 'x'\nkynd = 1\n", encoding="utf-8")
    with pytest.raises(InstrumentFileError, match=r"bench\.toml: kynd: no such key; did you mean kind"):
        catalogue.known()


def test_an_instrument_that_there_is_not_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", "time_s,mass_g\n0,1\n1,2\n2,3\n")
    assert "did you mean mettler" in command("import", path, "--as", "metler").refused


def test_every_unit_of_a_flow_is_one_of_volume_over_time() -> None:
    assert columns.unit_factor(columns.FLOW, "µL·min⁻¹") == 60
    assert columns.unit_factor(columns.FLOW, "mL per day") == pytest.approx(1000 / 24)
    assert columns.unit_factor(columns.FLOW, "g/h") is None
