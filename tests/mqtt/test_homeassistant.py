"""The discovery payload against what Home Assistant's own schema allows, and against what is really published."""

import json
from typing import Any

import msgspec
from mqtt_bench import RIG, pump_entry, reading

from warmflow.alarms import Alarm
from warmflow.api import payloads
from warmflow.api.topics import TOPICS, path
from warmflow.device.states import DEVICE_STATES, LinkState
from warmflow.monitor import Monitor
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt.home_assistant import SENSORS, device

# Ref: Home Assistant core, components/mqtt/schemas.py (device discovery) and the pages of the platforms, 2024.12 and
# later; units and state classes: components/sensor/const.py.
ROOT = {
    "device", "components", "origin", "availability", "availability_mode", "availability_template",
    "availability_topic", "payload_available", "payload_not_available", "state_topic", "command_topic", "qos",
    "encoding",
}  # fmt: skip
DEVICE = {
    "identifiers", "connections", "manufacturer", "model", "model_id", "name", "hw_version", "serial_number",
    "sw_version", "via_device", "suggested_area", "configuration_url",
}  # fmt: skip
ORIGIN = {"name", "sw_version", "support_url"}
AVAILABILITY = {"topic", "payload_available", "payload_not_available", "value_template"}
ENTITY = {
    "platform", "name", "unique_id", "default_entity_id", "entity_category", "enabled_by_default", "icon", "qos",
    "availability", "availability_mode", "json_attributes_topic", "json_attributes_template", "value_template",
    "state_topic", "device_class",
}  # fmt: skip
PLATFORMS = {
    "sensor": ENTITY | {"state_class", "unit_of_measurement", "suggested_display_precision", "options", "expire_after"},
    "binary_sensor": ENTITY | {"payload_on", "payload_off", "expire_after"},
    "button": (ENTITY - {"state_topic", "value_template"}) | {"command_topic", "payload_press", "command_template"},
}
CLASSES = {  # device class: units, state classes
    "temperature": ({"°C", "°F", "K"}, {"measurement"}),
    "volume_storage": ({"L", "mL", "m³"}, {"measurement"}),
    "volume": ({"L", "mL", "m³"}, {"total", "total_increasing"}),
    "duration": ({"d", "h", "min", "s", "ms"}, {"measurement", "total", "total_increasing"}),
    None: (None, {"measurement", "total", "total_increasing"}),
}
BOARD = "0011223344556677"
ENTRY = pump_entry(pump="rig", board_id=BOARD, status="ok", profile="r11", firmware="0.1.0", platform="rp2040")


def payload(commands: bool = False) -> dict[str, Any]:
    return device(ENTRY, "0.1.0", lambda kind, name: path(kind, "warmflow", "homeassistant", name), commands=commands)


def test_only_keys_that_home_assistant_knows():
    found = payload(commands=True)
    assert set(found) <= ROOT
    assert {"device", "components", "origin"} <= set(found)
    assert set(found["device"]) <= DEVICE
    assert found["device"]["identifiers"]
    assert set(found["origin"]) <= ORIGIN
    assert found["origin"]["name"]
    for each in found["availability"]:
        assert set(each) <= AVAILABILITY
    for component in found["components"].values():
        assert set(component) <= PLATFORMS[component["platform"]]


def test_every_entity_has_an_id_of_its_own_that_names_the_board():
    ids = [component["unique_id"] for component in payload(commands=True)["components"].values()]
    assert len(set(ids)) == len(ids)
    assert all(BOARD in each for each in ids)


def test_units_and_state_classes_fit_the_device_class():
    for component in SENSORS.values():
        units, classes = CLASSES[component.get("device_class")]
        assert units is None or component["unit_of_measurement"] in units
        assert component["state_class"] in classes


def test_a_figure_is_available_if_the_bridge_runs_and_the_pump_answers():
    found = payload()
    assert found["availability_mode"] == "all"
    assert [each["topic"] for each in found["availability"]] == [
        "warmflow/bridge/state",
        "warmflow/rig/availability",
    ]


def test_each_word_of_the_bridge_is_one_that_home_assistant_understands():
    """A payload that is neither of its two words changes nothing there: `dead` would leave everything available."""
    bridge = payload()["availability"][0]
    assert bridge["value_template"] == "{{ 'online' if value == 'running' else 'offline' }}"
    assert (bridge["payload_available"], bridge["payload_not_available"]) == ("online", "offline")


def test_the_status_stays_available_while_the_pump_does_not_answer():
    status = payload()["components"]["status"]
    assert [each["topic"] for each in status["availability"]] == ["warmflow/bridge/state"]
    words = {state.value for state in LinkState} | {state.word for state in DEVICE_STATES.values()}
    assert set(status["options"]) == words


def test_every_topic_and_every_value_named_is_one_that_is_published():
    monitor = Monitor()
    monitor.declare(RIG)
    live = reading(1, monitor)
    assert live.finding
    published = {
        "warmflow/rig/state": msgspec.to_builtins(payloads.state(live)),
        "warmflow/rig/alarm/rate": msgspec.to_builtins(payloads.alarm(Alarm("rig", "rate"))),
        "warmflow/rig/status": None,
    }
    found = payload(commands=True)
    for key, component in found["components"].items():
        topic = component.get("state_topic", found["state_topic"])
        assert topic in published
        if key in SENSORS:
            assert f"value_json.{key} " in component["value_template"]
            assert key in (published[topic] or {})
    assert set(published["warmflow/rig/alarm/rate"]) >= {"active", "level"}
    assert path("request", "warmflow", name="identify") == found["components"]["identify"]["command_topic"]


def test_the_button_is_there_only_where_commands_are_heard_and_presses_a_valid_request():
    from warmflow.api.requests import Request, parse

    assert "identify" not in payload()["components"]
    press = payload(commands=True)["components"]["identify"]["payload_press"]
    assert isinstance(parse("identify", press.encode()), Request)


def test_one_retained_message_a_pump_under_its_board_id():
    assert path("discovery", "warmflow", "ha", BOARD) == "ha/device/warmflow_0011223344556677/config"
    assert TOPICS["discovery"].retained
    assert json.loads(dump(payload()))["device"]["serial_number"] == BOARD
