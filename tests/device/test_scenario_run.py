"""A scenario on a pump of the daemon: each step when the pump's time has come, one at a time, taken back when stopped,
and every reason why not said in words.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from records import START

from pumplink import messages as m
from pumplink.codes import Fault, Sensor
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.daemon.handlers.scenarios import Scenarios, playable
from warmflow.device.identity import Boot
from warmflow.device.link import CommandError
from warmflow.device.link.scenario_run import ScenarioRun
from warmflow.device.states import LinkState
from warmflow.device.updates import PumpRemoved, Reading, ScenarioChanged, ScenarioState
from warmflow.monitor import Measured
from warmflow.simulation.events import Exposure, Fluid, Flush, Refill, Withdraw
from warmflow.simulation.events import Fault as Event
from warmflow.simulation.scenario import load

BOOT = Boot("0011223344556677", 4, 0xABCD)
AGAIN = Boot("0011223344556677", 5, 0xABCE)


class PaperLink:
    """A link whose board does what it is told, or answers `text` if that is an error."""

    def __init__(self, name: str = "rig", sensor: Sensor = Sensor.EMULATED) -> None:
        self.name, self.wanted, self.got = name, f"/dev/{name}", list[Any]()
        self.session = type("S", (), {"state": LinkState.OK, "detail": "", "boot": BOOT})()
        self.rig = type("R", (), {"sensor": sensor, "site_pressure_pa": 101_325})()
        self.text: str | Exception = ""

    async def command(self, make: Any) -> m.Ack:
        await asyncio.sleep(0)
        if isinstance(self.text, Exception):
            raise self.text
        self.got.append(make(9))
        return m.Ack(9, 0, 0, self.text)


class Bench:
    """Scenarios on one pump, whose time the test moves."""

    def __init__(self, link: PaperLink) -> None:
        self.link, self.log = link, list[str]()
        self.published = list[ScenarioChanged]()
        self.reserved: set[str] = set()
        self.scenarios = Scenarios(lambda: [link], self.published.append, self.log.append, self._reason)  # type: ignore[list-item]
        self.answers = Dispatcher(lambda: [link], self.scenarios.handlers(), reserved=self._reason)  # type: ignore[list-item]

    def _reason(self, pump: str) -> str:
        return f"the lesson Fever is played on {pump}" if pump in self.reserved else ""

    async def ask(self, kind: str, **fields: Any) -> Any:
        """The answer's data or error; readings go on meanwhile."""
        asking = asyncio.create_task(self.answers.answer(kind, json.dumps(fields).encode(), allowed=True))
        while not asking.done():
            await self.minute(self._minute)
        said = await asking
        return said.get("data", said.get("error"))

    _minute = 10.0

    async def minute(self, minute: float, boot: Boot = BOOT) -> None:
        """A reading at this minute of pump time."""
        self._minute = minute
        message = m.Telemetry(0, 1, 1, round(minute * 60_000), 0, 0, None, 0, 0, 0)
        self.scenarios.on_update(Reading("rig", boot, message, Measured.reading(message), START, False, None, None, 1))
        for _ in range(6):
            await asyncio.sleep(0)

    @property
    def state(self) -> dict[str, Any]:
        return self.scenarios.states()["rig"]


async def on(link: PaperLink, test: Callable[[Bench], Awaitable[None]]) -> None:

    bench = Bench(link)
    try:
        async with asyncio.timeout(30):
            await test(bench)
    finally:
        await bench.scenarios.close()


async def test_each_step_is_sent_when_the_pumps_own_time_has_come() -> None:
    steps = load("occlusion-creeping").exposure
    assert len(steps) > 1

    async def test(bench: Bench) -> None:
        said = await bench.ask("scenario_start", pump="rig", scenario="occlusion-creeping")
        assert (said["state"], said["sent"], said["steps"]) == ("playing", 1, len(steps))
        assert len(bench.link.got) == 1
        for number, step in enumerate(steps[1:], 1):
            await bench.minute(10 + step.at_min - 0.01)
            assert len(bench.link.got) == number
            await bench.minute(10 + step.at_min + 0.01)
            assert len(bench.link.got) == number + 1
        assert bench.link.got == [step.command(9) for step in steps]
        end_min = load("occlusion-creeping").last_end_min
        await bench.minute(10 + end_min - 0.01)
        assert bench.state["state"] == "playing"
        await bench.minute(10 + end_min)
        assert bench.state["state"] == "over"
        assert bench.log[-1] == "rig: occlusion-creeping over"

    await on(PaperLink(), test)


