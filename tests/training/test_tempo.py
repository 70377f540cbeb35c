"""Pump time is hurried where nothing new comes: no lesson stands longer than 20 s, and no step is hurried past."""

from itertools import pairwise

import pytest

from warmflow.training.lesson_library import LessonLibrary
from warmflow.training.live.replay_player import HURRIED_MOST_X
from warmflow.training.playback_modes import best, ways
from warmflow.training.progress import played
from warmflow.training.simulated_run import steps_s
from warmflow.training.tempo import LOOK_S, STILL_S, Tempo, tempo

LESSONS = LessonLibrary().look().lessons
STEP_S = 0.05


def stills_s(found, steps, end_s):
    """Real seconds between one step and the next."""
    for step_s, next_s in pairwise([*sorted(set(steps)), end_s]):
        real_s = 0.0
        while found.after(step_s, real_s) < next_s - 1e-6:
            real_s += STEP_S
            assert real_s < 1000
        yield real_s


@pytest.mark.parametrize("name", LESSONS)
def test_no_lesson_stands_longer_than_20_s_as_it_is_offered_or_replayed(name):
    play = played(LESSONS[name])
    offered = ways(play)
    steps, end_s = steps_s(play), play.scenario.whole_min * 60
    for way in {best(offered), offered[-1]}:
        most_x = HURRIED_MOST_X if way.name == "replay" else way.most_x
        found = tempo(way.speed_x, most_x, steps, end_s)
        assert max(stills_s(found, steps, end_s)) <= STILL_S + 2 * STEP_S, way.name


def test_the_tail_of_the_hot_tub_runs_at_600x_and_its_heating_at_its_own_speed():
    play = played(LESSONS["hot-tub"])
    steps = steps_s(play)
    found = tempo(60, HURRIED_MOST_X, steps, play.scenario.whole_min * 60)
    assert {found.speed_x(step_s + 1) for step_s in steps} == {60}, "each step begins at the lesson's own speed"
    assert {speed_x for _, speed_x in found.changes} == {60, 600}
    assert all(from_s > play.over_s for from_s, _ in found.changes)


def test_pump_time_goes_over_a_change_of_speed_without_losing_any():
    found = Tempo(10, ((100.0, 1000), (1100.0, 10)))
    assert found.after(0.0, 10.0) == 100
    assert found.after(0.0, 10.5) == 600
    assert found.after(0.0, 12.0) == 1110
    assert found.after(50.0, 5.0) == 100
    assert found.after(2000.0, 1.0) == 2010
    split = found.after(found.after(0.0, 10.2), 1.8)
    assert split == pytest.approx(found.after(0.0, 12.0))


def test_where_a_board_cannot_be_hurried_enough_the_look_is_shorter_and_the_speed_its_most():
    [first, last] = tempo(60, 600, [0.0], 11_000.0).changes
    assert first[1] == 600
    assert 0 <= first[0] < LOOK_S * 60
    assert last == (11_000.0, 60)
    assert tempo(60, 60, [0.0], 11_000.0).changes == ()
    assert tempo(600, 600, [0.0, 100.0], 200.0).changes == ()
