"""What can be read of a payload whose CRC is good and whose fields are not: who it is, and not what it says.

The first bytes of these messages stand still: those of HELLO over all versions of the protocol, so that a reader can
name the version that it does not know. Refuses to guess: bytes that are too few for a head give none.
"""

from struct import Struct
from typing import NamedTuple

from pumplink import messages as m
from pumplink.messages import TYPES


class RecordHead(NamedTuple):
    """Of a reading or an event."""

    backlog: int
    sequence: int


class MinuteHead(NamedTuple):
    """Of a minute summary."""

    boot_count: int
    boot_random: int
    minute: int


class HelloHead(NamedTuple):
    """Of a HELLO of any protocol version."""

    protocol_major: int
    protocol_minor: int
    firmware_major: int
    firmware_minor: int
    firmware_patch: int


Head = RecordHead | MinuteHead | HelloHead
_RECORD, _MINUTE, _HELLO = Struct("<xBI"), Struct("<xIII"), Struct("<xBBBBB")
_HEADS: dict[int, tuple[Struct, type[Head]]] = {
    TYPES[m.Telemetry]: (_RECORD, RecordHead),
    TYPES[m.Event]: (_RECORD, RecordHead),
    TYPES[m.MinuteSummary]: (_MINUTE, MinuteHead),
    TYPES[m.Hello]: (_HELLO, HelloHead),
}


def head_of(payload: bytes) -> Head | None:
    """The head of a payload with a good CRC; None for a message without one, or too short for it."""
    known = _HEADS.get(payload[0])
    if known is None or len(payload) < known[0].size:
        return None
    return known[1](*known[0].unpack_from(payload))
