"""`alarm`, how an alarm stands, and `alarm_event`, what happened to it."""

from typing import Annotated, Any

from warmflow.alarms import Alarm as LiveAlarm
from warmflow.alarms import AlarmChange, shown
from warmflow.alarms.alarm_history import line
from warmflow.api.payloads.model import Note, Payload, Pump, composed, doc
from warmflow.notice import NOTICE


class Comment(Payload, frozen=True, kw_only=True):
    """What somebody said about an alarm."""

    by: Annotated[str, doc("who")]
    at: Annotated[str, doc("when, UTC")]
    text: Annotated[str, doc("the comment")]


class Worst(Payload, frozen=True, kw_only=True):
    """The worst condition since the alarm was raised."""

    level: Annotated[str, doc("low, medium, high")]
    cause: Annotated[str, doc("its cause")]
    text: Annotated[str, doc("a sentence")]
    time: Annotated[str | None, doc("when it was reached, UTC")]


class AlarmState(Payload, frozen=True, kw_only=True):
    """How an alarm stands, without its figures."""

    id: Annotated[str, doc("which alarm, see the table of alarms")]
    pump: Pump
    title: Annotated[str, doc("its name for people")]
    state: Annotated[
        str, doc("normal, unacknowledged, acknowledged, returned unacknowledged, latched, shelved, suppressed")
    ]
    active: Annotated[bool, doc("whether its condition is there")]
    priority: Annotated[
        str | None,
        doc("low, medium, high: of the level, or of what it was until that is answered; `null` where it is normal"),
    ]
    level: Annotated[str, doc("of the condition now: normal, low, medium, high")]
    cause: Annotated[str, doc("of `rate`: heat, cold, unexplained; else in words; empty where the level is normal")]
    text: Annotated[str, doc("a sentence")]
    since: Annotated[str | None, doc("since when it is raised, or normal; stays while the level changes")]
    time: Annotated[str | None, doc("when this level and cause were reached")]
    acknowledged_by: Annotated[str | None, doc("who; `null`")]
    acknowledged_at: Annotated[str | None, doc("when; `null`")]
    comments: Annotated[list[Comment], doc("a list of `by`, `at`, `text`")]
    shelved_by: Annotated[str | None, doc("who; `null`")]
    shelved_until: Annotated[str | None, doc("until when; `null`")]
    chattering: Annotated[int, doc("how often its condition came within 10 minutes, if that is too often; else 0")]
    suppressed_because: Annotated[
        str | None, doc("which alarm covers it while it is suppressed by design; `null` else")
    ]
    likely: Annotated[str, doc("the monitor's diagnosis in words; empty without one")]
    was: Annotated[
        Worst | None,
        doc("while it is not normal: the worst since it was raised, as `level`, `cause`, `text`, `time`; `null` else"),
    ]


class ListedAlarm(AlarmState, frozen=True, kw_only=True):
    """An alarm as the requests `alarms` and `alarm_history`, `/api/alarms` and the pages have it."""

    figures: Annotated[dict[str, float], doc("its figures by name, as on `alarm`")]


class Alarm(AlarmState, frozen=True, kw_only=True):
    """An alarm with its figures, those of its own kind alone."""

    deviation_percent: Annotated[float | None, doc("(rate) metered flow against the reference rate then")] = None
    explained_by_probe_percent: Annotated[float | None, doc("(rate) what the probe's temperature explains of it")] = (
        None
    )
    pump_time_s: Annotated[float | None, doc("(rate) when this level was reached, by the pump's clock")] = None
    dose_percent: Annotated[float | None, doc("(dose) in percent of 14 days at the reference rate")] = None
    extra_ul: Annotated[float | None, doc("(dose) the same as a volume")] = None
    days_left: Annotated[float | None, doc("(near-empty) at the reference rate")] = None
    usable_ml: Annotated[float | None, doc("(near-empty) what can still come")] = None
    unexplained_percent: Annotated[float | None, doc("(drift) of the reference rate")] = None
    note: Note


AlarmEvent = composed(
    "AlarmEvent",
    "What happened to an alarm, and how it stands after it.",
    (
        "event",
        Annotated[
            str,
            doc(
                "raised, level rose, level fell, explained, cleared, acknowledged, unlatched, shelved, unshelved, "
                "shelving expired, commented, acknowledgement undone, suppressed by design, no longer suppressed, "
                "chatters, chatters no more"
            ),
        ],
    ),
    ("words", Annotated[str, doc("the same for people: `Raised to high`")]),
    ("at", Annotated[str, doc("when")]),
    ("by", Annotated[str | None, doc("who, if it was a person; `null` else")]),
    ("said", Annotated[str, doc("their comment")]),
    Alarm,
)


def alarm(held: LiveAlarm) -> Alarm:
    """How an alarm stands; its figures by name."""
    return Alarm(**_flat(shown(held)), note=NOTICE)


def alarm_event(happened: AlarmChange) -> Payload:
    """An `AlarmEvent`."""
    return AlarmEvent(**_flat(line(happened)), note=NOTICE)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A figure that has no field raises TypeError: it would be published without a description."""
    comments, was = [Comment(**each) for each in row["comments"]], row["was"]
    figures: dict[str, float] = row.pop("figures")
    return row | {"comments": comments, "was": Worst(**was) if was else None} | figures
