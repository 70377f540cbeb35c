"""Is the cause right? A short corpus here, the whole one with `make soak`."""

import pytest
from corpus_cases import STORIES, cases, stories
from corpus_readings import record
from run_corpus import Judged, judge, matrix, score

SHORT = 28
LONG = 1024
TUNED_ON = 1  # weights and limits were set by looking at this seed, and at no other
HELD_OUT = 2


def judged(runs: int, seed: int) -> list[Judged]:
    return [judge(case) for case in cases(runs, seed)]


def test_the_cause_is_right_in_a_short_corpus():
    found = judged(SHORT, HELD_OUT)
    print(matrix(found))
    scores = score(found)
    assert scores.right >= 0.92, matrix(found)
    assert scores.heat_right == 1.0, matrix(found)
    assert scores.heat_right > max(scores.warm_right, scores.high_right)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_cause_is_right_in_the_whole_corpus():
    found = judged(LONG, HELD_OUT)
    print(matrix(found))
    scores = score(found)
    assert scores.runs >= 400
    assert scores.right >= 0.97, matrix(found)
    assert scores.heat_right >= 0.995, matrix(found)
    assert scores.heat_right > max(scores.warm_right, scores.high_right)


def test_a_corpus_is_made_by_its_seed_alone():
    first, again, other = cases(8, 5), cases(8, 5), cases(8, 6)
    assert [case.pump for case in first] == [case.pump for case in again]
    assert record(first[3]).readings == record(again[3]).readings
    assert [case.probe_offset_c for case in first] != [case.probe_offset_c for case in other]


def test_a_short_corpus_has_all_kinds_of_runs_in_it():
    assert len(stories()) == sum(STORIES.values())
    labels = {case.label for case in cases(len(stories()), 1)}
    assert len(labels) == 14
    assert len({case.label for case in cases(SHORT, HELD_OUT)}) >= 12


def test_nobody_tells_the_monitor_body_or_offset():
    for case in cases(24, 3):
        run = record(case)
        assert run.rig.body == "average"
        assert abs(case.probe_offset_c) <= 0.3
    assert {case.pump.body for case in cases(24, 3)} == {"deep", "average", "slim"}
