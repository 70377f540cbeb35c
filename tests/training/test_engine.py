"""The engine by itself: truth frames and replays give the same, nothing counts twice, a probe makes its own phases."""

import pytest

from pumplink import messages as m
from pumpmodel import viscosity_mpa_s
from warmflow.simulation.rig import make_pump
from warmflow.simulation.stepped import apply
from warmflow.training import views
from warmflow.training.lesson_library import LessonLibrary
from warmflow.training.playback_modes import LONGEST_SITTING_MIN, MOST_X, allowed, best, ways
from warmflow.training.predictions import compared, truths
from warmflow.training.progress import Progress, advance, played
from warmflow.training.quantities import NUMBERS, Moment
from warmflow.training.sample import Sample, of_run, of_truth
from warmflow.training.simulated_run import Replay, injected, jumped, run_of, to_the_end
from warmflow.training.step_conditions import When, met

LESSONS = LessonLibrary().look().lessons
TUB = LESSONS["hot-tub"]
BEGAN_MS = 7_000_000  # a board has run for a while when a lesson begins
READING = m.Telemetry(0, 1, 1, 1, 41_500, 10, 101_000, 50_000, 1, 0)


def truth(pump, t_s):
    """As a board rounds it."""
    milli = (round(1000 * value) for value in (pump.skin_c, pump.core_c, pump.pump_c, pump.vapour_kpa, pump.drive_kpa))
    thick_npa_s = round(1e6 * viscosity_mpa_s("drug", pump.pump_c))
    return m.Truth(
        1, 1, BEGAN_MS + round(1000 * t_s), *milli, round(1000 * pump.ambient_kpa), round(1000 * pump.outlet_kpa),
        thick_npa_s, round(pump.flow_nl_h), round(pump.delivered_flow_nl_h), 123_456 + round(pump.delivered_nl),
        pump.reservoir_nl, round(pump.reference_flow_nl_h), 0, 0,
    )  # fmt: skip


def frames(play, every_s):
    """Truth frames of the stepped model, as a virtual Pico would send them."""
    pump = make_pump(play.scenario, play.rig)
    due = [(play.begins_s + event.at_min * 60, event) for event in play.scenario.events]
    for second in range(int(play.scenario.whole_min * 60) + 1):
        for at_s, event in due:
            if at_s == second:
                apply(pump, event)
        if second % every_s == 0:
            yield truth(pump, second)
        pump.step(1.0)


def of_run_rows(play):
    return of_run(run_of(play))


def samples(*rows):
    """Of a pump at rest but for what is given: seconds, skin, flow."""
    rest = Sample(0, 34, 37, 36.25, 154.8, 41.1, 101.3, 12.4, 0.701, 48_880, 48_880, 48_880, 0, 3e7)
    return [rest._replace(t_s=t, skin_c=skin, flow_nl_h=flow, arrived_nl=48_880 * t / 3600) for t, skin, flow in rows]


@pytest.mark.parametrize("every_s", [1, 30])
def test_truth_frames_give_the_numbers_of_a_replay_within_1_percent(every_s):
    # 30 s of pump time lie between two frames of a virtual Pico at 60x: what the tub is offered at
    play = played(TUB)
    live = advance(Progress(play), (of_truth(frame, READING, BEGAN_MS) for frame in frames(play, every_s)))
    replayed = to_the_end(play)
    assert [one.step.id for one in live.reached] == [one.step.id for one in replayed.reached]
    assert live.finished
    for what, figure in truths(replayed).items():
        if what == "peak_after_min":
            assert truths(live)[what] == pytest.approx(figure, abs=0.5)
        elif figure is not None and what != "starts_min":
            assert truths(live)[what] == pytest.approx(figure, rel=0.01)


def test_readings_stand_beside_the_truth_and_are_marked_as_measured():
    play = played(TUB)
    [frame] = [next(iter(frames(play, 60)))]
    progress = advance(Progress(play), [of_truth(frame, READING, BEGAN_MS)])
    rows = {row["name"]: row for row in views.numbers(progress, ("probe_c", "metered_percent", "pump_c"))}
    assert {name: row["kind"] for name, row in rows.items()} == {
        "probe_c": "measured", "metered_percent": "measured", "pump_c": "modelled",
    }  # fmt: skip
    assert rows["probe_c"]["value"] == 41.5
    without = advance(Progress(play), [of_truth(frame, None, BEGAN_MS)])
    [row] = views.numbers(without, ("probe_c",))
    assert (row["value"], row["text"]) == (None, "no reading")


def test_what_comes_late_or_twice_changes_nothing():
    play = played(TUB)
    rows = of_run_rows(play)
    straight = advance(Progress(play), rows)
    muddled = [row for pair in zip(rows, [rows[0], *rows], strict=False) for row in pair]
    again = advance(Progress(play), muddled)
    assert again.added_nl == straight.added_nl
    assert again.reached == straight.reached


