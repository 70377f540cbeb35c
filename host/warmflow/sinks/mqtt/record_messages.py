"""A batch of records as an MQTT message: kind of topic and payload. No I/O."""

from warmflow.api import payloads
from warmflow.device.updates import BoardEvent, Gap, Reading, Summary, SummaryGap
from warmflow.sinks.record_batches import Batch


def kind_and_payload(batch: Batch) -> tuple[str, payloads.Payload]:
    """`historical` in the payload: the record did not come live, or waited for the connection."""
    match batch.records[0]:
        case Reading():
            readings = [record for record in batch.records if isinstance(record, Reading)]
            return "telemetry", payloads.telemetry(readings, batch.resent)
        case BoardEvent() as event:
            return "event", payloads.event(event, batch.resent)
        case Summary() as summary:
            return "summary", payloads.summary(summary, batch.resent)
        case Gap() as gap:
            return "gap", payloads.gap(gap, batch.resent)
        case SummaryGap() as gap:
            return "summary_gap", payloads.summary_gap(gap, batch.resent)
