"""The lines of a file of readings: text by `runtime/text_file.py`, and the name of what is no text at all.

UTF-16 without a byte order mark is known by its zero bytes, for balances' programs write it.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

from warmflow.instruments.errors import InstrumentFileError
from warmflow.runtime.text_file import DATA_BYTES, TextFileError, decoded, read_bytes

UTF_16_MARK = b"\xff\xfe"
SQLITE, PARQUET = b"SQLite format 3\0", b"PAR1"
OTHER_FILES = {
    SQLITE: "a journal (SQLite)",
    b"PK\x03\x04": "a workbook or archive (.xlsx, .ods, .zip): save the sheet as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an old workbook (.xls): save the sheet as CSV UTF-8",
    b"%PDF": "a PDF: export the readings as CSV",
    b"\x1f\x8b": "a compressed file: unpack it first (gunzip)",
}
ZEROS_MIN = 0.4  # of every second byte


class TextLines(NamedTuple):
    """All lines of a file; the first is line 1. `sha256` is that of the bytes."""

    path: Path
    lines: list[str]
    sha256: str


def content(path: Path) -> bytes:
    """All bytes. Raises InstrumentFileError."""
    try:
        return read_bytes(path, DATA_BYTES)
    except TextFileError as error:
        raise InstrumentFileError(str(error)) from None


def lines(path: Path, data: bytes) -> TextLines:
    """Raises InstrumentFileError for what is no text."""
    for mark, what in OTHER_FILES.items():
        if data.startswith(mark):
            raise InstrumentFileError(f"{path}: this is {what}")
    odd, even = data[1:80:2], data[0:80:2]
    unmarked = bool(odd) and odd.count(0) > ZEROS_MIN * len(odd) and even.count(0) == 0
    try:
        text = decoded(UTF_16_MARK + data if unmarked else data, path)
    except TextFileError as error:
        raise InstrumentFileError(str(error)) from None
    return TextLines(path, text.split("\n"), hashlib.sha256(data).hexdigest())
