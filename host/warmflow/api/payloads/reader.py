"""Payloads read back into their models. Fields that a model does not know are left out; a required field that is
missing, or one of a wrong type, costs the whole message and no other.
"""

from typing import Any, TypeVar

import msgspec

from warmflow.api.payloads.bridge import ListedPump
from warmflow.runtime.json_text import parse_json

PAYLOAD_MAX_BYTES = 65_536
Model = TypeVar("Model", bound=msgspec.Struct)


class BadPayload(ValueError):
    """A payload that is not what its topic promises; the text says what is wrong."""


def read(model: type[Model], payload: bytes) -> Model:
    """A JSON object as a model. Raises: BadPayload."""
    if len(payload) > PAYLOAD_MAX_BYTES:
        raise BadPayload(f"{len(payload)} bytes, allowed are {PAYLOAD_MAX_BYTES}")
    try:
        return _decoded(model, payload)
    except msgspec.ValidationError as error:
        raise BadPayload(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise BadPayload(f"no JSON: {error}") from None


def read_pumps(payload: bytes) -> list[ListedPump]:
    """The pumps of `bridge/pumps`, those that can be read: the broker may have it of another version."""
    try:
        entries = _decoded(_RawPumps, payload).pumps
    except (ValueError, RecursionError):
        return []
    found = []
    for entry in entries:
        try:
            found.append(msgspec.convert(entry, ListedPump))
        except (msgspec.ValidationError, ValueError, RecursionError):  # half a character, for one
            continue
    return found


class _RawPumps(msgspec.Struct):
    pumps: list[Any]


def _decoded(model: type[Model], payload: bytes) -> Model:
    try:
        return msgspec.json.decode(payload, type=model)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:  # half a character in a stranger's text, which JSON may escape: see json_bytes.dump
        value = parse_json(payload)
        return msgspec.convert(value, model)
