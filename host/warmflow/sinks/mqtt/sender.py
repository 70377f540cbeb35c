"""One message to the broker: made to fit, or left out, said once. A message that cannot go holds up no other.

It knows no kind of topic. What it learns of a broker (what is refused, what breaks the connection) outlasts a
connection; what the CONNACK says does not.
"""

import asyncio
import logging
from collections.abc import Callable

import aiomqtt

from warmflow.api.topic_names import TopicName
from warmflow.runtime.logs import toned
from warmflow.runtime.text import printable
from warmflow.sinks.mqtt.client import (
    ConnectionEnded,
    Protocol,
    Refused,
    answered,
    limits,
    properties,
    publish,
)
from warmflow.sinks.mqtt.left_out import LeftOut, LeftOutTopics
from warmflow.sinks.mqtt.library_fixes import is_lost
from warmflow.sinks.mqtt.limits import Limits, Message
from warmflow.sinks.mqtt.suspects import Convicted, Suspects

# a DISCONNECT for these reasons is not about a message: unavailable, busy, shutting down, keepalive, taken over,
# administrative action, another server, connection rate, connect time
NOT_OF_A_MESSAGE = {0x88, 0x89, 0x8B, 0x8D, 0x8E, 0x98, 0x9C, 0x9D, 0x9F, 0xA0}
SIZE_TO_BLAME_BYTES = 1000  # a broker that does not take so little is of no use
PACKET_TOO_LARGE = 0x95
SAID_MAX = 1000  # whoever asks chooses where the answer goes


class NotSent(Exception):
    """The broker does not take this message; it may take others. The text is for a person."""


class TooLarge(NotSent):
    """The broker takes no packet of this size; it may take a smaller one."""


