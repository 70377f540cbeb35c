"""What the HTTP API answers beside what MQTT has, too."""

from typing import Annotated

from warmflow.api.payloads.alarms import ListedAlarm
from warmflow.api.payloads.bridge import PumpEntry
from warmflow.api.payloads.model import Note, Payload, Pump, doc
from warmflow.api.payloads.readings import Card

UTC_MS = "UTC, ISO 8601, milliseconds"


class Scenario(Payload, frozen=True, kw_only=True):
    """How a scenario stands that a pump plays, or played last."""

    scenario: Annotated[str, doc("its name")]
    title: Annotated[str, doc("its name for people")]
    state: Annotated[str, doc("one word for it")]
    reason: Annotated[str, doc("why; empty where all is well")]
    began_pump_time_s: Annotated[float | None, doc("when it began, by the pump's clock; `null` before")]
    length_min: Annotated[float, doc("how long it is, in pump time")]
    steps: Annotated[int, doc("how many commands it has")]
    sent: Annotated[int, doc("how many of them the board has taken")]


class PumpsPage(Payload, frozen=True, kw_only=True):
    """All pumps with their last readings."""

    pumps: Annotated[list[PumpEntry], doc("a list of pumps")]
    last: Annotated[dict[str, Card], doc("each pump's last reading, by its name")]
    scenarios: Annotated[dict[str, Scenario], doc("the last scenario of each pump, by its name")]
    note: Note


class Me(Payload, frozen=True, kw_only=True):
    """What whoever asks may do here."""

    annotations: Annotated[bool, doc("write annotations")]
    user: Annotated[str, doc("the name that was given at the login; empty without one")]
    commands: Annotated[bool, doc("move pumps")]
    login: Annotated[bool, doc("whether this is a login, which POST /logout ends")]
    instructor: Annotated[bool, doc("inject faults in a lesson, and see hidden ones")]


class AlarmList(Payload, frozen=True, kw_only=True):
    """Every alarm with its state."""

    alarms: Annotated[list[ListedAlarm], doc("a list of alarms")]


class Readings(Payload, frozen=True, kw_only=True):
    """Readings of a stretch of time, in columns."""

    pump: Pump
    kind: Annotated[str, doc("raw, or spans: minimum, mean and maximum")]
    span_s: Annotated[float | None, doc("length of a span; `null` of raw readings")]
    n: Annotated[int, doc("how many rows")]
    columns: Annotated[dict[str, list[float | None]], doc("a list for each column; `null` where nothing was measured")]
    note: Note


class Annotation(Payload, frozen=True, kw_only=True):
    """What somebody wrote at a moment of a pump."""

    id: Annotated[int, doc("its number")]
    pump: Pump
    time: Annotated[str, doc(f"the moment that it is about, {UTC_MS}")]
    text: Annotated[str, doc("what was written")]
    by: Annotated[str, doc("who")]
    written: Annotated[str, doc(f"when it was written, {UTC_MS}")]


class Annotations(Payload, frozen=True, kw_only=True):
    """Annotations, oldest first."""

    annotations: Annotated[list[Annotation], doc("a list of annotations")]


class Written(Payload, frozen=True, kw_only=True):
    """An annotation was written."""

    annotation: Annotated[Annotation, doc("the annotation")]


class Removed(Payload, frozen=True, kw_only=True):
    """An annotation was removed."""

    removed: Annotated[Annotation, doc("what it was")]


class Problem(Payload, frozen=True, kw_only=True):
    """Why a request was not carried out: `application/problem+json` of RFC 9457."""

    type: Annotated[str, doc("always about:blank: the status says what kind it is")]
    title: Annotated[str, doc("the status in words")]
    status: Annotated[int, doc("the status of the answer")]
    detail: Annotated[str, doc("why, and what to do, in one line")]
