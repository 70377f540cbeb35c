"""What may be done on the stage, and when; what follows of it on the screens and in the session's log."""

import asyncio
import json
from datetime import timedelta

import pytest
from lesson_bench import Bench
from short_form import few
from wait import wait_until

from warmflow.training.lesson_library import LessonLibrary, UnknownLesson
from warmflow.training.live.actions import DEEDS, Wrong
from warmflow.training.live.choose_player import found
from warmflow.training.live.player import NotNow
from warmflow.training.playback_modes import ways
from warmflow.training.progress import played
from warmflow.training.session_log import SessionError, for_trainees, of_lines
from warmflow.training.simulated_run import to_the_end
from warmflow.training.texts import texts

LESSONS = LessonLibrary().look().lessons


def test_a_stage_on_which_nothing_was_chosen_costs_nothing(bench):
    assert bench.stage._task is None
    assert bench.stage.listener.pump is None
    assert list(bench.folder.iterdir()) == []
    assert bench.state()["phase"] == "choose"
    assert bench.state()["live"] is None


@pytest.mark.parametrize("name", few(LESSONS, 4))  # test_lessons_played.py plays them all
async def test_each_lesson_as_a_replay_has_every_step_on_the_screen_and_ends_with_the_numbers_of_simulate(bench, name):
    await bench.do("choose", lesson=name, way="replay")
    await bench.do("start")
    while bench.state()["phase"] == "run":
        bench.wait(1)
    told = bench.state()
    await bench.stage.clear()
    wanted = to_the_end(played(LESSONS[name]))
    assert bench.screens == [step.id for step in LESSONS[name].lesson.step]
    live = told["live"]
    assert live["peak"]["percent"] == pytest.approx(wanted.peak_percent, rel=0.01, abs=1e-9)
    assert live["added"]["ul"] == pytest.approx(wanted.added_nl / 1000, rel=0.01, abs=1e-6)
    assert live["clock"]["replay"]
    assert "Simulation" in live["clock"]["label"]
    assert (told["phase"], told["shown"]["waiting"], live["finished"]) == ("done", 0, True)
    assert bench.kinds().count("reached") == len(bench.screens)
    assert bench.kinds()[-1] == "finished"


async def test_a_guess_stands_beside_the_truth_when_the_lesson_is_over_and_not_before(bench):
    await bench.do("choose", lesson="heating-pad", way="replay")
    await bench.do("guess", what="peak_percent", value=20.0)
    await bench.do("start")
    bench.wait(30)
    during = bench.state()["live"]["guesses"]
    bench.wait(300)
    after = bench.state()["live"]["guesses"]
    await bench.do("again")
    again = bench.state()
    assert (during[0]["guess"], during[0]["truth"], during[0]["verdict"]) == (20.0, None, "not_yet")
    assert after[0]["truth"] == pytest.approx(26.3, abs=0.1)
    assert after[0]["verdict"] == "low"
    assert (again["phase"], again["guesses"]) == ("predict", {"peak_percent": 20.0})


