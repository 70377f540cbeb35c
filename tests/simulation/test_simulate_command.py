"""`warmflow simulate` as people use it: figures, files, refusals of one line, a bar only where somebody looks."""

import csv
import json
import subprocess
import sys
import xml.etree.ElementTree

import pytest
import typer
from short_form import few
from typer.testing import CliRunner

from warmflow.cli.simulate import simulate
from warmflow.errors import UserError
from warmflow.notice import NOTICE
from warmflow.simulation.trace import COLUMNS

app = typer.Typer()
app.command()(simulate)


def run(*arguments):
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_summary_says_what_it_is_not_and_meets_what_is_expected():
    text = run("hot-tub-42")
    assert text.startswith(NOTICE)
    for words in ("+31.4 % of the reference rate", "+18.5 %", "+0.099 % of a 14-day dose", "0:28  high"):
        assert words in text
    assert "UNEXPECTED" not in text
    assert text.count("as expected") == 4


def test_another_site_is_its_own_reference_and_is_not_judged_by_sea_level():
    text = run("rest", "--site-kpa", "84")
    assert "+0.0 % of the reference rate" in text
    assert "expected" not in text


def test_stepped_says_the_same():
    assert "+31.4 % of the reference rate" in run("hot-tub-42", "--stepped")


def test_without_a_name_it_lists_and_with_a_folder_it_lists_that(tmp_path):
    assert "hot-tub-42          Hot tub, 42 degC" in run()
    with pytest.raises(UserError, match="contains no scenarios"):
        run(str(tmp_path))


def test_csv_has_every_column_for_every_run(tmp_path):
    path = tmp_path / "out.csv"
    run("scuba", "--compare", "n-butane", "--csv", str(path))
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert set(rows[0]) == {"profile", "body", *COLUMNS, "deviation_percent", "extra_nl"}
    assert {row["profile"] for row in rows} == {"r11", "n-butane"}
    assert min(float(row["deviation_percent"]) for row in rows if row["profile"] == "r11") == -100


def test_json_on_standard_output_is_nothing_but_json():
    [found] = (content := json.loads(run("flight", "--fill", "n-butane", "--json", "-")))["runs"]
    assert "no medical device" in content["notice"]
    assert found["profile"] == "n-butane"
    assert found["summary"]["peak_percent"] == pytest.approx(11.5, abs=0.2)
    assert found["summary"]["flags"][0]["level"] == "low"
    assert all(row["met"] for row in found["expected"])


def test_a_sweep_as_table_csv_and_json(tmp_path):
    path = tmp_path / "sweep.csv"
    text = run("rest", "--sweep", "temp=34:42:0.1", "--csv", str(path), "--json", str(tmp_path / "sweep.json"))
    assert "81 pumps" in text
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert len(rows) == 81
    columns = json.loads((tmp_path / "sweep.json").read_text())["sweep"]
    assert columns["values"][-1] == pytest.approx(42.0)
    # Ref: domain study: 39.49 degC is +50 % of the reference rate
    assert next(float(row["peak_percent"]) for row in rows if row["temp"] == "39.5") == pytest.approx(50, abs=0.4)


@pytest.mark.parametrize(
    "line", few(["hot-tub-42", "scuba --compare deep", "cycle-14-14", "rest --sweep temp=34:42:1"], 2)
)
def test_plots_are_files_that_say_what_they_are(tmp_path, line):
    png, svg = tmp_path / "plot.png", tmp_path / "plot.svg"
    run(*line.split(), "--plot", str(png))
    run(*line.split(), "--plot", str(svg))
    assert png.read_bytes().startswith(b"\x89PNG")
    assert b"no medical device" in png.read_bytes()
    assert xml.etree.ElementTree.parse(svg).getroot().tag.endswith("svg")
    assert "no medical device" in svg.read_text()
    assert svg.stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("hot-tub-42", "--plot", "x.pdf"), "must end in .png or .svg"),
        (("hot-tub-42", "--fill", "r12"), "--profile r12: unknown; did you mean r123"),
        (("hot-tub-42", "--body", "tall"), "--body tall: unknown"),
        (("hot-tub-42", "--site-kpa", "5"), "give 50 to 110 kPa"),
        (("hot-tub-42", "--compare", "x"), "--compare x: this is neither a profile"),
        (("hot-tub-42", "--sweep", "temp=34:42:1", "--stepped"), "leave one out"),
        (("hot-tub-42", "--csv", "no/such/folder/x.csv"), "cannot be written"),
        (("hot-tub-42", "--plot", "no/such/folder/x.png"), "cannot be written"),
        (("no-such",), "no such scenario"),
    ],
)
def test_what_can_not_be_is_refused_in_one_line(arguments, complaint):
    with pytest.raises(UserError) as caught:
        run(*arguments)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_help_of_the_command_line_imports_neither_numpy_nor_matplotlib():
    code = (
        "import sys; from warmflow.cli import main; main._register(); print({'numpy', 'matplotlib'} & {*sys.modules})"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout == "set()\n"
