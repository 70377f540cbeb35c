"""Which message makes a broker close the connection. Pure.

Some brokers do not refuse a message: they hang up, and name no topic (MQTT 3.1.1 has no way to; RabbitMQ and AWS IoT do
so for what an access list forbids). A topic that was never acknowledged, at about this size, and was under way when the
connection broke is a suspect: it is sent alone after that. What breaks the connection while it is alone, twice, is
convicted. A topic that is acknowledged is cleared.
"""

from typing import NamedTuple

from warmflow.api.topic_names import TopicName

STRIKES = 2  # a broker that restarts at a bad moment breaks a connection, too
TOPICS_MAX = 10_000


class Convicted(NamedTuple):
    """The connection breaks whenever this is sent."""

    topic: TopicName
    size: int


class Suspect(NamedTuple):
    """scale: of the messages that may break the connection; strikes: how often it broke with this one alone."""

    scale: int
    strikes: int = 0


def scale(size: int) -> int:
    """Messages of one scale are taken for the same size."""
    return size.bit_length()


class Suspects:
    """Of one broker, over all connections to it."""

    def __init__(self) -> None:
        self._cleared: dict[TopicName, int] = {}  # scale up to which a topic was acknowledged
        self._suspected: dict[TopicName, Suspect] = {}
        self._under_way: dict[int, tuple[TopicName, int]] = {}  # by number of the sending; those that are not cleared
        self._unanswered: dict[int, tuple[TopicName, int]] = {}  # those of them that are not acknowledged (QoS 0)
        self._alone: int | None = None
        self._number = 0
        self._convictions = 0

    def must_go_alone(self, topic: TopicName, size: int) -> bool:
        """Whether this message has to wait until no other one that is not cleared is under way."""
        return bool(self._suspected) and not self._is_cleared(topic, size)

    def sent(self, topic: TopicName, size: int, qos: int, alone: bool = False) -> int:
        """A message goes out; its number."""
        self._number += 1
        if not self._is_cleared(topic, size):
            self._under_way[self._number] = topic, size
            if qos == 0:
                self._unanswered[self._number] = topic, size
        if alone:
            self._alone = self._number
        return self._number

    def acknowledged(self, number: int, topic: TopicName, size: int) -> None:
        """The broker has answered, if only with a refusal: this message breaks nothing."""
        if number == self._alone:
            self._alone = None
        self._under_way.pop(number, None)
        self._unanswered.pop(number, None)
        if not self._is_cleared(topic, size):
            if len(self._cleared) >= TOPICS_MAX:
                self._cleared.clear()
            self._cleared[topic] = scale(size)
            if topic in self._suspected and self._suspected[topic].scale <= scale(size):
                del self._suspected[topic]

    def passed(self, number: int) -> None:
        """The broker has answered this message, and so it has taken all without acknowledgement that went before it."""
        for earlier in [each for each in self._unanswered if each < number] if self._unanswered else ():
            self.acknowledged(earlier, *self._unanswered.pop(earlier))

    def dropped(self, number: int) -> None:
        """It was not sent after all."""
        self._under_way.pop(number, None)
        self._unanswered.pop(number, None)
        if number == self._alone:
            self._alone = None

    def lost(self, hung_up: bool) -> Convicted | None:
        """The connection is over. hung_up: by the broker, for no reason that has nothing to do with our messages."""
        under_way, alone = self._under_way, self._alone
        self._under_way, self._unanswered, self._alone = {}, {}, None
        if not hung_up:
            return None
        if alone is not None and list(under_way) == [alone]:
            topic, size = under_way[alone]
            strikes = self._suspected[topic].strikes + 1 if topic in self._suspected else 1
            self._suspected[topic] = Suspect(scale(size), strikes)
            if strikes >= (1 if self._convictions else STRIKES):
                del self._suspected[topic]
                self._convictions += 1
                return Convicted(topic, size)
            return None
        for topic, size in under_way.values():
            if len(self._suspected) < TOPICS_MAX:
                self._suspected.setdefault(topic, Suspect(scale(size)))
        return None

    def _is_cleared(self, topic: TopicName, size: int) -> bool:
        return scale(size) <= self._cleared.get(topic, 0)
