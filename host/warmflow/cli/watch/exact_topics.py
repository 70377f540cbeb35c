"""For a broker that gives no stored messages to wildcards, as RabbitMQ: the topics of each listed pump by name. Pure.

`bridge/pumps` has no wildcard, so its stored list comes from every broker. If no pump of the list has sent anything
that was stored, the wildcards have brought none.
"""

from warmflow.alarms.catalogue import ALARMS
from warmflow.api import payloads
from warmflow.api.topic_names import TopicError
from warmflow.api.topics import TOPICS, path
from warmflow.cli.watch.model import PUMPS_MAX

LIMIT = "this broker gives no stored messages to wildcards: each pump was asked for by name"
KINDS = ("state", "status", "availability")


class ExactTopics:
    """Of one connection: feed it each message before the model."""

    def __init__(self, base: str) -> None:
        self.needed = False  # the broker is one of those
        self._base = base
        self._list = path("pumps", base)
        self._sent: set[str] = set()  # pumps of which something stored has come

    def on_message(self, topic: str, payload: bytes, stored: bool) -> list[tuple[str, int]]:
        """Topics to subscribe to, with their QoS; mostly none."""
        if not stored:
            return []
        if topic != self._list:
            self._sent.add(topic.removeprefix(f"{self._base}/").partition("/")[0])
            return []
        names = [entry.pump for entry in payloads.read_pumps(payload) if entry.pump][:PUMPS_MAX]
        if self.needed or not names or not self._sent.isdisjoint(names):
            return []
        self.needed = True
        return [topic for name in names for topic in self._of(name)]

    def _of(self, pump: str) -> list[tuple[str, int]]:
        wanted = [*((kind, pump) for kind in KINDS), *(("alarm", f"{pump}/{alarm}") for alarm in ALARMS)]
        try:
            return [(path(kind, self._base, name=name), TOPICS[kind].qos) for kind, name in wanted]
        except TopicError:  # of somebody who makes names up
            return []
