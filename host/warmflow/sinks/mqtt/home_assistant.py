"""A pump as a Home Assistant device: one retained JSON with all its entities. Pure.

An entity is available if the bridge runs *and* the pump answers; those that tell why it does not, if the bridge runs.
The bridge's state has three words and Home Assistant ignores one that it was not told, so a template makes two of them.
Ref: Home Assistant, MQTT integration, device discovery; units and classes: sensor integration, device classes.
"""

from collections.abc import Callable
from typing import Any

from warmflow.api.payloads import PumpEntry
from warmflow.device.states import DEVICE_STATES, LinkState
from warmflow.level_words import LEVEL_WORDS
from warmflow.runtime.json_bytes import dump

Component = dict[str, Any]


def sensor(
    key: str, name: str, *, unit: str = "", device_class: str = "", total: bool = False, digits: int
) -> Component:
    """A figure of the `state` topic."""
    component: Component = {
        "platform": "sensor",
        "name": name,
        "state_class": "total_increasing" if total else "measurement",
        "value_template": f"{{{{ value_json.{key} | default(none) }}}}",
        "unit_of_measurement": unit,
        "suggested_display_precision": digits,
    }
    return component | ({"device_class": device_class} if device_class else {})


# Home Assistant knows no unit of flow as small as a pump's: such a figure has a unit and no device class
SENSORS: dict[str, Component] = {
    "flow_ul_h": sensor("flow_ul_h", "Flow", unit="µL/h", digits=1),
    "flow_ml_day": sensor("flow_ml_day", "Flow a day", unit="mL/d", digits=3),
    "deviation_percent": sensor("deviation_percent", "Deviation from the reference rate", unit="%", digits=1),
    "explained_by_probe_percent": sensor("explained_by_probe_percent", "Explained by the probe", unit="%", digits=1),
    "probe_c": sensor("probe_c", "Probe", unit="°C", device_class="temperature", digits=2),
    "reservoir_ml": sensor("reservoir_ml", "Reservoir", unit="mL", device_class="volume_storage", digits=2),
    "days_left": sensor("days_left", "Time left", unit="d", device_class="duration", digits=1),
    "delivered_ml": sensor("delivered_ml", "Delivered", unit="mL", device_class="volume", total=True, digits=3),
}


def device(
    entry: PumpEntry, version: str, topic: Callable[[str, str], str], *, commands: bool = False
) -> dict[str, Any]:
    """The discovery payload of a pump of the roster. `topic` gives the path of a kind and a name."""
    pump, board = str(entry.pump), entry.board_id
    bridge = {
        "topic": topic("bridge", ""),
        "value_template": "{{ 'online' if value == 'running' else 'offline' }}",
        "payload_available": "online",
        "payload_not_available": "offline",
    }
    link = {
        "topic": topic("availability", pump),
        "payload_available": "online",
        "payload_not_available": "offline",
    }
    components = dict(SENSORS) | _flags(pump, topic) | _statuses(pump, topic, bridge)
    if commands:
        components |= _buttons(pump, topic)
    return {
        "device": {
            "identifiers": [f"warmflow_{board}"],
            "name": pump,
            "manufacturer": "warmflow",
            "model": f"pump emulator, profile {entry.profile}",
            "serial_number": board,
            "sw_version": entry.firmware,
            "hw_version": entry.platform,
        },
        "origin": {"name": "warmflow", "sw_version": version},
        "availability": [bridge, link],
        "availability_mode": "all",
        "state_topic": topic("state", pump),
        "qos": 1,
        "components": {key: part | {"unique_id": f"warmflow_{board}_{key}"} for key, part in components.items()},
    }


def _flags(pump: str, topic: Callable[[str, str], str]) -> dict[str, Component]:
    return {
        "alarm": {
            "platform": "binary_sensor",
            "name": "Rate flag",
            "device_class": "problem",
            "state_topic": topic("alarm", f"{pump}/rate"),
            "value_template": "{{ 'ON' if value_json.active else 'OFF' }}",
            "json_attributes_topic": topic("alarm", f"{pump}/rate"),
        },
        "level": {
            "platform": "sensor",
            "name": "Level",
            "device_class": "enum",
            "options": list(LEVEL_WORDS),
            "state_topic": topic("alarm", f"{pump}/rate"),
            "value_template": "{{ value_json.level }}",
        },
    }


def _statuses(pump: str, topic: Callable[[str, str], str], bridge: dict[str, str]) -> dict[str, Component]:
    words = [state.value for state in LinkState] + [state.word for state in DEVICE_STATES.values()]
    return {
        "status": {
            "platform": "sensor",
            "name": "Status",
            "device_class": "enum",
            "options": words,
            "entity_category": "diagnostic",
            "state_topic": topic("status", pump),
            "value_template": "{{ value_json.status }}",
            "json_attributes_topic": topic("status", pump),
            "availability": [bridge],  # it says why the pump is not available, so it has to be
        },
    }


def _buttons(pump: str, topic: Callable[[str, str], str]) -> dict[str, Component]:
    return {
        "identify": {
            "platform": "button",
            "name": "Identify",
            "device_class": "identify",
            "entity_category": "diagnostic",
            "command_topic": topic("request", "identify"),
            "payload_press": dump({"pump": pump}).decode(),
            "qos": 1,
        },
    }
