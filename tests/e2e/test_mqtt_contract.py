"""The MQTT contract with a real broker: what is retained and when it is said again, and requests with their answers."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import pytest
from mqtt_bench import NOW, Bench, bench, pump_entry, reading, value
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from wait import wait_until

from warmflow.daemon.config import BrokerSettings, HttpSettings, JournalSettings, MqttSettings, Settings
from warmflow.daemon.dispatcher import Dispatcher, Handler
from warmflow.daemon.handlers import bridge
from warmflow.daemon.service import service
from warmflow.device.states import LinkState
from warmflow.device.updates import LinkStatus, PumpRemoved
from warmflow.device.virtual import virtual_pico
from warmflow.runtime.address import OFF
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker import Broker, running_broker
from warmflow.sinks.mqtt.client import connection
from warmflow.sinks.mqtt.options import PublisherOptions

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs("mosquitto"),
]
BOARD = "0011223344556677"
ENTRY = pump_entry(
    pump="rig", port="/dev/ttyACM0", board_id=BOARD, status="ok", profile="r11", firmware="0.1.0", platform="unix"
)
DISCOVERY = f"homeassistant/device/warmflow_{BOARD}/config"


async def with_bench(
    folder: Path, check: Callable[[Bench, Broker], Any], contract: PublisherOptions | None = None
) -> None:

    async with running_broker(None) as broker, bench(broker, folder, contract) as b:
        await check(b, broker)


async def kept(broker: Broker, base: str = "warmflow") -> dict[str, Any]:
    """What the broker has retained now."""
    found: dict[str, Any] = {}
    async with connection(broker) as client:
        await client.subscribe([(f"{base}/#", 1), ("homeassistant/#", 1)])
        await client.publish("probe/end", b"", qos=1)
        await client.subscribe("probe/#", qos=1)
        await client.publish("probe/end", b"x", qos=1)
        async for message in client.messages:
            if message.topic.value == "probe/end":
                return found
            if message.retain and isinstance(message.payload, bytes):
                found[message.topic.value] = value(message.topic.value, message.payload)
    raise AssertionError("the stream ended")


async def holds(broker: Broker, topics: set[str]) -> bool:
    return topics <= (await kept(broker)).keys()


async def holds_none(broker: Broker, topics: set[str]) -> bool:
    return topics.isdisjoint(await kept(broker))


def everything(b: Bench) -> None:
    b.hub.publish(LinkStatus("rig", LinkState.OK, "", NOW, "/dev/ttyACM0"))
    b.hub.publish(LinkStatus("", LinkState.SILENT, "no frame", NOW, "/dev/ttyACM1"))
    b.hub.publish(reading(1, b.monitor))


RETAINED = {
    "warmflow/bridge/state",
    "warmflow/bridge/info",
    "warmflow/bridge/pumps",
    "warmflow/bridge/link/%2Fdev%2FttyACM1",
    "warmflow/rig/state",
    "warmflow/rig/alarm/rate",
    "warmflow/rig/availability",
    "warmflow/rig/status",
    DISCOVERY,
}
HOME = PublisherOptions(version="0", home_assistant=True, pumps=lambda: [ENTRY])


async def test_everything_retained_comes_again_when_home_assistant_is_there(tmp_path: Path) -> None:
    """Complaint 2: entities stay unavailable until the bridge is restarted."""

    async def check(b: Bench, broker: Broker) -> None:
        everything(b)
        await wait_until(lambda: b.topics.keys() >= RETAINED)
        await asyncio.sleep(0)
        before = {topic: len(b.topics[topic]) for topic in RETAINED}
        async with connection(broker) as client:
            await client.publish("homeassistant/status", b"online", qos=1)
        await wait_until(lambda: all(len(b.topics[topic]) > before[topic] for topic in RETAINED))

    await with_bench(tmp_path, check, HOME)


async def test_everything_retained_comes_again_after_the_broker_has_lost_it(tmp_path: Path) -> None:
    """Complaint 1: back after a restart of the broker, and still shown offline."""

    async with running_broker(None) as first:
        port = first.port
        async with bench(first, tmp_path, HOME) as b:
            everything(b)
            await wait_until(lambda: b.topics.keys() >= RETAINED)
            assert first.pid
            os.kill(first.pid, signal.SIGKILL)
            await first.died.wait()
            async with running_broker(None, port=port) as second:
                await wait_until(lambda: b.sink.counts["connects"] == 2)
                await wait_until(lambda: holds(second, RETAINED))
                now = await kept(second)
                assert now["warmflow/rig/availability"] == "online"
                assert now["warmflow/rig/state"]["sequence"] == 1
                await b.sink.stop()
                await wait_until(lambda: not b.sink.connected.is_set())
                now = await kept(second)
                assert now["warmflow/bridge/state"] == "stopped"
                assert now["warmflow/rig/availability"] == "offline"


async def test_a_will_that_comes_late_is_put_right(tmp_path: Path) -> None:
    """A broker may find the old connection dead after the new one said that the daemon runs."""

    async def check(b: Bench, broker: Broker) -> None:
        async with connection(broker) as client:
            await client.publish("warmflow/bridge/state", b"dead", qos=1, retain=True)
        await wait_until(lambda: b.got["bridge"][-2:] == ["dead", "running"])
        assert (await kept(broker))["warmflow/bridge/state"] == "running"

    await with_bench(tmp_path, check)


async def test_what_a_killed_daemon_left_behind_is_not_believed(tmp_path: Path) -> None:
    async with running_broker(None) as broker:
        async with connection(broker) as client:
            await client.publish("warmflow/old/availability", b"online", qos=1, retain=True)
            await client.publish("warmflow/bridge/link/%2Fdev%2FttyACM9", b"{}", qos=1, retain=True)
        async with bench(broker, tmp_path) as b:
            await wait_until(lambda: b.last("warmflow/old/availability") == "offline")
            await wait_until(lambda: (b.last("warmflow/old/status") or {}).get("status") == "port not found")
            await wait_until(lambda: b.topics.get("warmflow/bridge/link/%2Fdev%2FttyACM9", [0])[-1] is None)
            assert "warmflow/bridge/link/%2Fdev%2FttyACM9" not in await kept(broker)


async def test_both_topics_that_availability_mode_all_asks_for_are_published(tmp_path: Path) -> None:
    """A trap of peers: a topic that nobody publishes leaves every entity unavailable."""

    async def check(b: Bench, broker: Broker) -> None:
        everything(b)
        await wait_until(lambda: b.last(DISCOVERY) is not None and b.topics.keys() >= RETAINED)
        now = await kept(broker)
        for each in b.last(DISCOVERY)["availability"]:
            assert now[each["topic"]] in ("running", "online")

    await with_bench(tmp_path, check, HOME)


async def test_a_device_is_taken_from_home_assistant_when_the_option_is_turned_off(tmp_path: Path) -> None:
    async with running_broker(None) as broker:
        async with bench(broker, tmp_path / "on", HOME) as b:
            await wait_until(lambda: b.last(DISCOVERY) is not None)
            await wait_until(lambda: (b.last("warmflow/bridge/pumps") or {"pumps": []})["pumps"] != [])
        assert DISCOVERY in await kept(broker)
        async with bench(broker, tmp_path / "off", PublisherOptions(pumps=lambda: [ENTRY])) as b:
            await wait_until(lambda: DISCOVERY in b.topics and b.last(DISCOVERY) is None)
        assert DISCOVERY not in await kept(broker)


async def test_a_renamed_board_leaves_nothing_under_its_old_name(tmp_path: Path) -> None:
    async def check(b: Bench, broker: Broker) -> None:
        everything(b)
        await wait_until(lambda: b.topics.keys() >= RETAINED)
        b.hub.publish(PumpRemoved("rig"))
        await wait_until(lambda: b.last("warmflow/rig/status") is None)
        assert not [topic for topic in await kept(broker) if "/rig/" in topic]

    await with_bench(tmp_path, check, HOME)


async def test_messages_say_what_they_hold_and_how_long_they_count(tmp_path: Path) -> None:
    async def check(b: Bench, broker: Broker) -> None:
        seen: dict[str, Any] = {}
        async with connection(broker) as client:
            await client.subscribe("warmflow/#", qos=1)
            everything(b)
            async for message in client.messages:
                seen[message.topic.value] = message.properties
                if {"warmflow/rig/state", "warmflow/rig/telemetry", "warmflow/rig/availability"} <= seen.keys():
                    break
        assert seen["warmflow/rig/telemetry"].ContentType == "application/json"
        assert seen["warmflow/rig/availability"].ContentType == "text/plain"
        assert 0 < seen["warmflow/rig/state"].MessageExpiryInterval <= 3600
        assert not hasattr(seen["warmflow/rig/availability"], "MessageExpiryInterval")

    await with_bench(tmp_path, check)


async def test_a_base_topic_with_a_slash_and_another_prefix_work_as_the_usual_ones(tmp_path: Path) -> None:
    """Peers: a slash in the base topic breaks discovery; the prefix cannot be chosen."""
    contract = PublisherOptions(prefix="home/a", home_assistant=True, pumps=lambda: [ENTRY])

    async with running_broker(None) as broker, connection(broker) as client:
        b = Bench(broker, tmp_path, contract, "site/one")
        keeping, running = asyncio.create_task(b.async_journal.run()), asyncio.create_task(b.sink.run())
        await client.publish("site/one/old/availability", b"online", qos=1, retain=True)
        await wait_until(b.sink.connected.is_set)
        everything(b)
        await client.subscribe([("site/one/#", 1), ("home/a/#", 1)])
        found: dict[str, Any] = {}
        async with asyncio.timeout(20):
            async for message in client.messages:
                found[message.topic.value] = message.payload
                if {f"home/a/device/warmflow_{BOARD}/config", "site/one/rig/availability"} <= found.keys():
                    break
        device = json.loads(found[f"home/a/device/warmflow_{BOARD}/config"])
        assert device["state_topic"] == "site/one/rig/state"
        assert [each["topic"] for each in device["availability"]] == [
            "site/one/bridge/state",
            "site/one/rig/availability",
        ]
        await end(running, keeping)
        await b.async_journal.close()


def publishing(b: Bench) -> dict[str, Handler]:
    return bridge.handlers(b.sinks, dict)


async def test_everything_can_be_published_again_on_request(tmp_path: Path) -> None:
    async with (
        running_broker(None) as broker,
        connection(broker) as client,
        bench(broker, tmp_path, PublisherOptions(), publishing) as b,
    ):
        everything(b)
        await wait_until(lambda: b.topics.keys() >= RETAINED - {DISCOVERY})
        before = len(b.topics["warmflow/rig/status"])
        await client.publish("warmflow/bridge/request/publish", b"", qos=1)
        await wait_until(lambda: len(b.topics["warmflow/rig/status"]) > before)


HEARD = ("homeassistant/status", "warmflow/bridge/pumps", "warmflow/x/availability", "warmflow/bridge/link/y")
# --- requests ---------------------------------------------------------------------------------------------------------


class Asker:
    """Somebody with an MQTT client and questions."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client

    async def ask(self, kind: str, payload: bytes | dict[str, Any] = b"", **options: Any) -> Any:
        text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        await self.client.publish(f"warmflow/bridge/request/{kind}", text, qos=1, **options)
        return json.loads((await self.answer()).payload)

    async def answer(self) -> aiomqtt.Message:
        async with asyncio.timeout(20):
            return await anext(self.client.messages)


