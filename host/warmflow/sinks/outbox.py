"""What is published beside the records: retained topics, and the latest state of each pump. No I/O.

Retained topics keep their latest payload, to be published again on every connect. Of states and truth only the newest
counts: a slow broker gets fewer of them, never late ones.
"""

import asyncio
from typing import Any

from warmflow.hub import Inner, Link, Reading, Update
from warmflow.sinks import payloads

Key = tuple[str, str]  # kind of topic, pump


class Outbox:
    """The event says that a retained topic has changed."""

    def __init__(self) -> None:
        self.retained: dict[Key, bytes] = {}
        self.has_changes = asyncio.Event()
        self._changed: dict[Key, None] = {}
        self._latest: dict[Key, Reading | Inner] = {}

    def put(self, update: Update) -> None:
        """Takes an update to where it belongs."""
        match update:
            case Reading():
                self._latest["state", update.pump] = update
                if update.finding and update.finding.changed:
                    self._retain("alarm", update.pump, payloads.dump(payloads.alarm(update, update.finding)))
            case Link(pump=""):  # a port whose board has not said its name
                self._retain("link", "", payloads.dump(payloads.status(update)))
            case Link():
                self._retain("status", update.pump, payloads.dump(payloads.status(update)))
                self._retain("availability", update.pump, payloads.availability(update.state))
            case Inner():
                self._latest["truth", update.pump] = update

    def connected(self) -> None:
        """A new connection: everything that is retained is to be published again."""
        self._changed = dict.fromkeys(self.retained)
        self.has_changes.set()

    def next_change(self) -> Key | None:
        """A retained topic that the broker does not have yet."""
        if not self._changed:
            return None
        key = next(iter(self._changed))
        del self._changed[key]
        return key

    def take_latest(self) -> list[tuple[Key, dict[str, Any]]]:
        """States and truths that are new since the last call."""
        latest, self._latest = self._latest, {}
        return [
            (key, payloads.state(value) if isinstance(value, Reading) else payloads.truth(value))
            for key, value in latest.items()
        ]

    def _retain(self, kind: str, pump: str, payload: bytes) -> None:
        self.retained[kind, pump] = payload
        self._changed[kind, pump] = None
        self.has_changes.set()
