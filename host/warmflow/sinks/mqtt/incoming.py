"""What the sink hears: requests, Home Assistant's birth message, and what earlier lives of the daemon left behind.

A broker keeps retained topics of a daemon that was killed. Those that are not true any more are put right at each
connect: a pump that nobody has heard is offline, a port that is not listed has no status. It sends nothing itself.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import unquote

import aiomqtt

from warmflow.api import payloads
from warmflow.api.payloads import ListedPump, PumpEntry
from warmflow.api.requests import RequestDispatcher
from warmflow.api.topics import path
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.outbox import News, Outbox

RETAINED = (
    "retained requests are refused, for they would be carried out again at every connect: "
    "publish it without the retain flag, and an empty retained message to take this one away"
)
FOREIGN = "the response topic is not one for answers: name one outside {base}/ and {prefix}/, without wildcards"
AT_ONCE_MAX = 200
NAME_MAX = 200


class IncomingMessages:
    """Feed it each message. `earlier` are the pumps that the broker knew of before this daemon was started, by name."""

    def __init__(self, base: str, contract: PublisherOptions, outbox: Outbox, log: Callable[[str], None]) -> None:
        self.earlier: dict[str, ListedPump] = {}
        self.forgotten: set[str] = set()  # boards that are not to be announced again
        self._base, self._contract, self._outbox, self._log = base, contract, outbox, log
        self._answers: RequestDispatcher | None = contract.answers
        self._tasks: set[asyncio.Task[None]] = set()
        self._requests = path("request", base)
        self._links = path("link", base)

    def topics(self) -> list[tuple[str, bool]]:
        """What is to be subscribed, and whether a live message shall say that it is retained (MQTT 5)."""
        own = [path("availability", self._base, name="+"), f"{self._links}+"]
        own += [path(kind, self._base) for kind in ("bridge", "pumps")]
        birth = path("birth", self._base, self._contract.prefix)
        return [(f"{self._requests}#", True), *((topic, False) for topic in [*own, birth])]

    def on_message(self, message: aiomqtt.Message) -> None:
        """One message; never raises for what it says."""
        topic, payload = message.topic.value, message.payload
        if not isinstance(payload, bytes):
            return
        if topic == self._requests[:-1] or topic.startswith(self._requests):
            self._request(topic[len(self._requests) :], payload, message)
        elif topic == path("birth", self._base, self._contract.prefix):
            if payload == b"online" and not message.retain:
                self._log("Home Assistant is there: everything that is retained is published again")
                self._outbox.everything_again()
        elif topic == path("bridge", self._base):
            if payload != b"running" and not message.retain:  # the will of a connection that broke comes late
                self._outbox.again("bridge", "")
        elif message.retain and payload:
            self._left_behind(topic, payload)

    def forget(self, pump: str) -> list[str]:
        """Takes a pump's topics from the broker; of one that is connected, its Home Assistant device alone. The topics
        that went.
        """
        entries: dict[str | None, PumpEntry] = {e.pump: e for e in [*self.earlier.values(), *self._contract.pumps()]}
        entry = entries.get(pump) or next((e for e in entries.values() if e.board_id == pump), None)
        name, board = (entry.pump or pump, entry.board_id) if entry else (pump, None)
        gone = [("discovery", board)] if board else []
        self.forgotten |= {board} if board else set()
        if name not in [each.pump for each in self._contract.pumps()]:
            gone += self._outbox.of_pump(name)
        self.earlier.pop(name, None)
        for kind, each in gone:
            self._outbox.drop(kind, each)
        return [path(kind, self._base, self._contract.prefix, each) for kind, each in gone]

    def known(self) -> list[str]:
        """Names of all pumps that could be forgotten."""
        listed = [entry.pump for entry in self._contract.pumps() if entry.pump]
        return [*listed, *(name for kind, name in self._outbox.retained if kind == "availability"), *self.earlier]

    def _left_behind(self, topic: str, payload: bytes) -> None:
        if topic.startswith(self._links):
            port = unquote(topic[len(self._links) :])
            if ("link", port) not in self._outbox.retained:
                self._outbox.drop("link", port)
        elif topic == path("pumps", self._base):
            self._remember(payload)
        elif topic.endswith("/availability"):
            pump = topic.removeprefix(f"{self._base}/").removesuffix("/availability")
            if payload == b"online" and ("availability", pump) not in self._outbox.retained:
                self._outbox.retain("availability", pump, b"offline")
                self._outbox.retain("status", pump, dump(payloads.absent(self._contract.clock())))

    def _remember(self, payload: bytes) -> None:
        for entry in payloads.read_pumps(payload):
            if entry.pump is None:
                continue
            self.earlier[entry.pump] = entry
            board = entry.board_id
            own = board and entry.discovery == path("discovery", self._base, self._contract.prefix, board)
            if board and own and not self._contract.home_assistant:  # the option was on, and is off now
                self._outbox.drop("discovery", board)

    def _request(self, kind: str, payload: bytes, message: aiomqtt.Message) -> None:
        if message.retain and not payload:  # somebody takes a retained request away
            return
        answers = self._answers
        if answers is None:
            return
        topic = getattr(message.properties, "ResponseTopic", None)
        correlation = getattr(message.properties, "CorrelationData", None)
        refusal = ""
        if topic is not None and not self._is_for_answers(topic):
            topic, refusal = None, FOREIGN.format(base=self._base, prefix=self._contract.prefix)
        if message.retain:
            refusal = RETAINED
        if len(self._tasks) >= AT_ONCE_MAX:
            refusal = f"busy: {AT_ONCE_MAX} requests wait"

        async def work() -> None:
            if refusal:
                answer = answers.refuse(kind, payload, refusal)
            else:
                answer = await answers.answer(kind, payload, allowed=self._contract.commands)
            name = kind if 0 < len(kind) <= NAME_MAX else "unknown"
            self._outbox.enqueue(News("response", answer, name, topic, correlation))

        task = asyncio.create_task(work(), name=f"request {kind[:NAME_MAX]}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _is_for_answers(self, topic: str) -> bool:
        own = topic.startswith((f"{self._base}/", f"{self._contract.prefix}/"))
        fit = bool(topic) and len(topic) <= 1000 and not set(topic) & set("+#\0") and not topic.startswith("$")
        return fit and (not own or topic.startswith(path("response", self._base)))
