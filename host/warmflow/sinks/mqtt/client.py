"""An aiomqtt connection for one attempt, safe to cancel at any moment. Knows brokers, and no topics.

What aiomqtt 2.5 leaves undone is mended here, and nowhere else:
- Cancelled while it connects, it leaves a future behind whose callback prints a traceback: a connect that has begun is
  let end before the cancellation goes on.
- A broker that closes the connection in place of a CONNACK is waited for until the timeout: here that is an error.
- A publish that an MQTT 5 broker refuses (an ACL, a quota) counts as acknowledged: with `publish` it is an error, so
  that nothing is taken for delivered that is not.
- A failed attempt keeps its socket.
- A broker may take fewer messages at once than the library sends, as its CONNACK says (Receive Maximum), and hangs up
  then: here it gets no more.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, Literal

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from warmflow.sinks.mqtt.broker import Broker
from warmflow.sinks.mqtt.broker.connect_errors import CLOSED

TIMEOUT_S = 10.0
IN_FLIGHT = 20  # messages that wait for the broker's word at the same time, as mosquitto has it
PENDING = 4 * IN_FLIGHT  # calls that wait; the library warns of more
REFUSAL = 0x80  # reason codes from here on are refusals
VERSION_REFUSED = {1, 132}  # of a CONNACK: 3.1.1's word for it, and 5's
Protocol = Literal["5", "3.1.1"]


class Refused(aiomqtt.MqttError):
    """The broker does not take what we publish."""


class NotThisProtocol(aiomqtt.MqttError):
    """The broker does not speak this version, or hung up when it heard it; the text is the broker's."""


@asynccontextmanager
async def connection(
    broker: Broker, will: aiomqtt.Will | None = None, protocol: Protocol | None = None
) -> AsyncIterator[aiomqtt.Client]:
    """A connected client. `protocol`: default: the broker's.

    Raises aiomqtt.MqttError if the broker can not be reached, or goes away; of this kind is NotThisProtocol.
    """
    heard = _Heard("mqtt")
    client = _client(broker, will, protocol or broker.protocol, heard)
    _mend(client, heard)
    connecting = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(connecting)
    except asyncio.CancelledError:
        with contextlib.suppress(aiomqtt.MqttError, ValueError):
            await connecting
            await client.__aexit__(None, None, None)
        raise
    except aiomqtt.MqttError as error:
        _hang_up(client)
        code = getattr(error, "rc", None)
        hung_up = str(error).startswith(CLOSED) and "SSL" not in str(error)
        if hung_up or getattr(code, "value", code) in VERSION_REFUSED:
            raise NotThisProtocol(str(error)) from None
        raise
    except ValueError as error:  # of what TLS can not use
        raise aiomqtt.MqttError(str(error)) from None
    try:
        yield client
    finally:
        await client.__aexit__(None, None, None)


async def publish(
    client: aiomqtt.Client,
    topic: str,
    payload: bytes,
    qos: int,
    retain: bool,
    extra: Properties | None,
    timeout: float | None = None,
) -> None:
    """Publishes; returns when the broker has taken it. timeout: math.inf where the caller has one, which costs less
    than one for each message.

    Raises aiomqtt.MqttError; of this kind is Refused, if an MQTT 5 broker has refused something on this topic.
    """
    await client.publish(topic, payload, qos=qos, retain=retain, properties=extra, timeout=timeout)
    if isinstance(client._logger, _Heard) and (reason := client._logger.refused.pop(topic, None)):
        raise Refused(f"{reason}: {topic}")


@lru_cache(maxsize=64)
def properties(content: str, expires_s: int | None, correlation: bytes | None = None) -> Properties:
    """Of a PUBLISH in MQTT 5. Kept, for most messages have the same: do not change one."""
    found = _Packed()
    values: dict[str, Any] = {
        "ContentType": content,
        "PayloadFormatIndicator": 1,
        "MessageExpiryInterval": expires_s,
        "CorrelationData": correlation,
    }
    for name, value in values.items():
        if value is not None:
            setattr(found, name, value)
    return found.sealed()