@pytest.mark.parametrize(
    ("before", "action", "fields", "error", "words"),
    [
        ([], "start", {}, NotNow, "No lesson is chosen"),
        ([], "choose", {"lesson": "hottub"}, UnknownLesson, "did you mean hot-tub"),
        ([], "choose", {"lesson": "fever", "way": "probe"}, NotNow, "cannot be made with a probe"),
        ([], "choose", {"lesson": "hot-tub", "way": "virtual"}, NotNow, "No pump that could play it"),
        ([], "choose", {"lesson": "hot-tub", "way": "replay", "speed_x": 20_001}, ValueError, "20000"),
        (["choose"], "guess", {"what": "left_ml", "value": 1.0}, Wrong, "does not ask for that"),
        (["choose"], "guess", {"what": "peak_percent", "value": 1e6}, Wrong, "A guess from 0 to 100"),
        (["choose"], "next", {}, NotNow, "has not begun"),
        (["choose"], "inject", {"fault": "leak", "magnitude": 1.0}, NotNow, "has not begun"),
        (["choose", "start"], "start", {}, NotNow, "Not while"),
        (["choose", "start"], "guess", {"what": "peak_percent", "value": 1.0}, NotNow, "Not while"),
        (["choose", "start"], "answer", {"question": 0, "choice": 0}, NotNow, "Not while"),
        (["choose", "start"], "next", {}, NotNow, "not reached yet"),
        (["choose", "start"], "resume", {}, NotNow, "runs already"),
        (["choose", "start", "pause"], "pause", {}, NotNow, "stands already"),
        (["choose", "start"], "jump", {"step": "peek"}, Wrong, "no such step"),
        (["choose", "start"], "acknowledge", {}, NotNow, "nothing to acknowledge"),
        (["choose", "start"], "reveal", {"fault": "leak"}, NotNow, "inject it first"),
        (["choose", "start"], "inject", {"fault": "bad luck"}, ValueError, "occlusion"),
    ],
)
async def test_what_makes_no_sense_now_is_refused_in_words(bench, before, action, fields, error, words):
    for name in before:
        await bench.do(name, **({"lesson": "hot-tub", "way": "replay"} if name == "choose" else {}))
    entries = bench.stage.session.entries
    with pytest.raises(error, match=words):
        await bench.do(action, **fields)
    assert bench.stage.session.entries == entries
    await bench.stage.clear()


def test_where_commands_are_off_a_board_is_refused_with_the_setting_and_a_replay_plays(bench):
    bench.around.commands = "commands are off: set commands = true in [http]"
    ask = DEEDS["choose"].ask
    with pytest.raises(NotNow, match=r"commands = true in \[http\]"):
        found(bench.stage, LESSONS["hot-tub"], ask(lesson="hot-tub", way="board"))
    assert found(bench.stage, LESSONS["hot-tub"], ask(lesson="hot-tub")).way.name == "replay"
    assert bench.state()["can"] == {"probe": False, "board": False, "virtual": False, "commands": False}


def test_the_way_that_is_offered_plays_at_its_own_speed_and_a_faster_one_has_its_limit(bench):
    ask = DEEDS["choose"].ask
    replay = ways(played(LESSONS["fever"]))[-1]
    assert found(bench.stage, LESSONS["fever"], ask(lesson="fever")).speed_x == replay.speed_x
    part = found(bench.stage, LESSONS["fever"], ask(lesson="fever", way="replay", speed_x=20_000))
    assert part.speed_x == 20_000
    with pytest.raises(NotNow, match="at most 10 times"):
        found(bench.stage, LESSONS["hot-tub"], ask(lesson="hot-tub", way="probe", speed_x=11))


async def test_a_step_is_held_while_pump_time_goes_on_and_next_shows_what_waits(bench):
    await bench.do("choose", lesson="hot-tub", way="replay", speed_x=2000)
    await bench.do("start")
    bench.wait(1.5)
    first = bench.state()
    await bench.do("next")
    second = bench.state()
    assert first["held"]
    assert first["shown"]["number"] == 1
    assert first["shown"]["waiting"] > 2
    assert first["live"]["clock"]["t_s"] == pytest.approx(3000, abs=200)
    assert second["shown"]["number"] == 2
    live = {row["name"]: row["value"] for row in second["shown"]["numbers"]}
    assert live == {name: second["live"]["drawing"][name] for name in live}, "an old step shows what is now"


async def test_a_pause_stops_a_replay_and_the_screen_goes_on(bench):
    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("start")
    bench.wait(10)
    await bench.do("pause")
    t_s = bench.state()["live"]["clock"]["t_s"]
    bench.wait(60)
    assert bench.state()["live"]["clock"]["t_s"] == t_s
    assert bench.state()["paused"]
    await bench.do("resume")
    bench.wait(1)
    assert (bench.state()["live"]["clock"]["t_s"] - t_s) == pytest.approx(60, abs=30)


