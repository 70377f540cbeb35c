"""A decoder by somebody who has only docs/protocol.md: it imports nothing of this project and reads the page's tables.

Framing is written from the page's words; fields, offsets and absent values are taken from its tables at run time.
"""

import base64
import re
import zlib

SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "i8": 1, "i16": 2, "i32": 4, "i64": 8}
HEADING = re.compile(r"#### (0x[0-9A-F]{2}) (\w+)")
ROW = re.compile(r"\| (\d+) \| (\w+) \| ([^|]+) \| (.*) \|")
ABSENT = re.compile(r"\*\*(-?\d+): absent\.\*\*")


def read_tables(page):
    """{type: (name, [(offset, field, kind, number that means absent or None, may it be missing)])}"""
    tables, fields = {}, []
    for line in page.splitlines():
        if heading := HEADING.fullmatch(line):
            fields = []
            tables[int(heading[1], 16)] = heading[2], fields
        elif tables and (row := ROW.fullmatch(line)):
            absent = ABSENT.search(row[4])
            missing = "May be missing at the end" in row[4]
            fields.append((int(row[1]), row[2], row[3], int(absent[1]) if absent else None, missing))
    return tables


def uncobs(body):
    out, at = b"", 0
    while at < len(body):
        code = body[at]
        block = body[at + 1 : at + code]
        if code == 0 or len(block) < code - 1:
            return None
        out, at = out + block, at + code
        if code != 0xFF and at < len(body):
            out += b"\0"
    return out


def checked(data):
    if data is None or len(data) < 5 or zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
        return None
    return data[:-4]


def payloads_from_board(stream):
    """Payloads of all good frames in a stream: what lies between two zeros and has a good CRC."""
    return [payload for body in stream.split(b"\0") if (payload := checked(uncobs(body)))]


def payload_from_host(line):
    return checked(base64.b64decode(line.strip(b"\n")))


def decode(payload, tables):
    """(message, {field: value}); None for a type that the page does not have."""
    if payload[0] not in tables:
        return None
    name, fields = tables[payload[0]]
    return name, {
        field: None if missing and offset == len(payload) else value(payload, offset, kind, absent)
        for offset, field, kind, absent, missing in fields[1:]
    }


def value(payload, offset, kind, absent):
    if kind == "u16 length + text":
        length = number(payload, offset, "u16")
        return piece(payload, offset + 2, length).decode("utf-8")
    if kind.startswith("text["):
        return piece(payload, offset, int(kind[5:-1])).rstrip(b"\0").decode("utf-8")
    if kind.startswith("bytes["):
        return piece(payload, offset, int(kind[6:-1]))
    found = number(payload, offset, kind)
    return None if absent is not None and found == absent else found


def number(payload, offset, kind):
    return int.from_bytes(piece(payload, offset, SIZES[kind]), "little", signed=kind[0] == "i")


def piece(payload, offset, size):
    if offset + size > len(payload):
        raise ValueError("payload too short")
    return payload[offset : offset + size]