async def asked(folder: Path, check: Callable[[Asker, Bench, Broker], Any], commands: bool = True) -> None:
    handlers = {"list": lambda ask: {"pumps": [ENTRY]}, "identify": lambda ask: {"blinked": ask.pump}}

    async def with_asker(b: Bench, broker: Broker) -> None:
        async with connection(broker) as client:
            await client.subscribe([("warmflow/bridge/response/#", 1), ("me/#", 1)])
            await check(Asker(client), b, broker)

    await with_bench(folder, with_asker, PublisherOptions(commands=commands, answers=Dispatcher(list, handlers)))


async def test_a_request_is_answered_with_its_transaction(tmp_path: Path) -> None:
    async def check(asker: Asker, b: Bench, broker: Broker) -> None:
        assert await asker.ask("list", {"transaction": 17}) == {
            "status": "ok",
            "data": {"pumps": [msgspec.to_builtins(ENTRY)]},
            "transaction": 17,
        }
        assert (await asker.ask("list"))["status"] == "ok"
        assert await asker.ask("rats", {"transaction": "a"}) == {
            "status": "error",
            "error": "rats: unknown request; did you mean rate?",
        }
        for kind, payload in {"identify": b"{", "a/b": b"", "": b"", "rate": b"\xff\x00"}.items():
            assert (await asker.ask(kind, payload))["status"] == "error"
        assert (await asker.ask("x" * 60_000))["status"] == "error"
        assert (await asker.ask("identify", {"pump": "rig"}))["data"] == {"blinked": "rig"}

    await asked(tmp_path, check)


