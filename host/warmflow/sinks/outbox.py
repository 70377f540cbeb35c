"""What waits to be published, sorted by what may happen to it. No I/O: the MQTT sink empties it.

Records (readings, events, gaps) leave in order and only when the broker has acknowledged them. Retained topics keep
their latest payload, to be published again on every connect. Of states and truth only the newest counts.
"""

import asyncio
from collections import Counter, deque
from typing import Any, cast

from warmflow.hub import BoardEvent, Gap, Inner, Link, Reading, Update
from warmflow.sinks import payloads

BATCH_MAX = 200
KEPT_MAX = 50_000  # records kept while the broker is away; the board keeps its own ring beside them

Record = Reading | BoardEvent | Gap
Key = tuple[str, str]  # kind of topic, pump


class Outbox:
    """`counts` tells what was dropped. The two events say that there is something to do."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.retained: dict[Key, bytes] = {}
        self.has_records = asyncio.Event()
        self.has_changes = asyncio.Event()
        self._records: deque[Record] = deque()
        self._in_doubt = 0  # so many records at the head may have arrived before the connection was lost
        self._changed: dict[Key, None] = {}
        self._latest: dict[Key, Reading | Inner] = {}

    def __len__(self) -> int:
        """Records that the broker has not acknowledged."""
        return len(self._records)

    def put(self, update: Update) -> None:
        """Takes an update to where it belongs."""
        match update:
            case Reading():
                self._keep(update)
                self._latest["state", update.pump] = update
                if update.finding and update.finding.changed:
                    self._retain("alarm", update.pump, payloads.dump(payloads.alarm(update, update.finding)))
            case BoardEvent() | Gap():
                self._keep(update)
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
        if self._records:
            self.has_records.set()

    def batch(self) -> list[Record]:
        """As many readings of one pump and boot as stand together at the head, or the one event or gap there."""
        if not self._records:
            return []
        first = self._records[0]
        batch = [first]
        if isinstance(first, Reading):
            for index in range(1, min(BATCH_MAX, len(self._records))):
                record = self._records[index]
                if not isinstance(record, Reading) or (record.pump, record.boot) != (first.pump, first.boot):
                    break
                batch.append(record)
        return batch

    def sending(self, batch: list[Record]) -> tuple[str, bytes]:
        """Kind of topic and payload for a batch; from now on it is in doubt until `sent`."""
        resent = self._in_doubt > 0
        self._in_doubt = max(self._in_doubt, len(batch))
        match batch[0]:
            case Reading():
                return "telemetry", payloads.dump(payloads.telemetry(cast(list[Reading], batch), resent))
            case BoardEvent() as event:
                return "event", payloads.dump(payloads.event(event, resent))
            case Gap() as gap:
                return "gap", payloads.dump(payloads.gap(gap))

    def sent(self, batch: list[Record]) -> None:
        """The broker has acknowledged the batch. Records dropped meanwhile are not taken away twice."""
        for record in batch:
            if self._records and self._records[0] is record:
                self._records.popleft()
        self._in_doubt = max(0, self._in_doubt - len(batch))
        self.counts["records"] += len(batch)

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

    def _keep(self, record: Record) -> None:
        if len(self._records) >= KEPT_MAX:
            self._records.popleft()
            self._in_doubt = max(0, self._in_doubt - 1)
            self.counts["records dropped"] += 1
        self._records.append(record)
        self.has_records.set()

    def _retain(self, kind: str, pump: str, payload: bytes) -> None:
        self.retained[kind, pump] = payload
        self._changed[kind, pump] = None
        self.has_changes.set()