async def test_a_jump_goes_to_the_moment_of_a_step_forwards_and_back_and_the_course_is_of_there(bench):
    found = {}
    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("start")
    for step in ("peak", "in"):
        await bench.do("jump", step=step)
        told, lesson_run = bench.state(), bench.stage.lesson_run
        assert told["shown"]["step"]["id"] == step
        assert lesson_run.course.rows[-1][0] == told["live"]["clock"]["t_s"]
        found[step] = told["live"]["clock"]["t_s"]
    bench.wait(400)
    await bench.do("jump", step="back")
    assert bench.state()["phase"] == "run"
    await bench.stage.clear()
    at, whole = found, to_the_end(played(LESSONS["hot-tub"]))
    assert at == {one.step.id: one.t_s for one in whole.reached if one.step.id in at}
    assert bench.kinds().count("finished") == 1


async def test_a_fault_is_unseen_by_trainees_until_it_is_shown_and_a_diagnosis_is_noted(bench):
    await bench.do("choose", lesson="heating-pad", way="replay")
    await bench.do("start")
    bench.wait(5)
    flow = bench.state()["live"]["drawing"]["flow_ul_h"]
    await bench.do("inject", fault="occlusion", magnitude=0.5)
    bench.wait(5)
    hidden, seen = bench.state(), bench.state(instructor=True)
    await bench.do("diagnose", fault="leak")
    await bench.do("diagnose", fault="occlusion")
    await bench.do("reveal", fault="occlusion")
    shown = bench.state()
    await bench.do("inject", fault="occlusion", magnitude=0.0)
    bench.wait(5)
    ended = bench.state(instructor=True)
    assert hidden["live"]["drawing"]["flow_ul_h"] < 0.6 * flow, "they see what it does"
    said = json.dumps({key: value for key, value in hidden.items() if key not in ("live", "shown")})
    assert "occlusion" not in said
    assert "faults" not in hidden
    assert seen["faults"] == {"occlusion": 0.5}
    assert (shown["diagnosed"], shown["revealed"]) == ("occlusion", ["occlusion"])
    assert ended["faults"] == {}
    assert ended["live"]["drawing"]["flow_ul_h"] > 0.9 * flow


async def test_what_was_shown_of_one_run_is_not_told_of_the_next_one(bench):
    def told():
        state = bench.state()
        return state["tell"], state["revealed"], state["diagnosed"]

    await bench.do("choose", lesson="heating-pad", way="replay")
    await bench.do("start")
    assert told() == (True, [], None)
    await bench.do("inject", fault="occlusion", magnitude=0.5)
    await bench.do("diagnose", fault="occlusion")
    assert told() == (False, [], "occlusion")
    await bench.do("reveal", fault="occlusion")
    assert told() == (True, ["occlusion"], "occlusion")
    await bench.do("inject", fault="occlusion", magnitude=0.7)
    assert told() == (False, [], "occlusion"), "it came back: it is to be found anew"
    await bench.do("reveal", fault="occlusion")
    await bench.do("inject", fault="leak", magnitude=0.7)
    assert told() == (False, ["occlusion"], "occlusion")
    await bench.do("again")
    assert told() == (True, [], None)
    await bench.do("start")
    assert told() == (True, [], None)
    await bench.do("inject", fault="leak", magnitude=0.7)
    assert told() == (False, [], None)
    await bench.stage.clear()


async def test_another_lesson_over_one_that_runs_ends_its_hidden_faults(bench):
    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("start")
    await bench.do("inject", fault="leak", magnitude=1.0)
    await bench.do("choose", lesson="sauna", way="replay")
    hidden = bench.stage.session.hidden
    await bench.stage.clear()
    assert hidden == ()


