"""What the daemon relies on, asked of both real brokers with the configuration that we give them."""

import asyncio

import aiomqtt
import pytest

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


async def run_with(program, main, **options):
    async def bounded():
        async with asyncio.timeout(DEADLINE_S), running_broker(None, choose=program, **options) as broker:
            return await main(broker)

    return await bounded()


def client(broker, **options):
    return aiomqtt.Client(broker.host, broker.port, **options)


async def received(subscriber, count):
    messages = []
    async for message in subscriber.messages:
        messages.append(message)
        if len(messages) == count:
            return messages


@BOTH
async def test_a_qos_1_message_arrives_and_a_retained_one_waits_for_the_subscriber(program):
    async def main(broker):
        async with client(broker) as publisher, client(broker) as subscriber:
            await publisher.publish("pump/state", b"\x00ready", qos=1, retain=True)
            await subscriber.subscribe("pump/#", qos=1)
            await publisher.publish("pump/flow", b"", qos=1)
            return await received(subscriber, 2)

    state, flow = await run_with(program, main)
    assert (str(state.topic), state.payload, state.retain, state.qos) == ("pump/state", b"\x00ready", True, 1)
    assert (str(flow.topic), flow.payload, flow.retain, flow.qos) == ("pump/flow", b"", False, 1)


def connect_with_will(topic, payload):
    """A CONNECT of MQTT 3.1.1 with a QoS 1 will. The keepalive outlasts the test: only a broken connection can trigger
    it. (No keepalive, 0, would be the clean way; iotcore refuses it.)
    """
    fields = b"".join(len(each).to_bytes(2, "big") + each for each in (b"daemon", topic, payload))
    body = b"\x00\x04MQTT\x04" + bytes([0b0000_1110, 0, 240]) + fields
    return bytes([0x10, len(body)]) + body


@BOTH
@pytest.mark.parametrize(("goodbye", "expected"), [(b"", b"offline"), (b"\xe0\x00", b"the end")])
async def test_a_broken_connection_triggers_the_last_will_and_a_disconnect_does_not(program, goodbye, expected):
    async def main(broker):
        async with client(broker) as subscriber:
            await subscriber.subscribe("pump/#", qos=1)
            reader, writer = await asyncio.open_connection(broker.host, broker.port)
            writer.write(connect_with_will(b"pump/availability", b"offline"))
            assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
            writer.write(goodbye)
            if goodbye:
                await reader.read()  # until the broker has closed it
                writer.close()
                await subscriber.publish("pump/end", "the end", qos=1)
            else:
                writer.transport.abort()
            return (await received(subscriber, 1))[0].payload

    assert await run_with(program, main) == expected


@BOTH
async def test_more_than_a_thousand_messages_wait_for_a_subscriber_who_is_away(program):
    """mosquitto's own default keeps 1,000 and acknowledges the rest into nothing."""
    count = 1_200

    async def main(broker):
        session = {"identifier": "recorder", "clean_session": False}
        async with client(broker, **session) as subscriber:
            await subscriber.subscribe("pump/flow", qos=1)
        async with client(broker) as publisher:
            for number in range(count):
                await publisher.publish("pump/flow", number, qos=1)
        async with client(broker, **session) as subscriber:
            return [int(message.payload) for message in await received(subscriber, count)]

    assert await run_with(program, main) == list(range(count))


@BOTH
async def test_a_payload_of_half_a_megabyte_passes(program):
    async def main(broker):
        async with client(broker) as publisher, client(broker) as subscriber:
            await subscriber.subscribe("pump/trace")
            await publisher.publish("pump/trace", b"x" * 512_000, qos=1)
            return len((await received(subscriber, 1))[0].payload)

    assert await run_with(program, main) == 512_000


@BOTH
async def test_a_qos_0_wildcard_gets_every_one_of_many_retained_messages(program):
    async def main(broker):
        async with client(broker) as publisher, client(broker) as subscriber:
            for number in range(400):
                await publisher.publish(f"pump/{number}/state", number, qos=1, retain=True)
            await subscriber.subscribe("pump/+/state", qos=0)
            return sorted(int(message.payload) for message in await received(subscriber, 400))

    assert await run_with(program, main) == list(range(400))


@pytest.mark.parametrize("program", [pytest.param(choose, marks=pytest.mark.needs("mosquitto"), id="mosquitto")])
async def test_with_a_state_folder_a_retained_message_outlives_the_broker(program, tmp_path):
    folder = tmp_path / "a folder with blanks" / "not there yet"

    async def write(broker):
        async with client(broker) as publisher:
            await publisher.publish("pump/state", "kept", qos=1, retain=True)
        return broker.describe()

    async def read(broker):
        async with client(broker) as subscriber:
            await subscriber.subscribe("pump/state")
            return (await received(subscriber, 1))[0].payload

    assert str(folder) in await run_with(program, write, state_dir=folder)
    assert await run_with(program, read, state_dir=folder) == b"kept"
