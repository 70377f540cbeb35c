"""What others send to the daemon over a real broker: answers to them delay nothing, junk ends nothing, neighbours are
seen.
"""

import asyncio
import gc
import json
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mqtt_bench import NOW, Bench, bench, pump_entry, reading
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from wait import wait_until

from warmflow.daemon.bridge_info import info
from warmflow.daemon.config import Settings
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.device.identity import BadName, Boot
from warmflow.device.states import LinkState
from warmflow.device.updates import LinkStatus
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt import live_connection
from warmflow.sinks.mqtt.broker import Broker, running_broker
from warmflow.sinks.mqtt.broker.server_programs import choose, choose_embedded
from warmflow.sinks.mqtt.client import connection
from warmflow.sinks.mqtt.options import PublisherOptions

pytestmark = [pytest.mark.timeout(60), pytest.mark.e2e, pytest.mark.needs("mosquitto")]
BOTH = pytest.mark.parametrize(
    "program", [pytest.param(choose, id="mosquitto"), pytest.param(choose_embedded, id="iotcore")]
)


def options(daemon_id: str = "a", pump: str = "") -> PublisherOptions:
    listed = [pump_entry(pump=pump, board_id="0011223344556677", status="ok")] if pump else []
    return PublisherOptions(
        daemon_id=daemon_id,
        answers=Dispatcher(list, {"list": lambda ask: {"pumps": []}}),
        info=lambda protocol: info(Settings(), protocol, "2026-11-21T12:00:00.000Z", daemon_id),
        pumps=lambda: listed,
    )


def asking_for(topic: str, correlation: bytes = b"1") -> Properties:
    found = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    found.ResponseTopic = topic
    found.CorrelationData = correlation
    return found


RESPONSE_TOPICS = {
    "400 levels": "a/" * 400,
    "201 levels": "a/" * 200 + "a",
    "129 levels": "a/" * 128 + "a",
    "65,000 bytes": "x" * 65_000,
    "three bytes a character": "€" * 1_400,
    "wildcard +": "me/+/x",
    "wildcard #": "me/#",
    "the broker's own": "$SYS/x",
    "shared": "$share/g/x",
    "ours": "warmflow/rig/telemetry",
    "Home Assistant's": "homeassistant/device/x/config",
}


@pytest.mark.parametrize("kind", RESPONSE_TOPICS)
async def test_a_response_topic_that_is_none_takes_nothing_away(tmp_path: Path, kind: str) -> None:
    async with running_broker(None) as broker, bench(broker, tmp_path, options()) as b, connection(broker) as client:
        await client.subscribe("warmflow/bridge/response/#", qos=1)
        for retain in (False, True):
            await client.publish(
                "warmflow/bridge/request/list",
                b"{}",
                qos=1,
                retain=retain,
                properties=asking_for(RESPONSE_TOPICS[kind]),
            )
        async with asyncio.timeout(10):
            answer = json.loads((await anext(client.messages)).payload)
        assert "response topic" in answer["error"] or "retained" in answer["error"]
        b.publish(1, 50)
        await wait_until(lambda: len(b.sequences()) == 50)
        assert (b.sink.counts["connects"], b.sink.counts["disconnects"]) == (1, 0)


async def test_a_flood_of_requests_delays_no_alarm_and_no_reading(tmp_path: Path) -> None:
    async with running_broker(None) as broker, bench(broker, tmp_path, options()) as b, connection(broker) as client:
        for number in range(1000):
            await client.publish("warmflow/bridge/request/list", b"{}", qos=0, properties=asking_for(f"me/{number}/x"))
        b.publish(1, 200)
        b.hub.publish(LinkStatus("rig", LinkState.PORT_LOST, "pulled", NOW, "/dev/x"))
        await wait_until(lambda: len(b.sequences()) == 200, 5)
        await wait_until(lambda: b.last("warmflow/rig/availability") == "offline", 5)
        await wait_until(lambda: b.last("warmflow/rig/alarm/link") is not None, 5)
        assert b.sink.counts["disconnects"] == 0