async def subscribe(client: aiomqtt.Client, topics: list[tuple[str, bool]], protocol: Protocol) -> list[str]:
    """Subscribes with QoS 1; the topics that the broker does not grant.

    topics: each with whether a live message of it shall say that it is retained, which MQTT 5 alone can do.
    """
    if protocol == "5":
        options = [(topic, SubscribeOptions(qos=1, retainAsPublished=kept)) for topic, kept in topics]
        granted = await client.subscribe(options)
    else:
        granted = await client.subscribe([(topic, 1) for topic, _ in topics])
    codes = [code if isinstance(code, int) else code.value for code in granted]
    return [topic for (topic, _), code in zip(topics, codes, strict=False) if code >= REFUSAL]


class _Packed(Properties):
    """Of a PUBLISH; once sealed its bytes are made no more: that was a sixth of what a message costs."""

    def __init__(self) -> None:
        super().__init__(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]

    def sealed(self) -> "_Packed":
        packed = super().pack()  # type: ignore[no-untyped-call]
        object.__setattr__(self, "pack", lambda: packed)
        return self


class _Heard(logging.Logger):
    """Keeps what the client library reports as an error: its exceptions do not hold it. All else goes its way."""

    last = ""

    def __init__(self, name: str) -> None:
        super().__init__(name, logging.WARNING)  # below it the library tells of every packet
        self.refused: dict[str, str] = {}  # topics on which the broker has refused a message, and why

    def handle(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.last = record.getMessage()
        elif record.levelno >= logging.WARNING:
            logging.getLogger(self.name).handle(record)


def _client(broker: Broker, will: aiomqtt.Will | None, protocol: Protocol, logger: logging.Logger) -> aiomqtt.Client:
    tls = aiomqtt.TLSParameters(
        ca_certs=str(broker.ca_file) if broker.ca_file else None,
        certfile=str(broker.cert_file) if broker.cert_file else None,
        keyfile=str(broker.key_file) if broker.key_file else None,
        keyfile_password="",  # else OpenSSL would ask for it on the terminal
    )
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        protocol=aiomqtt.ProtocolVersion.V5 if protocol == "5" else aiomqtt.ProtocolVersion.V311,
        tls_params=tls if broker.tls else None,
        will=will,
        # a ping goes out after this, and its answer may take as long again: within keepalive_s in all
        keepalive=max(1, (broker.keepalive_s - 1) // 2),
        timeout=TIMEOUT_S,
        max_inflight_messages=IN_FLIGHT,
        logger=logger,
    )


def _mend(client: aiomqtt.Client, heard: _Heard) -> None:
    inner = client._client
    client.pending_calls_threshold = PENDING
    connected, disconnected = client._on_connect, client._on_disconnect
    published, publish_it = client._on_publish, inner.publish
    on_their_way: dict[int, str] = {}

    def on_connect(paho: Any, data: Any, flags: Any, reason: Any, props: Any = None) -> None:
        # its setter refuses a connection that stands: this one has sent nothing yet, and each has a client of its own
        paho._max_inflight_messages = min(IN_FLIGHT, getattr(props, "ReceiveMaximum", IN_FLIGHT))
        connected(paho, data, flags, reason, props)

    def on_disconnect(paho: Any, data: Any, flags: Any, reason: Any, props: Any = None) -> None:
        if not client._connected.done():
            why = f"{CLOSED}: {heard.last}" if heard.last else CLOSED
            client._connected.set_exception(aiomqtt.MqttError(why))
        disconnected(paho, data, flags, reason, props)

    def on_publish(paho: Any, data: Any, mid: int, reason: Any, props: Any) -> None:
        topic = on_their_way.pop(mid, "")
        if reason.value >= REFUSAL:
            heard.refused[topic] = str(reason)
        published(paho, data, mid, reason, props)

    def send(topic: str, *arguments: Any, **options: Any) -> Any:
        info = publish_it(topic, *arguments, **options)
        if not info.rc and not info.is_published():  # of one that failed it may not be asked
            on_their_way[info.mid] = topic
        return info

    inner.on_connect = on_connect
    inner.on_disconnect = on_disconnect
    inner.on_publish = on_publish
    inner.publish = send  # type: ignore[method-assign]


def _hang_up(client: aiomqtt.Client) -> None:
    inner = client._client
    with contextlib.suppress(Exception):
        inner.on_disconnect = None
        inner.disconnect()
        inner._sock_close()
