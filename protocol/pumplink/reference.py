"""The slow, plain reading of the schema: payloads to messages and back through construct.

It is the judge of the generated codecs, and what `warmflow dump` explains frames with. No construct container
leaves it.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from construct import ConstructError

from pumplink import messages
from pumplink.messages import TYPES, Message
from pumplink.schema import BY_NAME, BY_TYPE, MAX_PAYLOAD


class WireError(ValueError):
    """A payload or a message that the schema does not allow; the text names the field."""


def parse(payload: bytes) -> Message:
    """The message in a payload. Raises WireError; bytes after the known fields are ignored."""
    spec = BY_TYPE.get(payload[0]) if payload else None
    if spec is None:
        raise WireError(f"unknown message type {payload[:1].hex() or '(empty)'}")
    try:
        container = spec.body.parse(payload[1:])
    except ConstructError as error:
        raise WireError(f"{spec.name}{_place_and_reason(error)}") from error
    cls = getattr(messages, spec.name)
    message: Message = cls(**{name: container[name] for name in cls._fields})
    return message


def build(message: Message) -> bytes:
    """The payload of a message. Raises WireError for a value out of its field's range, or too long a text."""
    spec = BY_NAME[type(message).__name__]
    try:
        body: bytes = spec.body.build(message._asdict())
    except (ConstructError, TypeError, ValueError) as error:
        raise WireError(f"{spec.name}{_place_and_reason(error)}") from error
    if len(body) >= MAX_PAYLOAD:
        raise WireError(f"{spec.name}: {1 + len(body)} bytes are more than the {MAX_PAYLOAD} of the longest payload")
    return bytes([TYPES[type(message)]]) + body


def refusal(message: Message) -> WireError:
    """Why a message cannot be encoded, with the field's name: for the generated codec, whose `struct` names none."""
    try:
        build(message)
    except WireError as error:
        return error
    return WireError(f"{type(message).__name__}: cannot be encoded")


def _place_and_reason(error: Exception) -> str:
    field = str(getattr(error, "path", None) or "").rpartition("-> ")[2]
    reason = str(error).rpartition("\n")[2]
    return f".{field}: {reason}" if field else f": {reason}"


class FieldBytes(NamedTuple):
    """One field of a payload: where it stands, its bytes, its value and what it means."""

    offset: int
    data: bytes
    name: str
    value: Any
    doc: str


def annotate(payload: bytes) -> Iterator[FieldBytes]:
    """Every field of a payload in turn, its bytes beside its value. Raises WireError as `parse` does."""
    parse(payload)
    spec = BY_TYPE[payload[0]]
    yield FieldBytes(0, payload[:1], "type", spec.name, spec.doc)
    offset = 1
    for field in spec.body.subcons:
        if offset >= len(payload):  # an older peer: the fields at the end are missing
            return
        value = field.parse(payload[offset:])
        size = len(field.build(value))
        yield FieldBytes(offset, payload[offset : offset + size], field.name, value, field.docs)
        offset += size
    if offset < len(payload):
        yield FieldBytes(offset, payload[offset:], "(unknown)", None, "Fields of a newer version.")
