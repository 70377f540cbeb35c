"""An aiomqtt connection for one attempt, safe to cancel at any moment. Knows brokers, and no topics.

Cancelled while it connects, aiomqtt leaves a future behind whose callback prints a traceback: a connect that has begun
is let end before the cancellation goes on. A failed attempt keeps its socket: it is closed here. What else the library
leaves undone is in `library_fixes`.
"""

import asyncio
import contextlib
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
from warmflow.sinks.mqtt.library_fixes import REFUSAL, SENT_AS, Disconnect, LibraryLog, forget_loss, is_lost, mend
from warmflow.sinks.mqtt.limits import IN_FLIGHT, Limits

TIMEOUT_S = 10.0
PACKET_MAX_BYTES = 262_144  # no broker that speaks MQTT 5 sends us more; the list of 500 pumps is smaller
VERSION_REFUSED = {1, 132}  # of a CONNACK: 3.1.1's word for it, and 5's
Protocol = Literal["5", "3.1.1"]


class Refused(aiomqtt.MqttError):
    """The broker does not take this message; `code` and `reason` are its own."""

    def __init__(self, code: int, reason: str, topic: str) -> None:
        super().__init__(f"{reason}: {topic}")
        self.code, self.reason = code, reason


class ConnectionEnded(aiomqtt.MqttError):
    """A connection that stood has ended."""

    def __init__(self, how: Disconnect) -> None:
        super().__init__(f"closed the connection: {how.name} (0x{how.code:02X})" if how.by_broker else how.name)
        self.how = how


class NotThisProtocol(aiomqtt.MqttError):
    """The broker does not speak this version, or hung up when it heard it; the text is the broker's. `said`: it said
    that it does not.
    """

    def __init__(self, text: str, *, said: bool) -> None:
        super().__init__(text)
        self.said = said


@asynccontextmanager
async def connection(
    broker: Broker, will: aiomqtt.Will | None = None, protocol: Protocol | None = None
) -> AsyncIterator[aiomqtt.Client]:
    """A connected client. `protocol`: default: the broker's.

    Raises aiomqtt.MqttError if the broker cannot be reached, or goes away; of this kind are NotThisProtocol and
    ConnectionEnded.
    """
    log = LibraryLog("mqtt")
    client = _client(broker, will, protocol or broker.protocol, log)
    mend(client, log)
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
        said = getattr(code, "value", code) in VERSION_REFUSED
        if hung_up or said:
            raise NotThisProtocol(str(error), said=said) from None
        raise
    except ValueError as error:  # of what TLS cannot use
        raise aiomqtt.MqttError(str(error)) from None
    finally:
        forget_loss(client)
    try:
        yield client
    except Refused:
        raise
    except aiomqtt.MqttError:
        if log.disconnect is None:
            raise
        raise ConnectionEnded(log.disconnect) from None
    finally:
        with contextlib.suppress(aiomqtt.MqttError):
            await client.__aexit__(None, None, None)
        forget_loss(client)


def limits(client: aiomqtt.Client) -> Limits:
    """What the broker of this connection takes, as it says."""
    return client._logger.limits if isinstance(client._logger, LibraryLog) else Limits()


def unreadable(client: aiomqtt.Client) -> int:
    """Messages of this connection that were left out."""
    return client._logger.unreadable if isinstance(client._logger, LibraryLog) else 0


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

    Raises aiomqtt.MqttError; of this kind is Refused, if an MQTT 5 broker has refused it.
    """
    await client.publish(topic, payload, qos=qos, retain=retain, properties=extra, timeout=timeout)
    if (task := asyncio.current_task()) and task.cancelling():
        raise asyncio.CancelledError  # `wait_for` of Python 3.11, with which aiomqtt waits, swallows one at times
    if isinstance(client._logger, LibraryLog) and (reason := client._logger.refused.pop(SENT_AS.get(), None)):
        raise Refused(*reason, topic)
    if is_lost(client):
        raise aiomqtt.MqttError("the connection was lost")


async def answered(client: aiomqtt.Client) -> None:
    """Returns when the broker has taken all that was published before: its answer to a question comes after that.

    Raises aiomqtt.MqttError.
    """
    await client.unsubscribe("warmflow/nothing")
    if is_lost(client):
        raise aiomqtt.MqttError("the connection was lost")


def properties(content: str, expires_s: int | None, correlation: bytes | None = None) -> Properties:
    """Of a PUBLISH in MQTT 5: do not change them, for most messages have the same."""
    if correlation is None:
        return _properties_of_ours(content, expires_s)
    return _packed(content, expires_s, correlation)


async def subscribe(
    client: aiomqtt.Client, topics: list[tuple[str, bool]], protocol: Protocol, others_only: bool = False
) -> list[str]:
    """Subscribes with QoS 1; the topics that the broker does not grant.

    topics: each with whether a live message of it shall say that it is retained, which MQTT 5 alone can do; as it alone
    can leave out what we publish ourselves (`others_only`).
    """
    if not topics:
        return []
    if protocol == "5":
        options = [
            (topic, SubscribeOptions(qos=1, retainAsPublished=kept, noLocal=others_only)) for topic, kept in topics
        ]
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


def _packed(content: str, expires_s: int | None, correlation: bytes | None) -> Properties:
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


@lru_cache(maxsize=64)  # none for topics that other clients choose: they would displace those of warmflow
def _properties_of_ours(content: str, expires_s: int | None) -> Properties:
    return _packed(content, expires_s, None)


def _client(broker: Broker, will: aiomqtt.Will | None, protocol: Protocol, log: LibraryLog) -> aiomqtt.Client:
    tls = aiomqtt.TLSParameters(
        ca_certs=str(broker.ca_file) if broker.ca_file else None,
        certfile=str(broker.cert_file) if broker.cert_file else None,
        keyfile=str(broker.key_file) if broker.key_file else None,
        keyfile_password="",  # else OpenSSL would ask for it on the terminal
    )
    connect = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    connect.MaximumPacketSize = PACKET_MAX_BYTES
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
        properties=connect if protocol == "5" else None,
        logger=log,
    )


def _hang_up(client: aiomqtt.Client) -> None:
    inner = client._client
    with contextlib.suppress(Exception):
        inner.on_disconnect = None
        inner.disconnect()
        inner._sock_close()
