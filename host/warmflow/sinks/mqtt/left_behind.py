"""Corrects retained topics that an earlier run of the daemon left at the broker, or that other clients have published.

A broker keeps the retained topics of a daemon that was killed. A pump that is not connected is set to offline, and a
port that is not listed has its status removed. Topics of another running daemon under the same base topic are not
touched. Any other client that publishes on a topic of the daemon is overwritten. It publishes nothing itself: the
outbox does.
"""

import logging
from collections.abc import Callable
from urllib.parse import unquote

from warmflow.api import payloads
from warmflow.api.payloads import ListedPump
from warmflow.api.topic_names import TopicError
from warmflow.api.topics import path
from warmflow.device.identity import is_board_id, is_name
from warmflow.runtime.json_bytes import dump
from warmflow.runtime.logs import toned
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.outbox import Key, Outbox

SETTLE_S = 2.0  # after a connect: another daemon would have answered within this time
LEFT_MAX = 1000  # names that this daemon has not created
PUT_RIGHT_S = 10.0  # a topic is put right at once, and then no more often
SHARED = ("bridge", "info", "pumps")  # two daemons under one base topic overwrite these all the time
LAST_LEVELS = ("availability", "status")


class LeftBehind:
    """`earlier` are the pumps that the broker knew of before this daemon was started, by name."""

    def __init__(self, base: str, contract: PublisherOptions, outbox: Outbox, log: Callable[[str], None]) -> None:
        self.earlier: dict[str, ListedPump] = {}
        self._base, self._contract, self._outbox, self._log = base, contract, outbox, log
        self._stored: dict[Key, bytes] = {}
        self._settled_s: float | None = None  # when what is stored is judged; None: it was
        self._put_right_s: dict[Key, float] = {}
        self._said = False

    def connected(self, now_s: float) -> None:
        """A new connection: what the broker has stored comes now."""
        self._stored.clear()
        self._settled_s = now_s + SETTLE_S

    def on_stored(self, key: Key, payload: bytes) -> None:
        """A retained message that the broker had."""
        if key == ("pumps", ""):
            self._remember(payload)
        elif key[0] in ("availability", "link") and len(self._stored) < LEFT_MAX:
            self._stored[key] = payload

    def settle(self, now_s: float, *, alone: bool) -> None:
        """Call it now and then; alone: no other daemon runs under this base topic."""
        if self._settled_s is None or now_s < self._settled_s:
            return
        self._settled_s = None
        if alone:
            for (kind, name), payload in self._stored.items():
                if kind == "link" and payload and (kind, name) not in self._outbox.retained:
                    self._outbox.drop("link", name)
                elif kind == "availability" and payload == b"online":
                    self._is_offline(name)
            self._without_wildcards()
        self._stored.clear()

    def _without_wildcards(self) -> None:
        """Some brokers give a stored message only to who asks for its exact topic, as RabbitMQ: the list has to do."""
        missing = [name for name in self.earlier if ("availability", name) not in self._stored]
        if missing and len(missing) == len(self.earlier) and not self._said:
            self._said = True
            toned(self._log, logging.WARNING)(
                f"the broker sends no retained messages to wildcards: pumps of an earlier run are known from "
                f"{path('pumps', self._base)} alone"
            )
        for name in missing:
            self._is_offline(name)

    def _is_offline(self, pump: str) -> None:
        if ("availability", pump) not in self._outbox.retained:
            self._outbox.retain("availability", pump, b"offline")
            self._outbox.retain("status", pump, dump(payloads.absent(self._contract.clock())))

    def on_live(self, key: Key, payload: bytes, now_s: float, *, echo: bool, alone: bool) -> None:
        """A message on one of the daemon's topics; echo: it may be the daemon's own."""
        if key == ("bridge", "") and payload == b"running":
            return
        retained = self._outbox.retained.get(key)
        if retained is None or retained == payload or (key[0] in SHARED[1:] and not alone):
            return
        if now_s - self._put_right_s.get(key, -PUT_RIGHT_S) < PUT_RIGHT_S and key[0] != "bridge":
            return
        if len(self._put_right_s) >= LEFT_MAX:
            self._put_right_s.clear()
        if key not in self._put_right_s and not echo and key[0] != "bridge":
            toned(self._log, logging.WARNING)(f"another client published on {self._path(key)}: corrected")
        self._put_right_s[key] = now_s
        self._outbox.again(*key)

    def key_of(self, topic: str) -> Key | None:
        """The topic's kind and name; None if it is not one of the daemon's topics."""
        levels = topic.removeprefix(f"{self._base}/").split("/")
        match levels:
            case ["bridge", "state"]:
                return "bridge", ""
            case ["bridge", "info" | "pumps" as kind]:
                return kind, ""
            case ["bridge", "link", port]:
                key = "link", unquote(port)
            case [pump, kind] if kind in LAST_LEVELS:
                key = kind, pump
            case [pump, "alarm", name]:
                key = "alarm", f"{pump}/{name}"
            case _:
                return None
        if key[0] != "link" and not is_name(key[1].partition("/")[0]):  # another program's topic
            return None
        try:
            return key if path(key[0], self._base, name=key[1]) == topic else None
        except TopicError:
            return None

    def _path(self, key: Key) -> str:
        return path(key[0], self._base, self._contract.prefix, key[1])

    def _remember(self, payload: bytes) -> None:
        for entry in payloads.read_pumps(payload)[:LEFT_MAX]:
            pump, board = entry.pump or "", entry.board_id or ""
            if not is_name(pump) or (board and not is_board_id(board)):  # of somebody who makes them up
                continue
            discovery = path("discovery", self._base, self._contract.prefix, board) if board else ""
            self.earlier[pump] = entry
            if discovery and entry.discovery == discovery and not self._contract.home_assistant:
                self._outbox.drop("discovery", board)  # the option was on, and is off now
