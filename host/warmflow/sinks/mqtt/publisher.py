"""The MQTT sink: one connection after another, and what the daemon asks of a sink.

Records are read from the journal through a cursor that moves when the broker has acknowledged them, so an outage is
replayed in order while live state and alarms go past it. A new client for each connection (aiomqtt 2 asks for it); one
task always listens, so that a lost broker is noticed without a publish.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator

import aiomqtt

from warmflow.api import payloads
from warmflow.hub import PumpUpdate, UpdateQueue
from warmflow.journal.async_journal import AsyncJournal
from warmflow.journal.faults import Fault, JournalError
from warmflow.runtime.backoff import pause_s
from warmflow.runtime.logs import Entry as LogEntry
from warmflow.runtime.logs import toned
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker import Broker
from warmflow.sinks.mqtt.broker.connect_errors import why
from warmflow.sinks.mqtt.client import TIMEOUT_S, NotThisProtocol, Protocol, connection, subscribe
from warmflow.sinks.mqtt.incoming import IncomingMessages
from warmflow.sinks.mqtt.limits import IN_FLIGHT
from warmflow.sinks.mqtt.live_connection import LiveConnection
from warmflow.sinks.mqtt.news import AnswerQueue, News
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.outbox import Outbox
from warmflow.sinks.mqtt.protocol_choice import ProtocolChoice
from warmflow.sinks.mqtt.pump_list import PumpListTopics
from warmflow.sinks.mqtt.sender import NotSent, Sender
from warmflow.sinks.mqtt.will import Will, will_refused
from warmflow.sinks.record_stream import RecordStream
from warmflow.sinks.sink import Figure, Sink

FAREWELL_S = 2.0
GRACE_S = 30.0  # a broker that restarts is no failure
WATCH_S = 1.0  # how often the age of what waits is looked at
BACKOFF_S = (0.2, 30.0)
STEADY_S = 10.0  # a connection that lasted so long was a good one
NO_JOURNAL_LEFT = (Fault.DAMAGED, Fault.FOREIGN)  # a person has to salvage it, or to restore a backup
OWN_AREA = "mqtt"
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
        self._choice = ProtocolChoice(broker.protocol)
        self.trouble = ""  # why the broker cannot be reached, "" if it is
        self.outbox, self.answers = Outbox(), AnswerQueue()
        self.contract = contract or PublisherOptions()
        self.incoming = IncomingMessages(base, self.contract, self.outbox, self.answers, log, time.monotonic)
        self.sender = Sender(broker.url, log, time.monotonic)
        self.records = RecordStream(async_journal, self.name, IN_FLIGHT, TIMEOUT_S)
        self._pump_list = PumpListTopics(base, self.contract, self.outbox, self.incoming)
        self._stopping = asyncio.Event()
        self._will = Will()
        self._untaken: set[tuple[str, str]] = set()  # kinds of updates and of errors that have been said
        self._dropped = 0  # dropped news that were already reported
        self._broker, self._subscriber, self._log, self._base = broker, subscriber, log, base

    async def run(self) -> None:
        """Until `stop` or cancelled. A clean stop sends everything and says "stopped": a will is not sent then."""
        helpers = [asyncio.create_task(self._sort()), asyncio.create_task(self._watch_age())]
        await self.records.begin()
        if self._broker.protocol == "3.1.1" and self._broker.kind == "iotcore":
            self._log(f"broker {self._broker.url} {OLDER}")
        attempt = 0
        try:
            while not self._stopping.is_set():
                began = asyncio.get_running_loop().time()
                try:
                    await self._live()
                except Exception as error:  # the daemon goes on, unless it has no journal
                    if isinstance(error, JournalError) and error.fault in NO_JOURNAL_LEFT:
                        raise
                    learned = self._learned(error)
                    steady = self.connected.is_set() and asyncio.get_running_loop().time() - began > STEADY_S
                    attempt = 0 if steady or learned else attempt
                    self._choice.ended(steady=steady)
                    self._left()
                    await self._lost(error, attempt)
                    attempt += 1
                finally:
                    self._left()
        finally:
            await end(*helpers)

    @property
    def protocol(self) -> Protocol:
        """The version of MQTT that is in use, or tried next."""
        return self._choice.now

    async def stop(self) -> None:
        self._stopping.set()

    async def ready(self) -> None:
        await self.connected.wait()

    def durable(self) -> RecordStream:
        return self.records

    def failure(self) -> str:
        away_s = 0.0 if self.connected.is_set() else time.monotonic() - self.left_s
        if away_s > GRACE_S:
            return f"{self._broker.url}: {self.trouble or 'not connected'}, for {away_s:.0f} s"
        waiting_s = self.records.oldest_waiting_s()
        if waiting_s <= GRACE_S:
            return ""
        cause = self.sender.left_out.shown() or self.trouble or "the broker is too slow"
        return (
            f"{self._broker.url}: the oldest of {self.records.lag} records that it does not have is {waiting_s:.0f} s "
            f"old: {cause}"
        )

    def warnings(self) -> Iterator[str]:
        if line := self.incoming.warning():
            yield line
        if left_out := self.sender.left_out.shown():
            yield f"{self._broker.url} refuses {len(self.sender.left_out)} topics: {left_out}"

    def figures(self) -> Iterator[Figure]:
        yield Figure("warmflow_mqtt_connected", self.connected.is_set())
        for what, count in self.counts.items():
            yield Figure("warmflow_mqtt_events", count, (what,))
        yield Figure("warmflow_mqtt_lag_records", self.records.lag)
        yield Figure("warmflow_mqtt_news_dropped", self.outbox.news.dropped)

    def publish_again(self) -> None:
        self.outbox.everything_again()

    def known_pumps(self) -> list[str]:
        return self.incoming.known()

    def forget_pump(self, pump: str) -> list[str]:
        return self.incoming.forget(pump)

    def log(self, entry: LogEntry) -> None:
        """A line for `bridge/log`; not one of our own, which would make the next one."""
        if entry.area != OWN_AREA:
            self.outbox.news.enqueue(News("log", payloads.log_line(entry)))

    async def _live(self) -> None:
        """One connection; with the older protocol where the broker knows no other."""
        try:
            async with connection(self._broker, self._will.of(self._base), self.protocol) as client:
                self._choice.accepted(self.protocol)
                await self._serve(client)
        except NotThisProtocol as error:
            if self.protocol == "3.1.1":
                self._will.try_another()  # this version has no way to say what is wrong with it
            if not self._choice.wants_older(error):
                raise
            # if the older one does not help either, it was something else: the newer one stays the first choice
            async with connection(self._broker, self._will.of(self._base), "3.1.1") as client:
                self._choice.accepted("3.1.1")
                self._log(f"broker {self._broker.url} {OLDER} ({error})")
                await self._serve(client)

    def _left(self) -> None:
        if self.connected.is_set():
            self.left_s = time.monotonic()
            self.connected.clear()

    def _learned(self, error: Exception) -> bool:
        """Whether the next attempt will differ from this one."""
        if will_refused(error):
            self._will.refused(error)
            return True
        line = self.sender.ended(error) if isinstance(error, aiomqtt.MqttError) else ""
        if line:
            toned(self._log, logging.WARNING)(line)
        return bool(line)

    async def _lost(self, error: Exception, attempt: int) -> None:
        self.counts["disconnects"] += 1
        ours = not isinstance(error, aiomqtt.MqttError | OSError)
        self.trouble = f"a fault of warmflow: {error!r}" if ours else why(error, self._broker)
        pause = pause_s(attempt, *BACKOFF_S)
        tone = logging.ERROR if ours else logging.WARNING
        toned(self._log, tone)(f"broker {self._broker.url}: {self.trouble}; next attempt in {pause:.1f} s")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._stopping.wait()

    async def _serve(self, client: aiomqtt.Client) -> None:
        self.counts["connects"] += 1
        self.trouble = ""
        self.sender.begin(client, self.protocol)
        self.incoming.left_behind.connected(time.monotonic())
        await self._subscribe(client)  # first: what the broker has kept is heard before it is overwritten
        live = LiveConnection(
            client, self.protocol, self._base, self.contract, self.sender, self.outbox, self.answers, self.incoming,
            self._pump_list, self.records, self.counts, self._log,
        )  # fmt: skip
        self.outbox.retain("bridge", "", b"running")
        live.retain_info()
        with contextlib.suppress(NotSent):
            await live.publish("bridge", "", b"running")
        self._log(f"connected to broker {self._broker.url}")
        self._say_dropped()
        self.outbox.everything_again()
        self.outbox.happened(payloads.connected_event(self.counts["connects"], self.protocol, self.contract.clock()))
        await self.records.connected()
        self.connected.set()
        await live.run(self._stopping)
        with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                for update in self._subscriber.get_all():
                    self._take(update)
                await live.farewell()

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        wildcards = self.sender.limits.wildcards
        refused = await subscribe(client, self.incoming.topics(wildcards=wildcards), self.protocol)
        refused += await subscribe(
            client, self.incoming.own_topics(wildcards=wildcards), self.protocol, others_only=True
        )
        if refused:
            self._log(f"broker {self._broker.url} does not let us read {', '.join(refused)}: see its ACL")

    async def _sort(self) -> None:
        while True:
            self._take(await self._subscriber.get())

    async def _watch_age(self) -> None:
        while True:
            self.records.oldest_waiting_s()
            await asyncio.sleep(WATCH_S)

    def _take(self, update: PumpUpdate) -> None:
        try:
            self.outbox.on_update(update)
        except Exception as error:  # one update that cannot be told must not keep the others back
            kind = (type(update).__name__, type(error).__name__)
            if kind not in self._untaken:
                self._untaken.add(kind)
                log = toned(self._log, logging.ERROR)
                log(f"a {kind[0]} cannot be published; similar ones are left out without a message: {error!r}")

    def _say_dropped(self) -> None:
        if more := self.outbox.news.dropped - self._dropped:
            self._dropped += more
            log = toned(self._log, logging.WARNING)
            log(f"{more} log lines and events were dropped because the broker was too slow; no records were lost")
