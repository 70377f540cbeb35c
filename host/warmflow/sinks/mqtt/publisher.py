"""The MQTT sink: state for people at once, every record with QoS 1, and a broker that may go away.

Records are read from the journal through a cursor that moves when the broker has acknowledged them, so an outage is
replayed in order while live state and alarms go past it. A new client for each connection (aiomqtt 2 asks for it); one
task always listens, so that a lost broker is noticed without a publish.
"""

import asyncio
import contextlib
import logging
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import TypeVar

import aiomqtt

from warmflow.api import payloads
from warmflow.api.topics import TOPICS, path
from warmflow.hub import PumpUpdate, UpdateQueue
from warmflow.journal.async_journal import AsyncJournal
from warmflow.runtime.backoff import pause_s
from warmflow.runtime.json_bytes import dump
from warmflow.runtime.logs import Entry as LogEntry
from warmflow.runtime.logs import toned
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.bridge_topics import PumpListTopics
from warmflow.sinks.mqtt.broker import Broker
from warmflow.sinks.mqtt.broker.connect_errors import why
from warmflow.sinks.mqtt.client import (
    IN_FLIGHT,
    TIMEOUT_S,
    NotThisProtocol,
    Protocol,
    Refused,
    connection,
    properties,
    publish,
    subscribe,
)
from warmflow.sinks.mqtt.incoming import IncomingMessages
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.outbox import Key, News, Outbox
from warmflow.sinks.mqtt.record_messages import kind_and_payload
from warmflow.sinks.record_batches import Batch
from warmflow.sinks.record_stream import Deliver, NotAcknowledged, RecordStream
from warmflow.sinks.sink import Figure, Sink

STATE_S = 0.2
SIDE_BY_SIDE = 8  # retained topics at once: one by one those of a hundred pumps take ten seconds
LATEST_MAX = 25  # states, diagnoses and truths in STATE_S, of all pumps together
REFRESH_S = 1.0  # the list of pumps, and what follows from it
LAND_S = 0.2  # at a stop, for the broker's word on what is in flight
DRAIN_S = 0.4
FAREWELL_S = 2.0
GRACE_S = 30.0  # a broker that restarts is no failure
BACKOFF_S = (0.2, 30.0)
STEADY_S = 10.0  # a connection that lasted so long was a good one
OWN_AREA = "mqtt"
T = TypeVar("T")
REFUSED_MAX = 1000  # topics that are remembered as refused: whoever asks chooses where the answer goes
OLDER = "speaks MQTT 3.1.1 only: no message expiry, content type or response topic"