class Sender:
    """`begin` each connection; `send`; `ended` when it is over."""

    def __init__(self, url: str, log: Callable[[str], None], now_s: Callable[[], float]) -> None:
        self.left_out = LeftOutTopics()
        self._url, self._log, self._now_s = url, log, now_s
        self._suspects = Suspects()
        self._one_suspect = asyncio.Lock()
        self._learned = Limits()  # of a broker that hangs up in place of saying it
        self._largest_taken = 0
        self._took_retained = self._took_qos = False  # whether this broker has acknowledged such a message
        self._client: aiomqtt.Client | None = None
        self._limits, self._protocol = Limits(), "5"
        self._said: set[str] = set()

    def begin(self, client: aiomqtt.Client, protocol: Protocol) -> None:
        """A new connection."""
        self._client, self._protocol = client, protocol
        self._one_suspect = asyncio.Lock()
        self.left_out.try_refused()
        said = limits(client)
        self._limits = Limits(
            min((each for each in (said.packet_bytes, self._learned.packet_bytes) if each), default=None),
            min(said.qos, self._learned.qos),
            said.retain and self._learned.retain,
            said.wildcards,
            said.in_flight,
        )
        for line in self._limits.lines():
            self.say(line, f"broker {self._url} {line}")

    @property
    def limits(self) -> Limits:
        return self._limits

    async def send(self, message: Message, timeout: float | None = None) -> None:
        """Returns when the broker has it. Raises NotSent; aiomqtt.MqttError where the connection is over."""
        topic, size = message.topic, message.packet_bytes
        if len(self.left_out) and (held := self.left_out.get(topic, size, self._now_s())):
            raise (NotSent if held.size is None else TooLarge)(held.why)
        message = self._limits.fitted(message)
        if why := self._limits.too_large(message):
            self._leave_out(message, why, sized=True)
        if self._suspects.must_go_alone(topic, size):
            async with self._one_suspect:
                await self._publish(message, size, timeout, alone=True)
        else:
            await self._publish(message, size, timeout)
        if self.left_out.works(topic):
            self._said.discard(topic)
            self._log(f"broker {self._url} takes {topic} again")

    def ended(self, error: aiomqtt.MqttError) -> str:
        """The connection is over: what is learned of it, in words for a person; "" if nothing is."""
        how = error.how if isinstance(error, ConnectionEnded) else None
        hung_up = how is not None and not (how.by_broker and how.code in NOT_OF_A_MESSAGE) and "Keep" not in how.name
        convicted = self._suspects.lost(hung_up)
        return self._convict(convicted, str(error)) if convicted else ""

    async def _publish(self, message: Message, size: int, timeout: float | None, alone: bool = False) -> None:
        client, topic = self._client, message.topic
        if client is None or is_lost(client):  # what was not sent is not to blame
            raise aiomqtt.MqttError("not connected")
        extra = None
        number = self._suspects.sent(topic, size, message.qos, alone)
        try:
            if self._protocol == "5":
                extra = properties(message.content, message.expires_s, message.correlation)
            await publish(client, topic, message.payload, message.qos, message.retain, extra, timeout)
            if message.qos == 0 and (alone or not self._limits.qos):
                await answered(client)
        except Refused as error:
            self._acknowledged(number, topic, size)
            if error.code == PACKET_TOO_LARGE:
                self._learn_size(size)
                self._leave_out(message, f"{error.reason} at {size} bytes", sized=True)
            self._leave_out(message, f"{error.reason}: see its ACL and quotas")
        except (ValueError, TypeError) as error:  # of the client library: this message cannot be one
            self._suspects.dropped(number)
            self._leave_out(message, f"it cannot be sent: {error!r}")
        if message.qos or alone or not self._limits.qos:
            self._acknowledged(number, topic, size)
            self._largest_taken = max(self._largest_taken, size)
            self._took_retained |= message.retain
            self._took_qos |= message.qos > 0

    def _acknowledged(self, number: int, topic: TopicName, size: int) -> None:
        self._suspects.acknowledged(number, topic, size)
        self._suspects.passed(number)

    def _leave_out(self, message: Message, why: str, *, sized: bool = False) -> None:
        size = message.packet_bytes if sized else None
        if self.left_out.add(message.topic, LeftOut(why, size), self._now_s()):
            self.say(message.topic, f"broker {self._url}: {message.topic} is left out: {why}")
        raise TooLarge(why) if sized else NotSent(why)

    def _learn_size(self, too_large: int) -> int:
        most = max(self._largest_taken, too_large // 2)
        self._learned = self._learned._replace(packet_bytes=most)
        self._limits = self._limits._replace(packet_bytes=min(self._limits.packet_bytes or most, most))
        return most

    def _convict(self, found: Convicted, how: str) -> str:
        """The limit that explains it, if there is one, else the topic is left out."""
        learned, what = self._learned, f"broker {self._url} breaks the connection at {found.topic} ({how})"
        if found.size > max(SIZE_TO_BLAME_BYTES, self._largest_taken):
            most = self._learn_size(found.size)
            return f"{what}: {found.size} bytes seem too large; packets are limited to {most} bytes from now on"
        if learned.retain and not self._took_retained:
            self._learned = learned._replace(retain=False)
            return f"{what}: it seems to keep no retained messages, so none are from now on"
        if learned.qos and not self._took_qos:
            self._learned = learned._replace(qos=0, retain=True)
            return f"{what}: the broker seems to support QoS 0 only, which is used from now on"
        # neither was it: the topic itself is not taken
        self._learned = learned._replace(retain=learned.retain or not self._took_retained, qos=learned.qos or 1)
        self.left_out.add(found.topic, LeftOut(f"it breaks the connection: {how}", None, lasting=True), self._now_s())
        return f"{what}: that topic is left out"

    def say(self, about: str, line: str) -> None:
        """Once about each thing."""
        if about not in self._said:
            if len(self._said) >= SAID_MAX:
                self._said.clear()
            self._said.add(about)
            if not line.startswith("broker"):
                line = f"broker {self._url}: {line}"
            toned(self._log, logging.WARNING)(printable(line))