async def test_commands_are_refused_with_the_key_that_allows_them_until_it_is_set(tmp_path: Path) -> None:
    async def check(asker: Asker, b: Bench, broker: Broker) -> None:
        answer = await asker.ask("identify", {"pump": "rig", "transaction": 1})
        assert "commands = true in [mqtt]" in answer["error"]
        assert answer["transaction"] == 1
        assert (await asker.ask("list"))["status"] == "ok"

    await asked(tmp_path, check, commands=False)


async def test_a_live_retained_request_is_refused_and_so_is_one_that_the_broker_kept(tmp_path: Path) -> None:
    """It would be carried out again at every connect."""

    async def check(asker: Asker, b: Bench, broker: Broker) -> None:
        answer = await asker.ask("identify", {"pump": "rig", "transaction": 2}, retain=True)
        assert "retained requests are refused" in answer["error"]
        assert answer["transaction"] == 2
        await asker.client.publish(
            "warmflow/bridge/request/identify", b"", qos=1, retain=True
        )  # takes it away: silence
        assert (await asker.ask("list", {"transaction": 3}))["transaction"] == 3

    await asked(tmp_path, check)

    async with running_broker(None) as broker, connection(broker) as client:
        await client.publish("warmflow/bridge/request/identify", b'{"pump": "rig"}', qos=1, retain=True)
        await client.subscribe("warmflow/bridge/response/#", qos=1)
        done: list[str] = []
        answers = Dispatcher(list, {"identify": lambda ask: done.append(ask.pump)})
        async with bench(broker, tmp_path / "b", PublisherOptions(commands=True, answers=answers)):
            assert "retained" in json.loads((await Asker(client).answer()).payload)["error"]
            assert done == []


