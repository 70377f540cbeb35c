"""Encodes models and plain values as JSON, for MQTT and the pages."""

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
    """Encodes JSON. Untrusted text may contain a lone surrogate, which is escaped."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode()
