"""Topics that the broker does not take: why, and when they are tried again. Pure; times are of one steady clock."""

from typing import NamedTuple

from warmflow.api.topic_names import TopicName

AGAIN_S = 30.0  # a refused topic is tried again: somebody may have changed the access list
LASTING_S = 600.0  # one that breaks the connection
TOPICS_MAX = 1000  # whoever asks chooses where the answer goes


class LeftOut(NamedTuple):
    """Why a topic is left out. size: it is left out for messages of this size and more; None: for all.

    lasting: trying again costs the connection.
    """

    why: str
    size: int | None = None
    lasting: bool = False


class LeftOutTopics:
    """By name. A topic that is tried again stays in the list until it works."""

    def __init__(self) -> None:
        self._topics: dict[TopicName, tuple[LeftOut, float]] = {}

    def __len__(self) -> int:
        return len(self._topics)

    def add(self, topic: TopicName, left_out: LeftOut, now_s: float) -> bool:
        """True if this is new."""
        known = self._topics.get(topic)
        if known is None and len(self._topics) >= TOPICS_MAX:
            del self._topics[next(iter(self._topics))]
        self._topics[topic] = left_out, now_s + (LASTING_S if left_out.lasting else AGAIN_S)
        return known is None or (known[0].size is None) != (left_out.size is None)

    def get(self, topic: TopicName, size: int, now_s: float) -> LeftOut | None:
        """Why a message of this size is not sent now."""
        known = self._topics.get(topic)
        if known is None or now_s >= known[1] or (known[0].size is not None and size < known[0].size):
            return None
        return known[0]

    def works(self, topic: TopicName) -> bool:
        """A message got through; True if the topic was left out as a whole."""
        known = self._topics.pop(topic, None)
        return known is not None and known[0].size is None

    def try_refused(self) -> None:
        """A new connection: what was refused may be allowed now."""
        for topic, (left_out, _) in self._topics.items():
            if not left_out.lasting:
                self._topics[topic] = left_out, 0.0

    def shown(self, limit: int = 3) -> str:
        """Some of them, with the reasons."""
        first = [f"{topic}: {left_out.why}" for topic, (left_out, _) in list(self._topics.items())[:limit]]
        more = len(self._topics) - len(first)
        return "; ".join(first) + (f"; and {more} more" if more > 0 else "")
