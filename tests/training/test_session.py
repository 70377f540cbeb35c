"""The session's log: what follows of each entry, what trainees may see, and the two printed pages."""

from datetime import UTC, datetime, timedelta

import pytest
from short_form import few

from warmflow.training.figure_text import truth
from warmflow.training.group_results import groups
from warmflow.training.lesson_library import LessonLibrary
from warmflow.training.log_text import Titles, log_lines, titles_of
from warmflow.training.predictions import compared
from warmflow.training.printable import lesson_plan, session_report
from warmflow.training.progress import Progress, advance, played
from warmflow.training.sample import of_run
from warmflow.training.session_log import (
    KINDS,
    Session,
    SessionError,
    as_lines,
    finished,
    for_trainees,
    next_group,
    noted,
    of_lines,
)
from warmflow.training.simulated_run import run_of, to_the_end
from warmflow.training.texts import texts

LESSONS = LessonLibrary().look().lessons
BEGIN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EMULATOR = "no medical device"


def at(seconds):
    return BEGIN + timedelta(seconds=seconds)


def whole():
    """Two groups: the first with guesses and a hidden fault, the second that only begins."""
    session = noted(Session(), at(0), "guessed", what="peak_percent", value=80.0)
    session = noted(session, at(5), "started", lesson="hot-tub", way="virtual", speed_x=60)
    session = noted(session, at(20), "reached", step="in")
    session = noted(session, at(30), "paused")
    session = noted(session, at(40), "resumed")
    session = noted(session, at(50), "jumped", step="out")
    session = noted(session, at(60), "injected", fault="occlusion", magnitude=1.0)
    session = noted(session, at(70), "acknowledged", alarm="rate: high")
    session = noted(session, at(90), "diagnosed", fault="leak")
    session = noted(session, at(150), "diagnosed", fault="occlusion")
    session = noted(session, at(160), "answered", question=1, choice=3, right=True)
    progress = to_the_end(played(LESSONS["hot-tub"]))
    session = finished(session, at(200), compared(progress, session.guesses))
    session = next_group(session, at(300))
    return noted(session, at(310), "started", lesson="sauna", way="replay", speed_x=200)


def test_next_group_resets_guesses_lesson_and_faults_and_the_log_goes_on():
    before = whole()
    session = next_group(before, at(400))
    assert (session.group, session.lesson, session.running) == (3, None, False)
    assert (session.guesses, session.hidden) == ({}, ())
    assert session.entries[:-1] == before.entries


def test_start_pause_and_end_say_whether_it_runs():
    session = noted(Session(), at(0), "started", lesson="sauna", way="replay", speed_x=200)
    assert session.running
    session = noted(session, at(1), "paused")
    assert not session.running
    assert noted(session, at(2), "resumed").running
    assert not finished(session, at(3), ()).running


@pytest.mark.parametrize(
    ("kind", "detail", "complaint"),
    [
        ("finnished", {}, "no such entry"),
        ("started", {"lesson": "sauna"}, "needs lesson, way, speed_x"),
        ("paused", {}, "no lesson was started"),
        ("injected", {"fault": "oclusion", "magnitude": 1.0}, r"unknown; did you mean occlusion\?"),
        ("diagnosed", {"fault": "bad luck"}, "unknown; known are none"),
        ("next_group", {"group": 3}, "after 1 comes 2"),
    ],
)
def test_what_can_not_be_is_not_noted(kind, detail, complaint):
    with pytest.raises(SessionError, match=complaint):
        noted(Session(), at(0), kind, **detail)


@pytest.mark.time
def test_an_entry_is_never_before_the_one_above_it_and_knows_its_time_zone():
    session = noted(whole(), at(0), "acknowledged", alarm="x")
    assert session.entries[-1].at == session.entries[-2].at
    with pytest.raises(SessionError, match="time zone"):
        noted(Session(), datetime(2026, 1, 1), "acknowledged", alarm="x")  # noqa: DTZ001


def test_trainees_do_not_see_a_fault_before_it_is_shown():
    session = whole()
    assert "injected" not in {entry.kind for entry in for_trainees(session)}
    hidden = noted(session, at(320), "injected", fault="leak", magnitude=0.5)
    assert hidden.hidden == ("leak",)
    shown = noted(hidden, at(330), "revealed", fault="leak")
    assert shown.hidden == ()
    assert [entry.detail["fault"] for entry in for_trainees(shown) if entry.kind == "injected"] == ["leak"]
    assert noted(hidden, at(330), "injected", fault="leak", magnitude=0.0).hidden == ()


