"""Descriptions of all payload fields, taken from the models. The tables of docs/mqtt.md are generated from them."""

from collections.abc import Mapping

from warmflow.api import payloads as p
from warmflow.api.payloads.model import Payload, describe, optional

MODELS: dict[str, type[Payload]] = {
    "state": p.State,
    "telemetry": p.Telemetry,
    "reading": p.ReadingRow,
    "event": p.Event,
    "summary": p.Summary,
    "gap": p.Gap,
    "summary_gap": p.SummaryGap,
    "alarm": p.Alarm,
    "alarm_event": p.AlarmEvent,
    "diagnosis": p.Diagnosis,
    "status": p.Status,
    "truth": p.Truth,
    "link": p.LinkStatus,
    "pumps": p.ListedPump,
    "info": p.Info,
    "log": p.LogLine,
    "response": p.Response,
}
BRIDGE_EVENTS: dict[str, type[Payload]] = {  # by `event`
    "link": p.LinkEvent,
    "device": p.LinkEvent,
    "request": p.RequestEvent,
    "connected": p.ConnectedEvent,
    "clock": p.ClockEvent,
    "limit": p.LimitEvent,
    "alarm_gap": p.AlarmGapEvent,
}


def union(models: Mapping[str, type[Payload]]) -> dict[str, str]:
    """The fields of several models on one topic. If only some models have a field, its description begins with their
    names.
    """
    found: dict[str, dict[str, str]] = {}
    for name, model in models.items():
        for field, text in describe(model).items():
            found.setdefault(field, {})[name] = text
    return {field: _of_some(texts, len(models)) for field, texts in found.items()}


def _of_some(texts: dict[str, str], all_of_them: int) -> str:
    text = next(iter(texts.values()))
    if len(texts) == all_of_them:
        return text
    others = [f"for {name}: {other}" for name, other in texts.items() if other != text]
    return "; ".join([f"({', '.join(texts)}) {text.removeprefix('(error) ')}", *others])


FIELDS: dict[str, dict[str, str]] = {
    **{kind: describe(model) for kind, model in MODELS.items()},
    "bridge_event": union(BRIDGE_EVENTS),
}


def sometimes(kind: str) -> set[str]:
    """The fields of a kind that are not always present."""
    if kind != "bridge_event":
        return optional(MODELS[kind])
    always = set.intersection(*(set(describe(model)) - optional(model) for model in BRIDGE_EVENTS.values()))
    return set(FIELDS[kind]) - always