JUNK: list[Any] = [
    b"",
    b"\xff\xfe",
    b"[" * 5000,
    b"null",
    b'{"pumps": 3}',
    b'{"id": "\\ud800", "since": 4}',
    b'{"pumps":[{"pump":"x","board_id":[]}]}',
    b"x" * 70_000,
    *(
        json.dumps({"pumps": [entry]}).encode()
        for board in ("a#", "a+", "\ud800", "b" * 70_000, "a/b", "a\0", "", None, 5)
        for name in ("x", "#", "a/b", "\x1b[2J", "")
        for entry in [
            dict.fromkeys(("platform", "firmware", "protocol", "profile", "propellant", "place", "sensor"))
            | {"rate_hz": None, "speed_x": None, "status": "", "reason": "", "remedy": "", "since": "", "port": None}
            | {"pump": name, "board_id": board, "discovery": f"homeassistant/device/warmflow_{board}/config"}
        ]
    ),
]
ROUNDS = 15  # tests/fuzz has all pairs, without a broker
HEARD = (
    "warmflow/bridge/pumps",
    "warmflow/bridge/info",
    "warmflow/bridge/state",
    "warmflow/bridge/link/%zz%00%ff",
    "warmflow/bridge/link/a b",
    "warmflow/x/availability",
    "warmflow/x/status",
    "warmflow/x/alarm/rate",
    "warmflow/bridge/request/list",
    "warmflow/bridge/request/a/b/c",
    "warmflow/bridge/request",
    "homeassistant/status",
)


@BOTH
async def test_retained_junk_ends_nothing_and_is_not_believed(tmp_path: Path, program: Callable[..., Any]) -> None:
    """Another payload on each topic at each connect: the broker keeps one a topic."""
    async with running_broker(None, choose=program) as broker, connection(broker) as client:
        b = Bench(broker, tmp_path, replace(options(pump="rig"), home_assistant=True))
        keeping = asyncio.create_task(b.async_journal.run())
        await b.sink.records.begin()
        for round_ in range(ROUNDS):
            for number, topic in enumerate(HEARD):
                await client.publish(topic, JUNK[(round_ * 5 + number) % len(JUNK)], qos=1, retain=True)
            async with connection(broker, None, b.sink.protocol if broker.protocol == "5" else "3.1.1") as own:
                serving = asyncio.create_task(b.sink._serve(own))
                await wait_until(b.sink.connected.is_set)
                b.publish(round_ + 1, round_ + 1)
                await wait_until(lambda last=round_ + 1: b.sink.records.acknowledged >= last, state=lambda: b.log)
                assert not serving.done()
                b.sink.connected.clear()
                await end(serving)
        await end(keeping)
        await b.async_journal.close()
        assert not [key for key in b.sink.outbox.retained if set(key[1]) & set("#+\0")]


async def test_junk_with_any_properties_ends_nothing(tmp_path: Path) -> None:
    extra = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    extra.ContentType = "x" * 1000
    extra.PayloadFormatIndicator = 0
    extra.MessageExpiryInterval = 0xFFFFFFFF
    extra.UserProperty = ("\u202e", "x" * 60_000)
    extra.ResponseTopic = "me/x"
    extra.CorrelationData = b"\0\xff" * 30_000
    async with running_broker(None) as broker, connection(broker) as client:
        for topic in HEARD:
            await client.publish(topic, b'{"a": 1}', qos=1, retain=True, properties=extra)
        async with bench(broker, tmp_path, options()) as b:
            for topic in HEARD:
                await client.publish(topic, b'{"a": 1}', qos=1, properties=extra)
            b.publish(1, 20)
            await wait_until(lambda: len(b.sequences()) == 20)
            assert (b.sink.counts["disconnects"], b.sink.incoming.bad) == (0, 0)


async def test_who_else_publishes_on_our_topics_is_put_right(tmp_path: Path) -> None:
    async with running_broker(None) as broker, bench(broker, tmp_path, options()) as b, connection(broker) as client:
        b.hub.publish(LinkStatus("rig", LinkState.OK, "", NOW, "/dev/ttyACM0"))
        b.publish(1, 10)
        topics = ("warmflow/rig/availability", "warmflow/rig/status", "warmflow/rig/alarm/rate", "warmflow/bridge/info")
        await wait_until(lambda: all(topic in b.topics for topic in topics))
        true = {topic: b.last(topic) for topic in topics}
        for topic in topics:
            await client.publish(topic, b'"false"' if topic != topics[0] else b"false", qos=1, retain=True)
        await wait_until(lambda: all(b.topics[topic][-2:-1] in (["false"], []) for topic in topics[:1]))
        await wait_until(lambda: all("false" in b.topics[topic] and b.last(topic) == true[topic] for topic in topics))
        assert sum("somebody else publishes on warmflow/rig/alarm/rate" in line for line in b.log) == 1


