"""docs/mqtt.md says what the code does: its tables are the code's, and so are the fields in them."""

from pathlib import Path
from typing import Any

import pytest
from docs_table import MQTT_TABLES
from mqtt_bench import BOOT, NOW, RIG, reading

from pumplink import messages as m
from warmflow.alarms import Book, Happened, conditions
from warmflow.api import payloads
from warmflow.api.field_docs import FIELDS
from warmflow.api.requests import KINDS
from warmflow.api.topics import TOPICS
from warmflow.daemon.bridge_info import info
from warmflow.daemon.config import BrokerSettings, Settings
from warmflow.daemon.pump_entries import entry
from warmflow.device.states import DEVICE_OK, DEVICE_STATES, LinkState
from warmflow.device.updates import Assessed, BoardEvent, Gap, Link
from warmflow.monitor import Assessment, Monitor
from warmflow.runtime.json_bytes import dump
from warmflow.runtime.logs import Entry

pytestmark = pytest.mark.time

PAGE = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text(encoding="utf-8")
UNTOLD = {"summary", "truth", "availability", "bridge", "request", "discovery", "birth"}  # words, or told elsewhere


@pytest.mark.parametrize("table", MQTT_TABLES, ids=lambda table: table().splitlines()[0][:40])
def test_each_table_of_the_page_is_made_from_the_code(table: Any) -> None:
    assert table() in PAGE


def built() -> dict[str, list[dict[str, Any]]]:
    """Payloads as they are really built."""
    monitor = Monitor()
    monitor.declare(RIG)
    live = reading(1, monitor)
    assert live.finding
    unjudged, dumb = live._replace(finding=None), reading(2, monitor, status=16)
    link = Link("rig", LinkState.OK, "", NOW, "/dev/ttyACM0")
    probe = next(iter(DEVICE_STATES.values()))
    event = BoardEvent("rig", BOOT, m.Event(0, 3, 0, 0, 4, 0, ""), NOW, False)
    return {
        "state": [payloads.state(each) for each in (live, unjudged, dumb)],
        "telemetry": [payloads.telemetry([live], False)],
        "reading": [payloads.reading_fields(live)],
        "event": [payloads.event(event, False)],
        "gap": [payloads.gap(Gap("rig", BOOT, 1, None, "why"), False)],
        "alarm": [payloads.alarm(happened.held) for happened in alarms()],
        "alarm_event": [payloads.alarm_event(happened) for happened in alarms()],
        "diagnosis": [payloads.diagnosis(judged())],
        "status": [payloads.status(link, probe, NOW, True), payloads.status(link, DEVICE_OK, None, False)],
        "link": [payloads.link_status(link)],
        "pumps": [entry(silent_link()) | {"discovery": None}],
        "info": [info(Settings(), "5", "x")],
        "bridge_event": [
            payloads.link_event(link),
            payloads.device_event(live, probe),
            payloads.connected_event(1, "5", NOW),
            payloads.request_event({"request": "rate", "pump": "rig", "status": "error", "error": "why"}, NOW),
        ],
        "log": [payloads.log_line(Entry(NOW, "info", "link", "rig", "text"))],
        "response": [
            {"status": "ok", "data": {}, "transaction": 1},
            {"status": "error", "error": "why"},
        ],
    }


def judged() -> Assessed:
    monitor = Monitor()
    monitor.declare(RIG)
    live = reading(1, monitor)
    diagnosis = monitor.diagnosis()
    assert live.finding
    assert diagnosis
    return Assessed("rig", NOW, Assessment(RIG, live.measured, live.finding, diagnosis))


def alarms() -> list[Happened]:
    now, book = judged(), Book()
    told = [*conditions.judged(now), conditions.rate(now.assessment.finding, now.assessment.diagnosis, NOW)]
    return [happened for each in told for happened in book.report("rig", each, NOW)]


def silent_link() -> Any:
    from warmflow.device.link import PumpLink
    from warmflow.hub import Hub

    return PumpLink("/dev/ttyACM0", Hub().publish, print)


@pytest.mark.parametrize("kind", FIELDS)
def test_the_fields_told_are_those_of_the_payload(kind: str) -> None:
    samples = built()[kind]
    assert set().union(*samples) == FIELDS[kind].keys()
    always = set.intersection(*(set(sample) for sample in samples))
    if len(samples) > 1:
        assert always == {field for field, says in FIELDS[kind].items() if not says.startswith("(")}


def test_every_topic_has_its_fields_told_or_needs_none() -> None:
    assert TOPICS.keys() - UNTOLD == FIELDS.keys() - {"reading"}


def test_every_request_stands_on_the_page() -> None:
    for kind in KINDS:
        assert f"| `{kind}` |" in PAGE


def test_no_secret_stands_in_what_is_published(tmp_path: Path) -> None:
    secret = "correct horse battery"
    (tmp_path / "p").write_text(secret)
    by_file = BrokerSettings(url="mqtt://h:1", username="u", password_file=tmp_path / "p")
    by_variable = BrokerSettings(url="mqtt://h:1", username="u", password=secret)
    for broker in (by_file, by_variable):
        told = info(Settings(broker=broker), "5", "x")
        assert secret not in dump(told).decode()
        assert "password" not in told["config"]["broker"]
        assert told["config"]["broker"]["username"] == "u"
        assert told["config_schema"]["properties"].keys() >= told["config"].keys()
