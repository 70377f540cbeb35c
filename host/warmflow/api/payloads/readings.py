"""Readings: `state`, the latest one in full for people, and `telemetry`, all of them in batches for programs."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from pumplink.codes import FaultBit, Status, TruthFlag
from warmflow.alarms.conditions import usable_nl
from warmflow.alarms.state_words import StateWords, state_words
from warmflow.api.payloads.explanations import Explanation
from warmflow.api.payloads.model import (
    BootId,
    Historical,
    Note,
    OfBoot,
    Payload,
    Redated,
    SharedSequence,
    Time,
    TimeUncertain,
    doc,
    time_marks,
)  # fmt: skip
from warmflow.device.updates import Reading
from warmflow.monitor import Diagnosis, Finding, Rig
from warmflow.notice import NOTICE
from warmflow.runtime.utc import utc_text


class State(Payload, frozen=True, kw_only=True):
    """The latest value in full, for a person with mosquitto_sub."""

    time: Time
    time_error_ms: Annotated[float | None, doc("bound on the error of `time`; `null` if it is unknown")]
    time_uncertain: TimeUncertain = None
    probe_c: Annotated[float | None, doc("temperature at the probe; `null` without a valid reading")]
    probe: Annotated[str, doc("`ok`, or what is wrong with the probe's reading")]
    flow_ul_h: Annotated[float, doc("metered flow")]
    flow_ml_day: Annotated[float, doc("the same flow per day")]
    deviation_percent: Annotated[
        float | None, doc("(monitored) metered flow, smoothed, against the reference rate")
    ] = None
    explained_by_probe_percent: Annotated[
        float | None, doc("(monitored) the part of it that the probe's temperature explains")
    ] = None
    reference_flow_ul_h: Annotated[float | None, doc("(monitored) the rate at 37 °C and the site's pressure")] = None
    deviation_from_label_percent: Annotated[float | None, doc("(monitored) the same flow against the label")] = None
    level: Annotated[str | None, doc("(monitored) normal, low, medium, high")] = None
    cause: Annotated[str | None, doc("(monitored) heat, cold, unexplained; empty if the level is normal")] = None
    headline: Annotated[
        str | None, doc("(monitored) how far the flow is away, in words: `Flow 40 % below reference`")
    ] = None
    likely: Annotated[str | None, doc("(monitored) the likeliest cause and how sure it is, in words")] = None
    data_quality: Annotated[str | None, doc("(only then) what is wrong with the readings' times, in words")] = None
    reservoir_ml: Annotated[float | None, doc("(monitored) volume left, from the volumes filled and metered")] = None
    days_left: Annotated[
        float | UnsetType | None,
        doc("(monitored) how long the usable volume lasts at this flow; `null` without flow"),
    ] = UNSET
    no_flags_because: Annotated[str | None, doc("(only then) why no flag can be raised")] = None
    delivered_ml: Annotated[float, doc("metered since the board's totals began")]
    pump_time_s: Annotated[float, doc("the pump's clock, which may run faster than real time")]
    speed_x: Annotated[int, doc("how many times faster")]
    boot: BootId
    sequence: Annotated[int, doc("number of the reading within its boot")]
    note: Note


class Card(State, frozen=True, kw_only=True):
    """A pump's last reading with its diagnosis, for the pages and `/api/pumps`."""

    diagnosis: Annotated[Explanation | None, doc("why the flow is what it is; `null` before there is one")]


class ReadingRow(Payload, frozen=True, kw_only=True):
    """One reading of a batch."""

    sequence: SharedSequence
    time: Time
    uptime_ms: Annotated[int, doc("the board's clock")]
    pump_time_ms: Annotated[int, doc("the pump's clock")]
    probe_c: Annotated[float | None, doc("temperature at the probe; `null` if nothing was measured")]
    probe_age_ms: Annotated[int | None, doc("age of that value; `null` without one")]
    ambient_kpa: Annotated[float | None, doc("barometer; `null` without one")]
    flow_ul_h: Annotated[float, doc("metered flow")]
    volume_ul: Annotated[float, doc("metered volume since the totals began")]
    status: Annotated[int, doc("number of [protocol.md](protocol.md)'s Status flags")]
    historical: Historical


