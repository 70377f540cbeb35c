"""Answers of the HTTP API that MQTT does not have."""

from typing import Annotated

from warmflow.api.payloads.alarms import ListedAlarm
from warmflow.api.payloads.bridge import PumpEntry
from warmflow.api.payloads.model import Note, Payload, Pump, doc
from warmflow.api.payloads.readings import Card

UTC_MS = "UTC, ISO 8601, milliseconds"


class Scenario(Payload, frozen=True, kw_only=True):
    """State of the scenario that a pump plays or has played last."""

    scenario: Annotated[str, doc("its name")]
    title: Annotated[str, doc("its title")]
    state: Annotated[str, doc("state of the scenario")]
    reason: Annotated[str, doc("the reason; empty if there is no problem")]
    began_pump_time_s: Annotated[float | None, doc("when it began, by the pump's clock; `null` before that")]
    length_min: Annotated[float, doc("how long it is, in pump time")]
    steps: Annotated[int, doc("how many commands it has")]
    sent: Annotated[int, doc("how many of them the board has acknowledged")]


class PumpsPage(Payload, frozen=True, kw_only=True):
    """All pumps with their last readings."""

    pumps: Annotated[list[PumpEntry], doc("a list of pumps")]
    last: Annotated[dict[str, Card], doc("each pump's last reading, by its name")]
    scenarios: Annotated[dict[str, Scenario], doc("the last scenario of each pump, by its name")]
    note: Note


class Me(Payload, frozen=True, kw_only=True):
    """Permissions of the visitor."""

    annotations: Annotated[bool, doc("whether annotations may be added")]
    user: Annotated[str, doc("the name given at login; empty without one")]
    commands: Annotated[bool, doc("whether commands are allowed")]
    login: Annotated[bool, doc("whether this is a login session, which POST /logout ends")]
    instructor: Annotated[bool, doc("whether faults may be injected in a lesson, and hidden ones seen")]


class AlarmList(Payload, frozen=True, kw_only=True):
    """Every alarm with its state."""

    alarms: Annotated[list[ListedAlarm], doc("a list of alarms")]


class Readings(Payload, frozen=True, kw_only=True):
    """Readings of a period, in columns."""

    pump: Pump
    kind: Annotated[str, doc("raw, or spans: minimum, mean and maximum")]
    span_s: Annotated[float | None, doc("length of a span; `null` for raw readings")]
    n: Annotated[int, doc("how many rows")]
    columns: Annotated[dict[str, list[float | None]], doc("a list for each column; `null` if nothing was measured")]
    note: Note


class Annotation(Payload, frozen=True, kw_only=True):
    """A note on a pump at a point in time."""

    id: Annotated[int, doc("its number")]
    pump: Pump
    time: Annotated[str, doc(f"the time that it refers to, {UTC_MS}")]
    text: Annotated[str, doc("the note")]
    by: Annotated[str, doc("its author")]
    written: Annotated[str, doc(f"when it was written, {UTC_MS}")]


class Annotations(Payload, frozen=True, kw_only=True):
    """Annotations, oldest first."""

    annotations: Annotated[list[Annotation], doc("a list of annotations")]


class Written(Payload, frozen=True, kw_only=True):
    """An annotation was added."""

    annotation: Annotated[Annotation, doc("the annotation")]


class Removed(Payload, frozen=True, kw_only=True):
    """An annotation was removed."""

    removed: Annotated[Annotation, doc("the annotation")]


class Problem(Payload, frozen=True, kw_only=True):
    """Reason why a request failed: `application/problem+json` of RFC 9457."""

    type: Annotated[str, doc("always about:blank: the status gives the kind of problem")]
    title: Annotated[str, doc("the status in words")]
    status: Annotated[int, doc("the HTTP status")]
    detail: Annotated[str, doc("the reason and the remedy, in one line")]
