"""`bridge/info` as the broker takes it: without settings and their schema, where those are too large for it. Pure."""

from msgspec.structs import replace

from warmflow.api import payloads
from warmflow.api.topics import TOPICS, path
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt.limits import Limits, Message


def info_message(info: payloads.Payload, base: str, limits: Limits) -> tuple[bytes, str]:
    """The payload, and why it is not all of it; "" if it is."""
    row = TOPICS["info"]
    whole = Message(path("info", base), dump(info), row.qos, row.retained, row.content)
    too_large = limits.too_large(whole)
    if not too_large or not isinstance(info, payloads.Info):
        return whole.payload, ""
    return dump(replace(info, config={}, config_schema={})), f"goes without settings and their schema: {too_large}"
