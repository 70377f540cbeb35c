"""Messages at the edges of every field, made from the schema, and data at the edges of COBS. Nothing here is committed
as bytes: construct says what the bytes are when a test asks.

One field at a time stands at an edge while the others keep a plain value: an error then names its field.
"""

from collections.abc import Iterator
from typing import Any

from pumplink import messages
from pumplink.messages import Message
from pumplink.schema import MESSAGES, MessageSpec
from walk import Row, rows, text_limit

PLAIN_TEXT = "warm"


def accepted() -> Iterator[Message]:
    """Every message with every field at every edge that its range allows, absent included."""
    for spec in MESSAGES:
        for row, value in _edges(spec, _allowed):
            yield _message(spec, row, value)


def refused() -> Iterator[tuple[Message, str]]:
    """Messages that no codec may encode, with the name of the field that is to blame."""
    for spec in MESSAGES:
        for row, value in _edges(spec, _forbidden):
            yield _message(spec, row, value), row.name


def cobs_data() -> Iterator[bytes]:
    """Data whose runs without a zero end just before, at and after the 254 bytes of a full block."""
    yield b""
    for size in (1, 2, 252, 253, 254, 255, 256, 507, 508, 509, 510, 511, 762, 1028):
        run = bytes(1 + i % 255 for i in range(size))
        yield from (run, b"\xff" * size, b"\0" * size, b"\0" + run, run + b"\0", run + b"\0" + run, run + b"\0\0\xff")


def _edges(spec: MessageSpec, choose: Any) -> Iterator[tuple[Row, Any]]:
    fields = rows(spec)
    for row in fields:
        for value in choose(row, text_limit(fields)):
            yield row, value


def _message(spec: MessageSpec, row: Row, value: Any) -> Message:
    values = {other.name: _plain(other) for other in rows(spec)} | {row.name: value}
    message: Message = getattr(messages, spec.name)(**values)
    return message


def _plain(row: Row) -> Any:
    if row.text:
        return PLAIN_TEXT
    return bytes(range(1, row.size + 1)) if row.kind.startswith("bytes") else 1


def _allowed(row: Row, limit: int) -> list[Any]:
    if row.text:
        size = row.size or limit
        return ["", "w" * size, "ü" * (size // 2), "w" * (size - 3) + "血", "w" * (size - 1)]
    if row.kind.startswith("bytes"):
        return [bytes(row.size), b"\xff" * row.size]
    edges = [row.low, row.low + 1, 0, 1, 127, 128, 254, 255, row.high - 1, row.high]
    absent = [] if row.sentinel is None else [None]
    return sorted({value for value in edges if row.low <= value <= row.high}) + absent


def _forbidden(row: Row, limit: int) -> list[Any]:
    if row.text:
        size = row.size or limit
        return ["w" * (size + 1), "w" * (size - 1) + "ü"]
    if row.kind.startswith("bytes"):
        return [bytes(row.size - 1), bytes(row.size + 1)]
    beyond = {row.low - 1, row.high + 1}
    return sorted(
        beyond
        if row.sentinel is None
        else beyond | {row.sentinel, row.sentinel - 1, row.sentinel + 1} - {row.low, row.high}
    )