async def test_a_request_that_was_sent_while_the_daemon_was_away_is_not_carried_out_later(tmp_path: Path) -> None:
    async with running_broker(None) as broker, connection(broker) as client:
        done: list[str] = []
        contract = PublisherOptions(
            commands=True, answers=Dispatcher(list, {"identify": lambda ask: done.append(ask.pump)})
        )
        async with bench(broker, tmp_path / "a", contract):
            pass
        await client.publish("warmflow/bridge/request/identify", b'{"pump": "stale"}', qos=1)
        await client.subscribe("warmflow/bridge/response/#", qos=1)
        async with bench(broker, tmp_path / "b", contract):
            assert (await Asker(client).ask("identify", {"pump": "fresh"}))["status"] == "ok"
        assert done == ["fresh"]


def props(**values: Any) -> Properties:
    found = Properties(PacketTypes.PUBLISH)
    for name, each in values.items():
        setattr(found, name, each)
    return found


async def test_an_answer_goes_to_the_response_topic_with_the_correlation_data(tmp_path: Path) -> None:
    async def check(asker: Asker, b: Bench, broker: Broker) -> None:
        extra = props(ResponseTopic="me/answers", CorrelationData=b"\x00\xff7")
        await asker.client.publish("warmflow/bridge/request/list", b"", qos=1, properties=extra)
        message = await asker.answer()
        assert message.topic.value == "me/answers"
        assert message.properties is not None
        assert message.properties.CorrelationData == b"\x00\xff7"
        assert json.loads(message.payload)["status"] == "ok"

    await asked(tmp_path, check)


