"""Reads the construct declarations as rows that the emitters print. Refuses a field kind that it does not know."""

from binascii import crc32
from struct import calcsize, pack
from typing import NamedTuple

from construct import Bytes, FormatField, Prefixed, Renamed

from pumplink.fields import Absent, Coded, FixedText, TailText, Trailing
from pumplink.schema import MAX_PAYLOAD, MESSAGES, MessageSpec

KINDS = {
    "B": "u8",
    "H": "u16",
    "I": "u32",
    "L": "u32",
    "Q": "u64",
    "b": "i8",
    "h": "i16",
    "i": "i32",
    "l": "i32",
    "q": "i64",
}


class Row(NamedTuple):
    """One field: `format` is its struct code ('' for the text at the end), `kind` its name in the protocol table."""

    name: str
    format: str
    kind: str
    size: int | None
    doc: str
    low: int | None = None
    high: int | None = None
    sentinel: int | None = None
    codes: type | None = None
    text: bool = False
    trailing: bool = False


def rows(message: MessageSpec) -> list[Row]:
    """Its fields. Raises TypeError for a trailing one that is followed by another kind."""
    found = [_row(field.name, field.subcon, field.docs) for field in message.body.subcons]
    if [row.trailing for row in found] != sorted(row.trailing for row in found):
        raise TypeError(f"{message.name}: a trailing field stands at the end")
    return found


def layout() -> int:
    """A number that changes with any message, field, kind or place: HELLO carries it."""
    lines = (
        f"{message.type:02X} {message.name}: "
        + ", ".join(f"{row.name} {row.kind} {row.sentinel}" for row in rows(message))
        for message in MESSAGES
    )
    return crc32("\n".join(lines).encode())


def trailing(fields: list[Row]) -> tuple[tuple[int, ...], bytes]:
    """(lengths at which a payload may end before its last fields, what stands for those fields as absent)."""
    missing = [row for row in fields if row.trailing]
    size = calcsize(struct_format(fields))
    ends = tuple(size - sum(row.size or 0 for row in missing[at:]) for at in range(len(missing)))
    return ends, b"".join(pack("<" + row.format, row.sentinel) for row in missing)


def _row(name: str, con: object, doc: str) -> Row:
    match con:
        case Renamed():
            return _row(name, con.subcon, doc)
        case FormatField():
            code = {"L": "I", "l": "i"}.get(con.fmtstr[-1], con.fmtstr[-1])
            bits = 8 * con.length
            low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if code.islower() else (0, (1 << bits) - 1)
            return Row(name, code, KINDS[code], con.length, doc, low, high)
        case Absent():
            row = _row(name, con.subcon, doc)
            low, high = (row.low + 1, row.high) if row.format.islower() else (row.low, row.high - 1)
            return row._replace(sentinel=con.sentinel, low=low, high=high, trailing=isinstance(con, Trailing))
        case Coded():
            return _row(name, con.subcon, doc)._replace(codes=con.codes)
        case FixedText():
            return Row(name, f"{con.length}s", f"text[{con.length}]", con.length, doc, text=True)
        case Bytes():
            return Row(name, f"{con.length}s", f"bytes[{con.length}]", con.length, doc)
        case TailText() if isinstance(con.subcon, Prefixed):
            return Row(name, "", "u16 length + text", None, doc, text=True)
    raise TypeError(f"{name}: the generator does not know {con!r}")


def struct_format(fields: list[Row]) -> str:
    """Format of type byte, fixed fields and the length of the text, if there is one."""
    tail = "H" if fields and fields[-1].format == "" else ""
    return "<B" + "".join(row.format for row in fields) + tail


def text_limit(fields: list[Row]) -> int:
    """Most bytes that the text at the end may have for the payload to fit into a frame."""
    return MAX_PAYLOAD - calcsize(struct_format(fields))


def snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")
