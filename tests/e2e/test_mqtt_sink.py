"""The MQTT sink with a real broker: nothing lost when it goes away, everything retained when it comes back."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pumplink import messages as m
from warmflow.broker import Broker, running_broker
from warmflow.hub import BoardEvent, Hub, Link, Reading
from warmflow.journal import Journal
from warmflow.journal.desk import Desk
from warmflow.monitor import Measured, Monitor, Rig
from warmflow.mqtt_client import connection
from warmflow.session import Boot
from warmflow.sinks.mqtt import MqttSink
from warmflow.status import LinkState
from warmflow.tasks import end

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.mosquitto,
    pytest.mark.skipif(shutil.which("mosquitto", path="/usr/sbin:/usr/bin") is None, reason="no mosquitto on PATH"),
]
BOOT = Boot("0011223344556677", 4, 0xABCD)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RIG = Rig("r11", "average", "water", "drug", 0.0, 101.325, 54167, 30_000_000, 0, 1_000_000)


def reading(sequence: int, monitor: Monitor) -> Reading:
    message = m.Telemetry(0, sequence, sequence * 100, sequence * 6000, 24_000, 0, None, 48_880, sequence * 81, 32)
    measured = Measured.reading(message)
    return Reading("rig", BOOT, message, measured, NOW, False, monitor.read(measured), RIG, 60)


class Bench:
    """A sink under test, and a subscriber beside it."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        self.hub = Hub()
        self.safe: list[int] = []
        self.log: list[str] = []
        self.journal = Journal(folder / "journal.sqlite")
        self.desk = Desk(self.journal, self.hub.taker(), lambda pump, boot, n: self.safe.append(n), self.log.append)
        self.sink = MqttSink(broker, self.hub.taker(), self.desk, self.log.append)
        self.monitor = Monitor()
        self.monitor.declare(RIG)
        self.got: dict[str, list[Any]] = {}

    def publish(self, first: int, last: int) -> None:
        for sequence in range(first, last + 1):
            self.hub.publish(reading(sequence, self.monitor))

    def sequences(self) -> list[int]:
        return [each["sequence"] for batch in self.got.get("telemetry", []) for each in batch["readings"]]

    async def subscribe(self, broker: Broker) -> None:
        async with connection(broker) as client:
            await client.subscribe("warmflow/#", qos=1)
            async for message in client.messages:
                kind = message.topic.value.rsplit("/", 1)[1]
                assert isinstance(message.payload, bytes)
                plain = kind == "availability" or message.topic.value.endswith("bridge/state")
                value = message.payload.decode() if plain else json.loads(message.payload)
                self.got.setdefault("bridge" if "/bridge/" in message.topic.value else kind, []).append(value)


async def until(what: Callable[[], bool], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def bench(broker: Broker, folder: Path) -> AsyncIterator[Bench]:
    bench = Bench(broker, folder)
    keeping = asyncio.create_task(bench.desk.run())
    running = asyncio.create_task(bench.sink.run())
    listening = asyncio.create_task(bench.subscribe(broker))
    try:
        await until(bench.sink.connected.is_set)
        await until(lambda: "bridge" in bench.got)
        yield bench
    finally:
        await bench.sink.stop()
        await asyncio.wait({running}, timeout=3)
        await end(running, listening, keeping)
        await bench.desk.close()


def test_readings_arrive_in_order_and_in_batches(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_broker(None) as broker, bench(broker, tmp_path) as b:
            b.publish(1, 1000)
            await until(lambda: len(b.sequences()) == 1000)
            assert b.sequences() == list(range(1, 1001))
            assert len(b.got["telemetry"]) <= 12

    asyncio.run(main())


def test_a_state_says_what_a_person_wants_to_know(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_broker(None) as broker, bench(broker, tmp_path) as b:
            b.publish(1, 3)
            await until(lambda: bool(b.got.get("state")))
            state = b.got["state"][-1]
            assert state["time"] == "2026-11-21T12:00:00.000Z"
            assert state["flow_ul_h"] == pytest.approx(48.88)
            assert state["flow_ml_day"] == pytest.approx(1.1731, abs=1e-4)
            assert state["probe_c"] == 24.0
            assert abs(state["deviation_percent"]) < 0.1
            assert "no medical device" in state["note"]

    asyncio.run(main())


def test_a_broker_that_restarts_costs_nothing_and_gets_everything_retained_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_broker(None) as first:
            port = first.port
            async with bench(first, tmp_path) as b:
                b.hub.publish(Link("rig", LinkState.OK, "", NOW))
                b.publish(1, 50)
                await until(lambda: len(b.sequences()) == 50)
                await _killed(first)
                await until(lambda: not b.sink.connected.is_set())
                b.publish(51, 120)
                b.hub.publish(BoardEvent("rig", BOOT, m.Event(0, 121, 0, 0, 4, 0, ""), NOW, False))
                await until(lambda: b.safe[-1] == 121)  # on disk: the board may forget it, whatever the broker does
                async with running_broker(None, port=port) as second:
                    again = Bench(second, tmp_path / "again")
                    listening = asyncio.create_task(again.subscribe(second))
                    await until(lambda: again.sequences()[-1:] == [120] and "event" in again.got)
                    assert sorted(set(b.sequences()) | set(again.sequences())) == list(range(1, 121))
                    late = [each["historical"] for batch in again.got["telemetry"] for each in batch["readings"]]
                    assert all(late)
                    await until(lambda: "availability" in again.got and "status" in again.got)
                    assert again.got["bridge"][-1] == "running"
                    assert again.got["availability"][-1] == "online"
                    await b.sink.stop()
                    await until(lambda: again.got["bridge"][-1] == "stopped")
                    assert again.got["availability"][-1] == "offline"
                    await end(listening)

    asyncio.run(main())


def test_a_clean_stop_says_so_however_much_is_waiting(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_broker(None) as broker, bench(broker, tmp_path) as b:
            b.hub.publish(Link("rig", LinkState.OK, "", NOW))
            await until(lambda: "availability" in b.got)
            b.publish(1, 20_000)
            await until(lambda: bool(b.safe) and b.safe[-1] == 20_000, 90)
            await b.sink.stop()
            await until(lambda: b.got["bridge"][-1] == "stopped", 10)
            assert b.got["availability"][-1] == "offline"

    asyncio.run(main())


async def _killed(broker: Broker) -> None:
    import os
    import signal

    assert broker.pid
    os.kill(broker.pid, signal.SIGKILL)
    await broker.died.wait()
