"""What a plot says of its run: the peak with its minutes, the dose beside the 2 % line, days where days are meant."""

import re

import pytest

from warmflow.cli.demo_lesson import lesson_lines
from warmflow.simulation.output import dose_words
from warmflow.simulation.plot import late_words, plot_runs
from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import load
from warmflow.simulation.summary import summarise
from warmflow.simulation.vectorised import run


def texts_of(tmp_path, name):
    """The plot's words: an SVG keeps each as a comment."""
    path = tmp_path / "plot.svg"
    found = run(load(name), Rig())
    plot_runs(path, [(found, summarise(found))])
    return re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"))


def test_a_small_dose_is_drawn_under_the_2_percent_line_and_the_peak_has_its_minutes(tmp_path):
    said = texts_of(tmp_path, "hot-tub-42")
    assert "notice +2 %" in said
    assert "act +5 %" not in said
    assert "+31 %, 6 minutes after the exposure" in said
    assert any("= +0.1 % of 14 days" in one for one in said)


def test_a_shortfall_has_the_line_below_and_days_are_days(tmp_path):
    assert "notice -2 %" in texts_of(tmp_path, "scuba")
    said = texts_of(tmp_path, "fever-39")
    assert any(one.startswith("pump time, days") for one in said)
    assert "notice +2 %" in said


@pytest.mark.parametrize(
    ("after_min", "words"),
    [(6.1, "6 minutes after the exposure"), (0.2, "at the end of the exposure"), (-600, "10 hours before its end"),
     (4 * 1440, "4 days after the exposure")],
)  # fmt: skip
def test_when_a_peak_came_is_said_in_the_unit_of_a_person(after_min, words):
    assert late_words(after_min) == words


@pytest.mark.parametrize(
    ("percent", "words"), [(0.09946, "+0.1"), (0.038, "+0.04"), (4.27, "+4.3"), (-7.14, "-7.1"), (0.0, "+0.0")]
)
def test_a_share_of_a_dose_has_a_tenth_or_its_first_digit(percent, words):
    assert dose_words(percent) == words


def test_the_demo_ends_with_rate_dose_fever_and_the_two_pages():
    said = "\n".join(lesson_lines(load("hot-tub-42"), 31.4))
    assert "the rate changed by +31 %, the dose of 14 days by +0.1 %" in said
    assert "about 40 times that" in said
    assert "/train" in said
    assert "dashboard" in said
    assert "fever add" not in "\n".join(lesson_lines(load("fever-39"), 30.0))