async def test_every_change_of_a_scenario_is_an_update() -> None:
    async def test(bench: Bench) -> None:
        def now() -> ScenarioState | None:
            assert {each.pump for each in bench.published} == {"rig"}
            return bench.published[-1].run

        await bench.ask("scenario_start", pump="rig", scenario="hot-tub-42")
        assert now() == ScenarioState(**bench.state)
        assert [each.run.sent for each in bench.published if each.run] == [0, 1]
        await bench.ask("scenario_stop", pump="rig")
        assert now() == ScenarioState(**bench.state)
        assert bench.state["state"] == "stopped"
        await bench.ask("scenario_start", pump="rig", scenario="sauna")
        await bench.minute(10_000)
        assert now() == ScenarioState(**bench.state)
        assert bench.state["state"] == "over"
        await bench.ask("scenario_start", pump="rig", scenario="refill-visit")
        bench.scenarios.on_update(PumpRemoved("rig"))
        await bench.minute(10_000)
        assert now() == ScenarioState(**bench.state)
        assert bench.state["state"] == "failed"

    await on(PaperLink(), test)


async def test_a_start_that_fails_is_published_as_no_scenario() -> None:
    async def test(bench: Bench) -> None:
        bench.link.text = CommandError("rig: refused")
        await bench.ask("scenario_start", pump="rig", scenario="hot-tub-42")
        assert bench.published[-1] == ScenarioChanged("rig", None)

    await on(PaperLink(), test)


async def test_the_boards_own_words_confirm_the_start() -> None:
    async def test(bench: Bench) -> None:
        bench.link.text = "yes"
        assert (await bench.ask("scenario_start", pump="rig", scenario="hot-tub-42"))["board"] == "yes"

    await on(PaperLink(), test)


async def test_a_board_that_refuses_starts_nothing_and_its_words_are_told() -> None:
    async def test(bench: Bench) -> None:
        bench.link.text = CommandError("rig: refused: skin_mc: from 0 to 50")
        said = await bench.ask("scenario_start", pump="rig", scenario="hot-tub-42")
        assert said == "step 1 of 1: rig: refused: skin_mc: from 0 to 50"
        assert bench.scenarios.states() == {}

    await on(PaperLink(), test)


async def test_a_start_that_fails_half_way_takes_back_the_step_that_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(bench: Bench) -> None:
        many = load("hot-tub-42")
        [tub] = many.event
        two = many.model_copy(update={"event": (tub, Event(kind="fault", at_min=0.0, fault="leak"))})
        monkeypatch.setattr("warmflow.daemon.handlers.scenarios._all", lambda: {"two": two})
        real = bench.link.command

        async def refuses_faults(make: Any) -> m.Ack:
            if isinstance(made := make(9), m.InjectFault) and made.fault is not Fault.NONE:
                raise CommandError("rig: refused: busy")
            return await real(make)

        bench.link.command = refuses_faults  # type: ignore[method-assign]
        said = await bench.ask("scenario_start", pump="rig", scenario="two")
        assert said == "step 2 of 2: rig: refused: busy"
        assert m.SetEnvironment(9, 0, None, None, None, None) in bench.link.got[1:]
        assert bench.scenarios.states() == {}

    await on(PaperLink(), test)


async def test_a_pump_that_plays_a_lesson_is_not_changed_by_any_request() -> None:
    async def test(bench: Bench) -> None:
        bench.reserved.add("rig")
        why = "rig: the lesson Fever is played on rig"
        for pump in ("rig", "/dev/rig"):
            assert await bench.ask("environment", pump=pump, duration_s=60, skin_c=40.0) == why
        for kind, fields in {"speed": {"speed_x": 60}, "reset": {}, "restart": {}, "scenario_stop": {}}.items():
            assert await bench.ask(kind, pump="rig", **fields) == why
        assert bench.link.got == []
        assert await bench.ask("ping", pump="rig") == {}
        assert await bench.ask("identify", pump="rig") == {}
        assert len(bench.link.got) == 2

    await on(PaperLink(), test)


