"""Decoder events in words: the bytes of a frame beside their meaning, in one of three styles. No I/O.

The wire may carry any bytes: characters that a terminal would obey are escaped.
"""

from collections.abc import Iterator
from enum import Enum, IntEnum, IntFlag
from typing import Any

from pumplink.decoder import CAUSES, Event, Received, Rejected, is_text
from pumplink.framing import crc_bytes
from pumplink.messages import TYPES
from pumplink.reference import FieldBytes, annotate

ROW_BYTES = 8
BRIEF_SAMPLE = 48
NOISE_ROWS = 8
COMMANDS = {number: kind.__name__ for kind, number in TYPES.items()}
REASONS = {**CAUSES, "base64": "not base64, so not a command"}
# longest ending first: what a wire unit is in the unit that people read
UNITS = {
    "_npa_s": (1e-6, "mPa.s"),
    "_nl_h": (24e-6, "mL/day"),
    "_permille": (0.1, "%"),
    "_mc": (1e-3, "degC"),
    "_pa": (1e-3, "kPa"),
    "_nl": (1e-6, "mL"),
    "_ms": (1e-3, "s"),
}


class Style(Enum):
    """How much of a frame is shown."""

    FIELDS = "every field on its line, with its bytes and its meaning"
    BRIEF = "a line for each frame: names and values"
    RAW = "a line for each frame: its payload's bytes"


def event_lines(number: int, event: Event, style: Style) -> Iterator[str]:
    """The lines that explain the `number`th event."""
    if isinstance(event, Rejected):
        yield from _rejected_lines(number, event, style)
    elif style is Style.FIELDS:
        yield from _field_lines(number, event)
    elif style is Style.BRIEF:
        values = " ".join(f"{name}={_plain(value)}" for name, value in event.message._asdict().items())
        yield f"#{number} {type(event.message).__name__} {values}"
    else:
        yield f"#{number} {type(event.message).__name__} {_hex(event.payload)}"


def words(data: bytes) -> str:
    """Bytes as text that is safe on a terminal: anything but printable ASCII becomes a dot."""
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)


def reading(name: str, value: Any) -> str:
    """A value as a person reads it: a code with its name, a quantity with its unit, "absent" if it is not there."""
    if value is None:
        return "absent"
    if isinstance(value, IntFlag):
        return f"{int(value)} {value.name or 'none'}"
    if isinstance(value, IntEnum):
        return f"{int(value)} {value.name}"
    if not isinstance(value, int):
        return _plain(value)
    if name == "command":
        return f"{value} {COMMANDS.get(value, 'unknown')}"
    for ending, (factor, unit) in UNITS.items():
        if name.endswith(ending):
            return f"{value} = {value * factor:.10g} {unit}"
    return str(value)


def _field_lines(number: int, event: Received) -> Iterator[str]:
    yield f"#{number} {type(event.message).__name__}, payload of {len(event.payload)} bytes"
    for field in annotate(event.payload):
        yield from _one_field(field)
    yield from _one_field(
        FieldBytes(len(event.payload), crc_bytes(event.payload), "crc32", "good", "CRC-32 of the above.")
    )
    yield ""


def _one_field(field: FieldBytes) -> Iterator[str]:
    shown = field.value if field.name in ("type", "crc32") else reading(field.name, field.value)
    if field.name == "(unknown)":
        shown = ""
    first, *rest = [field.data[at : at + ROW_BYTES] for at in range(0, len(field.data), ROW_BYTES)]
    yield f"{field.offset:5}  {_hex(first):{3 * ROW_BYTES}} {field.name:20} {shown:28} {field.doc}".rstrip()
    for row, data in enumerate(rest, 1):
        yield f"{field.offset + row * ROW_BYTES:5}  {_hex(data)}"


def _rejected_lines(number: int, event: Rejected, style: Style) -> Iterator[str]:
    head = f"#{number} REJECTED {event.cause}, {event.size} bytes"
    if style is not Style.FIELDS:
        sample = event.sample[:BRIEF_SAMPLE]
        yield f"{head}: {words(sample) if event.cause == 'text' else _hex(sample)}"
        return
    yield f"{head}: {REASONS[event.cause]}"
    if is_text(event.sample):
        yield from (f"       | {words(line)}" for line in event.sample.splitlines() if line.strip())
    else:
        for at in range(0, min(len(event.sample), NOISE_ROWS * ROW_BYTES), ROW_BYTES):
            row = event.sample[at : at + ROW_BYTES]
            yield f"{at:5}  {_hex(row):{3 * ROW_BYTES}} {words(row)}"
    yield ""


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return repr(value)  # escapes what a terminal would obey
    return "-" if value is None else value.hex() if isinstance(value, bytes) else str(value)


def _hex(data: bytes) -> str:
    return data.hex(" ").upper()
