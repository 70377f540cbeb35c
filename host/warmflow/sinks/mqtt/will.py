"""The last will: the broker publishes it for a daemon that breaks off. Some brokers refuse one that is retained, or of
QoS 1, and with it the connection; they get one that they take.
"""

from collections.abc import Iterator

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from warmflow.api.topics import TOPICS, path

RETAIN_NOT_SUPPORTED = 0x9A
QOS_NOT_SUPPORTED = 0x9B


def will_refused(error: Exception) -> bool:
    """Whether a CONNACK has refused the will, and not us."""
    return _code(error) in (RETAIN_NOT_SUPPORTED, QOS_NOT_SUPPORTED)


class Will:
    """What the next connection is opened with."""

    def __init__(self) -> None:
        row = TOPICS["bridge"]
        self._qos, self._retain = row.qos, row.retained
        self._others = self._variants()

    def of(self, base: str) -> aiomqtt.Will:
        return aiomqtt.Will(path("bridge", base), b"dead", self._qos, self._retain)

    def refused(self, error: Exception) -> None:
        """The next one has what the broker does not take left out."""
        if _code(error) == RETAIN_NOT_SUPPORTED:
            self._retain = False
        else:
            self._qos = 0

    def try_another(self) -> None:
        """For a broker that hangs up without a word: in turn."""
        self._qos, self._retain = next(self._others)

    @staticmethod
    def _variants() -> Iterator[tuple[int, bool]]:
        while True:
            yield from ((1, False), (0, True), (0, False), (1, True))


def _code(error: Exception) -> int | None:
    code = getattr(error, "rc", None)
    return getattr(code, "value", code) if isinstance(error, MqttConnectError) else None
