"""What is published once: events of alarms, other events, log lines, and answers to requests. No I/O.

Events of alarms are never dropped for others. Beyond a number of their own the oldest go, of the pump that has the most
of them, and a message says which; the journal has them all the same. Answers have a queue of their own, with a share
for each asker, so that they push out nothing else and stand before nothing else.
"""

import asyncio
from collections import Counter, deque
from datetime import UTC, datetime
from typing import NamedTuple

from warmflow.api import payloads
from warmflow.api.payloads import Payload
from warmflow.api.requests.dispatch import Answer
from warmflow.api.topic_names import TopicName

NEWS_MAX = 500
ALARM_EVENTS_MAX = 5000  # [chosen] of all pumps: 1 kB each; weeks of a pump whose alarms come and go
ANSWERS_MAX = 200
SHARE = 20  # answers that may wait for one asker
LOSSES_MAX = 3  # connections that may break, one after another, at answers to one asker
NEVER_DROPPED = "alarm_event"
EARLIEST = datetime.min.replace(tzinfo=UTC)


class News(NamedTuple):
    """Something that is published once."""

    kind: str
    payload: Payload
    name: str = ""
    at: datetime = EARLIEST  # of an event of an alarm


class _Lost(NamedTuple):
    """Events of one pump's alarms that were left out."""

    events: int
    first: datetime
    last: datetime


class NewsQueue:
    """Events and log lines. If nobody takes them the oldest go: log lines first, events of alarms for no others."""

    def __init__(self) -> None:
        self.waiting = asyncio.Event()
        self.dropped = 0
        self._gaps: deque[News] = deque()
        self._lost: dict[str, _Lost] = {}
        self._urgent: deque[News] = deque()
        self._urgent_of = Counter[str]()  # by pump
        self._events: deque[News] = deque()
        self._lines: deque[News] = deque()

    def __len__(self) -> int:
        return sum(map(len, (self._gaps, self._lost, self._urgent, self._events, self._lines)))

    def enqueue(self, news: News) -> None:
        queue = self._queue(news)
        if queue is not self._urgent and len(self._events) + len(self._lines) >= NEWS_MAX:
            self.dropped += 1
            if not self._lines and queue is self._lines:
                return
            (self._lines or self._events).popleft()
        queue.append(news)
        if queue is self._urgent:
            self._urgent_of[news.name] += 1
            if len(queue) > ALARM_EVENTS_MAX:
                self._leave_out_one()
        self.waiting.set()

    def get(self) -> News | None:
        """The next one: what was left out, events of alarms, then other events, then log lines."""
        if self._lost and not self._gaps:
            pump = next(iter(self._lost))
            self._gaps.append(News("bridge_event", payloads.alarm_gap_event(pump, *self._lost.pop(pump))))
        queues = (self._gaps, self._urgent, self._events, self._lines)
        news = next((queue.popleft() for queue in queues if queue), None)
        if news and news.kind == NEVER_DROPPED:
            self._urgent_of[news.name] -= 1
        return news

    def put_back(self, news: News) -> None:
        """It was not sent: it is the next one of its kind."""
        self._queue(news).appendleft(news)
        if news.kind == NEVER_DROPPED:
            self._urgent_of[news.name] += 1
        self.waiting.set()

    def _leave_out_one(self) -> None:
        """The oldest event of the pump that has the most: one whose alarms come and go pushes out its own."""
        [(pump, _)] = self._urgent_of.most_common(1)
        at = next(index for index, news in enumerate(self._urgent) if news.name == pump)
        news = self._urgent[at]
        del self._urgent[at]
        self._urgent_of[pump] -= 1
        self.dropped += 1
        old = self._lost.get(pump, _Lost(0, news.at, news.at))
        self._lost[pump] = _Lost(old.events + 1, old.first, news.at)

    def _queue(self, news: News) -> deque[News]:
        if isinstance(news.payload, payloads.AlarmGapEvent):
            return self._gaps
        return {NEVER_DROPPED: self._urgent, "log": self._lines}.get(news.kind, self._events)


class Reply(NamedTuple):
    """An answer on its way to whoever asked."""

    topic: TopicName
    payload: Answer
    correlation: bytes | None = None

    @property
    def asker(self) -> str:
        """Who asked, as far as MQTT tells: the first two levels of the topic that the answer goes to."""
        return "/".join(self.topic.split("/", 2)[:2])


class AnswerQueue:
    """Answers, in turn of their askers. Beyond an asker's share, and beyond the size of the queue, its oldest go. Whose
    answers break the connection gets no more of them.
    """

    def __init__(self) -> None:
        self.waiting = asyncio.Event()
        self.dropped = 0
        self._by_asker: dict[str, deque[Reply]] = {}
        self._losses: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_asker.values()))

    def enqueue(self, reply: Reply) -> None:
        if self._losses.get(reply.asker, 0) >= LOSSES_MAX:
            self.dropped += 1
            return
        own = self._by_asker.setdefault(reply.asker, deque())
        own.append(reply)
        if len(own) > SHARE:
            self._drop(reply.asker)
        elif len(self) > ANSWERS_MAX:
            self._drop(max(self._by_asker, key=lambda asker: len(self._by_asker[asker])))
        self.waiting.set()

    def get(self) -> Reply | None:
        """The oldest answer of the asker whose turn it is."""
        asker = next(iter(self._by_asker), None)
        if asker is None:
            return None
        own = self._by_asker.pop(asker)
        reply = own.popleft()
        if own:
            self._by_asker[asker] = own  # behind all others
        return reply

    def sent(self, reply: Reply) -> None:
        """The broker has answered this one, if only with a refusal."""
        self._losses.pop(reply.asker, None)

    def lost(self, reply: Reply) -> None:
        """The connection ended with this one under way. It is not sent again."""
        if len(self._losses) >= ANSWERS_MAX:
            del self._losses[next(iter(self._losses))]
        self._losses[reply.asker] = self._losses.get(reply.asker, 0) + 1

    def _drop(self, asker: str) -> None:
        self.dropped += 1
        own = self._by_asker[asker]
        own.popleft()
        if not own:
            del self._by_asker[asker]
