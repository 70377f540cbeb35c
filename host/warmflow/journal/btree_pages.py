"""Rows out of the pages of a SQLite file, without its index of pages: for a file in which that index is damaged.

Reads leaves of tables alone (type 13) and tells the table of a row by the types of its columns. Refuses rows that go on
in other pages: none of the journal's does. Ref: https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from warmflow.journal.tables import beside_files

# the types of each table's columns: n the row's number, i an integer, t a text, b a blob
COLUMNS = {
    "records": "niiiiib",
    "boots": "ntiitii",
    "declarations": "niib",
    "annotations": "ntitti",
    "alarm_lines": "ntit",
}
TABLE_OF = {types: table for table, types in COLUMNS.items()}
PAGE_BYTES = 4096  # of every journal; the header may be damaged
LEAF = 13
FILE_HEAD_BYTES, PAGE_HEAD_BYTES, LOG_HEAD_BYTES, FRAME_HEAD_BYTES = 100, 8, 32, 24
INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
ZERO, ONE = 8, 9  # integers that take no bytes


class PageRow(NamedTuple):
    """A row as it was found; its number is in `values`, too, as the first one."""

    table: str
    values: tuple[Any, ...]


def rows(path: Path) -> Iterator[PageRow]:
    """Every row of a known table in the file and in the log beside it, in the order of pages; some may come twice."""
    for page in _pages(path):
        at = FILE_HEAD_BYTES if page.startswith(b"SQLite format 3\0") else 0
        if page[at] != LEAF:
            continue
        (cells,) = struct.unpack_from(">H", page, at + 3)
        for number in range(min(cells, PAGE_BYTES // 4)):
            try:
                (start,) = struct.unpack_from(">H", page, at + PAGE_HEAD_BYTES + 2 * number)
                found = _row(page, start)
            except (IndexError, struct.error, ValueError):
                continue
            if found:
                yield found


def _pages(path: Path) -> Iterator[bytes]:
    log = beside_files(path)[0]
    for file, head, frame in ((path, 0, 0), (log, LOG_HEAD_BYTES, FRAME_HEAD_BYTES)):
        if not file.exists():
            continue
        with file.open("rb") as opened:
            opened.seek(head)
            while len(found := opened.read(frame + PAGE_BYTES)) == frame + PAGE_BYTES:
                yield found[frame:]


def _row(page: bytes, at: int) -> PageRow | None:
    size, at = _varint(page, at)
    number, at = _varint(page, at)
    if at + size > PAGE_BYTES:
        return None
    head_bytes, next_type = _varint(page, at)
    value_at = end_of_types = at + head_bytes
    types, values = "", list[Any]()
    while next_type < end_of_types:
        code, next_type = _varint(page, next_type)
        kind, value, value_at = _value(page, code, value_at)
        types += kind
        values.append(number if kind == "n" and not values else value)
    table = TABLE_OF.get(types)
    return PageRow(table, tuple(values)) if table and value_at == at + size else None


def _value(page: bytes, code: int, at: int) -> tuple[str, Any, int]:
    """Its type, itself, and where the next one begins. Raises ValueError for a type that no journal has."""
    if code == 0:
        return "n", None, at
    if code in (ZERO, ONE):
        return "i", code - ZERO, at
    if code in INTEGER_BYTES:
        end = at + INTEGER_BYTES[code]
        return "i", int.from_bytes(page[at:end], "big", signed=True), end
    if code < 12:
        raise ValueError(f"type {code}")
    end = at + (code - 12) // 2
    if end > len(page):
        raise ValueError("beyond the page")
    return ("b", page[at:end], end) if code % 2 == 0 else ("t", page[at:end].decode("utf-8", "replace"), end)


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(8):
        byte = page[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    value = value << 8 | page[at + 8]
    return value - (1 << 64) if value >= 1 << 63 else value, at + 9