def test_a_fault_counts_as_found_with_the_first_right_diagnosis():
    first, second = groups(whole())
    [hunt] = first.hunts
    assert (hunt.fault, hunt.diagnoses, hunt.after_s) == ("occlusion", ("leak", "occlusion"), 90)
    assert second.hunts == ()
    late = noted(Session(), at(0), "injected", fault="leak", magnitude=1.0)
    late = noted(late, at(1), "revealed", fault="leak")
    late = noted(late, at(2), "diagnosed", fault="leak")
    [hunt] = groups(late)[0].hunts
    assert (hunt.diagnoses, hunt.after_s) == ((), None), "to say it after it was shown is no diagnosis"


def test_a_fault_that_was_ended_can_still_be_found():
    ended = noted(Session(), at(0), "injected", fault="leak", magnitude=1.0)
    ended = noted(ended, at(10), "injected", fault="leak", magnitude=0.0)
    ended = noted(ended, at(40), "diagnosed", fault="leak")
    [hunt] = groups(ended)[0].hunts
    assert hunt.after_s == 40


@pytest.mark.time
def test_a_log_is_read_back_as_it_was_written():
    session = whole()
    assert of_lines(as_lines(session)) == session
    with pytest.raises(SessionError, match="line 2"):
        of_lines(as_lines(session).splitlines()[0] + "\nnonsense\n")


def test_every_kind_of_entry_has_its_text():
    assert all(f"session.{kind}" in texts() for kind in KINDS)


def test_the_report_has_guesses_beside_truth_answers_faults_and_the_notice():
    page = session_report(whole(), Titles({"hot-tub": "Hot tub", "sauna": "<Sauna>"}))
    assert EMULATOR in page
    for words in ("Group 1", "Group 2", "Hot tub", "80 %", "31.4 %", "guessed too high", "1.5 min", "rate: high"):
        assert words in page, words
    assert "Occlusion: the catheter is blocked" in page
    assert "&lt;Sauna&gt;" in page
    assert "<Sauna>" not in page
    assert "Simulation" in page
    assert "Nothing happened" in session_report(Session(), Titles())


def test_the_log_names_steps_of_the_lesson_that_was_on_faults_by_size_and_their_end():
    session = noted(whole(), at(320), "injected", fault="warm_pocket", magnitude=0.5)
    session = noted(session, at(330), "injected", fault="warm_pocket", magnitude=0.0)
    lines = [line for _, line in log_lines(session.entries, titles_of(LESSONS))]
    title = {step.id: step.title for step in LESSONS["hot-tub"].lesson.step}["out"]
    for words in (f"Jumped to: {title}", "the catheter is blocked, 100 %", "+1.50 °C", "Fault ended: Warm pocket"):
        assert any(words in line for line in lines), words
    assert not any("{" in line for line in lines)


def test_a_figure_between_samples_that_are_far_apart_has_a_bound_and_a_guess_within_it_is_near():
    play = played(LESSONS["hot-tub"])
    samples = of_run(run_of(play))
    fine, coarse = (advance(Progress(play), [*samples[::every], samples[-1]]) for every in (1, 40))
    [exact] = [one for one in compared(fine, {"peak_after_min": 6}) if one.what == "peak_after_min"]
    assert exact.within is None
    [rough] = [one for one in compared(coarse, {"peak_after_min": exact.truth}) if one.what == "peak_after_min"]
    assert rough.within is not None
    assert abs(rough.truth - exact.truth) <= rough.within
    assert rough.verdict == "near"
    assert f"(± {rough.within:.3g} min)" in truth(rough._asdict())


def test_what_a_person_typed_is_escaped():
    session = noted(Session(), at(0), "acknowledged", alarm="<script>alert(1)</script>")
    assert "<script>" not in session_report(session, Titles())


@pytest.mark.parametrize("name", few(LESSONS, 3))
def test_a_plan_has_statement_safety_figures_and_the_notice(name):
    loaded = LESSONS[name]
    page = lesson_plan(loaded)
    assert EMULATOR in page
    for words in ("never immersed", "No mains near water", "Hot water scalds", "not validated on people"):
        assert words in page
    for step in loaded.lesson.step:
        assert step.title.replace("'", "&#39;") in page
    assert "not reached" not in page
    assert "(modelled" not in page or "<th>Figures, modelled</th>" in page
    wanted = ("Thermos", "Thermometer", "Towel") if loaded.lesson.probe else ("Screen alone",)
    assert all(words in page for words in wanted)
    assert "http" not in page.replace("http-equiv", ""), "the sheet needs nothing from elsewhere"