def test_portions_of_any_size_give_the_same():
    play = played(TUB)
    rows = of_run_rows(play)
    whole = advance(Progress(play), rows)
    parts = Progress(play)
    for at in range(0, len(rows), 77):
        parts = advance(parts, rows[at : at + 77])
    assert parts == whole


def test_a_step_waits_for_the_one_before_it():
    loaded = TUB.lesson.step
    play = played(TUB)
    # very hot at once, and the exposure not begun by the clock: the steps before are still missing
    progress = advance(Progress(play), samples((0, 34, 48_880), (1, 34, 90_000)))
    assert [one.step.id for one in progress.reached] == [loaded[0].id]


def test_dose_is_volume_that_arrived_less_the_reference_and_mg_only_with_a_concentration():
    play = played(TUB)
    rows = [row._replace(arrived_nl=row.arrived_nl * 1.5) for row in samples((0, 34, 1), (3600, 34, 1), (7200, 34, 1))]
    progress = advance(Progress(play), rows)
    added = views.view(progress, best(ways(play)), 60)["added"]
    assert added["ul"] == pytest.approx(48.88)  # half of two hours
    assert added["mg"] == pytest.approx(48.88e-3 * 9.2)
    assert added["percent"] == pytest.approx(100 * 0.5 * 2 / (14 * 24))
    plain = advance(Progress(played(LESSONS["sauna"])), rows)
    assert views.view(plain, best(ways(play)), 60)["added"]["mg"] is None


def test_with_a_probe_in_hand_the_skin_tells_the_phase():
    play = played(TUB, dipped=True)
    rows = samples((0, 34, 48_880), (600, 34.5, 48_880), (700, 39, 50_000), (1200, 41.5, 60_000), (1500, 40, 62_000))
    phases = []
    progress = Progress(play)
    for row in [*rows, *samples((2000, 35, 55_000), (9000, 34, 48_900), (9100, 36.5, 48_900))]:
        progress = advance(progress, [row])
        phases.append(progress.phase)
    assert phases == ["rest", "rest", "exposure", "exposure", "after", "after", "end", "end"]
    assert progress.over_s == 1500
    assert truths(progress)["peak_after_min"] == 0
    assert views.view(progress, ways(play)[0], 10)["clock"]["whole_s"] is None


def test_guesses_are_held_against_the_truth_once_the_lesson_is_over():
    play = played(TUB)
    guesses = {"peak_percent": 32.0, "peak_after_min": -5.0, "added_percent": 10.0}
    half = advance(Progress(play), Replay.of(play).until(3600))
    assert {(one.truth, one.verdict) for one in compared(half, guesses)} == {(None, "not_yet")}
    rows = {one.what: one for one in compared(to_the_end(play), guesses)}
    assert {what: row.verdict for what, row in rows.items()} == {
        "peak_percent": "near", "peak_after_min": "low", "added_percent": "high",
    }  # fmt: skip
    assert {row.verdict for row in compared(to_the_end(play), {})} == {"never"}


def test_the_questions_before_a_run_do_not_tell_the_answers():
    said = views.before(TUB)
    assert all(set(question) == {"text", "choices"} for question in said["questions"])
    assert "right" not in str(said["questions"])
    one = TUB.lesson.question[0]
    assert views.answered(TUB.lesson, 1, one.right)["right"]
    assert not views.answered(TUB.lesson, 1, one.right - 1)["right"]
    with pytest.raises(IndexError):
        views.answered(TUB.lesson, 0, 1)


def test_a_replay_gives_every_sample_once_and_jumps_to_a_step():
    play = played(TUB)
    replay = Replay.of(play)
    rows = of_run_rows(play)
    given = [row for t_s in (0, 10, 10, 5, 4000, 1e9) for row in replay.until(t_s)]
    assert given == rows
    assert replay.over
    there, progress = jumped(replay, play, "flow")
    assert progress.step.id == "flow"
    assert not there.over
    assert advance(progress, there.until(float("inf"))) == to_the_end(play)


def test_a_fault_that_is_injected_unseen_acts_from_then_on_and_moves_no_phase():
    play = played(LESSONS["fever"])
    replay = Replay.of(play)
    progress = advance(Progress(play), replay.until(24 * 3600))
    reached = progress.reached
    replay, progress = injected(replay, progress, "occlusion", 1.0)
    progress = advance(progress, replay.until(26 * 3600))
    assert progress.now.now.flow_nl_h == 0
    assert progress.now.now.pump_c > 38
    assert progress.reached[: len(reached)] == reached
    assert progress.play.over_s == play.over_s
    replay, progress = injected(replay, progress, "occlusion", 0.0)
    progress = advance(progress, replay.until(float("inf")))
    assert progress.finished
    # two hours of flow at about 1.3 of the reference rate are missing
    missing_nl = to_the_end(play).added_nl - progress.added_nl
    assert missing_nl == pytest.approx(2 * 1.3 * progress.now.now.reference_nl_h, rel=0.02)
    assert "occlusion" not in str(views.view(progress, ways(play)[-1], 600))


