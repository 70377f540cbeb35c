"""What is retained: link and device kept apart, since when, one topic for each nameless port, and nothing left over."""

import json
from datetime import timedelta
from typing import Any

import pytest
from mqtt_bench import NOW, RIG, reading

from pumplink.codes import Status
from warmflow.alarms import Alarm, AlarmChange, AlarmEngine, Condition, conditions
from warmflow.alarms.updates import AlarmChanged
from warmflow.api.topics import TOPICS, path
from warmflow.device.states import DEVICE_STATES, LinkState, device_state
from warmflow.device.updates import LinkStatus, PumpRemoved
from warmflow.level_words import level_word
from warmflow.monitor import Level, Monitor
from warmflow.runtime.json_bytes import dump
from warmflow.runtime.utc import utc_text
from warmflow.sinks.mqtt.news import News
from warmflow.sinks.mqtt.outbox import Outbox

pytestmark = pytest.mark.time

LATER = NOW + timedelta(minutes=5)


def retained(outbox: Outbox, kind: str, name: str = "rig") -> Any:
    payload = outbox.retained[kind, name]
    return payload.decode() if kind == "availability" else json.loads(payload)


def waiting(outbox: Outbox) -> list[News]:
    return list(iter(outbox.news.get, None))


def changes(outbox: Outbox) -> dict[tuple[str, str], bytes]:
    return dict(outbox.next_changes(1000))


def connected(state: LinkState = LinkState.OK) -> Outbox:
    outbox = Outbox()
    outbox.on_update(LinkStatus("rig", state, "", NOW, "/dev/ttyACM0"))
    return outbox


def judge() -> Monitor:
    monitor = Monitor()
    monitor.declare(RIG)
    return monitor


def test_the_status_has_reason_remedy_and_since_when():
    outbox = Outbox()
    outbox.on_update(LinkStatus("rig", LinkState.PORT_LOST, "cable pulled", NOW, "/dev/ttyACM0"))
    assert retained(outbox, "availability") == "offline"
    assert retained(outbox, "status") == {
        "status": "port lost",
        "reason": "cable pulled",
        "remedy": "unplugged or reset: the port is opened again as soon as it is back",
        "since": "2026-11-21T12:00:00.000Z",
        "link": "port lost",
        "link_since": "2026-11-21T12:00:00.000Z",
        "device": None,
        "device_since": None,
        "port": "/dev/ttyACM0",
    }


@pytest.mark.parametrize("flag", DEVICE_STATES)
def test_a_device_state_comes_out_of_the_readings_and_the_link_stays_ok(flag: Status):
    outbox, monitor = connected(), judge()
    outbox.on_update(reading(1, monitor))
    assert (retained(outbox, "status")["status"], retained(outbox, "status")["device"]) == ("ok", "ok")
    outbox.on_update(reading(2, monitor, status=32 | flag)._replace(utc=LATER))
    status = retained(outbox, "status")
    assert (status["status"], status["link"], status["device"]) == (DEVICE_STATES[flag].word, "ok", status["status"])
    assert status["since"] == status["device_since"] == utc_text(LATER)
    assert status["reason"]
    assert status["remedy"]
    assert retained(outbox, "availability") == "online"
    outbox.on_update(reading(3, monitor))
    assert retained(outbox, "status")["status"] == "ok"


def test_the_link_comes_before_the_device_and_a_device_that_nobody_hears_has_no_state():
    outbox = connected()
    outbox.on_update(reading(1, judge(), status=Status.PROBE_FAULT))
    outbox.on_update(LinkStatus("rig", LinkState.SILENT, "no frame", LATER, "/dev/ttyACM0"))
    status = retained(outbox, "status")
    assert (status["status"], status["device"], status["since"]) == ("silent", None, utc_text(LATER))


def test_the_worst_of_several_flags_is_told_and_what_is_no_fault_is_none():
    assert device_state(Status.PROBE_FAULT | Status.PROBE_OUT).word == "probe fault"
    assert (
        device_state(Status.PROBE_EMULATED | Status.LATE | Status.PROBE_ILLUSTRATIVE | Status.PROBE_HELD).word == "ok"
    )


def test_a_state_that_stays_is_not_published_again_with_each_reading():
    outbox, monitor = connected(), judge()
    outbox.on_update(reading(1, monitor, status=Status.PROBE_FAULT))
    changes(outbox)
    for sequence in range(2, 20):
        outbox.on_update(reading(sequence, monitor, status=Status.PROBE_FAULT))
    assert changes(outbox) == {}


def test_an_alarm_is_retained_under_its_own_name_and_what_happens_is_told_once():
    outbox, book = connected(), AlarmEngine()
    calm = Condition("rate", at=NOW)
    act, urgent = (calm._replace(level=level, cause="heat") for level in (Level.MEDIUM, Level.HIGH))
    for condition in (calm, act, urgent):
        for happened in book.report("rig", condition, NOW):
            outbox.on_update(AlarmChanged(happened))
    alarm = json.loads(outbox.retained["alarm", "rig/rate"])
    assert (alarm["id"], alarm["state"], alarm["priority"]) == ("rate", "unacknowledged", "high")
    told = [json.loads(dump(news.payload))["event"] for news in waiting(outbox) if news.kind == "alarm_event"]
    assert told == ["raised", "level rose"]
    assert path("alarm", "warmflow", name="rig/rate") == "warmflow/rig/alarm/rate"
    outbox.on_update(AlarmChanged(AlarmChange(happened.held, "", NOW)))  # how it stands, told once more
    assert not [news for news in waiting(outbox) if news.kind == "alarm_event"]