class OnPump:
    """Makes a replay look like a pump's: its name, and leaving that lasts until `left` is set."""

    def __init__(self, bench):
        self.leaving, self.left = asyncio.Event(), asyncio.Event()
        player = bench.stage.lesson_run.player
        player.pump, player.leave = "rig", self._leave

    async def _leave(self, to_rest):
        self.leaving.set()
        await self.left.wait()


async def test_a_pump_is_the_stages_until_it_was_put_back(bench):
    await bench.do("choose", lesson="hot-tub", way="replay")
    rig = OnPump(bench)
    going = asyncio.create_task(bench.do("back"))
    await rig.leaving.wait()
    during = bench.stage.plays_on("rig")
    rig.left.set()
    await going
    after = bench.stage.plays_on("rig")
    assert LESSONS["hot-tub"].lesson.title in during
    assert after == ""


async def test_a_pump_is_the_stages_from_the_choice_on_and_free_again_if_that_fails(bench, monkeypatch):
    seen = []

    async def cast(stage, part):
        seen.append(stage.plays_on("rig"))
        raise NotNow("no answer")

    link = type("Link", (), {"name": "rig"})()
    part = found(bench.stage, LESSONS["hot-tub"], DEEDS["choose"].ask(lesson="hot-tub", way="replay"))
    monkeypatch.setattr("warmflow.training.live.choose_player.found", lambda *given: part._replace(link=link))
    monkeypatch.setattr("warmflow.training.live.choose_player.cast", cast)
    with pytest.raises(NotNow, match="no answer"):
        await bench.do("choose", lesson="hot-tub")
    assert LESSONS["hot-tub"].lesson.title in seen[0]
    assert bench.stage.plays_on("rig") == ""


async def test_a_lesson_does_not_begin_on_a_pump_that_plays_a_scenario_by_now(bench):
    await bench.do("choose", lesson="hot-tub", way="replay")
    OnPump(bench).left.set()
    bench.around.busy = lambda pump: f"{pump} plays sauna"
    with pytest.raises(NotNow, match="rig plays sauna"):
        await bench.do("start")
    assert bench.state()["phase"] == "predict"
    await bench.stage.clear()


async def test_only_a_flag_that_was_raised_in_this_run_and_still_stands_is_shown(bench):
    def flag(seconds, active=True):
        since = (bench.stage.session.entries[0].at + timedelta(seconds=seconds)).isoformat()
        bench.around.flag = {"active": active, "since": since, "level": "medium", "cause": "heat"}
        return bench.state()["alarm"] is not None

    await bench.do("choose", lesson="hot-tub", way="replay")
    OnPump(bench).left.set()
    await bench.do("start")
    assert flag(5)
    assert not flag(-5), "of the lesson before"
    with pytest.raises(NotNow, match="nothing to acknowledge"):
        await bench.do("acknowledge")
    assert not flag(5, active=False), "back to normal"
    assert flag(5)
    await bench.do("acknowledge")
    await bench.stage.clear()
    assert bench.around.acknowledged == ["rig"]


async def test_a_flag_does_not_name_the_cause_that_trainees_are_to_find(bench):
    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("start")
    await bench.do("inject", fault="occlusion", magnitude=1.0)
    OnPump(bench).left.set()
    text = "Likely: occlusion"
    since = bench.stage.session.entries[-1].at.isoformat()
    flag = {"active": True, "since": since, "level": "medium", "cause": "unexplained", "likely": "sudden occlusion"}
    bench.around.flag = flag | {"text": text}
    trainees, instructor = bench.state()["alarm"], bench.state(instructor=True)["alarm"]
    await bench.do("acknowledge")
    log = json.dumps([entry.detail for entry in for_trainees(bench.stage.session)])
    await bench.do("reveal", fault="occlusion")
    after = bench.state()["alarm"]
    await bench.stage.clear()
    assert "occlusion" not in json.dumps(trainees)
    assert trainees["level"] == "medium"
    assert "occlusion" not in log
    assert instructor["text"] == after["text"] == "Likely: occlusion"


