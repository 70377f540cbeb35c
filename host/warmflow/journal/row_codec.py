"""Updates as rows, and rows as updates again: what is read back is what was taken in."""

from datetime import UTC, datetime
from typing import NamedTuple

from pumplink import messages as m
from pumplink.fastcodec import BACKLOG_AT, ENCODERS
from pumplink.messages import TYPES
from warmflow.device.host_clock import Dating
from warmflow.device.identity import Boot, PumpName
from warmflow.device.updates import BoardEvent, Gap, Reading, Summary, SummaryGap
from warmflow.journal import summary_gaps
from warmflow.journal.bad_rows import RECORD_KINDS, NotReadable, decoded, time
from warmflow.journal.migration import NO_END
from warmflow.monitor import Measured

READING, EVENT, GAP, SUMMARY = (TYPES[kind] for kind in (m.Telemetry, m.Event, m.Gap, m.MinuteSummary))

SUMMARY_GAP = summary_gaps.KIND

BAD_ROW = "its row in the journal could not be read"

Record = Reading | BoardEvent | Summary | Gap | SummaryGap


class Entry(NamedTuple):
    """A record of the journal, with the number that cursors count in."""

    id: int
    record: Record


class Row(NamedTuple):
    """What one record is in the table."""

    sequence: int
    kind: int
    utc_ms: int
    late: int
    payload: bytes


def row(record: Record, now: datetime) -> Row:
    match record:
        case Reading() | BoardEvent():
            message = record.message
            payload = identity(record.payload or ENCODERS[type(message)](message))
            return Row(message.sequence, TYPES[type(message)], ms(record.utc), int(record.late), payload)
        case Summary(message=minute, utc=utc):  # late: only the time of its arrival is known
            payload = record.payload or ENCODERS[m.MinuteSummary](minute)
            return Row(minute.minute, SUMMARY, ms(utc or now), int(utc is None), payload)
        case Gap(boot=boot, first=first, last=last):
            lost = m.Gap(boot.boots, boot.random, first, NO_END if last is None else last, 0)
            return Row(first, GAP, ms(now), 0, ENCODERS[m.Gap](lost) + record.reason.encode())
        case SummaryGap(first=first, last=last, reason=reason):
            return Row(
                first, SUMMARY_GAP, ms(now), 0, summary_gaps.encode(summary_gaps.LostMinutes(first, last, reason))
            )


def identity(payload: bytes) -> bytes:
    """The bytes of a record without how it came: sent again it is the same record."""
    return payload[:BACKLOG_AT] + b"\0" + payload[BACKLOG_AT + 1 :] if payload[BACKLOG_AT] else payload


def record(pump: PumpName, boot: Boot, row: Row, dating: Dating | None = None) -> Record:
    """The record in a row. What the monitor found is not kept here: it can be found again. `dating` is given where its
    time is not as it came, or uncertain. Raises NotReadable.
    """
    message = decoded(RECORD_KINDS, row.kind, row.payload)
    utc = datetime.fromtimestamp(time(row.utc_ms) / 1000, UTC)
    match message:
        case m.Telemetry():
            measured, late = Measured.reading(message), bool(row.late)
            return Reading(pump, boot, message, measured, utc, late, None, None, 0, payload=row.payload, dating=dating)
        case m.Event():
            return BoardEvent(pump, boot, message, utc, bool(row.late), row.payload, dating)
        case m.MinuteSummary():
            return Summary(pump, boot, message, None if row.late else utc, row.payload, dating)
        case m.Gap():
            reason = row.payload[len(ENCODERS[m.Gap](message)) :].decode("utf-8", "replace")
            return Gap(pump, boot, message.first, None if message.last == NO_END else message.last, reason)
        case summary_gaps.LostMinutes():
            return SummaryGap(pump, boot, *message)
    raise NotReadable(f"kind {row.kind} does not belong into the journal")


def unreadable(pump: PumpName, boot: Boot, row: Row) -> Gap | SummaryGap | None:
    """What a row that cannot be read says all the same: this record is lost. None for a row that does not even say
    which record it was.
    """
    if row.kind not in (READING, EVENT, SUMMARY) or not isinstance(row.sequence, int) or not 0 < row.sequence < NO_END:
        return None
    return (SummaryGap if row.kind == SUMMARY else Gap)(pump, boot, row.sequence, row.sequence, BAD_ROW)


def ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)