@pytest.mark.parametrize(
    "topic", ["warmflow/bridge/state", "warmflow/rig/availability", "homeassistant/device/x/config", "$SYS/x"]
)
async def test_an_answer_is_not_published_on_a_topic_of_the_daemons_own(tmp_path: Path, topic: str) -> None:
    async def check(asker: Asker, b: Bench, broker: Broker) -> None:
        answer = await asker.ask("identify", {"pump": "rig"}, properties=props(ResponseTopic=topic))
        assert "response topic" in answer["error"]

    await asked(tmp_path, check)


async def test_bad_payloads_on_every_topic_that_is_heard_change_nothing(tmp_path: Path) -> None:
    async def check(asker: Asker, b: Bench, broker: Broker) -> None:
        for topic in HEARD:
            for payload in (b"", b"\xff", b"[1]", b'{"pumps": [1]}', b'{"pumps": [{"pump": 1}]}', b"[" * 5000):
                await asker.client.publish(topic, payload, qos=1)
        assert (await asker.ask("list"))["status"] == "ok"
        assert b.sink.counts["connects"] == 1

    await asked(tmp_path, check)


async def test_the_board_answers_requests_over_mqtt_in_its_own_words(tmp_path: Path) -> None:
    """The whole chain: a client, mosquitto, the daemon, a virtual Pico and back."""

    config = {"rig_name": "rig", "sensor": "emulated"}
    async with running_broker(None) as broker, virtual_pico("unix", state_dir=tmp_path, config=config) as pico:
        settings = Settings(
            port=(pico.port,),
            broker=BrokerSettings(url=broker.url),
            mqtt=MqttSettings(commands=True, home_assistant=True),
            journal=JournalSettings(file=tmp_path / "journal.sqlite"),
            http=HttpSettings(listen=OFF),
        )
        async with service(settings, print) as running, connection(broker) as client:
            await wait_until(lambda: any(link.name == "rig" for link in running.fleet.links.values()), 60)
            await client.subscribe("warmflow/bridge/response/#", qos=1)
            asker = Asker(client)
            assert (await asker.ask("rate", {"pump": "rig", "rate_hz": 20}))["status"] == "ok"
            config = (await asker.ask("config", {"pump": "rig"}))["data"]["board"]
            assert config["rate_hz"] == 20
            refused = await asker.ask("calibrate", {"pump": "rig", "point": "lower", "reference_c": 36.5})
            assert refused["status"] == "error"
            assert "rig: refused: the probe is emulated" in refused["error"]
            too_much = await asker.ask("refill", {"pump": "rig", "volume_ml": 99})
            assert too_much["error"] == "volume_ml: has to be 30 or less, not 99"
            assert (await asker.ask("environment", {"pump": "rig", "duration_s": 60, "skin_c": 41}))["status"] == "ok"
            assert (await asker.ask("identify", {"pump": "rg"}))["error"] == "rg: no such pump; did you mean rig?"
            [listed] = (await asker.ask("list"))["data"]["pumps"]
            assert (listed["pump"], listed["status"], listed["port"]) == ("rig", "ok", pico.port)
            assert (await asker.ask("restart", {"pump": "rig"}))["data"]["status"] == "ok"
            assert "rig" in (await asker.ask("health"))["data"]["pumps"]
            board = listed["board_id"]
            topic = f"homeassistant/device/warmflow_{board}/config"
            await wait_until(lambda: holds(broker, {topic}))
            assert (await asker.ask("forget", {"pump": "rig"}))["data"]["removed"] == [topic]
            await wait_until(lambda: holds_none(broker, {topic}))
            assert (await asker.ask("forget", {"pump": "rgi"}))["status"] == "error"
            assert (await kept(broker))["warmflow/bridge/info"]["config"]["mqtt"]["commands"] is True
