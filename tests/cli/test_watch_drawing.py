"""The bar, the plots and the colours, without a terminal."""

import re

import pytest

from warmflow.cli.watch.bar import BEYOND, EXPLAINED, FULL, bar, column, scale
from warmflow.cli.watch.braille_plot import LABEL_CELLS, MARGIN, Axis, Series, Window, extents, plot, time_axis
from warmflow.cli.watch.plots import deviation_axis, temperature_axis
from warmflow.cli.watch.text_runs import ends, runs
from warmflow.cli.watch.themes import DARK, LIGHT
from warmflow.cli.watch.value_history import Bucket, Trace

WIDTH = 80


def test_the_bar_reaches_from_zero_to_the_deviation_on_its_side():
    up, down = (bar(size, None, "", WIDTH).plain for size in (20, -20))
    assert up.index(FULL) == column(0, WIDTH) + 1
    assert up.rindex(FULL) == column(20, WIDTH)
    assert down.index(FULL) == column(-20, WIDTH)
    assert down.rindex(FULL) == column(0, WIDTH) - 1


def test_a_bar_that_goes_on_beyond_its_end_says_so():
    assert bar(70, None, "", WIDTH).plain.rstrip().endswith(BEYOND[1])
    assert bar(-100, None, "", WIDTH).plain.lstrip().startswith(BEYOND[-1])


def test_what_the_probe_explains_is_marked_inside_and_outside_the_bar():
    for explained in (12, 30):
        assert bar(20, explained, "", WIDTH).plain[column(explained, WIDTH)] == EXPLAINED


@pytest.mark.parametrize("limit", [-25, -15, -10, 10, 15, 25])
@pytest.mark.parametrize("width", [80, 120, 200])
def test_every_limit_is_marked_on_the_bar_and_numbered_under_it(limit, width):
    at = column(limit, width)
    assert bar(0, None, "", width).plain[at] == "┊"
    assert scale(width).plain[at - 1 : at + 2] == f"{limit:+d}"
    assert len(scale(width).plain) == len(bar(0, 0, "", width).plain) == width


def rising(*values, bucket_s=10.0):
    return Series([Bucket(at * bucket_s, value, value, at > 0) for at, value in enumerate(values)], bucket_s, str)


def test_a_plot_has_its_size_and_its_line_rises_from_the_lower_left_to_the_upper_right():
    series = Series(rising(*range(100)).buckets, 10.0, lambda low, high: "")
    lines = plot([series], Axis(0, 100, [], str), Window(0, 1000), 57, 6).plain.split("\n")
    assert [len(line) for line in lines] == [57 - MARGIN] * 5 + [57]
    first_columns = [re.search("[⠁-⣿]", line).start() for line in lines[:-1]]
    assert first_columns == sorted(first_columns, reverse=True)
    assert first_columns[-1] == LABEL_CELLS


def test_a_peak_of_one_bucket_is_seen_however_small_the_plot():
    series = Series(rising(*[0.0] * 120, 30.0, *[0.0] * 120).buckets, 10.0, lambda low, high: "")
    top = plot([series], Axis(-10, 30, [], str), Window(0, 2400), 30, 5).plain.split("\n")[0]
    assert re.search("[⠁-⣿]", top)


def test_a_silence_stays_empty_and_sparse_readings_are_joined():
    joined = Series([Bucket(0, 0, 0, False), Bucket(90, 9, 9, True)], 10, str)
    apart = Series([Bucket(0, 0, 0, False), Bucket(90, 9, 9, False)], 10, str)
    window = Window(0, 100)
    assert [round(found.low) for found in extents(joined, window, 10)] == list(range(10))
    assert [found is None for found in extents(apart, window, 10)] == [False, *[True] * 8, False]


def test_each_cell_is_coloured_by_what_it_shows():
    asked = []
    series = Series(rising(5.0, 40.0).buckets, 10.0, lambda low, high: asked.append((low, high)) or "")
    plot([series], Axis(0, 50, [], str), Window(0, 20), 20, 5)
    assert min(asked) == (5.0, 5.0)
    assert max(asked) == (40.0, 40.0)


def test_a_line_outside_the_axis_is_not_drawn():
    series = Series(rising(24.0, 24.0).buckets, 10.0, lambda low, high: "")
    assert not re.search("[⠁-⣿]", plot([series], Axis(36, 42, [], str), Window(0, 20), 20, 5).plain)


def test_the_zero_line_keeps_its_label_however_few_rows_there_are():
    for rows in range(2, 12):
        drawn = plot([], deviation_axis(0, 0, rows), Window(0, 600), 80, rows).plain
        assert "  0% " in drawn or "0%/" in drawn


def test_the_time_axis_names_start_middle_and_end():
    assert time_axis(Window(0, 3600), 60).split() == ["h:mm", "0:00", "0:30", "1:00"]


@pytest.mark.parametrize(
    ("low", "high", "bottom", "top"), [(0, 0, -10, 30), (-2, 31.8, -10, 40), (-33, 1, -40, 10), (-100, 0, -100, 10)]
)
def test_the_deviation_axis_holds_the_data_and_is_never_so_narrow_that_noise_looks_like_news(low, high, bottom, top):
    axis = deviation_axis(low, high, 9)
    assert (axis.low, axis.high) == (bottom, top)
    assert all(bottom <= guide <= top for guide in axis.guides)


def test_a_probe_in_the_air_does_not_flatten_the_temperatures():
    axis = temperature_axis([Bucket(0, 24.0, 24.0, False), Bucket(9, 36.4, 36.4, True), Bucket(18, 38.3, 38.3, True)])
    assert (axis.low, axis.high) == (36, 39)


def test_a_trace_without_readings_draws_an_empty_plot():
    assert plot([Series(Trace().buckets("1 h"), 15.0, str)], deviation_axis(0, 0, 5), Window(0, 3600), 80, 6).plain


def test_the_right_end_keeps_its_room_and_the_left_one_is_cut():
    line = ends(runs([("x" * 100, "")]), runs([("right", "")]), 40).plain
    assert len(line) == 40
    assert line.endswith("… right")


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_colour_that_words_are_written_in_is_readable(theme):
    """Ref: WCAG 2.2, 1.4.3: 4.5 to 1. The guide lines of plots carry no words."""
    for name, colour in theme.variables.items():
        dark, light = sorted((luminance(colour), luminance(theme.background)))
        if name != "faint":
            assert (light + 0.05) / (dark + 0.05) >= 4.5, name


def test_both_themes_have_the_same_colours():
    assert DARK.variables.keys() == LIGHT.variables.keys()
