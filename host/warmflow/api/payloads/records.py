"""The other records of a board: `event`, `summary`, the gaps of both; and `truth`, what the emulator computed.

Computed values are published on `truth` only, and are marked as modelled there.
"""

from typing import Annotated

from pumplink.codes import EventCode, FaultBit, TruthFlag, spoken
from warmflow.api.payloads.model import (
    Historical,
    Note,
    OfBoot,
    Payload,
    PumpTimeMs,
    Redated,
    Resent,
    SharedSequence,
    Time,
    TimeUncertain,
    doc,
    time_marks,
)  # fmt: skip
from warmflow.api.payloads.readings import flag_names
from warmflow.device import updates
from warmflow.notice import NOTICE
from warmflow.runtime.utc import utc_text


class Event(OfBoot, frozen=True, kw_only=True):
    """What happened on the board."""

    sequence: SharedSequence
    time: Time
    pump_time_ms: PumpTimeMs
    event: Annotated[str, doc("what happened, see [protocol.md](protocol.md)'s EventCode")]
    value: Annotated[int, doc("the number that belongs to it")]
    text: Annotated[str, doc("the text that belongs to it")]
    historical: Historical
    resent: Resent
    redated: Redated = None
    time_uncertain: TimeUncertain = None


class Summary(OfBoot, frozen=True, kw_only=True):
    """One minute that the board stored while it was not connected."""

    minute: Annotated[int, doc("number of the minute; it keeps counting across boots")]
    time: Annotated[
        str | None, doc("its end, UTC; `null` if the board has restarted since: the clock of that boot is unknown")
    ]
    uptime_ms: Annotated[int, doc("the board's clock at its end")]
    pump_time_ms: Annotated[int, doc("the pump's clock at its end")]
    readings: Annotated[int, doc("number of readings in it")]
    probe_min_c: Annotated[float | None, doc("lowest temperature at the probe; `null` if nothing was measured")]
    probe_mean_c: Annotated[float | None, doc("mean; `null` if nothing was measured")]
    probe_max_c: Annotated[float | None, doc("highest; `null` if nothing was measured")]
    flow_min_ul_h: Annotated[float, doc("lowest metered flow")]
    flow_mean_ul_h: Annotated[float, doc("mean")]
    flow_max_ul_h: Annotated[float, doc("highest")]
    volume_ul: Annotated[float, doc("metered volume since the totals began, at its end")]
    status: Annotated[int, doc("number of [protocol.md](protocol.md)'s Status flags: all that were set during it")]
    historical: Annotated[bool, doc("always true")]
    resent: Resent
    redated: Redated = None
    time_uncertain: TimeUncertain = None


class Gap(OfBoot, frozen=True, kw_only=True):
    """Records that are lost."""

    first_sequence: Annotated[int, doc("first lost record")]
    last_sequence: Annotated[int | None, doc("last lost record; `null` if the number is unknown")]
    reason: Annotated[str, doc("the reason")]
    resent: Resent


class SummaryGap(OfBoot, frozen=True, kw_only=True):
    """Lost minute summaries. `boot` is the one in which the loss was found; the minutes may be of an earlier one."""

    first_minute: Annotated[int, doc("number of the first lost minute")]
    last_minute: Annotated[int, doc("number of the last lost minute")]
    reason: Annotated[str, doc("the reason")]
    resent: Resent


class Truth(Payload, frozen=True, kw_only=True):
    """The emulator's internal state, for teaching."""

    modelled: Annotated[bool, doc("always true: no value here was measured")]
    time: Time
    pump_time_s: Annotated[float, doc("the pump's clock")]
    skin_c: Annotated[float, doc("temperature of the skin over the pump")]
    core_c: Annotated[float, doc("temperature of the body's core")]
    pump_c: Annotated[float, doc("temperature of the pump and its propellant")]
    vapour_kpa: Annotated[float, doc("vapour pressure of the propellant, absolute")]
    drive_kpa: Annotated[float, doc("pressure that drives the flow through the restrictor")]
    ambient_kpa: Annotated[float, doc("pressure around the body, absolute")]
    outlet_kpa: Annotated[float, doc("pressure at the catheter, above ambient")]
    viscosity_mpa_s: Annotated[float, doc("viscosity of the fluid in the restrictor")]
    flow_ul_h: Annotated[float, doc("flow out of the pump")]
    delivered_flow_ul_h: Annotated[float, doc("the part of it that reaches the body")]
    delivered_ml: Annotated[float, doc("volume that has reached the body")]
    reservoir_ml: Annotated[float, doc("volume in the reservoir")]
    reference_flow_ul_h: Annotated[float, doc("the rate at 37 °C and the site's pressure")]
    fault: Annotated[str, doc("active fault, see [protocol.md](protocol.md)'s Fault")]
    flags: Annotated[list[str], doc("a list of [protocol.md](protocol.md)'s TruthFlag")]
    note: Note


