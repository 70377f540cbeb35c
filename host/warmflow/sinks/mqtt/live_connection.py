"""The tasks of one connection: what is received, and what goes out of each queue. Each queue has a task of its own, so
that none waits for another. It ends when the connection does.
"""

import asyncio
import contextlib
import logging
import math
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiomqtt

from warmflow.api.topic_names import TopicError
from warmflow.api.topics import TOPICS, path
from warmflow.runtime.json_bytes import dump
from warmflow.runtime.logs import toned
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.client import Protocol, unreadable
from warmflow.sinks.mqtt.incoming import IncomingMessages
from warmflow.sinks.mqtt.info_message import info_message
from warmflow.sinks.mqtt.limits import Message
from warmflow.sinks.mqtt.news import AnswerQueue
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.outbox import Key, Outbox
from warmflow.sinks.mqtt.pump_list import PumpListTopics
from warmflow.sinks.mqtt.record_messages import kind_and_payload
from warmflow.sinks.mqtt.sender import NotSent, Sender, TooLarge
from warmflow.sinks.record_batches import Batch
from warmflow.sinks.record_stream import HeldBack, NotAcknowledged, RecordStream

STATE_S = 0.2
SIDE_BY_SIDE = 8  # retained topics at once: one by one those of a hundred pumps take ten seconds
LATEST_MAX = 25  # states, diagnoses and truths in STATE_S, of all pumps together
REFRESH_S = 1.0  # the list of pumps, and what follows from it
AGAIN_S = 5.0  # a retained topic that was left out is tried again
LAND_S = 0.2  # at a stop, for the acknowledgement of what is in flight
DRAIN_S = 0.4


