"""What aiomqtt 2.5 and paho-mqtt 2 leave undone is mended here, and nowhere else. Knows no topic.

- A broker that closes the connection in place of a CONNACK is waited for until the timeout: here that is an error.
- A publish that an MQTT 5 broker refuses (an ACL, a quota) counts as acknowledged: its reason is kept here.
- Reason codes that MQTT does not foresee for a PUBACK, as mosquitto's 0x95 of message_size_limit, break the connection:
  here they are read.
- A broker may take fewer messages at once than the library sends (Receive Maximum): here it gets no more.
- A message that the library cannot read breaks the connection, and a flood fills the memory: here both are counted.
- A message under way when the connection is lost is waited for until the timeout: here it ends at once.
- A socket that is closed at a bad moment, and a loss that nobody asks for, print tracebacks: here they do not.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, NamedTuple

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from warmflow.sinks.mqtt.broker.connect_errors import CLOSED
from warmflow.sinks.mqtt.limits import IN_FLIGHT, Limits, from_connack

PENDING = 4 * IN_FLIGHT  # calls that wait; the library warns of more
RECEIVED_MAX = 10_000  # messages that wait to be looked at
REFUSAL = 0x80  # reason codes from here on are refusals
REFUSABLE = [PacketTypes.CONNACK, PacketTypes.PUBACK, PacketTypes.SUBACK, PacketTypes.UNSUBACK, PacketTypes.DISCONNECT]

SENT_AS: ContextVar[int] = ContextVar("SENT_AS")  # number of the message that this task has sent last


class Disconnect(NamedTuple):
    """How a connection ended. by_broker: it sent a DISCONNECT, which has a code and a name."""

    code: int
    name: str
    by_broker: bool


class LibraryLog(logging.Logger):
    """The log of one client. It keeps what the library reports as an error, whose exceptions do not hold it; what the
    broker said is kept beside it. Warnings go on to the log of the area.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, logging.WARNING)  # below it the library tells of every packet
        self.last = ""
        self.limits = Limits()
        self.refused: dict[int, tuple[int, str]] = {}  # by number of the message: code and name
        self.disconnect: Disconnect | None = None
        self.unreadable = 0  # messages that were left out, unreadable or too many

    def handle(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.last = record.getMessage()
        elif record.levelno >= logging.WARNING:
            logging.getLogger(self.name).handle(record)


class _Loop:
    """The event loop as the library uses it. A socket may be closed before it is registered: the loss is noticed
    elsewhere, and needs no traceback.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.call_soon_threadsafe = loop.call_soon_threadsafe

    def add_reader(self, fd: int, callback: Callable[[], None]) -> None:
        self._guarded(self._loop.add_reader, fd, callback)

    def add_writer(self, fd: int, callback: Callable[[], None]) -> None:
        self._guarded(self._loop.add_writer, fd, callback)

    def remove_reader(self, fd: int) -> None:
        self._guarded(self._loop.remove_reader, fd)

    def remove_writer(self, fd: int) -> None:
        self._guarded(self._loop.remove_writer, fd)

    def create_task(self, work: Any) -> asyncio.Task[Any]:
        task = self._loop.create_task(work)
        task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return task

    @staticmethod
    def _guarded(register: Callable[..., Any], *arguments: Any) -> None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            register(*arguments)


def mend(client: aiomqtt.Client, log: LibraryLog) -> None:
    """Before it connects."""
    inner = client._client
    client.pending_calls_threshold = PENDING
    client._loop = _Loop(client._loop)  # type: ignore[assignment]
    connected, disconnected, received = client._on_connect, client._on_disconnect, client._on_message
    published, publish_it = client._on_publish, inner.publish

    def on_connect(paho: Any, data: Any, flags: Any, reason: Any, props: Any = None) -> None:
        log.limits = from_connack(props)
        # its setter refuses a connection that stands: this one has sent nothing yet, and each has a client of its own
        paho._max_inflight_messages = log.limits.in_flight
        connected(paho, data, flags, reason, props)

    def on_disconnect(paho: Any, data: Any, flags: Any, reason: Any, props: Any = None) -> None:
        if not client._connected.done():
            why = f"{CLOSED}: {log.last}" if log.last else CLOSED
            client._connected.set_exception(aiomqtt.MqttError(why))
        log.disconnect = log.disconnect or Disconnect(reason.value, str(reason), flags.is_disconnect_packet_from_server)
        disconnected(paho, data, flags, reason, props)
        for waiting in (*client._pending_publishes.values(), *client._pending_unsubscribes.values()):
            waiting.set()  # they would wait for their timeout: who waits looks at `is_lost` then
        for granted in client._pending_subscribes.values():
            if not granted.done():
                granted.set_exception(aiomqtt.MqttError("the connection was lost"))

    def on_message(paho: Any, data: Any, message: Any) -> None:
        try:
            if client._queue.qsize() < RECEIVED_MAX:
                received(paho, data, message)
                return
        except Exception:  # a topic that is none, for one: a broker may pass on what it should not
            log.last = "a message could not be read"
        log.unreadable += 1

    def on_publish(paho: Any, data: Any, mid: int, reason: Any, props: Any) -> None:
        if reason.value >= REFUSAL:
            log.refused[mid] = reason.value, f"{reason} (0x{reason.value:02X})"
        published(paho, data, mid, reason, props)

    def send(topic: str, *arguments: Any, **options: Any) -> Any:
        info = publish_it(topic, *arguments, **options)
        SENT_AS.set(info.mid)
        return info

    inner.on_connect = on_connect
    inner.on_disconnect = on_disconnect
    inner.on_message = on_message
    inner.on_publish = on_publish
    inner.publish = send  # type: ignore[method-assign]


def is_lost(client: aiomqtt.Client) -> bool:
    """Whether the connection has ended: what was not acknowledged before will not be."""
    return client._disconnected.done()


def forget_loss(client: aiomqtt.Client) -> None:
    """Nobody has to ask for it any more: asyncio would print it as an exception that was never retrieved."""
    for future in (client._connected, client._disconnected):
        if future.done() and not future.cancelled():
            future.exception()


def _read_every_refusal() -> None:
    names = {code: dict(of_code) for code, of_code in ReasonCode.names.items()}
    for code, of_code in names.items():
        if code >= REFUSAL:
            missing = [kind for kind in REFUSABLE if not any(kind in kinds for kinds in of_code.values())]
            first = next(iter(of_code))
            of_code[first] = [*of_code[first], *missing]
    ReasonCode.names = MappingProxyType(names)


_read_every_refusal()