async def test_one_scenario_a_pump_and_another_after_it_was_stopped() -> None:
    async def test(bench: Bench) -> None:
        await bench.ask("scenario_start", pump="rig", scenario="hot-tub-42")
        said = await bench.ask("scenario_start", pump="rig", scenario="sauna")
        assert said == "rig: hot-tub-42 is being played; stop it first"
        assert bench.state["scenario"] == "hot-tub-42"
        assert (await bench.ask("scenario_stop", pump="rig"))["state"] == "stopped"
        assert (await bench.ask("scenario_start", pump="rig", scenario="sauna"))["state"] == "playing"

    await on(PaperLink(), test)


@pytest.mark.parametrize(
    ("scenario", "ended"),
    [
        ("hot-tub-42", [m.SetEnvironment(9, 0, None, None, None, None)]),
        ("occlusion-sudden", [m.InjectFault(9, Fault.NONE, 0, 0)]),
        ("refill-visit", []),
    ],
)
async def test_a_stop_takes_back_what_was_sent_and_sends_no_step_more(scenario: str, ended: list[Any]) -> None:
    async def test(bench: Bench) -> None:
        await bench.ask("scenario_start", pump="rig", scenario=scenario)
        before = len(bench.link.got)
        await bench.ask("scenario_stop", pump="rig")
        await bench.minute(10_000)
        assert bench.link.got[before:] == ended
        assert bench.state["state"] == "stopped"
        assert await bench.ask("scenario_stop", pump="rig") == "rig: no scenario is being played"

    await on(PaperLink(), test)


async def test_a_stop_that_the_board_does_not_hear_says_that_the_exposure_goes_on() -> None:
    async def test(bench: Bench) -> None:
        await bench.ask("scenario_start", pump="rig", scenario="hot-tub-42")
        bench.link.text = CommandError("rig: no answer within 3 s")
        said = await bench.ask("scenario_stop", pump="rig")
        assert said == "no more steps are sent, but the present exposure could not be ended: rig: no answer within 3 s"
        assert bench.state["state"] == "stopped"

    await on(PaperLink(), test)


async def test_a_board_that_starts_again_ends_it_with_the_reason() -> None:
    async def test(bench: Bench) -> None:
        await bench.ask("scenario_start", pump="rig", scenario="hot-tub-42")
        await bench.minute(0.1, AGAIN)
        assert bench.state["state"] == "failed"
        assert "restarted" in bench.state["reason"]

    await on(PaperLink(), test)