class Telemetry(OfBoot, frozen=True, kw_only=True):
    """A batch of readings of one boot."""

    resent: Annotated[bool, doc("the records may have been published before: count by the key")]
    redated: Redated = None
    time_uncertain: TimeUncertain = None
    readings: Annotated[list[ReadingRow], doc("a list of readings, in order")]


def state(reading: Reading, found: Diagnosis | None = None) -> State:
    """The latest value with the newest diagnosis. The monitor's fields are left out if it makes no assessment."""
    message = reading.message
    ul_h = message.metered_flow_nl_h / 1000
    plain = State(
        time=utc_text(reading.utc),
        time_error_ms=None if reading.time_error_s is None else round(1000 * reading.time_error_s, 1),
        time_uncertain=time_marks(reading.dating).time_uncertain,
        probe_c=reading.measured.probe_c,
        probe=status_words(message.status),
        flow_ul_h=round(ul_h, 3),
        flow_ml_day=round(ul_h * 0.024, 4),
        delivered_ml=round(message.metered_volume_nl / 1e6, 6),
        pump_time_s=message.pump_time_ms / 1000,
        speed_x=reading.speed_x,
        boot=str(reading.boot),
        sequence=message.sequence,
        note=NOTICE,
    )
    if not reading.finding or not reading.rig:
        return plain
    return _monitored(plain, reading, reading.finding, reading.rig, state_words(reading.finding, found))


def _monitored(plain: State, reading: Reading, finding: Finding, rig: Rig, words: StateWords) -> State:
    message = reading.message
    level_nl = rig.filled_nl - (message.metered_volume_nl - rig.metered_at_fill_nl)
    left_nl = max(0, usable_nl(rig, message.metered_volume_nl))
    return msgspec.structs.replace(
        plain,
        deviation_percent=round(100 * finding.deviation, 2),
        explained_by_probe_percent=round(100 * finding.expected, 2),
        reference_flow_ul_h=round(finding.reference_flow_nl_h / 1000, 3),
        deviation_from_label_percent=round(100 * finding.label_deviation, 2),
        level=words.level,
        cause=words.cause,
        headline=words.headline,
        likely=words.likely,
        data_quality=words.quality or None,
        reservoir_ml=round(level_nl / 1e6, 3),
        days_left=round(left_nl / message.metered_flow_nl_h / 24, 2) if message.metered_flow_nl_h else None,
        no_flags_because=finding.suppressed or None,
    )


def card(reading: Reading, diagnosis: Explanation | None, found: Diagnosis | None = None) -> Card:
    """The latest value with its diagnosis, in words and as it was found."""
    values = state(reading, found)
    return Card(**{name: getattr(values, name) for name in State.__struct_fields__}, diagnosis=diagnosis)


def telemetry(readings: list[Reading], resent: bool) -> Telemetry:
    """`resent`: the readings may have been published before."""
    first = readings[0]
    return Telemetry(
        pump=first.pump,
        board_id=first.boot.board_id,
        boot=str(first.boot),
        resent=resent,
        **time_marks(first.dating)._asdict(),
        readings=[reading_row(reading) for reading in readings],
    )


def reading_row(reading: Reading) -> ReadingRow:
    message = reading.message
    return ReadingRow(
        sequence=message.sequence,
        time=utc_text(reading.utc),
        uptime_ms=message.uptime_ms,
        pump_time_ms=message.pump_time_ms,
        probe_c=reading.measured.probe_c,
        probe_age_ms=message.probe_age_ms,
        ambient_kpa=reading.measured.ambient_kpa,
        flow_ul_h=message.metered_flow_nl_h / 1000,
        volume_ul=message.metered_volume_nl / 1000,
        status=message.status,
        historical=reading.late,
    )


def status_words(status: int) -> str:
    """The probe's state in words: 'ok' or its Status flags."""
    return ", ".join(flag_names(Status(status))) or "ok"


def flag_names(flags: Status | TruthFlag | FaultBit) -> list[str]:
    return [(flag.name or "").lower().replace("_", " ") for flag in flags]
