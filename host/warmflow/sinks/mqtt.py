"""The MQTT sink: state for people at once, every record with QoS 1, and a broker that may go away.

Records are read from the journal through a cursor that moves when the broker has acknowledged them, so an outage is
replayed in order while live state and alarms go past it. A new client for each connection (aiomqtt 2 asks for it); one
task always listens, so that a lost broker is noticed without a publish.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable

import aiomqtt

from warmflow.broker import Broker
from warmflow.hub import Taker
from warmflow.journal.desk import Desk
from warmflow.mqtt_client import connection
from warmflow.sinks import payloads, replay
from warmflow.sinks.outbox import Outbox
from warmflow.sinks.topics import TOPICS
from warmflow.tasks import end

READ_MAX = 1000  # records at a time
CURSOR = "mqtt"
CURSOR_S = 0.5  # the cursor is kept so often: what a crash sends again
STATE_S = 0.2
DRAIN_S = 1.0
FAREWELL_S = 2.0
BACKOFF_S = (0.2, 0.5, 1, 2, 5, 10, 30)


class MqttSink:
    """Run `run()` as a task, `stop()` it, and give it time for its farewell."""

    def __init__(
        self, broker: Broker, taker: Taker, desk: Desk, log: Callable[[str], None], base: str = "warmflow"
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.connected = asyncio.Event()
        self.acknowledged = -1  # number of the last record that the broker has; -1 before the cursor is read
        self.outbox = Outbox()
        self._stopping = asyncio.Event()
        self._doubtful = 0  # records up to this number may have been sent before
        self._replayed = 0  # records up to this number waited for the present connection
        self._kept_at = 0.0
        self._broker, self._taker, self._desk, self._log, self._base = broker, taker, desk, log, base

    async def run(self) -> None:
        """Until `stop` or cancelled. A clean stop sends everything and says "stopped": a will is not sent then."""
        sorter = asyncio.create_task(self._sort())
        self.acknowledged = await self._desk.cursor(CURSOR)
        self._doubtful = await self._desk.last()
        attempt = 0
        try:
            while not self._stopping.is_set():
                try:
                    async with connection(self._broker, self._will()) as client:
                        attempt = 0
                        await self._serve(client)
                except aiomqtt.MqttError as error:
                    self.counts["disconnects"] += 1
                    pause_s = BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)] * random.uniform(0.8, 1.2)
                    self._log(f"broker {self._broker.url}: {error}; next attempt in {pause_s:.1f} s")
                    attempt += 1
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(pause_s):
                            await self._stopping.wait()
                finally:
                    self.connected.clear()
        finally:
            await end(sorter)

    async def stop(self) -> None:
        """Asks `run` to say farewell and end. Cancelling it ends it at once."""
        self._stopping.set()

    async def _serve(self, client: aiomqtt.Client) -> None:
        self.counts["connects"] += 1
        self._log(f"connected to broker {self._broker.url}")
        await self._publish(client, "bridge", "", b"running")
        self.outbox.connected()
        self._replayed = await self._desk.last()
        self.connected.set()
        work = (self._listen, self._send_records, self._send_retained, self._send_latest)
        tasks = [asyncio.create_task(each(client), name=each.__name__) for each in work]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            done, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await end(*tasks, stopping)
        with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._farewell(client)

    async def _farewell(self, client: aiomqtt.Client) -> None:
        for update in self._taker.get_all():
            self.outbox.put(update)
        with contextlib.suppress(TimeoutError):  # a long backlog is for the next start; "stopped" has to be said now
            async with asyncio.timeout(DRAIN_S):
                while await self._send_some(client):
                    pass
        await self._desk.move_cursor(CURSOR, self.acknowledged)
        for kind, pump in self.outbox.retained:
            payload = b"offline" if kind == "availability" else self.outbox.retained[kind, pump]
            await self._publish(client, kind, pump, payload)
        await self._publish(client, "bridge", "", b"stopped")

    def _will(self) -> aiomqtt.Will:
        topic = TOPICS["bridge"]
        return aiomqtt.Will(topic.path.format(base=self._base), b"dead", topic.qos, topic.retained)

    async def _sort(self) -> None:
        while True:
            self.outbox.put(await self._taker.get())

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for _ in client.messages:
            self.counts["received"] += 1

    async def _send_records(self, client: aiomqtt.Client) -> None:
        while True:
            if not await self._send_some(client):
                async with self._desk.grown:
                    if await self._desk.last() <= self.acknowledged:
                        await self._desk.grown.wait()

    async def _send_some(self, client: aiomqtt.Client) -> bool:
        """What the journal has after the cursor; True if there was something. The cursor follows the broker's word."""
        entries = await self._desk.after(self.acknowledged, READ_MAX)
        rest = list(entries)
        while rest:
            batch = replay.head(rest)
            kind, payload = replay.message(batch, self._replayed, self._doubtful)
            self._doubtful = max(self._doubtful, batch[-1].id)
            await self._publish(client, kind, batch[0].record.pump, payloads.dump(payload))
            self.acknowledged = batch[-1].id
            self.counts["records"] += len(batch)
            del rest[: len(batch)]
            now = asyncio.get_running_loop().time()
            if now - self._kept_at > CURSOR_S:
                self._kept_at = now
                await self._desk.move_cursor(CURSOR, self.acknowledged)
        return bool(entries)

    async def _send_retained(self, client: aiomqtt.Client) -> None:
        while True:
            await self.outbox.has_changes.wait()
            self.outbox.has_changes.clear()
            while key := self.outbox.next_change():
                await self._publish(client, *key, self.outbox.retained[key])

    async def _send_latest(self, client: aiomqtt.Client) -> None:
        while True:
            await asyncio.sleep(STATE_S)
            for (kind, pump), payload in self.outbox.take_latest():
                await self._publish(client, kind, pump, payloads.dump(payload))

    async def _publish(self, client: aiomqtt.Client, kind: str, pump: str, payload: bytes) -> None:
        topic = TOPICS[kind]
        path = topic.path.format(base=self._base, pump=pump)
        await client.publish(path, payload, qos=topic.qos, retain=topic.retained)
        self.counts["published"] += 1
