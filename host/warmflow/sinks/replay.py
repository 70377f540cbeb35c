"""Records out of the journal as MQTT messages. No I/O: what goes into which message, and what it says.

`historical`: the record did not come live, or waited for this connection. `resent`: an earlier attempt may have
arrived.
"""

from collections.abc import Sequence
from typing import Any

from warmflow.hub import BoardEvent, Gap, Reading, Summary
from warmflow.journal import Entry
from warmflow.sinks import payloads

BATCH_MAX = 200  # readings in a message


def head(entries: Sequence[Entry]) -> Sequence[Entry]:
    """As many readings of one pump and boot as stand together at the head, or the one event or gap there."""
    first = entries[0].record
    if not isinstance(first, Reading):
        return entries[:1]
    for index, entry in enumerate(entries[:BATCH_MAX]):
        record = entry.record
        if not isinstance(record, Reading) or (record.pump, record.boot) != (first.pump, first.boot):
            return entries[:index]
    return entries[:BATCH_MAX]


def message(batch: Sequence[Entry], replayed_through: int, doubtful_through: int) -> tuple[str, dict[str, Any]]:
    """Kind of topic and payload. Records up to the two numbers are historical, and may have been sent before."""
    resent = batch[0].id <= doubtful_through
    match batch[0].record:
        case Reading():
            readings = [
                entry.record._replace(late=entry.record.late or entry.id <= replayed_through)
                for entry in batch
                if isinstance(entry.record, Reading)
            ]
            return "telemetry", payloads.telemetry(readings, resent)
        case BoardEvent() as event:
            return "event", payloads.event(event._replace(late=event.late or batch[0].id <= replayed_through), resent)
        case Summary() as summary:
            return "summary", payloads.summary(summary, resent)
        case Gap() as gap:
            return "gap", payloads.gap(gap, resent)