@asynccontextmanager
async def daemon(broker: Broker, folder: Path, name: str, pump: str) -> AsyncIterator[Bench]:
    b = Bench(broker, folder / name, options(name, pump))
    keeping, running = asyncio.create_task(b.async_journal.run()), asyncio.create_task(b.sink.run())
    try:
        await wait_until(b.sink.connected.is_set)
        b.hub.publish(LinkStatus(pump, LinkState.OK, "", NOW, f"/dev/{pump}"))
        yield b
    finally:
        await b.sink.stop()
        await asyncio.wait({running}, timeout=3)
        await end(running, keeping)
        await b.async_journal.close()


@BOTH
async def test_two_daemons_with_one_base_topic_see_each_other_and_leave_each_others_pumps_alone(
    tmp_path: Path, program: Callable[..., Any]
) -> None:
    async with running_broker(None, choose=program) as broker:
        watching = Bench(broker, tmp_path / "watching")
        subscriber = asyncio.create_task(watching.subscribe(broker))
        async with daemon(broker, tmp_path, "first", "rig1") as first:
            await wait_until(lambda: watching.last("warmflow/rig1/availability") == "online")
            assert not list(first.sink.warnings())
            async with daemon(broker, tmp_path, "second", "rig2") as second:
                await wait_until(lambda: watching.last("warmflow/rig2/availability") == "online")
                for one, other in ((first, "second"), (second, "first")):
                    await wait_until(lambda one=one, other=other: any(other in line for line in one.sink.warnings()))
                    assert (
                        sum(f"another daemon also publishes under warmflow/: {other}" in line for line in one.log) == 1
                    )
                    assert "base_topic" in next(iter(one.sink.warnings()))
                await wait_until(lambda: second.sink.incoming.left_behind._settled_s is None)
                await wait_until(lambda: not second.sink.outbox.has_changes.is_set())
                assert "offline" not in watching.topics["warmflow/rig1/availability"]
        await end(subscriber)
        await watching.async_journal.close()


async def test_an_earlier_life_is_no_neighbour(tmp_path: Path) -> None:
    async with running_broker(None) as broker:
        async with daemon(broker, tmp_path, "before", "rig1"):
            pass
        async with daemon(broker, tmp_path, "after", "rig1") as b:
            await wait_until(lambda: b.sink.incoming.left_behind._settled_s is None)
            assert not list(b.sink.warnings())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_broker_loss_leaves_no_traceback_of_a_library(
    tmp_path: Path, how: signal.Signals, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: said.append(context))
    caplog.set_level(logging.WARNING)
    async with running_broker(None) as broker, bench(replace(broker, keepalive_s=3), tmp_path, options()) as b:
        b.publish(1, 2000)
        await wait_until(lambda: b.sequences() != [])
        assert broker.pid
        os.kill(broker.pid, how)
        try:
            b.publish(2001, 4000)
            await wait_until(lambda: not b.sink.connected.is_set(), 15)
        finally:
            if how is signal.SIGSTOP:
                os.kill(broker.pid, signal.SIGCONT)
        await wait_until(b.sink.connected.is_set, 30)
    gc.collect()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not said
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_fault_of_ours_costs_a_connection_and_not_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_broker(None) as broker, bench(broker, tmp_path, options()) as b:
        with monkeypatch.context() as broken:
            broken.setattr(live_connection, "STATE_S", "a bug")
            await wait_until(lambda: b.sink.counts["disconnects"] >= 1)
        await wait_until(b.sink.connected.is_set)
        assert any("a fault of warmflow" in line for line in b.log)
        b.publish(1, 5)
        await wait_until(lambda: set(b.sequences()) == {1, 2, 3, 4, 5})


async def test_a_pumps_name_that_is_no_part_of_a_topic_costs_its_own_records_alone(tmp_path: Path) -> None:
    async with running_broker(None) as broker, bench(broker, tmp_path, options()) as b:
        for number, pump in enumerate(("#", "a/b", "a\0b", "\x1b[2J", "x" * 70_000)):
            with pytest.raises(BadName):  # the journal lets no such name in
                b.hub.publish(reading(1, b.monitor, pump)._replace(boot=Boot(f"{number:016x}", 1, 1)))
            b.hub.publish(LinkStatus(pump, LinkState.OK, "", NOW, "/dev/x"))
        b.publish(1, 20)
        await wait_until(lambda: len(b.sequences()) == 20)
        await wait_until(lambda: b.sink.records.lag == 0)
        assert b.sink.counts["disconnects"] == 0
