"""The trumpet curve against values worked out by hand, from a file of an instrument to the numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from warmflow.cli.report import report
from warmflow.report import from_csv
from warmflow.report.run_record import Record, holes
from warmflow.report.trumpet import LONG, METHODS, SHORT, Period, period, trumpet

app = typer.Typer()
app.command()(report)


def numbers(*arguments: str) -> dict:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def rows(volumes_ul: list[float], step_s: float = 30) -> str:
    lines = [f"{number * step_s:g},{volume:.4f}" for number, volume in enumerate(volumes_ul)]
    return "\n".join(["time,volume_ul", *lines]) + "\n"


def constant(length_s: int, flow_ul_h: float, step_s: int = 30) -> Record:
    t_s = np.arange(0, length_s + 1, step_s, dtype=float)
    return Record("constant", "instrument", "made", t_s, t_s * flow_ul_h / 3600, usual_s=step_s)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_constant_record_at_the_reference_rate_is_0_at_every_window(method):
    record = constant(50 * 3600, 48.88)
    found = trumpet(record, method, period(method, record.length_s / 60), 48.88)
    assert len(found.windows) == len(method.windows_min)
    for window in found.windows:
        assert window.counted > 0
        assert window.max_percent == pytest.approx(0, abs=1e-8)
        assert window.min_percent == pytest.approx(0, abs=1e-8)
    assert found.mean_percent == pytest.approx(0, abs=1e-8)


def test_a_constant_record_beside_the_reference_rate_is_its_deviation_at_every_window():
    found = trumpet(constant(7200, 110), SHORT, period(SHORT, 120), 100)
    assert [window.max_percent for window in found.windows] == pytest.approx([10] * 5)
    assert [window.min_percent for window in found.windows] == pytest.approx([10] * 5)


def test_120_samples_worked_out_by_hand(tmp_path):
    """120 samples of 0.5 min at r = 120 µL/h, which is 1 µL a sample, but for three:

    sample 50 gives 1.6 µL (+60 %), samples 110 and 111 give 0.6 µL each (-40 %); counted from 0.

    A window of P min holds n = 2 P samples: n = 4, 10, 22, 38, 62. Its error is the sum of its samples' errors over n.
    Largest: a window with sample 50 and without the other two is +60 % / n. There is one for every n: even for n = 62
    the windows that begin at sample 0 to 48 end at 61 to 109.
      60/4 = 15;  60/10 = 6;  60/22 = 2.72727;  60/38 = 1.57895;  60/62 = 0.96774
    Smallest: a window with samples 110 and 111 and without 50 is -80 % / n; for n = 62 those that begin at 51 to 58.
      -80/4 = -20;  -80/10 = -8;  -80/22 = -3.63636;  -80/38 = -2.10526;  -80/62 = -1.29032
    Number of windows: 120 - n + 1 = 117, 111, 99, 83, 59.
    Mean error of all 120: (60 - 80) / 120 = -0.16667 %.
    """
    parts = [1.0] * 120
    parts[50], parts[110], parts[111] = 1.6, 0.6, 0.6
    volumes = [0.0]
    for part in parts:
        volumes.append(volumes[-1] + part)
    path = tmp_path / "hand.csv"
    path.write_text(rows(volumes))
    short = numbers(str(path), "--reference-ul-h", "120")["trumpet"][0]["analysed"]
    assert [window["window_min"] for window in short["windows"]] == [2, 5, 11, 19, 31]
    largest = [window["max_percent"] for window in short["windows"]]
    smallest = [window["min_percent"] for window in short["windows"]]
    assert largest == pytest.approx([15, 6, 2.72727, 1.57895, 0.96774], abs=6e-6)
    assert smallest == pytest.approx([-20, -8, -3.63636, -2.10526, -1.29032], abs=6e-6)
    assert [window["counted"] for window in short["windows"]] == [117, 111, 99, 83, 59]
    assert short["mean_percent"] == pytest.approx(-0.16667, abs=6e-6)


def test_a_window_that_holds_a_gap_in_time_is_left_out_and_counted():
    whole = constant(7200, 100)
    keep = (whole.t_s < 4000) | (whole.t_s > 4500)
    record = Record(
        "gap", "instrument", "made", whole.t_s[keep], whole.volume_ul[keep], usual_s=30,
        holes_s=holes(whole.t_s[keep], 30),
    )  # fmt: skip
    found = trumpet(record, SHORT, period(SHORT, 120), 100)
    assert all(window.skipped > 0 for window in found.windows)
    assert [window.counted + window.skipped for window in found.windows] == [117, 111, 99, 83, 59]
    assert found.windows[0].max_percent == pytest.approx(0, abs=1e-9)


def test_what_flows_unseen_in_a_gap_is_no_sample():
    whole = constant(7200, 100)
    keep = (whole.t_s < 4000) | (whole.t_s > 4500)
    volume_ul = whole.volume_ul + np.where(whole.t_s > 4200, 50.0, 0.0)
    record = Record(
        "gap", "instrument", "made", whole.t_s[keep], volume_ul[keep], usual_s=30, holes_s=holes(whole.t_s[keep], 30)
    )
    assert trumpet(record, SHORT, period(SHORT, 120), 100).windows[0].max_percent == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("method", "length_min", "asked", "expected"),
    [
        (SHORT, 120, (None, None), (60, 120)),
        (SHORT, 600, (None, None), (60, 120)),
        (SHORT, 119, (None, None), (0, 119)),
        (LONG, 2369, (None, None), (0, 2369)),
        (LONG, 4000, (None, None), (1440, 4000)),
        (SHORT, 600, (30, 90), (30, 90)),
        (SHORT, 600, (None, 9999), (0, 600)),
    ],
)
def test_the_analysis_period_is_the_methods_where_the_run_is_long_enough(method, length_min, asked, expected):
    assert period(method, length_min, asked)[:2] == expected


def test_a_window_longer_than_the_period_has_no_value():
    found = trumpet(constant(3600, 100), LONG, Period(0, 60, ""), 100)
    assert [window.max_percent is None for window in found.windows] == [False, False, True, True, True, True]


def test_a_run_with_no_known_rate_is_held_against_its_own_mean_and_says_so(tmp_path):
    path = Path(tmp_path / "own.csv")
    path.write_text(rows([float(number) for number in range(241)]))
    found = numbers(str(path), "--limits", "rate_percent=10,trumpet_2_min_percent=10")
    assert found["rates"]["held_against_ul_h"] == pytest.approx(120)
    assert "own mean rate" in found["rates"]["held_against"]
    assert {row["verdict"] for row in found["verdicts"]} == {"not judged"}


def test_coarse_steps_of_an_instrument_are_in_the_uncertainty_of_a_window(tmp_path):
    path = tmp_path / "coarse.csv"
    path.write_text(rows([float(number // 4) for number in range(241)]))  # 30 µL/h read in steps of 1 µL
    window = from_csv.read(path)
    found = trumpet(window, SHORT, period(SHORT, 120), 30).windows[0]
    # two ends of 1 / sqrt(12) µL each, k = 2, of the 1 µL of a window of 2 min: 2 / sqrt(6) = 0.8165
    assert found.uncertainty_percent >= 81.6
    assert abs(found.max_percent) < found.uncertainty_percent
