"""The tables of the documentation, made from the code."""

from collections.abc import Callable
from functools import partial

from warmflow.alarms import ALARMS
from warmflow.api.field_docs import FIELDS
from warmflow.api.requests import KINDS
from warmflow.api.topics import TOPICS
from warmflow.device.states import DEVICE_STATES, REMEDIES


def topics_table() -> str:
    rows = ["| topic | retained | QoS | expires | what it says |", "|---|---|---|---|---|"]
    for topic in TOPICS.values():
        path = topic.path.format(
            base="warmflow",
            prefix="homeassistant",
            pump="<pump>",
            port="<port>",
            board="<board_id>",
            request="<x>",
            alarm="<id>",
        )
        expires = f"{topic.expires_s} s" if topic.expires_s else "-"
        rows.append(f"| `{path}` | {'yes' if topic.retained else 'no'} | {topic.qos} | {expires} | {topic.says} |")
    return "\n".join(rows) + "\n"


def states_table() -> str:
    rows = ["| state | what to do |", "|---|---|", *(f"| {state.value} | {what} |" for state, what in REMEDIES.items())]
    return "\n".join(rows) + "\n"


def device_table() -> str:
    rows = ["| device | reason | what to do |", "|---|---|---|"]
    rows += [f"| {state.word} | {state.reason} | {state.remedy} |" for state in DEVICE_STATES.values()]
    return "\n".join(rows) + "\n"


def requests_table() -> str:
    rows = ["| request | fields | what it does |", "|---|---|---|"]
    for name, kind in KINDS.items():
        fields = [
            f"`{field}`" if info.is_required() else f"[`{field}`]" for field, info in kind.ask.model_fields.items()
        ]
        free = " (always allowed)" if kind.always else " (over HTTP always allowed)" if kind.operator else ""
        rows.append(f"| `{name}` | {', '.join(fields) or '-'} | {kind.says}{free} |")
    return "\n".join(rows) + "\n"


def ask_table() -> str:
    """Each field once: they mean the same in every request that has them, but for what is said."""
    rows = ["| field of a request | type and limits | meaning |", "|---|---|---|"]
    seen = set()
    for kind in KINDS.values():
        properties = kind.ask.model_json_schema().get("properties", {})
        for field, schema in properties.items():
            row = f"| `{field}` | {_limits(schema)} | {kind.ask.model_fields[field].description} |"
            if row not in seen:
                seen.add(row)
                rows.append(row)
    return "\n".join(rows) + "\n"


def fields_table(kind: str) -> str:
    rows = [f"| field of `{kind.replace('_', ' ')}` | what it says |", "|---|---|"]
    rows += [f"| `{field}` | {says} |" for field, says in FIELDS[kind].items()]
    return "\n".join(rows) + "\n"


def alarms_table() -> str:
    rows = ["| alarm | what it says | priority | ends | what to do |", "|---|---|---|---|---|"]
    for name, row in ALARMS.items():
        priorities = dict.fromkeys(each.value for each in row.priorities.values())
        rows.append(
            f"| `{name}` | {row.title}: {row.when} | {', '.join(priorities)} | {row.ends.value} | {row.remedy} |"
        )
    return "\n".join(rows) + "\n"


FIELD_TABLES: list[Callable[[], str]] = [partial(fields_table, kind) for kind in FIELDS]
MQTT_TABLES: list[Callable[[], str]] = [
    topics_table, device_table, alarms_table, requests_table, ask_table, *FIELD_TABLES,
]  # fmt: skip


def _limits(schema: dict[str, object]) -> str:
    options = schema.get("anyOf", [schema])
    assert isinstance(options, list)
    option = next(each for each in options if each.get("type") != "null")
    if "enum" in option:
        return ", ".join(option["enum"])
    words = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
    low, above, high = (option.get(key) for key in ("minimum", "exclusiveMinimum", "maximum"))
    kind = words.get(option["type"], option["type"])
    if high is None:
        return kind
    return f"{kind}, above {above} to {high}" if above is not None else f"{kind}, {low} to {high}"
