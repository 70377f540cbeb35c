"""A lesson of the test's own on a real virtual Pico: its steps are reached, and its numbers are those of simulate."""

import asyncio

import pytest
from lesson_bench import Bench
from wait import wait_until

from warmflow.device.link import PumpLink
from warmflow.device.virtual import virtual_pico
from warmflow.hub import Hub
from warmflow.runtime.tasks import end
from warmflow.training.lesson_library import LessonLibrary
from warmflow.training.live.pump_listener import PumpListener
from warmflow.training.progress import played
from warmflow.training.simulated_run import to_the_end

pytestmark = pytest.mark.micropython
DEADLINE_S = 60
LESSON = """
title = "A quick climb"
aim = "Thin air lets the pump push harder, and the dose grows with the time up there."
statement = [10]
closing = "Up there the flow was higher, and down again it was as before."

[inline]
rest_before_min = 10
rest_after_min = 20
[[inline.event]]
kind = "exposure"
at_min = 0
duration_min = 60
altitude_m = 2400

[[step]]
id = "rest"
title = "On the ground"
text = "The flow is the reference rate, as at rest."
when = { phase = "rest" }
shows = ["flow_ul_h", "ambient_kpa"]

[[step]]
id = "up"
title = "Up in the air"
text = "The air presses less, so the pump pushes more."
when = { number = "ambient_kpa", falls_by = 10 }
shows = ["ambient_kpa", "deviation_percent"]

[[step]]
id = "down"
title = "Down again"
text = "The flow is back, and what was added stays added."
when = { phase = "after", number = "deviation_percent", within = 1 }
shows = ["added_ul", "deviation_percent"]
"""


async def test_a_lesson_on_a_virtual_pico_has_the_numbers_of_simulate_and_leaves_the_board_as_it_was(tmp_path):
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "climb.toml").write_text(LESSON)
    config = {"rig_name": "train", "sensor": "emulated", "speed_x": 2}

    async with virtual_pico(state_dir=tmp_path / "pico", config=config) as pico:
        hub = Hub(print)
        link = PumpLink(pico.port, hub.publish, print)
        running = asyncio.create_task(link.run())
        await link.greeted(DEADLINE_S)
        bench = Bench(tmp_path / "kept", tmp_path / "lessons")
        bench.clock = bench.stage.now = asyncio.get_running_loop().time
        bench.stage.listener = PumpListener(bench.clock)
        bench.around.links = lambda: [link]
        hub.add(bench.stage.listener)
        assert bench.state()["can"] == {"probe": False, "board": False, "virtual": True, "commands": True}
        await bench.do("choose", lesson="climb", way="virtual", speed_x=600)
        await bench.do("start")
        shown = []
        async with asyncio.timeout(DEADLINE_S):
            while bench.state()["phase"] != "done":
                told = bench.state()
                shown += [told["shown"]["step"]["id"]] if told["shown"] else []
                assert told["source"] == {"way": "virtual", "pump": "train", "ok": True, "why": ""}
                await asyncio.sleep(0.05)
        done = bench.state()
        await bench.do("next_group")
        await wait_until(lambda: link.rig.speed_x == config["speed_x"], DEADLINE_S)
        await end(running)
        shown, done, rig = list(dict.fromkeys(shown)), done, link.rig
    loaded = LessonLibrary(tmp_path / "lessons").look().lessons["climb"]
    wanted = to_the_end(played(loaded))
    assert shown == ["rest", "up", "down"]
    assert done["live"]["peak"]["percent"] == pytest.approx(wanted.peak_percent, rel=0.01)
    assert done["live"]["added"]["ul"] == pytest.approx(wanted.added_nl / 1000, rel=0.01)
    assert done["live"]["clock"]["label"] == "Virtual Pico, pump time 600 times faster"
    assert rig.profile == "r11"
