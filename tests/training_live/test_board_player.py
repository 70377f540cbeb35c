"""A lesson on a board: what it is told and when, what the screen shows then, and that it is left as it was found."""

import asyncio
from contextlib import asynccontextmanager
from functools import cache

import pytest
from model_board import ModelBoard
from time_travel import travelled

from pumplink import messages as m
from pumplink.codes import Platform, Sensor
from warmflow.runtime.tasks import end
from warmflow.training.lesson_library import LessonLibrary
from warmflow.training.live.board_player import living
from warmflow.training.live.lesson_run import LessonRun
from warmflow.training.live.player import NotNow
from warmflow.training.live.pump_listener import PumpListener
from warmflow.training.playback_modes import best, ways
from warmflow.training.progress import played
from warmflow.training.simulated_run import to_the_end
from warmflow.training.texts import texts

LESSONS = LessonLibrary().look().lessons
ON_A_PICO = [name for name in LESSONS if best(ways(played(LESSONS[name]))).name == "virtual"]
LONGEST_S = 700.0


@cache
def simulated(name):
    return to_the_end(played(LESSONS[name]))


class Rig:
    """A sitting with its board."""

    def __init__(self, lesson_run, board, listener):
        self.lesson_run, self.board, self.listener = lesson_run, board, listener
        self.shown, self.troubles = [], []

    async def go(self, seconds=LONGEST_S):
        """Lets time pass, as the stage does; what was on the screen, in order."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        while loop.time() < until_s and self.lesson_run.phase != "done":
            await asyncio.sleep(0.1)
            list(self.lesson_run.tick(loop.time()))
            at, reached = self.lesson_run.screen.at, self.lesson_run.progress.reached
            if at >= 0 and reached[at].step.id not in self.shown:
                self.shown.append(reached[at].step.id)
            self.troubles += (
                [self.lesson_run.trouble] if self.lesson_run.trouble not in ("", *self.troubles[-1:]) else []
            )

    async def start(self):
        await self.lesson_run.player.start()
        self.lesson_run.begin()


@asynccontextmanager
async def rig(name, way="virtual", dipped=False, **board):
    loop = asyncio.get_running_loop()
    listener = PumpListener(loop.time)
    platform = Platform.UNIX if way == "virtual" else Platform.RP2040
    board = ModelBoard(listener.on_update, platform=platform, **board)
    running = asyncio.create_task(board.run())
    loaded = LESSONS[name]
    [chosen] = [each for each in ways(played(loaded)) if each.name == way]
    player = await living(played(loaded, dipped), chosen, chosen.speed_x, board, listener, print)
    try:
        yield Rig(LessonRun(loaded, player), board, listener)
    finally:
        await end(running)


@pytest.mark.parametrize("name", ON_A_PICO)
def test_each_lesson_on_a_board_shows_every_step_and_ends_with_the_numbers_of_simulate(name):
    async def main():
        async with rig(name) as here:
            await here.start()
            await here.go()
            return here

    here = travelled(main())
    progress, wanted = here.lesson_run.progress, simulated(name)
    assert here.lesson_run.phase == "done"
    assert here.shown == [step.id for step in LESSONS[name].lesson.step], "each had its turn on the screen"
    assert progress.peak_percent == pytest.approx(wanted.peak_percent, rel=0.01)
    assert progress.added_nl == pytest.approx(wanted.added_nl, rel=0.01)
    assert here.troubles == []


def test_the_board_is_set_up_calmed_and_filled_before_and_put_back_afterwards():
    found = {"profile": "n-butane", "body": "slim", "speed_x": 3, "rate_hz": 2}

    async def main():
        async with rig("hot-tub", **found) as here:
            await here.start()
            during = dict(here.board.settings)
            await here.go(60)
            await here.lesson_run.player.leave(to_rest=False)
            return here.board, during

    board, during = travelled(main())
    assert {key: during[key] for key in found} == {"profile": "r11", "body": "average", "speed_x": 60, "rate_hz": 10}
    assert {key: board.settings[key] for key in found} == found
    before = board.kinds()[: board.kinds().index("Refill") + 1]
    assert before == ["GetConfig", "SetConfig", "SetEnvironment", "InjectFault", "Refill"]


def test_a_board_that_is_still_warm_is_started_again_so_that_the_lesson_begins_at_rest():
    async def main():
        async with rig("hot-tub") as here:
            here.board.pump.expose(42.0, None, duration_s=7200)
            here.board.settings["speed_x"] = 600
            await asyncio.sleep(3)
            assert here.board.pump.pump_c > 37
            await here.start()
            await here.go(2)
            return here

    here = travelled(main())
    assert here.board.kinds().count("Reset") == 1
    assert here.lesson_run.progress.start.now.pump_c == pytest.approx(36.25, abs=0.02)
    assert here.shown[0] == LESSONS["hot-tub"].lesson.step[0].id


def test_a_group_is_followed_by_a_board_at_rest():
    async def main():
        async with rig("hot-tub") as here:
            await here.start()
            await here.go(40)
            warm_c = here.board.pump.pump_c
            await here.lesson_run.player.inject(here.lesson_run.progress, "occlusion", 1.0)
            await here.lesson_run.player.leave(to_rest=True)
            await asyncio.sleep(0.2)
            return warm_c, here.board.pump

    warm_c, pump = travelled(main())
    assert warm_c > 37
    assert pump.pump_c == pytest.approx(36.25, abs=0.02)
    assert pump.flow_nl_h == pytest.approx(pump.reference_flow_nl_h, rel=1e-3)


def test_a_board_that_goes_silent_is_said_within_3_s_nothing_is_invented_and_it_goes_on():
    async def main():
        async with rig("hot-tub") as here:
            await here.start()
            await here.go(20)
            here.board.silent = True
            await here.go(1)
            known, rows = here.lesson_run.progress, len(here.lesson_run.course.rows)
            await here.go(2)
            said = here.lesson_run.trouble
            await here.go(10)
            assert here.lesson_run.progress == known
            assert len(here.lesson_run.course.rows) == rows
            here.board.silent = False
            await here.go(1)
            assert here.lesson_run.trouble == ""
            await here.go()
            return here, said

    here, said = travelled(main())
    assert said == texts()("train.link_lost")
    assert here.lesson_run.phase == "done"
    assert here.shown == [step.id for step in LESSONS["hot-tub"].lesson.step]


def test_an_event_that_a_silent_board_got_late_still_ends_in_its_time():
    """The tub begins after 3 minutes and ends after 33; the board hears of it 10 minutes late."""

    async def main():
        async with rig("hot-tub") as here:
            await here.start()
            here.board.silent = True
            await here.go(13 * 60 / 60)
            here.board.silent = False
            await here.go(5)
            return next(each for each in here.board.told if isinstance(each, m.SetEnvironment) and each.duration_s)

    assert travelled(main()).duration_s == pytest.approx(20 * 60, abs=90)


def test_a_board_that_was_started_again_in_the_middle_ends_the_lesson_in_words():
    async def main():
        async with rig("hot-tub") as here:
            await here.start()
            await here.go(20)
            here.board.restart()
            t_s = here.lesson_run.progress.now.now.t_s
            await here.go(5)
            return here, t_s

    here, t_s = travelled(main())
    assert here.troubles == [texts()("stage.restarted")]
    assert here.lesson_run.progress.now.now.t_s == t_s


def test_a_pause_is_the_slowest_pump_time_and_a_jump_is_refused():
    async def main():
        async with rig("hot-tub") as here:
            await here.start()
            await here.go(5)
            await here.lesson_run.player.pause()
            began_ms, speed_x = here.board.pump_ms, here.lesson_run.player.speed_x
            await here.go(10)
            passed_ms = here.board.pump_ms - began_ms
            await here.lesson_run.player.resume()
            with pytest.raises(NotNow, match="cannot jump"):
                await here.lesson_run.player.jump("out")
            return speed_x, passed_ms, here.board.settings["speed_x"]

    assert travelled(main()) == (1, pytest.approx(10_000, abs=300), 60)


def test_a_board_that_refuses_an_event_is_shown_with_its_words():
    async def main():
        async with rig("hot-tub") as here:
            await here.start()
            here.board._obey = refuses
            await here.go(10)
            return here.troubles

    def refuses(message):
        from warmflow.device.link import CommandError

        raise CommandError("rig: refused: not today")

    assert travelled(main()) == ["rig: refused: not today"]


def test_a_board_that_says_nothing_can_not_be_chosen():
    async def main():
        listener = PumpListener(asyncio.get_running_loop().time)
        play = played(LESSONS["hot-tub"])
        await living(play, ways(play)[1], 60, ModelBoard(listener.on_update), listener, print)  # nobody lets it run

    with pytest.raises(NotNow, match="does not answer"):
        travelled(main())


def test_with_a_probe_nothing_is_commanded_but_the_setting_up_and_the_persons_probe_makes_the_exposure():
    async def main():
        async with rig("hot-tub", "probe", dipped=True, sensor=Sensor.DS18B20) as here:
            await here.start()
            told = len(here.board.told)
            await here.go(10)
            assert here.lesson_run.progress.phase == "rest"
            here.board.probe_c = 42.0
            await here.go(180)
            assert here.lesson_run.progress.phase == "exposure"
            here.board.probe_c = 34.0
            await here.go(1500)
            return here, here.board.told[told:]

    here, told = travelled(main())
    assert told == []
    assert here.board.settings["place"] == "water"
    assert here.board.settings["speed_x"] <= 10
    assert here.lesson_run.phase == "done"
    assert here.shown == [step.id for step in LESSONS["hot-tub"].lesson.step]
    assert here.lesson_run.progress.now.now.probe_c == 34.0


def test_a_board_with_a_real_probe_that_plays_a_scenario_is_told_to_emulate_it():
    async def main():
        async with rig("hot-tub", "board", sensor=Sensor.TMP117) as here:
            await here.start()
            during = here.board.settings["sensor"]
            await here.lesson_run.player.leave(to_rest=False)
            return during, here.board.settings["sensor"]

    assert travelled(main()) == ("emulated", "auto")
