"""What goes out as JSON, by MQTT and to the pages: models, or plain values."""

import json
from typing import Any

import msgspec


def _as_text(value: Any) -> str:
    """For a class of texts, which the library does not take for one."""
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError


_ENCODER = msgspec.json.Encoder(enc_hook=_as_text)


def dump(value: Any) -> bytes:
    """JSON. A stranger's text may hold half a character: it goes as it came, escaped."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode()
