"""Payload models and the pure functions that build them from updates. Field names carry their units; times are UTC."""

from warmflow.api.payloads.alarms import Alarm, AlarmEvent, AlarmState, ListedAlarm, alarm, alarm_event
from warmflow.api.payloads.bridge import Info, ListedPump, LogLine, PumpEntry, Pumps, Response, listed, log_line
from warmflow.api.payloads.explanations import Diagnosis, Explanation, diagnosis, explanation
from warmflow.api.payloads.links import (
    AlarmGapEvent,
    ClockEvent,
    ConnectedEvent,
    LimitEvent,
    LinkEvent,
    LinkStatus,
    RequestEvent,
    Status,
    absent,
    alarm_gap_event,
    availability,
    clock_event,
    connected_event,
    device_event,
    limit_event,
    link_event,
    link_status,
    request_event,
    status,
)  # fmt: skip
from warmflow.api.payloads.model import Payload
from warmflow.api.payloads.reader import BadPayload, read, read_pumps
from warmflow.api.payloads.readings import Card, ReadingRow, State, Telemetry, card, reading_row, state, telemetry
from warmflow.api.payloads.records import (
    Event,
    Gap,
    Summary,
    SummaryGap,
    Truth,
    event,
    gap,
    summary,
    summary_gap,
    truth,
)
from warmflow.device.updates import Assessed, GroundTruth, Reading
from warmflow.monitor import Diagnosis as Found
from warmflow.notice import NOTICE

__all__ = [
    "NOTICE",
    "Alarm",
    "AlarmEvent",
    "AlarmGapEvent",
    "AlarmState",
    "BadPayload",
    "Card",
    "ClockEvent",
    "ConnectedEvent",
    "Diagnosis",
    "Event",
    "Explanation",
    "Gap",
    "Info",
    "LimitEvent",
    "LinkEvent",
    "LinkStatus",
    "ListedAlarm",
    "ListedPump",
    "LogLine",
    "Payload",
    "PumpEntry",
    "Pumps",
    "ReadingRow",
    "RequestEvent",
    "Response",
    "State",
    "Status",
    "Summary",
    "SummaryGap",
    "Telemetry",
    "Truth",
    "absent",
    "alarm",
    "alarm_event",
    "alarm_gap_event",
    "availability",
    "card",
    "clock_event",
    "connected_event",
    "device_event",
    "diagnosis",
    "event",
    "explanation",
    "gap",
    "latest",
    "limit_event",
    "link_event",
    "link_status",
    "listed",
    "log_line",
    "read",
    "read_pumps",
    "reading_row",
    "request_event",
    "state",
    "status",
    "summary",
    "summary_gap",
    "telemetry",
    "truth",
]  # fmt: skip


def latest(update: Reading | Assessed | GroundTruth, found: Found | None = None) -> Payload:
    """The payload of an update of which only the newest matters. `found`: the newest diagnosis of a reading's pump."""
    match update:
        case Reading():
            return state(update, found)
        case Assessed():
            return diagnosis(update)
    return truth(update)
