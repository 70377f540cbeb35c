"""`warmflow lesson` as people use it: lists, checks with a status, shows, and errors of one line each."""

import json
import re

import pytest
from typer.testing import CliRunner
from wire import ROOT

from warmflow.cli.lesson import app
from warmflow.errors import UserError

PAGE = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
[ICE_BATH] = [text for text in re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL) if "[[step]]" in text]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    monkeypatch.delenv("WARMFLOW_CONFIG", raising=False)


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def test_list_has_every_lesson_and_names_the_refused_ones_beside(tmp_path):
    (tmp_path / "broken.toml").write_text(ICE_BATH.replace("belo", "belw"))
    (tmp_path / "ice-bath.toml").write_text(ICE_BATH)
    result = run("list", "--lessons", tmp_path)
    assert result.exit_code == 0
    assert "ice-bath" in result.stdout
    assert "hot-tub" in result.stdout
    assert re.search(r"broken\.toml:\d+: step\.2\.when\.belww?: unknown key", result.stderr)


def test_list_as_json_is_nothing_but_json_and_carries_the_notice(tmp_path):
    (tmp_path / "broken.toml").write_text("title = 1\n")
    found = json.loads(run("list", "--json", "--lessons", tmp_path).stdout)
    assert "no medical device" in found["notice"]
    assert len(found["lessons"]) == 15
    assert {row["key"] for row in found["refused"]} >= {"title", "aim"}


def test_check_says_status_0_for_good_files_and_1_for_a_refused_one(tmp_path):
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(ICE_BATH)
    bad.write_text(ICE_BATH.replace("right = 2", "right = 7"))
    result = run("check", good)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "3 of 3 steps" in result.stdout
    result = run("check", tmp_path)
    assert result.exit_code == 1
    assert re.search(rf"{bad}:\d+: question\.1\.right: 7, of 2 choices", result.stderr)
    assert "3 of 3 steps" in result.stdout, "the other file is checked all the same"


def test_check_says_status_1_for_a_step_that_is_never_reached(tmp_path):
    path = tmp_path / "never.toml"
    path.write_text(ICE_BATH.replace("below = -20", "below = -99"))
    result = run("check", path)
    assert result.exit_code == 1
    assert re.search(r"never\.toml:\d+: step\.2\.when: falls is never reached in this scenario", result.stderr)


def test_check_of_what_is_not_there_is_a_wrong_call(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        run("check", tmp_path / "none.toml")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="contains no lessons"):
        run("check", tmp_path / "empty")


def test_the_user_s_folder_comes_from_the_settings(tmp_path, monkeypatch):
    (tmp_path / "ice-bath.toml").write_text(ICE_BATH)
    settings = tmp_path / "settings"
    settings.write_text(f'[training]\nlessons = "{tmp_path}"\n')
    assert "ice-bath" in run("list", "--config", settings).stdout
    monkeypatch.setenv("WARMFLOW_TRAINING_LESSONS", str(tmp_path))
    assert "ice-bath" in run("list").stdout


def test_show_has_steps_figures_statement_and_writes_the_plan(tmp_path):
    plan = tmp_path / "plan.html"
    result = run("show", "hot-tub", "--plan", plan)
    for words in (
        "no medical device",
        "Out of the water",
        "31.4 %",
        "0.1 %",
        "(Fight Colorectal Cancer: What is an HAI pump?",
        "Simulation",
    ):
        assert words in result.stdout, words
    assert "never immersed" in plan.read_text(encoding="utf-8")
    with pytest.raises(UserError, match="cannot be written"):
        run("show", "hot-tub", "--plan", tmp_path / "none" / "plan.html")


def test_an_unknown_lesson_is_answered_with_the_nearest():
    with pytest.raises(UserError, match=r"hottub: no such lesson; did you mean hot-tub\?"):
        run("show", "hottub")


def test_report_makes_the_page_of_a_session_that_ended_in_a_crash_and_names_a_line_that_is_none_of_ours(tmp_path):
    log, out = tmp_path / "training.jsonl", tmp_path / "session.html"
    row = {
        "at": "2026-11-22T09:00:00+00:00",
        "group": 1,
        "kind": "guessed",
        "detail": {"what": "peak_percent", "value": 80},
    }
    log.write_text(json.dumps(row) + "\n")
    assert run("report", log, "--out", out).exit_code == 0
    assert "80 %" in out.read_text()
    log.write_text(json.dumps(row) + '\n{"at": "2026-11')
    result = run("report", log, "--out", out)
    assert result.exit_code == 0
    assert "the last line is incomplete" in result.stderr
    assert "80 %" in out.read_text()
    log.write_text(json.dumps(row) + "\nnonsense\n")
    with pytest.raises(UserError, match=r"training\.jsonl: line 2"):
        run("report", log, "--out", out)