def event(update: updates.BoardEvent, resent: bool) -> Event:
    message = update.message
    return Event(
        pump=update.pump,
        board_id=update.boot.board_id,
        boot=str(update.boot),
        sequence=message.sequence,
        time=utc_text(update.utc),
        pump_time_ms=message.pump_time_ms,
        event=spoken(EventCode, message.code),
        value=message.value,
        text=message.text,
        historical=update.late,
        resent=resent,
        **time_marks(update.dating)._asdict(),
    )


def summary(update: updates.Summary, resent: bool) -> Summary:
    minute = update.message
    return Summary(
        pump=update.pump,
        board_id=update.boot.board_id,
        boot=str(update.boot),
        minute=minute.minute,
        time=utc_text(update.utc) if update.utc else None,
        uptime_ms=minute.uptime_ms,
        pump_time_ms=minute.pump_time_ms,
        readings=minute.readings,
        probe_min_c=_c(minute.probe_min_mc),
        probe_mean_c=_c(minute.probe_mean_mc),
        probe_max_c=_c(minute.probe_max_mc),
        flow_min_ul_h=minute.flow_min_nl_h / 1000,
        flow_mean_ul_h=minute.flow_mean_nl_h / 1000,
        flow_max_ul_h=minute.flow_max_nl_h / 1000,
        volume_ul=minute.metered_volume_nl / 1000,
        status=minute.status,
        historical=True,
        resent=resent,
        **time_marks(update.dating)._asdict(),
    )


def gap(update: updates.Gap, resent: bool) -> Gap:
    return Gap(
        pump=update.pump,
        board_id=update.boot.board_id,
        boot=str(update.boot),
        first_sequence=update.first,
        last_sequence=update.last,
        reason=update.reason,
        resent=resent,
    )


def summary_gap(update: updates.SummaryGap, resent: bool) -> SummaryGap:
    return SummaryGap(
        pump=update.pump,
        board_id=update.boot.board_id,
        boot=str(update.boot),
        first_minute=update.first,
        last_minute=update.last,
        reason=update.reason,
        resent=resent,
    )


def truth(update: updates.GroundTruth) -> Truth:
    t = update.message
    return Truth(
        modelled=True,
        time=utc_text(update.utc),
        pump_time_s=t.pump_time_ms / 1000,
        skin_c=t.skin_mc / 1000,
        core_c=t.core_mc / 1000,
        pump_c=t.pump_mc / 1000,
        vapour_kpa=t.vapour_pa / 1000,
        drive_kpa=t.drive_pa / 1000,
        ambient_kpa=t.true_ambient_pa / 1000,
        outlet_kpa=t.outlet_pa / 1000,
        viscosity_mpa_s=t.viscosity_npa_s / 1e6,
        flow_ul_h=t.flow_nl_h / 1000,
        delivered_flow_ul_h=t.delivered_flow_nl_h / 1000,
        delivered_ml=t.delivered_nl / 1e6,
        reservoir_ml=t.reservoir_level_nl / 1e6,
        reference_flow_ul_h=t.reference_flow_nl_h / 1000,
        fault=", ".join(flag_names(FaultBit(t.faults))) or "none",
        flags=flag_names(TruthFlag(t.flags)),
        note=NOTICE,
    )


def _c(milli_c: int | None) -> float | None:
    return None if milli_c is None else milli_c / 1000
