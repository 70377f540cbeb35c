"""JSON payloads, pure: names carry their units, times are UTC.

Values that the emulator computed are on `truth` alone, and say so.
"""

from datetime import datetime
from typing import Any

from pumplink.codes import EventCode, Fault, Status, TruthFlag, spoken
from warmflow.alarms import Happened, Held, shown
from warmflow.alarms.alarm_history import line
from warmflow.alarms.conditions import usable_nl
from warmflow.device.states import DEVICE_OK, REMEDIES, DeviceState, LinkState
from warmflow.device.updates import Assessed, BoardEvent, Gap, Inner, Link, Reading, Summary
from warmflow.monitor.explanation import explanation
from warmflow.notice import NOTICE
from warmflow.runtime.logs import Entry as LogEntry
from warmflow.runtime.utc import utc_text


def state(reading: Reading) -> dict[str, Any]:
    """The latest value in full, for a person with mosquitto_sub."""
    message, finding, rig = reading.message, reading.finding, reading.rig
    ul_h = message.metered_flow_nl_h / 1000
    out: dict[str, Any] = {
        "time": utc_text(reading.utc),
        "time_error_ms": None if reading.time_error_s is None else round(1000 * reading.time_error_s, 1),
        "probe_c": reading.measured.probe_c,
        "probe": status_words(message.status),
        "flow_ul_h": round(ul_h, 3),
        "flow_ml_day": round(ul_h * 0.024, 4),
    }
    if finding and rig:
        level_nl = rig.filled_nl - (message.metered_volume_nl - rig.metered_at_fill_nl)
        left_nl = max(0, usable_nl(rig, message.metered_volume_nl))
        out |= {
            "deviation_percent": round(100 * finding.deviation, 2),
            "explained_by_probe_percent": round(100 * finding.expected, 2),
            "reference_flow_ul_h": round(finding.reference_flow_nl_h / 1000, 3),
            "deviation_from_label_percent": round(100 * finding.label_deviation, 2),
            "level": finding.level.word,
            "cause": finding.cause,
            "reservoir_ml": round(level_nl / 1e6, 3),
            "days_left": round(left_nl / message.metered_flow_nl_h / 24, 2) if message.metered_flow_nl_h else None,
        }
        if finding.suppressed:
            out["no_flags_because"] = finding.suppressed
    return out | {
        "delivered_ml": round(message.metered_volume_nl / 1e6, 6),
        "pump_time_s": message.pump_time_ms / 1000,
        "speed_x": reading.speed_x,
        "boot": str(reading.boot),
        "sequence": message.sequence,
        "note": NOTICE,
    }


def telemetry(readings: list[Reading], resent: bool) -> dict[str, Any]:
    """A batch of readings of one boot. `resent`: an earlier attempt may have arrived already."""
    first = readings[0]
    return {
        "pump": first.pump,
        "board_id": first.boot.board_id,
        "boot": str(first.boot),
        "resent": resent,
        "readings": [reading_fields(reading) for reading in readings],
    }


def reading_fields(reading: Reading) -> dict[str, Any]:
    message = reading.message
    return {
        "sequence": message.sequence,
        "time": utc_text(reading.utc),
        "uptime_ms": message.uptime_ms,
        "pump_time_ms": message.pump_time_ms,
        "probe_c": reading.measured.probe_c,
        "probe_age_ms": message.probe_age_ms,
        "ambient_kpa": reading.measured.ambient_kpa,
        "flow_ul_h": message.metered_flow_nl_h / 1000,
        "volume_ul": message.metered_volume_nl / 1000,
        "status": message.status,
        "historical": reading.late,
    }


def event(update: BoardEvent, resent: bool) -> dict[str, Any]:
    message = update.message
    return {
        "pump": update.pump,
        "board_id": update.boot.board_id,
        "boot": str(update.boot),
        "sequence": message.sequence,
        "time": utc_text(update.utc),
        "pump_time_ms": message.pump_time_ms,
        "event": spoken(EventCode, message.code),
        "value": message.value,
        "text": message.text,
        "historical": update.late,
        "resent": resent,
    }


def summary(update: Summary, resent: bool) -> dict[str, Any]:
    """One minute. `time` is its end; null where the board was started again since, for it has no clock of its own."""
    minute = update.message
    return {
        "pump": update.pump,
        "board_id": update.boot.board_id,
        "boot": str(update.boot),
        "minute": minute.minute,
        "time": utc_text(update.utc) if update.utc else None,
        "uptime_ms": minute.uptime_ms,
        "pump_time_ms": minute.pump_time_ms,
        "readings": minute.readings,
        "probe_min_c": _c(minute.probe_min_mc),
        "probe_mean_c": _c(minute.probe_mean_mc),
        "probe_max_c": _c(minute.probe_max_mc),
        "flow_min_ul_h": minute.flow_min_nl_h / 1000,
        "flow_mean_ul_h": minute.flow_mean_nl_h / 1000,
        "flow_max_ul_h": minute.flow_max_nl_h / 1000,
        "volume_ul": minute.metered_volume_nl / 1000,
        "status": minute.status,
        "historical": True,
        "resent": resent,
    }


