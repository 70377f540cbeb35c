"""One step on the screen at a time, each as long as it takes to be seen, however fast pump time runs."""

from itertools import pairwise

import pytest

from warmflow.training.lesson_library import LessonLibrary
from warmflow.training.live.playback_clock import Pace
from warmflow.training.live.plot_rows import PlotRows, followed, message, thinned
from warmflow.training.live.step_screen import HOLD_S, LEAST_S, Screen, hold_s
from warmflow.training.progress import Progress, advance, played
from warmflow.training.simulated_run import Replay
from warmflow.training.tempo import Tempo


def test_the_first_step_is_shown_at_once_and_each_next_one_when_the_one_before_had_its_time():
    screen = Screen().turned(2, 100.0)
    assert (screen.at, screen.waiting(2), screen.held(2, 100.0)) == (0, 1, True)
    assert screen.turned(2, 100.0 + HOLD_S - 0.01) == screen
    screen = screen.turned(2, 100.0 + HOLD_S)
    assert (screen.at, screen.waiting(2), screen.held(2, 105.0)) == (1, 0, False)
    assert screen.turned(2, 1000.0) == screen, "there is nothing to turn to"


def test_of_many_that_wait_none_is_left_out_and_none_has_less_than_the_least_time():
    screen, seen, now_s = Screen(), [], 0.0
    while screen.at < 9:
        screen = screen.turned(10, now_s)
        seen += [(screen.at, now_s)] if not seen or seen[-1][0] != screen.at else []
        now_s += 0.1
    assert [at for at, _ in seen] == list(range(10))
    times = [now_s for _, now_s in seen]
    assert min(later - before for before, later in pairwise(times)) >= LEAST_S


@pytest.mark.parametrize(("waiting", "wanted_s"), [(0, 4.0), (1, 4.0), (2, 2.0), (5, 2.0)])
def test_the_time_of_a_step_is_shared_among_those_that_wait(waiting, wanted_s):
    assert hold_s(waiting) == wanted_s


def test_pump_time_runs_stands_and_moves_and_a_clock_that_goes_back_does_not_take_it_along():
    pace = Pace(Tempo(60)).runs(10.0)
    assert pace.at(11.0) == 60
    assert pace.at(9.0) == 0
    stands = pace.stands(11.0)
    assert stands.at(50.0) == 60
    assert stands.runs(50.0).at(51.0) == 120
    assert pace.moved(1000.0, 20.0).at(21.0) == 1060
    assert stands.moved(1000.0, 20.0).at(99.0) == 1000


def test_a_thinned_course_keeps_first_last_and_the_peak():
    rows = [(float(at), 90.0 if at == 777 else at / 1000, 1.0, 2.0, 3.0, 0.0) for at in range(5000)]
    kept = thinned(rows, 100)
    assert len(kept) <= 100
    assert {kept[0], kept[-1], rows[777]} <= set(kept)
    assert kept == sorted(kept)
    assert thinned(rows[:50], 100) == rows[:50]


def test_a_course_has_the_engines_numbers_and_says_so_when_it_begins_anew():
    play = played(LessonLibrary().look().lessons["hot-tub"])
    samples = Replay.of(play).until(float("inf"))
    progress, rows = followed(Progress(play), samples)
    assert progress == advance(Progress(play), samples)
    course = PlotRows()
    course.begin(rows)
    said = message(course.rows, 1000, True)
    assert said["columns"]["pump_c"][-1] == samples[-1].pump_c
    assert len(said["t_s"]) == len(said["columns"]["added_percent"]) <= 1000
    epoch = course.epoch
    course.add(rows * 3)
    assert course.epoch > epoch, "who has the old rows needs all of them"
    assert len(course.rows) <= 8000
    assert message([], 10, True)["t_s"] == []