async def test_answers_are_told_right_or_wrong_with_their_reason_counted_from_0(bench):
    lesson = LESSONS["hot-tub"].lesson
    right = lesson.question[0].right - 1

    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("start")
    bench.wait(400)
    await bench.do("answer", question=0, choice=right)
    with pytest.raises(Wrong, match="No such question"):
        await bench.do("answer", question=99, choice=0)
    assert (bench.state()["answers"]) == {
        "0": {
            "right": True,
            "right_choice": right,
            "choice": right,
            "why": lesson.question[0].why,
            "source": lesson.question[0].source,
        }
    }


async def test_one_button_makes_everything_ready_for_the_next_group_and_the_log_goes_on(bench):
    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("guess", what="peak_percent", value=20.0)
    await bench.do("start")
    bench.wait(5)
    await bench.do("inject", fault="leak", magnitude=1.0)
    await bench.do("diagnose", fault="leak")
    await bench.do("next_group")
    told = bench.state(instructor=True)
    wanted = {
        "phase": "choose",
        "group": 2,
        "guesses": {},
        "faults": {},
        "diagnosed": None,
        "revealed": [],
        "live": None,
    }
    assert {key: told[key] for key in wanted} == wanted
    assert bench.kinds()[-1] == "next_group"
    assert "guessed" in bench.kinds()


async def test_every_entry_of_the_session_is_in_its_file_at_once(bench):
    def written():
        return of_lines(bench.house.kept.path.read_text())

    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("guess", what="peak_percent", value=20.0)
    await bench.do("start")
    bench.wait(2)
    await wait_until(lambda: bench.house.kept.path.exists() and written() == bench.stage.session, 10)
    await bench.do("next_group")
    await bench.house.close()
    assert written() == bench.stage.session
    assert len(list(bench.folder.iterdir())) == 1


async def test_a_folder_that_takes_nothing_is_said_once_and_the_lesson_goes_on(tmp_path, capsys):
    (tmp_path / "file").write_text("no folder")
    bench = Bench(tmp_path / "file" / "below")

    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("start")
    for _ in range(3):
        await bench.do("diagnose", fault="none")
        await bench.house.kept.close()
    assert bench.state()["phase"] == "run"
    await bench.house.close()
    assert capsys.readouterr().out.count("log of the session") == 1


async def test_deeds_come_one_at_a_time(bench):
    await bench.do("choose", lesson="hot-tub", way="replay")
    both = await asyncio.gather(bench.do("start"), bench.do("start"), return_exceptions=True)
    await bench.stage.clear()
    first, second = both
    assert first == {"ok": True}
    assert isinstance(second, NotNow)
    assert bench.kinds().count("started") == 1


async def test_a_lesson_that_breaks_off_is_said_in_words_and_the_stage_can_be_used_again(bench):
    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("start")
    bench.stage.lesson_run.player.samples = None
    await wait_until(lambda: not bench.state()["source"]["ok"], 10)
    why = bench.state()["source"]["why"]
    await bench.do("choose", lesson="sauna", way="replay")
    told = bench.state()
    await bench.stage.clear()
    assert why == texts()("stage.broken")
    assert (told["lesson"], told["source"]["ok"]) == ("sauna", True)


async def test_no_deed_is_refused_by_the_log_alone(bench):
    """SessionError is for what the log cannot hold: a deed finds out before it does anything."""

    await bench.do("choose", lesson="sauna", way="replay")
    await bench.do("start")
    bench.wait(400)
    for name in ("pause", "resume", "next", "start"):
        with pytest.raises(NotNow):
            await bench.do(name)
    await bench.do("jump", step=LESSONS["sauna"].lesson.step[1].id)
    try:
        await bench.do("pause")
        await bench.do("resume")
    except SessionError as error:
        pytest.fail(str(error))
    await bench.stage.clear()