def _c(milli_c: int | None) -> float | None:
    return None if milli_c is None else milli_c / 1000


def gap(update: Gap, resent: bool) -> dict[str, Any]:
    return {
        "pump": update.pump,
        "board_id": update.boot.board_id,
        "boot": str(update.boot),
        "first_sequence": update.first,
        "last_sequence": update.last,
        "reason": update.reason,
        "resent": resent,
    }


def alarm(held: Held) -> dict[str, Any]:
    """How an alarm stands; its figures by name."""
    out = shown(held)
    figures: dict[str, Any] = out.pop("figures")
    return out | figures | {"note": NOTICE}


def alarm_event(happened: Happened) -> dict[str, Any]:
    """One line of an alarm's history, with how it stands after it."""
    out = line(happened)
    figures: dict[str, Any] = out.pop("figures")
    return out | figures | {"note": NOTICE}


def diagnosis(update: Assessed) -> dict[str, Any]:
    """Why the flow is what it is."""
    return {"time": utc_text(update.utc), **explanation(update.assessment), "note": NOTICE}


def latest(update: Reading | Assessed | Inner) -> dict[str, Any]:
    """Of what only the newest counts."""
    match update:
        case Reading():
            return state(update)
        case Assessed():
            return diagnosis(update)
    return truth(update)


def status(link: Link, device: DeviceState, device_since: datetime | None, known: bool) -> dict[str, Any]:
    """Link and device apart, and the one that counts: the link's state, and if that is ok the device's."""
    link_first = link.state is not LinkState.OK or device is DEVICE_OK or device_since is None
    return {
        "status": link.state.value if link_first else device.word,
        "reason": link.detail if link_first else device.reason,
        "remedy": REMEDIES[link.state] if link_first else device.remedy,
        "since": utc_text(link.since if link_first or device_since is None else device_since),
        "link": link.state.value,
        "link_since": utc_text(link.since),
        "device": device.word if known else None,
        "device_since": utc_text(device_since) if device_since else None,
        "port": link.port or None,
    }


def link_status(link: Link) -> dict[str, Any]:
    """Of a port whose board has not said its name."""
    return {
        "port": link.port or None,
        "status": link.state.value,
        "reason": link.detail,
        "remedy": REMEDIES[link.state],
        "since": utc_text(link.since),
    }


def absent(now: datetime) -> dict[str, Any]:
    """Of a pump that the broker knows from before and that no board of this daemon is called."""
    link = Link("", LinkState.NOT_FOUND, "no board of this name has said hello since the daemon was started", now)
    return status(link, DEVICE_OK, None, False)


def link_event(link: Link) -> dict[str, Any]:
    return {"event": "link", "pump": link.pump or None, **link_status(link)}


def connected_event(connects: int, protocol: str, at: datetime) -> dict[str, Any]:
    return {"event": "connected", "time": utc_text(at), "connects": connects, "mqtt": protocol}


def log_line(entry: LogEntry) -> dict[str, Any]:
    return {
        "time": utc_text(entry.utc),
        "level": entry.level,
        "area": entry.area,
        "pump": entry.pump or None,
        "text": entry.text,
    }


def request_event(outcome: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {"event": "request", "time": utc_text(at), **outcome}


def device_event(reading: Reading, state: DeviceState) -> dict[str, Any]:
    return {
        "event": "device",
        "pump": reading.pump,
        "port": None,
        "status": state.word,
        "reason": state.reason,
        "remedy": state.remedy,
        "since": utc_text(reading.utc),
    }


def availability(state: LinkState) -> bytes:
    return b"online" if state in (LinkState.OK, LinkState.CRC_STORM) else b"offline"


def truth(update: Inner) -> dict[str, Any]:
    t = update.message
    return {
        "modelled": True,
        "time": utc_text(update.utc),
        "pump_time_s": t.pump_time_ms / 1000,
        "skin_c": t.skin_mc / 1000,
        "core_c": t.core_mc / 1000,
        "pump_c": t.pump_mc / 1000,
        "vapour_kpa": t.vapour_pa / 1000,
        "drive_kpa": t.drive_pa / 1000,
        "ambient_kpa": t.true_ambient_pa / 1000,
        "outlet_kpa": t.outlet_pa / 1000,
        "viscosity_mpa_s": t.viscosity_npa_s / 1e6,
        "flow_ul_h": t.flow_nl_h / 1000,
        "delivered_flow_ul_h": t.delivered_flow_nl_h / 1000,
        "delivered_ml": t.delivered_nl / 1e6,
        "reservoir_ml": t.reservoir_level_nl / 1e6,
        "reference_flow_ul_h": t.reference_flow_nl_h / 1000,
        "fault": spoken(Fault, t.fault),
        "flags": names(TruthFlag(t.flags)),
        "note": NOTICE,
    }


def status_words(status: int) -> str:
    """The probe's state as words: 'ok' or what limits it."""
    return ", ".join(names(Status(status))) or "ok"


def names(flags: Status | TruthFlag) -> list[str]:
    return [(flag.name or "").lower().replace("_", " ") for flag in flags]
