"""The MQTT sink with a real broker: nothing lost when it goes away, everything retained when it comes back."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from mqtt_bench import BOOT, NOW, Bench, bench
from wait import wait_until

from pumplink import messages as m
from warmflow.device.states import LinkState
from warmflow.device.updates import BoardEvent, LinkStatus
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker import Broker, running_broker

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs("mosquitto"),
]


async def test_readings_arrive_in_order_and_in_batches(tmp_path: Path) -> None:
    async with running_broker(None) as broker, bench(broker, tmp_path) as b:
        b.publish(1, 1000)
        await wait_until(lambda: len(b.sequences()) == 1000)
        assert b.sequences() == list(range(1, 1001))
        assert len(b.got["telemetry"]) <= 12


async def test_thousands_of_messages_with_qos_1_do_not_stop_the_stream(tmp_path: Path) -> None:
    """A trap of peers: publishing froze after about 1500 messages."""

    async with running_broker(None) as broker, bench(broker, tmp_path) as b:
        for sequence in range(1, 3001):
            b.hub.publish(BoardEvent("rig", BOOT, m.Event(0, sequence, 0, 0, 4, 0, ""), NOW, False))
        await wait_until(lambda: len(b.got.get("event", [])) == 3000, 60)
        assert [event["sequence"] for event in b.got["event"]] == list(range(1, 3001))


async def test_a_state_says_what_a_person_wants_to_know(tmp_path: Path) -> None:
    async with running_broker(None) as broker, bench(broker, tmp_path) as b:
        b.publish(1, 3)
        await wait_until(lambda: bool(b.got.get("state")))
        state = b.got["state"][-1]
        assert state["time"] == "2026-11-21T12:00:00.000Z"
        assert state["flow_ul_h"] == pytest.approx(48.88)
        assert state["flow_ml_day"] == pytest.approx(1.1731, abs=1e-4)
        assert state["probe_c"] == 24.0
        assert abs(state["deviation_percent"]) < 0.1
        assert "no medical device" in state["note"]


async def test_a_broker_that_restarts_costs_nothing_and_gets_everything_retained_again(tmp_path: Path) -> None:
    async with running_broker(None) as first:
        port = first.port
        async with bench(first, tmp_path) as b:
            b.hub.publish(LinkStatus("rig", LinkState.OK, "", NOW))
            b.publish(1, 50)
            await wait_until(lambda: len(b.sequences()) == 50)
            await _killed(first)
            await wait_until(lambda: not b.sink.connected.is_set())
            b.publish(51, 120)
            b.hub.publish(BoardEvent("rig", BOOT, m.Event(0, 121, 0, 0, 4, 0, ""), NOW, False))
            # on disk: the board may forget it, whatever the broker does
            await wait_until(lambda: b.safe[-1] == 121)
            listens, reconnect = asyncio.Event(), b.sink._live

            async def live() -> None:  # nobody would see what is sent before anybody listens
                await listens.wait()
                await reconnect()

            b.sink._live = live  # type: ignore[method-assign]
            async with running_broker(None, port=port) as second:
                again = Bench(second, tmp_path / "again")
                listening = asyncio.create_task(again.subscribe(second, listens))
                await wait_until(lambda: again.sequences()[-1:] == [120] and "event" in again.got)
                assert sorted(set(b.sequences()) | set(again.sequences())) == list(range(1, 121))
                late = [each["historical"] for batch in again.got["telemetry"] for each in batch["readings"]]
                assert all(late)
                await wait_until(lambda: "availability" in again.got and "status" in again.got)
                assert again.got["bridge"][-1] == "running"
                assert again.got["availability"][-1] == "online"
                await b.sink.stop()
                await wait_until(lambda: again.got["bridge"][-1] == "stopped")
                assert again.got["availability"][-1] == "offline"
                await end(listening)


async def test_a_clean_stop_says_so_however_much_is_waiting(tmp_path: Path) -> None:
    async with running_broker(None) as broker, bench(broker, tmp_path) as b:
        b.hub.publish(LinkStatus("rig", LinkState.OK, "", NOW))
        await wait_until(lambda: "availability" in b.got)
        b.publish(1, 20_000)
        await wait_until(lambda: bool(b.safe) and b.safe[-1] == 20_000, 90)
        await b.sink.stop()
        await wait_until(lambda: b.got["bridge"][-1] == "stopped", 10)
        assert b.got["availability"][-1] == "offline"


async def _killed(broker: Broker) -> None:
    assert broker.pid
    os.kill(broker.pid, signal.SIGKILL)
    await broker.died.wait()
