"""What goes out as JSON, by MQTT and to the pages: models, or plain values."""

import json
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()


def dump(value: Any) -> bytes:
    """JSON. A stranger's text may hold half a character: it goes as it came, escaped."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode()
