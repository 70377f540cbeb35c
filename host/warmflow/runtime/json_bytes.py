"""What goes out as JSON, by MQTT and to the pages: a tenth of the time if the standard library did it."""

import json
from typing import Any

import orjson


def dump(value: Any) -> bytes:
    """JSON. A stranger's text may hold half a character: it goes as it came, escaped."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()
