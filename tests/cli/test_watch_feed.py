"""The road from the broker to the model: retained values told from live ones, and a broker that comes and goes."""

import asyncio
import contextlib
import json
import socket
import time

import aiomqtt
import pytest
from payload_samples import example
from wait import wait_until

from warmflow.cli.watch.model import WatchModel
from warmflow.cli.watch.mqtt_feed import RETRY_S, filters, mqtt_feed, opener
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt.broker import running_broker
from warmflow.sinks.mqtt.broker.server_programs import choose

DEADLINE_S = 60
BOTH = pytest.mark.parametrize(
    "program",
    [
        pytest.param(choose, marks=pytest.mark.needs("mosquitto"), id="mosquitto"),
        pytest.param(lambda: choose(find_mosquitto=lambda: None), id="iotcore"),
    ],
)


def state(flow_ul_h):
    return json.dumps(example("state", flow_ul_h=flow_ul_h)).encode()


@contextlib.asynccontextmanager
async def fed(open_client, **options):
    model = WatchModel()
    task = asyncio.create_task(mqtt_feed(open_client, time.monotonic, **options)(model))
    try:
        yield model
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@BOTH
async def test_a_retained_state_is_stored_and_the_next_one_is_live(program):
    async with (
        running_broker(None, choose=program) as broker,
        aiomqtt.Client(broker.host, broker.port) as daemon,
    ):
        await daemon.publish("warmflow/demo/state", state(1), qos=1, retain=True)
        async with fed(opener(broker.host, broker.port, None, None, False)) as model:
            await wait_until(lambda: "demo" in model.pumps, DEADLINE_S)
            assert model.broker == "connected"
            assert model.pumps["demo"].state.stored
            await daemon.publish("warmflow/demo/state", state(2), qos=1, retain=True)
            await wait_until(lambda: model.pumps["demo"].state.value.flow_ul_h == 2, DEADLINE_S)
            assert not model.pumps["demo"].state.stored


async def test_a_broker_that_is_not_there_is_a_state_with_its_reason():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused, and nobody else takes it
        port = nobody.getsockname()[1]

        async def main():
            async with fed(opener("127.0.0.1", port, None, None, False)) as model:
                await wait_until(lambda: model.counts["broker losses"] >= 2, DEADLINE_S)
                assert model.broker == "away"
                assert "refused" in model.broker_detail

        await main()


class FakeClient:
    """A connection that says what it is told to say, then breaks."""

    def __init__(self, story):
        self.story, self.messages, self.subscribed = story, self._messages(), []

    async def __aenter__(self):
        if isinstance(self.story, Exception):
            raise self.story
        return self

    async def __aexit__(self, *error):
        pass

    async def subscribe(self, wanted):
        self.subscribed = wanted
        return self.story.get("granted", [0] * len(wanted))

    async def _messages(self):
        for topic, payload in self.story.get("stored", ()):
            yield aiomqtt.Message(topic, payload, 0, True, 0, None)
        for topic, payload in self.story.get("messages", ()):
            yield aiomqtt.Message(topic, payload, 0, False, 0, None)
        if self.story.get("breaks"):
            raise aiomqtt.MqttError("Disconnected during message iteration")
        await asyncio.Event().wait()


def played(*stories):
    """Each attempt gets a new client; the last story lasts. Also: the clients made and the pauses asked for."""
    left, clients, pauses = list(stories), [], []

    def open_client():
        clients.append(FakeClient(left.pop(0)))
        return clients[-1]

    async def sleep(pause_s):
        pauses.append(pause_s)

    return open_client, sleep, clients, pauses


async def test_after_each_loss_a_new_client_subscribes_again_and_the_pumps_stay():
    refused = aiomqtt.MqttError("[Errno 111] Connection refused")
    first = {"messages": [("warmflow/demo/state", state(1))], "breaks": True}
    second = {"messages": [("warmflow/demo/state", state(2))]}
    open_client, sleep, clients, pauses = played(first, refused, refused, second)

    async with fed(open_client, sleep=sleep) as model:
        await wait_until(lambda: model.pumps and model.pumps["demo"].state.value.flow_ul_h == 2, DEADLINE_S)
        assert (model.broker, model.broker_detail) == ("connected", "")
    assert len(clients) == 4
    assert clients[0].subscribed == clients[3].subscribed == filters("warmflow")
    first_s, _ = RETRY_S
    longest_s = [first_s, 2 * first_s, 4 * first_s]
    assert all(longest / 2 <= pause <= longest for pause, longest in zip(pauses, longest_s, strict=True)), pauses


async def test_a_refused_subscription_is_said_by_its_topic():
    open_client, sleep, _, _ = played({"granted": [0x80]}, {})

    words = []

    async def telling(pause_s):
        words.append(model.broker_detail)
        await sleep(pause_s)

    model = WatchModel()
    task = asyncio.create_task(mqtt_feed(open_client, time.monotonic, telling)(model))
    await wait_until(lambda: words, DEADLINE_S)
    task.cancel()
    assert "does not let us read warmflow/+/state" in words[0]


async def test_a_payload_that_can_not_be_read_does_not_end_the_feed():
    open_client, sleep, _, _ = played({"messages": [("warmflow/demo/state", b"{"), ("warmflow/demo/state", state(3))]})

    async with fed(open_client, sleep=sleep) as model:
        await wait_until(lambda: model.pumps, DEADLINE_S)
        assert (model.counts["bad payloads"], model.counts["broker losses"]) == (1, 0)


def test_the_readings_in_full_are_not_asked_for():
    assert not [path for path, _ in filters("warmflow") if path.endswith(("telemetry", "#"))]


def listed(*names):
    return dump({"pumps": [example("pumps") | {"pump": name} for name in names]})


async def test_where_wildcards_bring_nothing_that_is_stored_the_listed_pumps_are_asked_for_by_name():
    """RabbitMQ keeps retained messages for exact topics only: the link was unknown, and a standing alarm was missed."""
    open_client, sleep, clients, _ = played({"stored": [("warmflow/bridge/pumps", listed("demo", "#"))]})
    async with fed(open_client, sleep=sleep) as model:
        await wait_until(lambda: clients and "warmflow/demo/alarm/rate" in dict(clients[0].subscribed), DEADLINE_S)
        asked = dict(clients[0].subscribed)
        assert asked.keys() >= {f"warmflow/demo/{kind}" for kind in ("state", "status", "availability", "alarm/link")}
        assert not [topic for topic in asked if set(topic) & set("+#")]
        assert "by name" in model.broker_detail


async def test_where_wildcards_bring_what_is_stored_nothing_is_asked_for_twice():
    stored = [("warmflow/demo/availability", b"online"), ("warmflow/bridge/pumps", listed("demo", "gone"))]
    open_client, sleep, clients, _ = played({"stored": stored})
    async with fed(open_client, sleep=sleep) as model:
        await wait_until(lambda: model.counts["messages"] == 2, DEADLINE_S)
        assert clients[0].subscribed == filters("warmflow")
        assert model.broker_detail == ""
