"""A hot tub as MQTT messages, made by the model pump, the real monitor and the real payloads: for pictures and tests.

It is no recording and touches no broker; every run gives the same messages, the meter's noise included.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pumplink import messages as m
from pumplink.codes import EventCode, Status
from pumpmodel import Pump
from warmflow.alarms import AlarmEngine, conditions
from warmflow.api import payloads
from warmflow.device.identity import Boot, PumpName, pump_name
from warmflow.device.states import DEVICE_OK, LinkState
from warmflow.device.updates import BoardEvent, GroundTruth, LinkStatus, Reading
from warmflow.monitor import Measured, Monitor, Rig
from warmflow.runtime.json_bytes import dump

SPEED_X = 60
STATE_S = 0.2  # wall time between two states
START = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
TUB_FROM_S, TUB_S, END_S = 180, 1800, 8280
METER_NOISE = 0.01
LABEL_NL_H = 54_167

DEMO = pump_name("demo")


class Message(NamedTuple):
    """A message and the second of wall time at which it comes."""

    at_s: float
    topic: str
    payload: bytes


def hot_tub(pump: PumpName = DEMO, seed: int = 1, until_s: float = END_S) -> Iterator[Message]:
    """A tub of 42 degC for 30 minutes of pump time at 60x, from rest to rest, up to `until_s` of pump time."""
    noise, boot = random.Random(seed), Boot("e661385283a14b2e", 12, seed)
    body = Pump()
    rig = Rig("r11", "average", "water", "drug", 0.0, 101.325, LABEL_NL_H, body.reservoir_nl, 0, 0)
    monitor = Monitor()
    monitor.declare(rig)
    yield from _link(pump)
    in_tub = False
    book = AlarmEngine()
    step_s = round(STATE_S * SPEED_X)
    for pump_s in range(step_s, round(until_s) + 1, step_s):
        at_s = pump_s / SPEED_X
        utc = START + timedelta(seconds=at_s)
        tub = TUB_FROM_S <= pump_s < TUB_FROM_S + TUB_S
        if tub != in_tub:
            in_tub = tub
            if tub:
                body.expose(41.5, 38.5, duration_s=TUB_S)
            yield _event(pump, boot, pump_s, utc, at_s, tub)
        for _ in range(step_s):
            body.step(1.0)
        reading = _reading(pump, boot, body, rig, monitor, noise, pump_s, utc, tub)
        yield Message(at_s, f"warmflow/{pump}/state", dump(payloads.state(reading)))
        if reading.finding and reading.finding.changed:
            for happened in book.report(pump, conditions.rate(reading.finding, None, utc), utc):
                yield Message(at_s, f"warmflow/{pump}/alarm/rate", dump(payloads.alarm(happened.held)))
        yield Message(at_s, f"warmflow/{pump}/truth", dump(payloads.truth(_truth(pump, body, pump_s, utc))))


OK = payloads.status(LinkStatus("", LinkState.OK, "", START), DEVICE_OK, START, True)


def _link(pump: str) -> Iterator[Message]:
    yield Message(0.0, "warmflow/bridge/state", b"running")
    yield Message(0.0, f"warmflow/{pump}/availability", payloads.availability(LinkState.OK))
    yield Message(0.0, f"warmflow/{pump}/status", dump(OK))


def _event(pump: PumpName, boot: Boot, pump_s: int, utc: datetime, at_s: float, began: bool) -> Message:
    code = EventCode.EXPOSURE_BEGAN if began else EventCode.EXPOSURE_ENDED
    message = m.Event(0, 100_000 + pump_s, pump_s * 1000, pump_s * 1000, code, TUB_S, "")
    return Message(
        at_s,
        f"warmflow/{pump}/event",
        dump(payloads.event(BoardEvent(pump, boot, message, utc, False), False)),
    )


def _reading(
    pump: PumpName,
    boot: Boot,
    body: Pump,
    rig: Rig,
    monitor: Monitor,
    noise: random.Random,
    pump_s: int,
    utc: datetime,
    tub: bool,
) -> Reading:
    probe_mc = round(42_000 + noise.gauss(0, 30)) if tub else round(24_000 + noise.gauss(0, 30))
    status = Status.PROBE_EMULATED if tub else Status.PROBE_EMULATED | Status.PROBE_OUT
    flow_nl_h = round(body.flow_nl_h * (1 + noise.gauss(0, METER_NOISE)))
    message = m.Telemetry(
        0,
        round(pump_s / SPEED_X / STATE_S),
        round(1000 * pump_s / SPEED_X),
        pump_s * 1000,
        probe_mc,
        100,
        None,
        flow_nl_h,
        body.pumped_nl,
        int(status),
    )
    measured = Measured.reading(message)
    return Reading(pump, boot, message, measured, utc, False, monitor.read(measured), rig, SPEED_X)


def _truth(pump: PumpName, body: Pump, pump_s: int, utc: datetime) -> GroundTruth:
    message = m.Truth(
        sequence=pump_s,
        uptime_ms=pump_s * 1000,
        pump_time_ms=pump_s * 1000,
        skin_mc=_thousandths(body.skin_c),
        core_mc=_thousandths(body.core_c),
        pump_mc=_thousandths(body.pump_c),
        vapour_pa=_thousandths(body.vapour_kpa),
        drive_pa=_thousandths(body.drive_kpa),
        true_ambient_pa=_thousandths(body.ambient_kpa),
        outlet_pa=_thousandths(body.outlet_kpa),
        viscosity_npa_s=round(body.viscosity_mpa_s * 1e6),
        flow_nl_h=round(body.flow_nl_h),
        delivered_flow_nl_h=round(body.delivered_flow_nl_h),
        delivered_nl=body.delivered_nl,
        reservoir_level_nl=body.reservoir_nl,
        reference_flow_nl_h=round(body.reference_flow_nl_h),
        faults=0,
        flags=0,
    )
    return GroundTruth(pump, message, utc)


def _thousandths(number: float) -> int:
    return round(number * 1000)
