"""Every TOML file that a user gives may begin with a byte order mark, as Windows' editors write one."""

from importlib import resources
from pathlib import Path

import pytest
from lab_files import command, report, written

from warmflow.instruments import catalogue

MARK = "\ufeff"


def test_settings(tmp_path: Path) -> None:
    found = command("check-config", written(tmp_path, "bom.toml", f"{MARK}[broker]\nport = 1884\n"))
    assert not found.refused
    assert "1884" in found.text


def test_a_scenario_and_limits(tmp_path: Path) -> None:
    text = (resources.files("warmflow.simulation") / "scenarios" / "rest.toml").read_text(encoding="utf-8")
    scenario = written(tmp_path, "rest.toml", MARK + text)
    assert not command("simulate", scenario).refused
    limits = written(tmp_path, "limits.toml", f"{MARK}coverage_percent = 90\n")
    run = written(tmp_path, "x.csv", "time_s,flow_ul_h\n0,48\n60,48\n120,48\n")
    assert report(run, "--limits", limits).verdicts == {"coverage_percent": "PASS"}


def test_an_instrument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "own_folder", lambda: tmp_path)
    written(tmp_path, "mine.toml", f'{MARK}title = "mine"\nkind = "balance"\nref = "its manual"\n')
    assert catalogue.named("mine").title == "mine"
