"""The payload of a gap among the minutes of a board: a row of the journal that no message of the wire stands for."""

from struct import Struct
from typing import NamedTuple

KIND = 0x45  # no message of the wire has this type
_HEAD = Struct("<BII")


class LostMinutes(NamedTuple):
    """Minutes `first` to `last` will not come."""

    first: int
    last: int
    reason: str


def encode(lost: LostMinutes) -> bytes:
    return _HEAD.pack(KIND, lost.first, lost.last) + lost.reason.encode()


def decode(payload: bytes) -> LostMinutes:
    """Raises struct.error and ValueError for what is no such payload."""
    _, first, last = _HEAD.unpack_from(payload)
    if last < first:
        raise ValueError(f"minutes {first} to {last}")
    return LostMinutes(first, last, payload[_HEAD.size :].decode("utf-8", "replace"))
