"""Every kind of payload as the daemon builds it, of inputs that never change: for the tests of its bytes, its
documentation and its reader.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from mqtt_bench import BOOT, NOW, RIG, reading

from pumplink import messages as m
from warmflow.alarms import AlarmChange, AlarmEngine, conditions
from warmflow.alarms.lifecycle import Event
from warmflow.alarms.limit_registry import LimitRegistry
from warmflow.api import payloads
from warmflow.api.field_docs import sometimes
from warmflow.api.requests import Outcome
from warmflow.daemon.bridge_info import info
from warmflow.daemon.config import Settings
from warmflow.daemon.pump_entries import entry
from warmflow.device.host_clock import Dating
from warmflow.device.link import PumpLink
from warmflow.device.states import DEVICE_OK, DEVICE_STATES, LinkState
from warmflow.device.updates import (
    Assessed,
    BoardEvent,
    ClockChanged,
    Gap,
    GroundTruth,
    LinkStatus,
    Summary,
    SummaryGap,
)
from warmflow.hub import Hub
from warmflow.monitor import Assessment, Level, Monitor
from warmflow.runtime.json_bytes import dump
from warmflow.runtime.logs import Entry

LATER = NOW + timedelta(seconds=61.234)


def samples() -> Iterator[tuple[str, Any]]:
    """Kind of topic and payload, several of each kind where it has several shapes."""
    monitor = Monitor()
    monitor.declare(RIG)
    live = reading(1, monitor)
    late = live._replace(late=True, time_error_s=0.01234)
    still = reading(2, monitor, flow_nl_h=0)
    dumb = reading(3, monitor, status=16)
    for each in (live, late, live._replace(finding=None), still, dumb):
        yield "state", payloads.state(each)
        yield "reading", payloads.reading_row(each)
    yield "telemetry", payloads.telemetry([live, late, dumb], False)
    yield "telemetry", payloads.telemetry([late], True)
    yield (
        "event",
        payloads.event(BoardEvent("rig", BOOT, m.Event(0, 3, 250, 250, 4, -1, "Fühler weg"), NOW, False), False),
    )
    yield "event", payloads.event(BoardEvent("rig", BOOT, m.Event(0, 4, 250, 250, 250, 0, '"\n\x00'), NOW, True), True)
    minute = m.MinuteSummary(4, 0xABCD, 7, 60_000, 3_600_000, 600, 41_999, 42_000, 42_001, 1, 48_880, 99_999, 81, 32)
    yield "summary", payloads.summary(Summary("rig", BOOT, minute, NOW), False)
    unknown = minute._replace(probe_min_mc=None, probe_mean_mc=None, probe_max_mc=None)
    yield "summary", payloads.summary(Summary("rig", BOOT, unknown, None), True)
    yield "gap", payloads.gap(Gap("rig", BOOT, 1, 4, "why"), False)
    yield "gap", payloads.gap(Gap("rig", BOOT, 1, None, "why"), True)
    for happened in alarms():
        yield "alarm", payloads.alarm(happened.held)
        yield "alarm_event", payloads.alarm_event(happened)
    yield "diagnosis", payloads.diagnosis(judged(48_880))
    yield "diagnosis", payloads.diagnosis(judged(90_000))
    link = LinkStatus("rig", LinkState.OK, "", NOW, "/dev/ttyACM0")
    lost = LinkStatus("", LinkState.PORT_LOST, "unplugged", LATER, "")
    probe = next(iter(DEVICE_STATES.values()))
    yield "status", payloads.status(link, probe, LATER, True)
    yield "status", payloads.status(link, DEVICE_OK, None, False)
    yield "status", payloads.status(lost, probe, NOW, True)
    yield "status", payloads.absent(NOW)
    yield "link", payloads.link_status(link)
    yield "link", payloads.link_status(lost)
    yield "bridge_event", payloads.link_event(link)
    yield "bridge_event", payloads.link_event(lost)
    yield "bridge_event", payloads.device_event(live, probe)
    yield "bridge_event", payloads.connected_event(1, "5", NOW)
    refused = Outcome("rate", "rig", "error", "why")
    yield "bridge_event", payloads.request_event(refused, NOW)
    yield "bridge_event", payloads.request_event(Outcome("publish", None, "ok"), LATER)
    yield "log", payloads.log_line(Entry(NOW, "info", "link", "rig", "text"))
    yield "log", payloads.log_line(Entry(NOW, "error", "mqtt", "", "a half \ud800 character"))
    truth = m.Truth(*range(1_234, 1_234 + len(m.Truth._fields)))
    yield "truth", payloads.truth(GroundTruth("rig", truth._replace(faults=1, flags=3), NOW))
    yield "truth", payloads.truth(GroundTruth("rig", truth._replace(faults=0, flags=0), LATER))
    yield "pumps", payloads.listed(entry(silent_link()), None)
    yield "pumps", payloads.listed(entry(greeted_link()), "homeassistant/device/warmflow_0001020304050607/config")
    yield "info", info(Settings(), "5", "2026-11-21T12:00:00.000Z")
    yield "response", payloads.Response(status="ok", data={"removed": []}, transaction=1)
    yield "response", payloads.Response(status="error", error="why")
    again = Dating("run 1", 0, 0, 0, redated=True)
    doubtful = again._replace(redated=False, uncertain=True)
    happened = BoardEvent("rig", BOOT, m.Event(0, 3, 250, 250, 4, -1, ""), NOW, True)
    for dating in (again, doubtful):
        yield "telemetry", payloads.telemetry([late._replace(dating=dating)], True)
        yield "event", payloads.event(happened._replace(dating=dating), True)
        yield "summary", payloads.summary(Summary("rig", BOOT, minute, NOW, b"", dating), True)
    yield "state", payloads.state(live._replace(dating=doubtful))
    [changed] = LimitRegistry().change("rig1", {"rate_low_above_percent": 5}, "Ann", NOW)
    yield "bridge_event", payloads.limit_event(changed)
    yield "bridge_event", payloads.clock_event(ClockChanged("stepped", -86_400.0004, NOW))
    yield "summary_gap", payloads.summary_gap(SummaryGap("rig", BOOT, 5, 6, "why"), False)
    yield "bridge_event", payloads.alarm_gap_event("rig", 7, NOW, LATER)
    high = judged(90_000)
    both = high.assessment.diagnosis._replace(second=("heat", 0.4))
    yield "diagnosis", payloads.diagnosis(high._replace(assessment=high.assessment._replace(diagnosis=both)))
    yield "state", payloads.state(live, both._replace(cause="clock"))


def example(kind: str, **fields: Any) -> dict[str, Any]:
    """A payload as it is read from the broker: what is always there of its kind, with some fields set."""
    published = next(payload for each, payload in samples() if each == kind)
    always: dict[str, Any] = json.loads(dump(published))
    return {name: value for name, value in always.items() if name not in sometimes(kind)} | fields


def judged(flow_nl_h: int) -> Assessed:
    monitor = Monitor()
    monitor.declare(RIG)
    for sequence in range(1, 4):
        live = reading(sequence, monitor, flow_nl_h=flow_nl_h)
    diagnosis = monitor.diagnosis()
    assert live.finding
    assert diagnosis
    return Assessed("rig", NOW, Assessment(RIG, live.measured, live.finding, diagnosis))


def alarms() -> list[AlarmChange]:
    """Each alarm, quiet; then one as it is raised, acknowledged, commented, shelved and cleared."""
    now, book = judged(48_880), AlarmEngine()
    at_rest = conditions.rate(now.assessment.finding, now.assessment.diagnosis, NOW)
    told = [*conditions.judged(now), at_rest, conditions.probe(0, NOW)]
    found = [happened for each in told for happened in book.report("rig", each, NOW)]
    raised = at_rest._replace(
        level=Level.HIGH, cause="heat", text="Flow is 40 % above.", likely="heat exposure", at=NOW
    )
    found += book.report("rig", raised, NOW)
    found += book.tick(NOW + timedelta(hours=1))
    for event in (Event.ACKNOWLEDGE, Event.COMMENT, Event.SHELVE):
        found += book.act("rig", "rate", event, "Ada", LATER, "seen", LATER + timedelta(minutes=5))
    return found + book.report("rig", at_rest, LATER + timedelta(hours=1))


def silent_link() -> PumpLink:
    link = PumpLink("/dev/ttyACM0", Hub().publish, print)
    link.since = NOW
    return link


def greeted_link() -> PumpLink:
    link = silent_link()
    link.name = "rig"
    link.hello = link.rig = m.Hello(
        1, 1, 0, 1, 0, 1, bytes(range(8)), 4, 0xABCD, 1, 1, 1000, 1, 1, "rig", "r11", 1, 54167, 30_000_000, 0, 0, 0,
        101_325, 1, 0, 1, 1, 1, 0, 30_000_000, 1_000_000, 10, 60, None,
    )  # fmt: skip
    return link