class LiveConnection:
    """`run()` it; `farewell()` at a clean stop. `sender` has begun with this client."""

    def __init__(
        self,
        client: aiomqtt.Client,
        protocol: Protocol,
        base: str,
        contract: PublisherOptions,
        sender: Sender,
        outbox: Outbox,
        answers: AnswerQueue,
        incoming: IncomingMessages,
        pump_list: PumpListTopics,
        records: RecordStream,
        counts: Counter[str],
        log: Callable[[str], None],
    ) -> None:
        self._client, self._protocol, self._base, self._contract = client, protocol, base, contract
        self._sender, self._outbox, self._answers, self._incoming = sender, outbox, answers, incoming
        self._pump_list, self._records, self.counts, self._log = pump_list, records, counts, log
        self._not_sent: dict[Key, None] = {}  # retained topics that were left out
        self._look_again = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping` is set. Raises aiomqtt.MqttError when the connection is lost."""
        work = (
            self._receive, self._send_records, self._send_retained, self._send_latest, self._send_news,
            self._send_answers, self._look,
        )  # fmt: skip
        tasks = [asyncio.create_task(each(), name=each.__name__) for each in work]
        stop = asyncio.create_task(stopping.wait())
        try:
            done, _ = await asyncio.wait({*tasks, stop}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAND_S):
                    await self._records.leave(DRAIN_S)
        finally:
            await end(*tasks, stop)

    def retain_info(self) -> None:
        """`bridge/info`, as far as the broker takes it."""
        topic = path("info", self._base)
        payload, why = info_message(self._contract.info(self._protocol), self._base, self._sender.limits)
        self._outbox.retain("info", "", payload)
        if why:
            self._sender.say(topic, f"{topic} {why}")

    async def publish(self, kind: str, name: str, payload: bytes) -> None:
        """Raises NotSent, for a name that is none as well; aiomqtt.MqttError when the connection is lost."""
        try:
            message = self._message(kind, name, payload)
        except TopicError as error:
            raise NotSent(str(error)) from None
        await self._sender.send(message)
        self.counts["published"] += 1

    def _message(self, kind: str, name: str, payload: bytes) -> Message:
        """Raises TopicError."""
        row = TOPICS[kind]
        topic = path(kind, self._base, self._contract.prefix, name)
        return Message(topic, payload, row.qos, row.retained, row.content, row.expires_s)

    async def farewell(self) -> None:
        """What waits, then that the daemon has stopped. Raises aiomqtt.MqttError."""
        with contextlib.suppress(TimeoutError, NotAcknowledged):  # a long backlog is for the next start
            async with asyncio.timeout(DRAIN_S + LAND_S):
                while await self._records.send_some(self._deliver):
                    pass
        await self._records.store_cursor()
        for pump in self._outbox.pumps():
            await self._try("availability", pump, b"offline")
        self._pump_list.look()
        for (kind, name), payload in self._outbox.next_changes(sys.maxsize):
            if kind not in ("availability", "bridge"):
                await self._try(kind, name, payload)
        await self._try("bridge", "", b"stopped")

    async def _try(self, kind: str, name: str, payload: bytes) -> None:
        """What cannot be sent has been said, and holds up nothing."""
        with contextlib.suppress(NotSent):
            await self.publish(kind, name, payload)

    async def _receive(self) -> None:
        async for message in self._client.messages:
            self.counts["received"] += 1
            self._incoming.on_message(message, echo=self._protocol != "5")

    async def _send_records(self) -> None:
        try:
            await self._records.follow(self._deliver)
        except NotAcknowledged as error:  # a broker that does not acknowledge is one that is away
            raise aiomqtt.MqttError(str(error)) from None

    async def _deliver(self, batch: Batch) -> None:
        """Raises HeldBack, where the broker does not take it now."""
        try:
            kind, payload = kind_and_payload(batch)
            whole = self._message(kind, batch.pump, dump(payload))
        except Exception as error:  # a pump's name that is no part of a topic, or a damaged row
            if len(batch.records) > 1:
                await self._deliver_halves(batch)
            else:
                self._say_once("records left out", f"records of {batch.pump!a} cannot be published: {error}")
            return
        if len(batch.records) > 1 and self._sender.limits.too_large(whole):
            await self._deliver_halves(batch)
            return
        try:
            await self._sender.send(whole, math.inf)
        except TooLarge as error:
            if len(batch.records) == 1:
                raise HeldBack(str(error)) from None
            await self._deliver_halves(batch)
            return
        except NotSent as error:
            raise HeldBack(str(error)) from None
        self._records.answered()
        self.counts["published"] += 1
        self.counts["records"] += len(batch.records)

    async def _deliver_halves(self, batch: Batch) -> None:
        half = len(batch.records) // 2
        for records in (batch.records[:half], batch.records[half:]):
            await self._deliver(batch._replace(records=records))

    def _say_once(self, counted_as: str, text: str) -> None:
        if not self.counts[counted_as]:
            toned(self._log, logging.ERROR)(f"{text}: similar messages are left out and counted")
        self.counts[counted_as] += 1

    def _encoded(self, payload: Any) -> bytes | None:
        """JSON; None for what cannot be: it costs itself."""
        try:
            return dump(payload)
        except Exception as error:
            self._say_once("payloads left out", f"a {type(payload).__name__} cannot be published: {error!r}")
            return None

    async def _send_retained(self) -> None:
        while True:
            await self._outbox.has_changes.wait()
            self._outbox.has_changes.clear()
            while changes := self._outbox.next_changes(SIDE_BY_SIDE):
                await asyncio.gather(*(self._send_change(*change) for change in changes))

    async def _send_change(self, key: Key, payload: bytes) -> None:
        try:
            await self.publish(*key, payload)
        except TooLarge:
            self._left_out(key)
            if key[0] == "info":
                self.retain_info()
        except NotSent:
            self._left_out(key)
        except BaseException:
            self._outbox.failed(key)
            raise
        else:
            self._not_sent.pop(key, None)

    def _left_out(self, key: Key) -> None:
        self._outbox.failed(key)
        self._not_sent[key] = None

    async def _send_latest(self) -> None:
        while True:
            await asyncio.sleep(STATE_S)
            for key, payload in self._outbox.take_latest(LATEST_MAX):
                if self._outbox.still(key, payload):
                    await self._try(*key, payload)

    async def _send_news(self) -> None:
        queue = self._outbox.news
        while True:
            await queue.waiting.wait()
            queue.waiting.clear()
            while news := queue.get():
                if (payload := self._encoded(news.payload)) is None:
                    continue
                try:
                    await self._try(news.kind, news.name, payload)
                except BaseException:
                    queue.put_back(news)
                    raise

    async def _send_answers(self) -> None:
        """One by one; one that fails is not sent again, whatever the reason."""
        row = TOPICS["response"]
        while True:
            await self._answers.waiting.wait()
            self._answers.waiting.clear()
            while reply := self._answers.get():
                if (payload := self._encoded(reply.payload)) is None:
                    continue
                message = Message(
                    reply.topic, payload, row.qos, row.retained, row.content, row.expires_s, reply.correlation
                )
                try:
                    with contextlib.suppress(NotSent):
                        await self._sender.send(message)
                        self.counts["published"] += 1
                except BaseException:
                    if not reply.topic.startswith(f"{self._base}/"):  # on our own topics it is not the asker's choice
                        self._answers.lost(reply)
                    raise
                self._answers.sent(reply)

    async def _look(self) -> None:
        while True:
            try:
                self._incoming.settle()
                self._pump_list.look()
            except Exception as error:  # of one pump, perhaps: the other topics do not need the list
                self._say_once("lists left out", f"the list of pumps cannot be published: {error!r}")
            self.counts["unreadable"] = max(self.counts["unreadable"], unreadable(self._client) + self._incoming.bad)
            await asyncio.sleep(REFRESH_S)
            self._look_again += REFRESH_S
            if self._not_sent and self._look_again >= AGAIN_S:
                self._look_again = 0.0
                for key in self._not_sent:
                    self._outbox.again(*key)
                self._not_sent.clear()