def test_each_nameless_port_has_a_topic_of_its_own_which_is_emptied_when_the_board_says_its_name():
    outbox = Outbox()
    for port in ("/dev/ttyACM0", "/dev/ttyACM1"):
        outbox.on_update(LinkStatus("", LinkState.CONNECTING, "", NOW, port))
    assert set(changes(outbox)) == {("link", "/dev/ttyACM0"), ("link", "/dev/ttyACM1")}
    outbox.on_update(LinkStatus("rig", LinkState.OK, "", NOW, "/dev/ttyACM1"))
    assert changes(outbox)["link", "/dev/ttyACM1"] == b""
    assert ("link", "/dev/ttyACM1") not in outbox.retained
    outbox.on_update(PumpRemoved("", "/dev/ttyACM0"))
    assert changes(outbox) == {("link", "/dev/ttyACM0"): b""}


def test_a_name_that_is_gone_leaves_nothing_retained():
    outbox = connected()
    outbox.on_update(reading(1, judge()))
    outbox.on_update(AlarmChanged(AlarmChange(Alarm("rig", "rate"), "normal", NOW)))
    outbox.on_update(AlarmChanged(AlarmChange(Alarm("rig-2", "rate"), "normal", NOW)))
    outbox.take_latest(10)
    changes(outbox)
    outbox.on_update(PumpRemoved("rig"))
    gone = [*((kind, "rig") for kind in ("state", "availability", "status")), ("alarm", "rig/rate")]
    assert changes(outbox) == dict.fromkeys(gone, b"")
    outbox.everything_again()
    assert changes(outbox).keys() == {("alarm", "rig-2/rate")}


def test_a_new_connection_gets_everything_retained_with_the_last_state():
    outbox = connected()
    outbox.on_update(reading(1, judge()))
    outbox.on_update(AlarmChanged(AlarmChange(Alarm("rig", "rate"), "normal", NOW)))
    [(key, payload)] = outbox.take_latest(10)
    changes(outbox)
    outbox.everything_again()
    again = changes(outbox)
    assert again[key] == payload
    assert {kind for kind, _ in again} == {"state", "alarm", "availability", "status"}


def test_an_alarm_waits_for_no_other_topic():
    outbox = Outbox()
    for number in range(20):
        outbox.on_update(LinkStatus(f"rig-{number}", LinkState.OK, "", NOW, "/dev/ttyACM0"))
    outbox.on_update(AlarmChanged(AlarmChange(Alarm("rig-7", "rate"), "normal", NOW)))
    first, *others = outbox.next_changes(8)
    assert first[0] == ("alarm", "rig-7/rate")
    assert len(others) == 7
    rest = outbox.next_changes(1000)
    assert {key for key, _ in (first, *others, *rest)} == outbox.retained.keys()
    assert not outbox.next_changes(1000)


def test_a_state_that_was_taken_before_its_pump_went_is_not_told_after_it():
    outbox = connected()
    outbox.on_update(reading(1, judge()))
    [(key, payload)] = outbox.take_latest(10)
    assert outbox.still(key, payload)
    outbox.on_update(PumpRemoved("rig"))
    assert not outbox.still(key, payload)


def test_a_cleared_topic_that_the_broker_was_not_told_of_is_cleared_at_the_next_connection():
    outbox = connected()
    outbox.on_update(PumpRemoved("rig"))
    for key, _ in outbox.next_changes(1000):
        outbox.failed(key)
    outbox.everything_again()
    assert changes(outbox)["availability", "rig"] == b""


def test_a_stream_without_a_pause_is_shown_and_a_flag_does_not_wait_for_its_turn():
    """Complaint 8: debounce starves a continuous stream, throttle drops the change that matters."""
    outbox, monitor, book = connected(), judge(), AlarmEngine()
    changes(outbox)
    for sequence in range(1, 60):
        update = reading(sequence, monitor, flow_nl_h=48_880 if sequence < 5 else 70_000)
        outbox.on_update(update)
        for happened in book.report("rig", conditions.rate(update.finding, None, NOW), NOW):
            outbox.on_update(AlarmChanged(happened))
        if sequence % 10 == 0:
            [(_, payload)] = outbox.take_latest(10)
            assert json.loads(payload)["sequence"] == sequence
        if change := changes(outbox).get(("alarm", "rig/rate")):
            assert json.loads(change)["level"] == level_word(update.finding.level)
    assert retained(outbox, "alarm", "rig/rate")["active"] is True


def test_a_port_is_one_level_of_a_topic_whatever_it_is_called():
    paths = [path("link", "warmflow", name=port) for port in ("/dev/ttyACM0", "COM3", "socket://h:1", "a+b#", "a/b")]
    assert len(set(paths)) == len(paths)
    for topic in paths:
        assert topic.count("/") == 3
        assert not set(topic) & set("+#")


def test_states_are_retained_and_what_happens_never_is():
    for kind in (
        "alarm_event",
        "telemetry",
        "event",
        "summary",
        "gap",
        "truth",
        "bridge_event",
        "log",
        "request",
        "response",
    ):
        assert not TOPICS[kind].retained
    for kind in (
        "state",
        "alarm",
        "diagnosis",
        "availability",
        "status",
        "bridge",
        "info",
        "pumps",
        "link",
        "discovery",
    ):
        assert TOPICS[kind].retained


def test_half_a_character_from_a_stranger_does_not_stop_an_answer():
    assert json.loads(dump({"transaction": "\ud800"})) == {"transaction": "\ud800"}
