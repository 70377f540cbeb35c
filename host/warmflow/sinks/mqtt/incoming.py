"""What the sink receives: requests, Home Assistant's birth message, other daemons, and what the broker has stored.

It takes each message to where it belongs. All of it is written by strangers: one that cannot be used costs itself.
"""

import logging
from collections.abc import Callable

import aiomqtt

from warmflow.api.payloads import PumpEntry
from warmflow.api.topics import path, stem, topic_filter
from warmflow.runtime.logs import toned
from warmflow.sinks.mqtt.left_behind import LeftBehind
from warmflow.sinks.mqtt.neighbours import Neighbours
from warmflow.sinks.mqtt.news import AnswerQueue
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.outbox import Outbox
from warmflow.sinks.mqtt.requests import Requests

OWN = ("bridge", "info", "pumps", "link", "availability", "status", "alarm")  # read back, to be put right
AGAIN_S = 1.0  # everything is published again no more often


class IncomingMessages:
    """Feed it each message. `bad` counts those that could not be used."""

    def __init__(
        self,
        base: str,
        contract: PublisherOptions,
        outbox: Outbox,
        answers: AnswerQueue,
        log: Callable[[str], None],
        now_s: Callable[[], float],
    ) -> None:
        self.bad = 0
        self.forgotten: set[str] = set()  # boards that are not to be announced again
        self.neighbours = Neighbours(contract.daemon_id)
        self.left_behind = LeftBehind(base, contract, outbox, log)
        self._base, self._contract, self._outbox, self._log, self._now_s = base, contract, outbox, log, now_s
        self._requests = Requests(base, contract, answers)
        self._stem = stem("request", base)
        self._birth = path("birth", base, contract.prefix)
        self._again_s = -AGAIN_S

    def own_topics(self, *, wildcards: bool) -> list[tuple[str, bool]]:
        """What is subscribed to of what we publish ourselves."""
        filters = [topic_filter(kind, self._base) for kind in OWN]
        return [(each, False) for each in filters if wildcards or "+" not in each]

    def topics(self, *, wildcards: bool) -> list[tuple[str, bool]]:
        """What else, and whether a live message shall say that it is retained (MQTT 5)."""
        names = ["#"] if wildcards else [*self._contract.requests]
        return [*((f"{self._stem}{name}", True) for name in names), (self._birth, False)]

    def on_message(self, message: aiomqtt.Message, *, echo: bool = False) -> None:
        """One message; never raises. echo: we may have published it ourselves."""
        try:
            self._take(message, echo)
        except Exception as error:  # a bug of this program, triggered by a message: it must not end the daemon
            if not self.bad:
                topic = str(message.topic)[:200]
                toned(self._log, logging.ERROR)(f"a message on {topic!a} cannot be read and is ignored: {error!r}")
            self.bad += 1

    def settle(self) -> None:
        """Call it once a second."""
        now_s = self._now_s()
        self.left_behind.settle(now_s, alone=not self.neighbours.alive(now_s))
        if self.neighbours.has_to_publish(now_s, heard=False):
            self._outbox.again("info", "")

    def warning(self) -> str:
        """Of another daemon under this base topic; "" without one."""
        return self.neighbours.text(self._base, self._now_s())

    def forget(self, pump: str) -> list[str]:
        """Takes a pump's topics from the broker; of one that is connected, its Home Assistant device alone. The topics
        that went.
        """
        earlier = self.left_behind.earlier
        entries: dict[str | None, PumpEntry] = {e.pump: e for e in [*earlier.values(), *self._contract.pumps()]}
        entry = entries.get(pump) or next((e for e in entries.values() if e.board_id == pump), None)
        name, board = (entry.pump or pump, entry.board_id) if entry else (pump, None)
        gone = [("discovery", board)] if board else []
        self.forgotten |= {board} if board else set()
        if name not in [each.pump for each in self._contract.pumps()]:
            gone += self._outbox.of_pump(name)
        earlier.pop(name, None)
        for kind, each in gone:
            self._outbox.drop(kind, each)
        return [str(path(kind, self._base, self._contract.prefix, each)) for kind, each in gone]

    def known(self) -> list[str]:
        """Names of all pumps that could be forgotten."""
        listed = [entry.pump for entry in self._contract.pumps() if entry.pump]
        retained = [name for kind, name in self._outbox.retained if kind == "availability"]
        return [*listed, *retained, *self.left_behind.earlier]

    def _take(self, message: aiomqtt.Message, echo: bool) -> None:
        topic, payload = message.topic.value, message.payload
        if not isinstance(payload, bytes):
            return
        if topic == self._stem[:-1] or topic.startswith(self._stem):
            self._requests.on_request(topic[len(self._stem) :], payload, message)
        elif topic == self._birth:
            if payload == b"online" and not message.retain and self._now_s() - self._again_s >= AGAIN_S:
                self._again_s = self._now_s()
                self._log("Home Assistant is online: all retained topics are published again")
                self._outbox.everything_again()
        elif (key := self.left_behind.key_of(topic)) is None:
            return
        elif message.retain:
            self.left_behind.on_stored(key, payload)
        else:
            self._live(key, payload, echo)

    def _live(self, key: tuple[str, str], payload: bytes, echo: bool) -> None:
        now_s = self._now_s()
        if key == ("info", ""):
            if self.neighbours.on_info(payload, now_s):
                toned(self._log, logging.WARNING)(self.neighbours.text(self._base, now_s))
            if self.neighbours.alive(now_s) and self.neighbours.has_to_publish(now_s, heard=True):
                self._outbox.again("info", "")
        self.left_behind.on_live(key, payload, now_s, echo=echo, alone=not self.neighbours.alive(now_s))
