"""What the person at the view asks of the daemon: alarms acknowledged, where commands over MQTT are allowed.

Requests wait here until the feed takes them to the broker; nothing is taken as done before the daemon says so.
"""

import asyncio
import json
import secrets
from typing import NamedTuple

from warmflow.api.topics import path
from warmflow.cli.watch.model import WatchModel

KIND = "acknowledge"
NEEDS = "k needs commands over MQTT: commands = true in [mqtt] of the settings; the dashboard may always"
OFF = "not sent: commands over MQTT are off (commands = true in [mqtt] of the settings); the dashboard may always"


class Request(NamedTuple):
    """A message on its way to the broker."""

    topic: str
    payload: bytes


class Asking:
    """`by`: who asks; it is kept in the alarm's history, and not checked."""

    def __init__(self, base: str, by: str) -> None:
        self.queue: asyncio.Queue[Request] = asyncio.Queue()
        self._topic = path("request", base, name=KIND)
        self._by = by
        self._transaction = ""
        self._words = ""

    def acknowledge(self, model: WatchModel, pump: str, alarm: str) -> None:
        """Sends it, or says why not."""
        if not model.commands:
            self._words, self._transaction = OFF, ""
            return
        if model.broker != "connected" or model.daemon != "running":
            self._words, self._transaction = "not sent: the daemon cannot be reached now", ""
            return
        self._transaction = secrets.token_hex(8)
        self._words = f"asking the daemon to acknowledge {pump}/{alarm} ..."
        fields = {"pump": pump, "id": alarm, "by": self._by, "transaction": self._transaction}
        self.queue.put_nowait(Request(self._topic, json.dumps(fields).encode()))

    def progress_text(self, model: WatchModel) -> str:
        """How the last request stands, in words; "" before the first one."""
        if self._transaction and model.answer and model.answer.transaction == self._transaction:
            return f"not done: {model.answer.error}" if model.answer.error else "acknowledged"
        return self._words
