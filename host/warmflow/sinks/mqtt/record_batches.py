"""Records out of the journal as MQTT messages. No I/O: what goes into which message, and what it says.

`historical`: the record did not come live, or waited for this connection. `resent`: an earlier attempt may have
arrived.
"""

from collections.abc import Sequence

from warmflow.api import payloads
from warmflow.device.updates import BoardEvent, Gap, Reading, Summary
from warmflow.journal import Entry

BATCH_MAX = 200  # readings in a message


def batches(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries as they go into messages: readings of one pump and boot together, all else alone.

    The order of each pump's records stays; pumps overtake one another, for a hundred of them come in turn. Ordered by
    their first entries: all entries before the first of a batch are in the batches before it.
    """
    out: list[list[Entry]] = []
    growing: dict[str, list[Entry]] = {}
    for entry in entries:
        record = entry.record
        if not isinstance(record, Reading):
            growing.pop(record.pump, None)  # what comes after it must not be told before it
            out.append([entry])
            continue
        batch = growing.get(record.pump)
        if batch and batch[0].record.boot == record.boot and len(batch) < BATCH_MAX:
            batch.append(entry)
        else:
            growing[record.pump] = [entry]
            out.append(growing[record.pump])
    return out


def message(batch: Sequence[Entry], replayed_through: int, doubtful_through: int) -> tuple[str, payloads.Payload]:
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