class MqttSink(Sink):
    """Run `run()` as a task, `stop()` it, and give it time for its farewell."""

    name, peer = "mqtt", "broker"

    def __init__(
        self,
        broker: Broker,
        subscriber: UpdateQueue,
        async_journal: AsyncJournal,
        log: Callable[[str], None],
        base: str = "warmflow",
        contract: PublisherOptions | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.connected = asyncio.Event()
        self.left_s = time.monotonic()  # when the last connection ended
        self.protocol: Protocol = broker.protocol
        self.trouble = ""  # why the broker can not be reached, "" if it is
        self.outbox = Outbox()
        self.contract = contract or PublisherOptions()
        self.incoming = IncomingMessages(base, self.contract, self.outbox, log)
        self._pump_list_topics = PumpListTopics(base, self.contract, self.outbox, self.incoming)
        self._stopping = asyncio.Event()
        self.records = RecordStream(async_journal, self.name, IN_FLIGHT, TIMEOUT_S)
        self._refused: set[str] = set()
        self._untaken: set[tuple[str, str]] = set()  # kinds of updates and of errors that have been said
        self._dropped = 0  # news that were said to be dropped
        self._broker, self._subscriber, self._log, self._base = broker, subscriber, log, base

    async def run(self) -> None:
        """Until `stop` or cancelled. A clean stop sends everything and says "stopped": a will is not sent then."""
        sorter = asyncio.create_task(self._sort())
        await self.records.begin()
        if self._broker.protocol == "3.1.1" and self._broker.kind == "iotcore":
            self._log(f"broker {self._broker.url} {OLDER}")
        attempt = 0
        try:
            while not self._stopping.is_set():
                began = asyncio.get_running_loop().time()
                try:
                    await self._live()
                except aiomqtt.MqttError as error:
                    steady = self.connected.is_set() and asyncio.get_running_loop().time() - began > STEADY_S
                    attempt = 0 if steady else attempt
                    self._left()
                    await self._lost(error, attempt)
                    attempt += 1
                finally:
                    self._left()
        finally:
            await end(sorter)

    async def stop(self) -> None:
        self._stopping.set()

    async def ready(self) -> None:
        await self.connected.wait()

    def durable(self) -> RecordStream:
        return self.records

    def failure(self) -> str:
        away_s = 0.0 if self.connected.is_set() else time.monotonic() - self.left_s
        if away_s <= GRACE_S:
            return ""
        return f"{self._broker.url}: {self.trouble or 'not connected'}, for {away_s:.0f} s"

    def figures(self) -> Iterator[Figure]:
        yield Figure("warmflow_mqtt_connected", self.connected.is_set())
        for what, count in self.counts.items():
            yield Figure("warmflow_mqtt_events", count, (what,))
        yield Figure("warmflow_mqtt_lag_records", self.records.lag)
        yield Figure("warmflow_mqtt_news_dropped", self.outbox.news_dropped)

    def publish_again(self) -> None:
        self.outbox.everything_again()

    def known_pumps(self) -> list[str]:
        return self.incoming.known()

    def forget_pump(self, pump: str) -> list[str]:
        return self.incoming.forget(pump)

    def log(self, entry: LogEntry) -> None:
        """A line for `bridge/log`; not one of our own, which would make the next one."""
        if entry.area != OWN_AREA:
            self.outbox.enqueue(News("log", payloads.log_line(entry)))

    async def _live(self) -> None:
        """One connection; with the older protocol where the broker knows no other."""
        try:
            async with connection(self._broker, self._will(), self.protocol) as client:
                await self._serve(client)
        except NotThisProtocol as error:
            if self.protocol == "3.1.1":
                raise
            # if the older one does not help either, it was something else: the newer one stays the first choice
            async with connection(self._broker, self._will(), "3.1.1") as client:
                self._log(f"broker {self._broker.url} {OLDER} ({error})")
                self.protocol = "3.1.1"
                await self._serve(client)

    def _left(self) -> None:
        if self.connected.is_set():
            self.left_s = time.monotonic()
            self.connected.clear()

    async def _lost(self, error: aiomqtt.MqttError, attempt: int) -> None:
        self.counts["disconnects"] += 1
        refused = isinstance(error, Refused)  # a topic, not the user: the words for a login would mislead
        self.trouble = f"refuses what we publish ({error}): see its ACL" if refused else why(error, self._broker)
        pause = pause_s(attempt, *BACKOFF_S)
        toned(self._log, logging.WARNING)(f"broker {self._broker.url}: {self.trouble}; next attempt in {pause:.1f} s")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._stopping.wait()

    async def _serve(self, client: aiomqtt.Client) -> None:
        self.counts["connects"] += 1
        self.trouble = ""
        await self._subscribe(client)  # first: what the broker has kept is heard before it is overwritten
        self.outbox.retain("bridge", "", b"running")
        self.outbox.retain("info", "", dump(self.contract.info(self.protocol)))
        await self._publish(client, "bridge", "", b"running")
        self._log(f"connected to broker {self._broker.url}")
        self._say_dropped()
        self.outbox.everything_again()
        self.outbox.happened(payloads.connected_event(self.counts["connects"], self.protocol, self.contract.clock()))
        await self.records.connected()
        self.connected.set()
        work = (self._listen, self._send_records, self._send_retained, self._send_latest, self._send_news, self._look)
        tasks = [asyncio.create_task(each(client), name=each.__name__) for each in work]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            done, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAND_S):
                    await self.records.leave(DRAIN_S)
        finally:
            await end(*tasks, stopping)
        with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._farewell(client)

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        refused = await subscribe(client, self.incoming.topics(), self.protocol)
        if refused:
            self._log(f"broker {self._broker.url} does not let us read {', '.join(refused)}: see its ACL")

    async def _farewell(self, client: aiomqtt.Client) -> None:
        for update in self._subscriber.get_all():
            self._take(update)
        with contextlib.suppress(TimeoutError):  # a long backlog is for the next start; "stopped" has to be said now
            async with asyncio.timeout(DRAIN_S + LAND_S):
                while await self._acknowledged(self.records.send_some(self._deliver(client))):
                    pass
        await self.records.store_cursor()
        for pump in self.outbox.pumps():
            await self._publish(client, "availability", pump, b"offline")
        self._pump_list_topics.look()
        for (kind, name), payload in self.outbox.next_changes(sys.maxsize):
            if kind not in ("availability", "bridge"):
                await self._publish(client, kind, name, payload)
        await self._publish(client, "bridge", "", b"stopped")

    def _will(self) -> aiomqtt.Will:
        topic = TOPICS["bridge"]
        return aiomqtt.Will(path("bridge", self._base), b"dead", topic.qos, topic.retained)

    async def _sort(self) -> None:
        while True:
            self._take(await self._subscriber.get())

    def _take(self, update: PumpUpdate) -> None:
        try:
            self.outbox.on_update(update)
        except Exception as error:  # one update that can not be told must not keep the others back
            kind = (type(update).__name__, type(error).__name__)
            if kind not in self._untaken:
                self._untaken.add(kind)
                log = toned(self._log, logging.ERROR)
                log(f"a {kind[0]} can not be published, and others like it are left out in silence: {error!r}")

    def _say_dropped(self) -> None:
        if more := self.outbox.news_dropped - self._dropped:
            self._dropped += more
            log = toned(self._log, logging.WARNING)
            log(f"{more} log lines and events were dropped, for the broker did not take them; all records are kept")

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            self.counts["received"] += 1
            self.incoming.on_message(message)

    async def _send_records(self, client: aiomqtt.Client) -> None:
        await self._acknowledged(self.records.follow(self._deliver(client)))

    def _deliver(self, client: aiomqtt.Client) -> Deliver:
        async def deliver(batch: Batch) -> None:
            kind, payload = kind_and_payload(batch)
            await self._publish(client, kind, batch.pump, dump(payload), timeout=math.inf)
            self.counts["records"] += len(batch.records)

        return deliver

    async def _acknowledged(self, sending: Coroutine[None, None, T]) -> T:
        """A broker that does not acknowledge is one that is away."""
        try:
            return await sending
        except NotAcknowledged as error:
            raise aiomqtt.MqttError(str(error)) from None

    async def _send_retained(self, client: aiomqtt.Client) -> None:
        while True:
            await self.outbox.has_changes.wait()
            self.outbox.has_changes.clear()
            while changes := self.outbox.next_changes(SIDE_BY_SIDE):
                await asyncio.gather(*(self._send_change(client, *change) for change in changes))

    async def _send_change(self, client: aiomqtt.Client, key: Key, payload: bytes) -> None:
        try:
            await self._publish(client, *key, payload)
        except BaseException:
            self.outbox.failed(key)
            raise

    async def _send_latest(self, client: aiomqtt.Client) -> None:
        while True:
            await asyncio.sleep(STATE_S)
            for key, payload in self.outbox.take_latest(LATEST_MAX):
                if self.outbox.still(key, payload):
                    await self._publish(client, *key, payload)

    async def _send_news(self, client: aiomqtt.Client) -> None:
        while True:
            await self.outbox.has_news.wait()
            self.outbox.has_news.clear()
            while self.outbox.news:
                news = self.outbox.news.popleft()
                try:
                    payload = dump(news.payload)
                    await self._publish(client, news.kind, news.name, payload, news.topic, news.correlation)
                except Refused as error:  # sent again it would be refused again, and hold up all behind it
                    where = news.topic or path(news.kind, self._base, self.contract.prefix, news.name)
                    self._say_refused(where, f"does not let us publish, so it is dropped: {error}")
                except BaseException:
                    self.outbox.news.appendleft(news)
                    self.outbox.has_news.set()
                    raise

    async def _look(self, client: aiomqtt.Client) -> None:
        while True:
            self._pump_list_topics.look()
            await asyncio.sleep(REFRESH_S)

    async def _publish(
        self,
        client: aiomqtt.Client,
        kind: str,
        name: str,
        payload: bytes,
        topic: str | None = None,
        correlation: bytes | None = None,
        timeout: float | None = None,
    ) -> None:
        row = TOPICS[kind]
        where = topic or path(kind, self._base, self.contract.prefix, name)
        extra = properties(row.content, row.expires_s, correlation) if self.protocol == "5" else None
        try:
            await publish(client, where, payload, row.qos, row.retained, extra, timeout)
        except Refused as error:
            if kind != "discovery":
                raise
            self._say_refused(where, f"does not let us announce a pump to Home Assistant: {error}")
        self.counts["published"] += 1

    def _say_refused(self, topic: str, text: str) -> None:
        """Once for each topic: all else goes on."""
        if topic not in self._refused:
            if len(self._refused) >= REFUSED_MAX:
                self._refused.clear()
            self._refused.add(topic)
            toned(self._log, logging.WARNING)(f"broker {self._broker.url} {text}")
