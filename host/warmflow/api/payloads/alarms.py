"""`alarm`, the state of an alarm, and `alarm_event`, a change of it."""

from typing import Annotated, Any

from warmflow.alarms import Alarm as LiveAlarm
from warmflow.alarms import AlarmChange, shown
from warmflow.alarms.alarm_history import line
from warmflow.api.payloads.model import Note, Payload, Pump, composed, doc
from warmflow.notice import NOTICE


class Comment(Payload, frozen=True, kw_only=True):
    """A person's comment on an alarm."""

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
    """The state of an alarm, without its figures."""

    id: Annotated[str, doc("which alarm, see the table of alarms")]
    pump: Pump
    title: Annotated[str, doc("its title")]
    state: Annotated[
        str, doc("normal, unacknowledged, acknowledged, returned unacknowledged, latched, shelved, suppressed")
    ]
    active: Annotated[bool, doc("whether its condition is present")]
    priority: Annotated[
        str | None,
        doc("low, medium, high: of the present level, or of the worst one until it is answered; `null` if normal"),
    ]
    level: Annotated[str, doc("present level of the condition: normal, low, medium, high")]
    cause: Annotated[str, doc("for `rate`: heat, cold, unexplained; otherwise in words; empty if the level is normal")]
    text: Annotated[str, doc("a sentence")]
    since: Annotated[str | None, doc("when it was raised or became normal; a change of level does not change it")]
    time: Annotated[str | None, doc("when this level and cause were reached")]
    acknowledged_by: Annotated[str | None, doc("who acknowledged it; else `null`")]
    acknowledged_at: Annotated[str | None, doc("when; else `null`")]
    comments: Annotated[list[Comment], doc("a list of `by`, `at`, `text`")]
    shelved_by: Annotated[str | None, doc("who shelved it; else `null`")]
    shelved_until: Annotated[str | None, doc("until when; else `null`")]
    chattering: Annotated[int, doc("number of occurrences within 10 minutes, if it chatters; else 0")]
    suppressed_because: Annotated[
        str | None, doc("which alarm covers it while it is suppressed by design; else `null`")
    ]
    likely: Annotated[str, doc("the monitor's diagnosis in words; empty without one")]
    was: Annotated[
        Worst | None,
        doc("unless normal: the worst since it was raised, as `level`, `cause`, `text`, `time`; else `null`"),
    ]


class ListedAlarm(AlarmState, frozen=True, kw_only=True):
    """An alarm in the answers to `alarms` and `alarm_history`, in `/api/alarms` and on the pages."""

    figures: Annotated[dict[str, float], doc("its figures by name, as on `alarm`")]


class Alarm(AlarmState, frozen=True, kw_only=True):
    """An alarm with the figures of its own kind."""

    deviation_percent: Annotated[float | None, doc("(rate) metered flow against the reference rate at that time")] = (
        None
    )
    explained_by_probe_percent: Annotated[
        float | None, doc("(rate) the part of it that the probe's temperature explains")
    ] = None
    pump_time_s: Annotated[float | None, doc("(rate) when this level was reached, by the pump's clock")] = None
    dose_percent: Annotated[float | None, doc("(dose) extra dose in percent of 14 days at the reference rate")] = None
    extra_ul: Annotated[float | None, doc("(dose) the same as a volume")] = None
    days_left: Annotated[float | None, doc("(near-empty) days left at the reference rate")] = None
    usable_ml: Annotated[float | None, doc("(near-empty) volume that can still be delivered")] = None
    unexplained_percent: Annotated[
        float | None, doc("(drift) unexplained change, in percent of the reference rate")
    ] = None
    note: Note


AlarmEvent = composed(
    "AlarmEvent",
    "A change of an alarm, and the alarm's state after it.",
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
    ("by", Annotated[str | None, doc("the person who did it; else `null`")]),
    ("said", Annotated[str, doc("that person's comment")]),
    Alarm,
)


def alarm(held: LiveAlarm) -> Alarm:
    """The state of an alarm, with its figures as fields."""
    return Alarm(**_flat(shown(held)), note=NOTICE)


def alarm_event(happened: AlarmChange) -> Payload:
    """An `AlarmEvent`."""
    return AlarmEvent(**_flat(line(happened)), note=NOTICE)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Raises TypeError for a figure without a field, because it would be published without a description."""
    comments, was = [Comment(**each) for each in row["comments"]], row["was"]
    figures: dict[str, float] = row.pop("figures")
    return row | {"comments": comments, "was": Worst(**was) if was else None} | figures
