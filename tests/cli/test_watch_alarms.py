"""Alarms in the terminal: all that are open, the most urgent first, from what the broker keeps; acknowledged by a key
where the daemon allows it, and taken as done when the daemon says so.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import pytest
from payload_samples import example
from textual.widgets import Static
from wait import wait_until

from warmflow.cli.watch.acknowledge import NEEDS, OFF, Asking
from warmflow.cli.watch.alarm_list import open_alarms
from warmflow.cli.watch.app import WatchApp
from warmflow.cli.watch.frame import Frame
from warmflow.cli.watch.model import WatchModel
from warmflow.cli.watch.mqtt_feed import mqtt_feed, opener
from warmflow.sinks.mqtt.broker import running_broker
from warmflow.sinks.mqtt.broker.server_programs import choose

pytestmark = pytest.mark.timeout(60)

ALARM, INFO = example("alarm"), example("info")

SINCE = "2026-11-21T22:30:25.000Z"


def alarm(state: str = "unacknowledged", priority: str = "medium", **more: Any) -> dict[str, Any]:
    return ALARM | {
        "state": state, "priority": priority, "title": "link lost", "text": "nobody answers", "cause": "",
        "since": SINCE, "acknowledged_by": None, "comments": [], "active": True,
    } | more  # fmt: skip


def told(alarms: dict[str, Any], commands: bool = True, broker: str = "connected") -> WatchModel:
    model = WatchModel()
    model.on_message("warmflow/bridge/state", b"running", 0.0, stored=True)
    model.on_message("warmflow/bridge/info", json.dumps(INFO | {"commands": commands}).encode(), 0.0, stored=True)
    for name, payload in alarms.items():
        pump, _, alarm_id = name.partition("/")
        body = json.dumps(payload).encode() if payload else b""
        model.on_message(f"warmflow/{pump}/alarm/{alarm_id}", body, 0.0, stored=True)
    model.broker = broker  # type: ignore[assignment]
    return model


def names(model: WatchModel) -> list[str]:
    return [f"{each.pump}/{each.id}" for each in open_alarms(Frame(model, None, 0.0, "here"))]


def test_what_is_active_comes_first_and_of_that_what_nobody_has_acknowledged() -> None:
    found = names(told({
        "a/link": alarm("acknowledged", "high"), "a/rate": alarm("unacknowledged", "low"),
        "b/dose": alarm("shelved", "high"), "b/rate": alarm("returned unacknowledged", "medium"),
        "c/rate": alarm("normal", "low"), "c/probe": alarm("latched", "low"),
    }))  # fmt: skip
    assert found == ["a/rate", "a/link", "b/rate", "c/probe"]  # what is there first; what is shelved is out of sight


def test_a_topic_that_is_emptied_takes_its_alarm_away_and_makes_no_pump() -> None:
    model = told({"a/link": alarm()})
    model.on_message("warmflow/a/alarm/link", b"", 1.0)
    model.on_message("warmflow/ghost/alarm/link", b"", 1.0)
    assert names(model) == []
    assert model.names() == ["a"]
    assert not model.counts["bad payloads"]


def test_a_payload_that_is_no_alarm_is_counted_and_what_stood_stays() -> None:
    model = told({"a/link": alarm()})
    for payload in (b"{", b'{"state": 5}', b"[]"):
        model.on_message("warmflow/a/alarm/link", payload, 1.0)
    model.on_message("warmflow/bridge/info", b"5", 1.0)
    assert names(model) == ["a/link"]
    assert model.commands
    assert model.counts["bad payloads"] == 4


@asynccontextmanager
async def showing(model: WatchModel, size: tuple[int, int] = (80, 24)) -> Any:
    async def feed(given: WatchModel) -> None:
        given.__dict__.update(model.__dict__)

    app = WatchApp("127.0.0.1", 1883, by="Kim", feed=feed, clock=lambda: 0.0)
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        app.show_frame()
        await pilot.pause()
        yield app, pilot


def lines_of(app: WatchApp) -> list[str]:
    """What stands on the screen."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


MANY = {f"rig-{number}/link": alarm() for number in range(9)} | {
    "rig-3/rate": alarm(priority="high", title="flow", text="flow 31 % above the reference rate", cause="heat")
}


async def test_the_main_screen_has_the_worst_alarm_and_how_many_there_are_besides() -> None:
    async with showing(told(MANY)) as (app, _):
        [line] = [line for line in lines_of(app) if "flow: unacknowledged" in line]
        assert "▲▲▲ HIGH" in line
        assert "rig-3" in line
        assert "+9 more (a)" in line


async def test_where_no_alarm_is_open_no_line_is_lost_to_them() -> None:
    async with showing(told({"a/link": alarm("normal")})) as (app, _):
        assert not app.query_one("#alarms").display


async def test_the_list_shows_state_priority_cause_and_since_and_fits_80x24() -> None:
    async with showing(told(MANY)) as (app, pilot):
        await pilot.press("a")
        await pilot.pause()
        text = lines_of(app)
        assert len(text) == 24
        shown = "\n".join(text)
        for words in ("10 open alarms", "▸", "▲▲▲ HIGH", "flow: unacknowledged, likely heat",
                      "since 22:30:25 UTC: flow 31 % above", "▲▲ MEDIUM", "k acknowledge", "more: arrow"):  # fmt: skip
            assert words in shown, words
        for _ in range(9):
            await pilot.press("down")
        assert "▸ ▲▲ MEDIUM   rig-8" in "\n".join(lines_of(app))
        await pilot.press("escape")
        assert not app.screen.is_modal


