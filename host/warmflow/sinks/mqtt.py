"""The MQTT sink: state for people at once, every record with QoS 1, and a broker that may go away.

A record leaves the queue when the broker has acknowledged it, and only then is the board told that it may forget. A
new client for each connection (aiomqtt 2 asks for it); all retained topics are published again on every connect; one
task always listens, so that a lost broker is noticed without a publish.
"""

import asyncio
import contextlib
import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import aiomqtt

from warmflow.broker import Broker
from warmflow.hub import BoardEvent, Gap, Inner, Link, Reading, Taker, Update
from warmflow.session import Boot
from warmflow.sinks import topics

BATCH_S = 0.25  # a reading waits so long for company
BATCH_MAX = 200
STATE_S = 0.2
KEEPALIVE_S = 10
TIMEOUT_S = 10.0
KEPT_MAX = 50_000  # records kept while the broker is away; the board keeps its own ring beside them
BACKOFF_S = (0.2, 0.5, 1, 2, 5, 10, 30)

Record = Reading | BoardEvent | Gap


@dataclass
class MqttSink:
    """Run `run()` as a task. `safe` is called with boot and sequence when the broker has a record."""

    broker: Broker
    taker: Taker
    safe: Callable[[str, Boot, int], None]
    log: Callable[[str], None]
    base: str = "warmflow"
    counts: Counter[str] = field(default_factory=Counter)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    _records: deque[Record] = field(default_factory=deque)
    _in_doubt: int = 0  # so many records at the head may have arrived before the connection was lost
    _retained: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _changed: dict[tuple[str, str], None] = field(default_factory=dict)
    _states: dict[str, Reading] = field(default_factory=dict)
    _truths: dict[str, Inner] = field(default_factory=dict)
    _wake_records: asyncio.Event = field(default_factory=asyncio.Event)
    _wake_retained: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled. On a clean stop everything is sent and "stopped" is said by hand: a will is not sent
        then.
        """
        sorter = asyncio.create_task(self._sort())
        attempt = 0
        try:
            while True:
                try:
                    async with self._client() as client:
                        attempt = 0
                        await self._serve(client)
                except aiomqtt.MqttError as error:
                    self.counts["disconnects"] += 1
                    pause_s = BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)] * random.uniform(0.8, 1.2)
                    self.log(f"broker {self.broker.url}: {error}; next attempt in {pause_s:.1f} s")
                    attempt += 1
                    await asyncio.sleep(pause_s)
                finally:
                    self.connected.clear()
        finally:
            sorter.cancel()

    def waiting(self) -> int:
        """Records that the broker has not acknowledged."""
        return len(self._records)

    async def _serve(self, client: aiomqtt.Client) -> None:
        self.counts["connects"] += 1
        self.log(f"connected to broker {self.broker.url}")
        await self._publish(client, "bridge", "", b"running")
        self._changed = dict.fromkeys(self._retained)
        self._wake_retained.set()
        self.connected.set()
        tasks = [
            asyncio.create_task(work(client), name=work.__name__)
            for work in (self._listen, self._send_records, self._send_retained, self._send_latest)
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                async with asyncio.timeout(2):
                    await self._farewell(client)
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _farewell(self, client: aiomqtt.Client) -> None:
        self._sort_all(self.taker.get_all())
        while self._records:
            await self._send_batch(client)
        for kind, pump in list(self._retained):
            if kind == "availability":
                await self._publish(client, kind, pump, b"offline")
            elif kind == "status":
                await self._publish(client, kind, pump, self._retained[kind, pump])
        await self._publish(client, "bridge", "", b"stopped")

    def _client(self) -> aiomqtt.Client:
        will = topics.TOPICS["bridge"]
        return aiomqtt.Client(
            self.broker.host,
            self.broker.port,
            username=self.broker.username,
            password=self.broker.password,
            tls_params=aiomqtt.TLSParameters() if self.broker.tls else None,
            will=aiomqtt.Will(will.path.format(base=self.base), b"dead", qos=1, retain=True),
            keepalive=KEEPALIVE_S,
            timeout=TIMEOUT_S,
        )

    async def _sort(self) -> None:
        while True:
            update = await self.taker.get()
            self._sort_all([update, *self.taker.get_all()])

    def _sort_all(self, updates: list[Update]) -> None:
        """Each update to the lane it belongs to: records one after the other, retained ones by their latest value."""
        for update in updates:
            match update:
                case Reading():
                    self._keep(update)
                    self._states[update.pump] = update
                    if update.finding and update.finding.changed:
                        self._retain("alarm", update.pump, topics.dump(topics.alarm(update, update.finding)))
                case BoardEvent() | Gap():
                    self._keep(update)
                case Link():
                    self._retain("status", update.pump, topics.dump(topics.status(update)))
                    self._retain("availability", update.pump, topics.availability(update.state))
                case Inner():
                    self._truths[update.pump] = update

    def _keep(self, record: Record) -> None:
        if len(self._records) >= KEPT_MAX:
            self._records.popleft()
            self._in_doubt = max(0, self._in_doubt - 1)
            self.counts["records dropped"] += 1
        self._records.append(record)
        self._wake_records.set()

    def _retain(self, kind: str, pump: str, payload: bytes) -> None:
        self._retained[kind, pump] = payload
        self._changed[kind, pump] = None
        self._wake_retained.set()

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for _ in client.messages:
            self.counts["received"] += 1

    async def _send_records(self, client: aiomqtt.Client) -> None:
        while True:
            await self._wake_records.wait()
            self._wake_records.clear()
            await asyncio.sleep(BATCH_S)
            while self._records:
                await self._send_batch(client)

    async def _send_batch(self, client: aiomqtt.Client) -> None:
        """The records at the head that fit into one message; they leave when the broker has them."""
        batch = head_batch(self._records)
        first = batch[0]
        resent = self._in_doubt > 0
        self._in_doubt = max(self._in_doubt, len(batch))
        kind, payload = _payload(batch, resent)
        await self._publish(client, kind, first.pump, topics.dump(payload))
        self._in_doubt = max(0, self._in_doubt - len(batch))
        for _ in batch:
            self._records.popleft()
        self.counts["records"] += len(batch)
        last = batch[-1]
        if not isinstance(last, Gap):
            self.safe(last.pump, last.boot, last.message.sequence)

    async def _send_retained(self, client: aiomqtt.Client) -> None:
        while True:
            await self._wake_retained.wait()
            self._wake_retained.clear()
            while self._changed:
                kind, pump = next(iter(self._changed))
                del self._changed[kind, pump]
                await self._publish(client, kind, pump, self._retained[kind, pump])

    async def _send_latest(self, client: aiomqtt.Client) -> None:
        while True:
            await asyncio.sleep(STATE_S)
            states, self._states = self._states, {}
            for pump, reading in states.items():
                await self._publish(client, "state", pump, topics.dump(topics.state(reading)))
            truths, self._truths = self._truths, {}
            for pump, inner in truths.items():
                await self._publish(client, "truth", pump, topics.dump(topics.truth(inner)))

    async def _publish(self, client: aiomqtt.Client, kind: str, pump: str, payload: bytes) -> None:
        topic = topics.TOPICS[kind]
        path = topic.path.format(base=self.base, pump=pump)
        await client.publish(path, payload, qos=topic.qos, retain=topic.retained)
        self.counts["published"] += 1


def head_batch(records: deque[Record]) -> list[Record]:
    """As many readings of one pump and boot as stand together at the head, or the one event or gap there."""
    first = records[0]
    batch = [first]
    if isinstance(first, Reading):
        for record in list(records)[1:BATCH_MAX]:
            if not isinstance(record, Reading) or (record.pump, record.boot) != (first.pump, first.boot):
                break
            batch.append(record)
    return batch


def _payload(batch: list[Record], resent: bool) -> tuple[str, dict[str, Any]]:
    match batch[0]:
        case Reading():
            return "telemetry", topics.telemetry(cast(list[Reading], batch), resent)
        case BoardEvent() as event:
            return "event", topics.event(event, resent)
        case Gap() as gap:
            return "gap", topics.gap(gap)
