"""Reads payloads back into their models. Fields that a model does not know are ignored. If a required field is
missing, or a field has the wrong type, only this message is rejected.
"""

from typing import Any, TypeVar

import msgspec

from warmflow.api.payloads.bridge import ListedPump
from warmflow.runtime.json_text import parse_json

PAYLOAD_MAX_BYTES = 65_536
Model = TypeVar("Model", bound=msgspec.Struct)


class BadPayload(ValueError):
    """A payload that does not fit its topic; the text says what is wrong."""


def read(model: type[Model], payload: bytes) -> Model:
    """A JSON object as a model. Raises: BadPayload."""
    if len(payload) > PAYLOAD_MAX_BYTES:
        raise BadPayload(f"{len(payload)} bytes; at most {PAYLOAD_MAX_BYTES} are allowed")
    try:
        return _decoded(model, payload)
    except msgspec.ValidationError as error:
        raise BadPayload(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise BadPayload(f"not valid JSON: {error}") from None


def read_pumps(payload: bytes) -> list[ListedPump]:
    """The readable pumps of `bridge/pumps`. The retained message may come from another version of warmflow."""
    try:
        entries = _decoded(_RawPumps, payload).pumps
    except (ValueError, RecursionError):
        return []
    found = []
    for entry in entries:
        try:
            found.append(msgspec.convert(entry, ListedPump))
        except (msgspec.ValidationError, ValueError, RecursionError):  # for example a lone surrogate
            continue
    return found


class _RawPumps(msgspec.Struct):
    pumps: list[Any]


def _decoded(model: type[Model], payload: bytes) -> Model:
    try:
        return msgspec.json.decode(payload, type=model)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:  # a lone surrogate in untrusted text, which JSON may escape: see json_bytes.dump
        value = parse_json(payload)
        return msgspec.convert(value, model)