LONG = "the port went away while frames were on their way; plug the Pico in again, or name another port in the settings"


def words_on(app: WatchApp) -> str:
    """What stands in the box, its lines put together again."""
    return " ".join(" ".join(line.strip(" │╭╮╰╯─") for line in lines_of(app)).split())


async def test_a_reason_stands_in_full_and_the_chosen_alarm_is_always_in_sight() -> None:
    many = {f"rig-{number}/link": alarm(text=f"{LONG}, says {number}") for number in range(9)}
    async with showing(told(many)) as (app, pilot):
        await pilot.press("a")
        for number in range(9):
            await pilot.pause()
            assert f"since 22:30:25 UTC: {LONG}, says {number}" in words_on(app)
            assert "▸ ▲▲ MEDIUM" in words_on(app)
            assert "k acknowledge" in words_on(app)
            assert "more: arrows" in words_on(app)
            await pilot.press("down")


async def test_what_k_needs_stands_there_in_full_and_nothing_is_said_to_be_unsent_before_it_was_asked() -> None:
    async with showing(told({"a/link": alarm()}, commands=False)) as (app, pilot):
        await pilot.press("a")
        await pilot.pause()
        assert NEEDS in words_on(app)
        assert "not sent" not in words_on(app)
        await pilot.press("k")
        await pilot.pause()
        assert OFF in words_on(app)


async def test_k_asks_the_daemon_and_only_its_answer_counts() -> None:
    async with showing(told(MANY)) as (app, pilot):
        await pilot.press("a", "down", "k")
        request = app.asking.queue.get_nowait()
        fields = json.loads(request.payload)
        assert request.topic == "warmflow/bridge/request/acknowledge"
        assert (fields["pump"], fields["id"], fields["by"]) == ("rig-0", "link", "Kim")
        await pilot.pause()
        assert "asking the daemon to acknowledge rig-0/link" in "\n".join(lines_of(app))
        for answer, words in (
            ({"status": "ok", "transaction": "another"}, "asking the daemon"),
            (
                {"status": "error", "error": "no such alarm", "transaction": fields["transaction"]},
                "not done: no such",
            ),
            ({"status": "ok", "transaction": fields["transaction"]}, "acknowledged"),
        ):
            app.model.on_message("warmflow/bridge/response/acknowledge", json.dumps(answer).encode(), 1.0)
            app.screen.show()
            await pilot.pause()
            assert words in str(app.screen.query_one("#alarms", Static).content)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"commands": False}, "commands over MQTT are off"),
        ({"broker": "away"}, "the daemon cannot be reached now"),
    ],
)
async def test_where_it_can_not_be_asked_nothing_is_sent_and_the_reason_stands_there(
    change: dict[str, Any], words: str
) -> None:
    async with showing(told(MANY, **change)) as (app, pilot):
        await pilot.press("a", "k")
        await pilot.pause()
        assert app.asking.queue.empty()
        assert words in str(app.screen.query_one("#alarms", Static).content)


async def test_what_is_acknowledged_already_is_not_asked_for_again() -> None:
    async with showing(told({"a/link": alarm("acknowledged", acknowledged_by="Lee")})) as (app, pilot):
        await pilot.press("a", "k")
        await pilot.pause()
        assert app.asking.queue.empty()
        assert "acknowledged by Lee" in "\n".join(lines_of(app))


async def test_over_a_real_broker_the_request_arrives_and_its_answer_comes_back() -> None:
    async def heard(daemon: aiomqtt.Client) -> Iterator[Any]:
        async for message in daemon.messages:
            return json.loads(message.payload)  # type: ignore[arg-type,return-value]
        raise AssertionError

    broker_of = running_broker(None, choose=lambda: choose(find_mosquitto=lambda: None))
    async with broker_of as broker, aiomqtt.Client(broker.host, broker.port) as daemon:
        await daemon.publish("warmflow/bridge/info", json.dumps(INFO | {"commands": True}).encode(), qos=1, retain=True)
        await daemon.publish("warmflow/bridge/state", b"running", qos=1, retain=True)
        await daemon.publish("warmflow/rig/alarm/link", json.dumps(alarm()).encode(), qos=1, retain=True)
        await daemon.subscribe("warmflow/bridge/request/#", qos=1)
        model, asking = WatchModel(), Asking("warmflow", "Kim")
        connect = opener(broker.host, broker.port, None, None, False)
        task = asyncio.create_task(mqtt_feed(connect, lambda: 0.0, asking=asking)(model))  # type: ignore[arg-type]
        try:
            await wait_until(lambda: model.commands and model.daemon and "rig" in model.pumps)
            asking.acknowledge(model, "rig", "link")
            fields: Any = await heard(daemon)
            answer = {"status": "ok", "transaction": fields["transaction"]}
            await daemon.publish("warmflow/bridge/response/acknowledge", json.dumps(answer).encode(), qos=1)
            await wait_until(lambda: asking.progress_text(model) == "acknowledged")
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert asking.progress_text(model) != OFF