def test_a_fault_that_is_injected_in_the_rest_before_acts_at_once():
    play = played(LESSONS["fever"])
    assert play.begins_s > 120
    replay = Replay.of(play)
    progress = advance(Progress(play), replay.until(60))
    replay, progress = injected(replay, progress, "occlusion", 1.0)
    progress = advance(progress, replay.until(play.begins_s - 1))
    assert progress.phase == "rest"
    assert progress.now.now.flow_nl_h == 0


def test_speeds_stay_within_what_each_can_do_and_the_replay_is_labelled():
    most = {"probe": 10, "board": 60, "virtual": 600, "replay": 20_000}
    assert most == MOST_X
    for loaded in LESSONS.values():
        for way in ways(played(loaded)):
            assert allowed(way, way.speed_x)
            assert not allowed(way, most[way.name] + 1)
            assert not way.possible or way.name == "replay" or way.lasts_min <= LONGEST_SITTING_MIN
            clock = views.view(Progress(played(loaded)), way, way.speed_x)["clock"]
            assert clock["replay"] == (way.name == "replay") == ("Simulation" in clock["label"])
            assert f"{way.speed_x:,}" in clock["label"]


@pytest.mark.parametrize(
    ("name", "impossible"),
    [
        ("hot-tub", {}),
        ("sauna", {"probe": "no_probe"}),
        ("fever", {"probe": "no_probe", "board": "too_long"}),
        ("activation", {"probe": "no_probe", "board": "start", "virtual": "start"}),
        ("drug-cycle", {"probe": "no_probe", "board": "too_long", "virtual": "too_long"}),
    ],
)
def test_what_can_not_play_a_lesson_says_why(name, impossible):
    found = {way.name: way.why_not.removeprefix("why_not.") for way in ways(played(LESSONS[name]))}
    assert {way: why for way, why in found.items() if why} == impossible


def test_without_a_board_or_where_it_is_too_long_the_replay_is_offered():
    assert best(ways(played(TUB))).name == "virtual"
    assert best(ways(played(TUB)), boards=False).name == "replay"
    assert best(ways(played(LESSONS["warm-pocket"]))).name == "replay"


@pytest.mark.parametrize(
    ("when", "flow", "holds"),
    [
        ({"rises_by": 5}, 55_000, True),
        ({"rises_by": 5}, 54_000, False),
        ({"falls_by": 5}, 44_000, True),
        ({"falls_by": 5}, 45_000, False),
        ({"rises_percent": 10}, 55_000, True),
        ({"rises_percent": 11}, 54_000, False),
        ({"falls_percent": 10}, 44_000, True),
        ({"falls_percent": 11}, 44_100, False),
        ({"above": 50}, 50_000, True),
        ({"above": 50}, 49_999, False),
        ({"below": 50}, 50_000, True),
        ({"below": 50}, 50_001, False),
        ({"within": 50}, -50_000, True),
        ({"within": 50}, -50_001, False),
        ({"phase": "after", "above": 1}, 50_000, False),
        ({"phase": "exposure", "above": 1}, 50_000, True),
        ({"minute": 11, "above": 1}, 50_000, False),
    ],
)
def test_a_condition_holds_when_all_its_parts_do(when, flow, holds):
    before, now = samples((0, 34, 49_500), (600, 34, flow))
    start, moment = (Moment(row, 0.0, 1.0, 1.0, None) for row in (before, now))
    assert met(When(number="flow_ul_h", **when), "exposure", 10, moment, start, {}) == holds


def test_a_peak_is_past_when_the_number_has_turned_back_up_or_down():
    when = When(peak_of="flow_ul_h")
    rows = [Moment(row, 0.0, 1.0, 1.0, None) for row in samples((0, 34, 50_000), (1, 34, 59_900), (2, 34, 59_700))]
    assert not met(when, "rest", 0, rows[1], rows[0], {"flow_ul_h": 60.0})
    assert met(when, "rest", 0, rows[2], rows[0], {"flow_ul_h": 60.0})
    assert met(when, "rest", 0, rows[2], rows[0], {"flow_ul_h": 10.0})
    assert not met(when, "rest", 0, rows[2], rows[0], {})


def test_every_number_comes_out_of_a_truth_frame_with_its_reading():
    play = played(TUB)
    progress = advance(Progress(play), [of_truth(next(iter(frames(play, 60))), READING, BEGAN_MS)])
    shown = views.view(progress, best(ways(play)), 60)["drawing"]
    assert set(shown) == set(NUMBERS)
    assert None not in shown.values()
