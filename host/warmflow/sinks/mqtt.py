"""The MQTT sink: state for people at once, every record with QoS 1, and a broker that may go away.

Only when the broker has acknowledged a record is the board told that it may forget it. A new client for each connection
(aiomqtt 2 asks for it); one task always listens, so that a lost broker is noticed without a publish.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable

import aiomqtt

from warmflow.broker import Broker
from warmflow.hub import Gap, Taker
from warmflow.mqtt_client import connection
from warmflow.session import Boot
from warmflow.sinks import payloads
from warmflow.sinks.outbox import Outbox
from warmflow.sinks.topics import TOPICS
from warmflow.tasks import end

BATCH_S = 0.2  # a reading waits so long for company: with the way to the broker it stays within 250 ms
STATE_S = 0.2
FAREWELL_S = 2.0
BACKOFF_S = (0.2, 0.5, 1, 2, 5, 10, 30)


class MqttSink:
    """Run `run()` as a task. `safe` is called with boot and sequence when the broker has a record."""

    def __init__(
        self,
        broker: Broker,
        taker: Taker,
        safe: Callable[[str, Boot, int], None],
        log: Callable[[str], None],
        base: str = "warmflow",
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.connected = asyncio.Event()
        self.outbox = Outbox()
        self._stopping = asyncio.Event()
        self._broker, self._taker, self._safe, self._log, self._base = broker, taker, safe, log, base

    async def run(self) -> None:
        """Until `stop` or cancelled. A clean stop sends everything and says "stopped": a will is not sent then."""
        sorter = asyncio.create_task(self._sort())
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
        while await self._send_batch(client):
            pass
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
            await self.outbox.has_records.wait()
            self.outbox.has_records.clear()
            await asyncio.sleep(BATCH_S)
            while await self._send_batch(client):
                pass

    async def _send_batch(self, client: aiomqtt.Client) -> bool:
        """One message of records; True if there was one. They leave when the broker has them."""
        batch = self.outbox.batch()
        if not batch:
            return False
        kind, payload = self.outbox.sending(batch)
        await self._publish(client, kind, batch[0].pump, payload)
        self.outbox.sent(batch)
        last = batch[-1]
        if not isinstance(last, Gap):
            self._safe(last.pump, last.boot, last.message.sequence)
        return True

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
