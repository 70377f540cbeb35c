"""An MQTT sink under test, and a subscriber beside it that remembers what it saw on which topic."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wait import wait_until

from pumplink import messages as m
from warmflow.alarms.service import AlarmService
from warmflow.alarms.updates import AlarmChanged
from warmflow.api.payloads import PumpEntry
from warmflow.daemon.dispatcher import Dispatcher, Handler
from warmflow.device.identity import Boot
from warmflow.device.updates import Reading
from warmflow.hub import Hub
from warmflow.journal import Journal, WriteQueue
from warmflow.journal.async_journal import AsyncJournal
from warmflow.monitor import Measured, Monitor, Rig
from warmflow.runtime.tasks import end
from warmflow.runtime.wall_clock import wall_clock
from warmflow.sinks.mqtt.broker import Broker
from warmflow.sinks.mqtt.client import connection
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.publisher import MqttSink
from warmflow.sinks.sink import Sink

BOOT = Boot("0011223344556677", 4, 0xABCD)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RIG = Rig("r11", "average", "water", "drug", 0.0, 101.325, 54167, 30_000_000, 0, 1_000_000)
WORDS = ("availability", "bridge/state", "homeassistant/status")


def reading(sequence: int, monitor: Monitor, pump: str = "rig", status: int = 32, flow_nl_h: int = 48_880) -> Reading:
    message = m.Telemetry(
        0, sequence, sequence * 100, sequence * 6000, 24_000, 0, None, flow_nl_h, sequence * 81, status
    )
    measured = Measured.reading(message)
    return Reading(pump, BOOT, message, measured, NOW, False, monitor.read(measured), RIG, 60)


def pump_entry(**known: Any) -> PumpEntry:
    """An entry of the list of pumps; what is not given is not known."""
    return PumpEntry(**dict.fromkeys(PumpEntry.__struct_fields__) | {"reason": "", "remedy": "", "since": ""} | known)


def value(topic: str, payload: bytes) -> Any:
    """A word, JSON, or None for a topic that was emptied."""
    if not payload:
        return None
    return payload.decode() if topic.endswith(WORDS) else json.loads(payload)


class Bench:
    """A sink under test, and a subscriber beside it."""

    def __init__(
        self,
        broker: Broker,
        folder: Path,
        contract: PublisherOptions | None = None,
        base: str = "warmflow",
        handlers: Callable[["Bench"], dict[str, Handler]] | None = None,
    ) -> None:
        self.hub = Hub()
        self.safe: list[int] = []
        self.log: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(folder / "journal.sqlite")
        self.inbox = WriteQueue(self.journal)
        self.hub.add(self.inbox)
        self.async_journal = AsyncJournal(
            self.journal, self.inbox, lambda pump, boot, n: self.safe.append(n), self.log.append
        )
        self.alarms = AlarmService(self.async_journal, self.hub.publish, self.log.append, wall_clock)
        self.sinks: list[Sink] = []
        if handlers:
            contract = replace(contract or PublisherOptions(), answers=Dispatcher(list, handlers(self)))
        self.sink = MqttSink(
            broker,
            self.hub.subscriber(never_drops=(AlarmChanged,)),
            self.async_journal,
            self.log.append,
            base,
            contract,
        )
        self.sinks.append(self.sink)
        self.hub.add(self.alarms)
        self.monitor = Monitor()
        self.monitor.declare(RIG)
        self.got: dict[str, list[Any]] = {}  # by the last part of the topic; the daemon's own state as "bridge"
        self.topics: dict[str, list[Any]] = {}

    def publish(self, first: int, last: int) -> None:
        for sequence in range(first, last + 1):
            self.hub.publish(reading(sequence, self.monitor))

    def sequences(self) -> list[int]:
        return [each["sequence"] for batch in self.got.get("telemetry", []) for each in batch["readings"]]

    def last(self, topic: str) -> Any:
        return self.topics.get(topic, [None])[-1]

    async def subscribe(self, broker: Broker, ready: asyncio.Event | None = None) -> None:
        async with connection(broker) as client:
            await client.subscribe([("warmflow/#", 1), ("homeassistant/#", 1)])
            if ready:
                ready.set()
            async for message in client.messages:
                topic, payload = message.topic.value, message.payload
                assert isinstance(payload, bytes)
                if "/bridge/request/" in topic:
                    continue
                self.topics.setdefault(topic, []).append(value(topic, payload))
                if topic == "warmflow/bridge/state":
                    self.got.setdefault("bridge", []).append(value(topic, payload))
                elif "/bridge/" not in topic and topic.startswith("warmflow/"):
                    self.got.setdefault(topic.rsplit("/", 1)[1], []).append(value(topic, payload))


@asynccontextmanager
async def bench(
    broker: Broker,
    folder: Path,
    contract: PublisherOptions | None = None,
    handlers: Callable[[Bench], dict[str, Handler]] | None = None,
) -> AsyncIterator[Bench]:
    """The sink runs, its subscriber has subscribed before. `handlers`: of the requests that it carries out."""
    bench = Bench(broker, folder, contract, handlers=handlers)
    ready = asyncio.Event()
    listening = asyncio.create_task(bench.subscribe(broker, ready))
    async with asyncio.timeout(20):
        await ready.wait()
    keeping = asyncio.create_task(bench.async_journal.run())
    running = asyncio.create_task(bench.sink.run())
    try:
        await wait_until(bench.sink.connected.is_set)
        await wait_until(lambda: "bridge" in bench.got)
        yield bench
    finally:
        await bench.sink.stop()
        await asyncio.wait({running}, timeout=3)
        await end(running, listening, keeping)
        await bench.async_journal.close()