async def test_a_pump_that_goes_ends_it_with_the_reason() -> None:
    async def test(bench: Bench) -> None:
        await bench.ask("scenario_start", pump="rig", scenario="hot-tub-42")
        bench.scenarios.on_update(PumpRemoved("rig"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert "rig is no longer connected" in bench.state["reason"]

    await on(PaperLink(), test)


async def test_a_step_that_comes_late_is_said_to_be() -> None:
    async def test(bench: Bench) -> None:
        await bench.ask("scenario_start", pump="rig", scenario="refill-visit")
        await bench.minute(45)  # the flush was due at 10 + 10
        assert bench.state["reason"] == "step 2 was sent 25 min late: the board did not answer"

    await on(PaperLink(), test)


async def test_a_step_that_comes_late_ends_when_it_would_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(bench: Bench) -> None:
        [tub] = load("hot-tub-42").event
        later = load("hot-tub-42").model_copy(update={"event": (tub.model_copy(update={"at_min": 20.0}),)})
        monkeypatch.setattr("warmflow.daemon.handlers.scenarios._all", lambda: {"later": later})
        await bench.ask("scenario_start", pump="rig", scenario="later")
        await bench.minute(10 + 20 + 12)
        [_, sent] = bench.link.got
        assert sent.duration_s == (tub.duration_min - 12) * 60

    await on(PaperLink(), test)


async def test_a_depth_is_counted_from_the_pressure_of_the_rigs_own_site(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(bench: Bench) -> None:
        dive = Exposure(kind="exposure", at_min=0, duration_min=30, depth_m=10)
        scenario = load("hot-tub-42").model_copy(update={"event": (dive,)})
        monkeypatch.setattr("warmflow.daemon.handlers.scenarios._all", lambda: {"dive": scenario})
        bench.link.rig.site_pressure_pa = 80_000
        await bench.ask("scenario_start", pump="rig", scenario="dive")
        assert bench.link.got == [dive.command(9, site_kpa=80.0)]
        assert bench.link.got != [dive.command(9)]

    await on(PaperLink(), test)


class Now:
    """Pump time that is always there."""

    speed_x = 1

    async def reached(self, pump_s: float) -> float:
        return 0.0


@pytest.mark.parametrize(
    ("step", "sent"),
    [
        (Exposure(kind="exposure", at_min=0, duration_min=30, skin_c=41), 3),
        (Event(kind="fault", at_min=0, fault="leak"), 3),
        (Fluid(kind="fluid", at_min=0, fluid="saline"), 3),
        (Refill(kind="refill", at_min=0, volume_ml=20), 1),
        (Withdraw(kind="withdraw", at_min=0), 1),
        (Flush(kind="flush", at_min=0, volume_ml=1), 1),
    ],
    ids=lambda each: getattr(each, "kind", None),
)
async def test_only_a_step_that_sets_a_state_is_sent_again(step: Any, sent: int) -> None:
    tried: list[Any] = []

    async def silent(make: Any) -> m.Ack:
        tried.append(make(9))
        raise CommandError("rig: no answer within 3 s")

    link: Any = PaperLink()
    link.command = silent
    scenario = load("hot-tub-42").model_copy(update={"event": (step,)})
    run = ScenarioRun("one", scenario, link, Now(), tries=3)
    run.begin(0.0)
    await run.play()
    assert len(tried) == sent
    assert (run.state, run.refusal) == ("failed", "rig: no answer within 3 s")


@pytest.mark.parametrize("scenario", ["hot-tub-42", "cold-plunge", "fever-39"])
async def test_heat_is_refused_where_a_real_probe_measures_it(scenario: str) -> None:
    async def test(bench: Bench) -> None:
        said = await bench.ask("scenario_start", pump="rig", scenario=scenario)
        assert "its body temperature comes from a real probe (ds18b20)" in said
        assert "set sensor to emulated" in said
        assert bench.link.got == []

    await on(PaperLink(sensor=Sensor.DS18B20), test)


async def test_pressure_and_faults_are_played_with_a_real_probe_too() -> None:
    async def test(bench: Bench) -> None:
        assert (await bench.ask("scenario_start", pump="rig", scenario="flight"))["state"] == "playing"

    await on(PaperLink(sensor=Sensor.DS18B20), test)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"pump": "rig", "scenario": "hot-tub"}, "hot-tub: no such scenario; did you mean hot-tub-4"),
        ({"pump": "rig", "scenario": "/etc/passwd"}, "/etc/passwd: no such scenario; known are"),
        ({"pump": "rig", "scenario": "rest"}, "rest: nothing happens in it"),
        ({"pump": "rig", "scenario": "activation"}, "a board cannot start in this state"),
        ({"pump": "rog", "scenario": "sauna"}, "rog: no such pump; did you mean rig?"),
        ({"pump": "rig"}, "scenario: is missing"),
    ],
)
async def test_what_can_not_be_played_is_refused_in_words(fields: dict[str, str], words: str) -> None:
    async def test(bench: Bench) -> None:
        assert words in await bench.ask("scenario_start", **fields)
        assert bench.scenarios.states() == {}

    await on(PaperLink(), test)


async def test_a_pump_that_is_not_heard_plays_nothing() -> None:
    async def test(bench: Bench) -> None:
        bench.link.session.state, bench.link.session.detail = LinkState.PORT_LOST, "unplugged"
        assert await bench.ask("scenario_start", pump="rig", scenario="sauna") == "rig: port lost: unplugged"

    await on(PaperLink(), test)


async def test_the_list_has_what_a_board_can_play_and_nothing_else() -> None:
    async def test(bench: Bench) -> None:
        said = await bench.ask("scenarios")
        names = {row["scenario"] for row in said["scenarios"]}
        assert names == set(playable())
        assert {"hot-tub-42", "sauna"} < names
        assert not {"rest", "activation", "run-dry"} & names

    await on(PaperLink(), test)


async def test_a_pump_that_somebody_else_plays_on_is_not_played_on() -> None:
    async def test(bench: Bench) -> None:
        bench.reserved.add("rig")
        said = await bench.ask("scenario_start", pump="rig", scenario="occlusion-creeping")
        assert said == "rig: the lesson Fever is played on rig"
        assert bench.link.got == []

    await on(PaperLink(), test)
