"""What a broker takes, as it says in its CONNACK, and a message made to fit. Pure.

Topic aliases: none are used, so that every maximum fits. Receive Maximum bounds the messages in flight.
Ref: MQTT 5, 3.2.2.3 (CONNACK properties).
"""

from typing import Any, NamedTuple

from warmflow.api.topic_names import TopicName
from warmflow.api.topics import JSON

IN_FLIGHT = 20  # messages that wait for the broker's acknowledgement at the same time, as mosquitto has it
HEADERS_BYTES = 64  # at most: fixed header, packet identifier, and properties but for the content's and the asker's


class Message(NamedTuple):
    """One PUBLISH."""

    topic: TopicName
    payload: bytes
    qos: int
    retain: bool
    content: str = JSON
    expires_s: int | None = None
    correlation: bytes | None = None

    @property
    def packet_bytes(self) -> int:
        """Size of its packet, at most."""
        texts = len(self.topic.encode()) + len(self.content) + len(self.correlation or b"")
        return HEADERS_BYTES + texts + len(self.payload)


class Limits(NamedTuple):
    """The defaults are those of MQTT 5; a broker of 3.1.1 does not say."""

    packet_bytes: int | None = None
    qos: int = 1  # more than 1 is not used
    retain: bool = True
    wildcards: bool = True
    in_flight: int = IN_FLIGHT

    def fitted(self, message: Message) -> Message:
        """With a quality of service and a retain flag that the broker takes."""
        if message.qos <= self.qos and (self.retain or not message.retain):
            return message
        return message._replace(qos=min(message.qos, self.qos), retain=message.retain and self.retain)

    def too_large(self, message: Message) -> str:
        """Why the broker would not take its packet, "" if it would."""
        size = message.packet_bytes
        if self.packet_bytes is None or size <= self.packet_bytes:
            return ""
        return f"its {size} bytes exceed the broker's limit of {self.packet_bytes} (0x95, packet too large)"

    def lines(self) -> list[str]:
        """What is missing with this broker, in words."""
        return [
            *(
                ["supports no retained messages (0x9A): a later subscriber gets a topic only at its next change"]
                if not self.retain
                else []
            ),
            *(
                ["supports QoS 0 only (0x9B): each message is followed by a request that confirms its arrival"]
                if not self.qos
                else []
            ),
            *(
                ["allows no wildcards: retained topics of an earlier run are not corrected"]
                if not self.wildcards
                else []
            ),
        ]


def from_connack(properties: Any) -> Limits:
    """`properties`: of the client library, or None."""

    def says(name: str, otherwise: Any) -> Any:
        return getattr(properties, name, otherwise)

    return Limits(
        packet_bytes=says("MaximumPacketSize", None),
        qos=min(1, says("MaximumQoS", 1)),
        retain=bool(says("RetainAvailable", 1)),
        wildcards=bool(says("WildcardSubscriptionAvailable", 1)),
        in_flight=min(IN_FLIGHT, says("ReceiveMaximum", IN_FLIGHT)),
    )
