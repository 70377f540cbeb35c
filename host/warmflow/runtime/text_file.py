"""The one reader of text files: settings, scenarios, lessons, limits, logs, tokens. It also parses TOML and JSON.

It takes what people's editors write: UTF-8 with or without a byte order mark, UTF-16 with one, any kind of line end.
Text in another encoding is refused with the line and the remedy, because a guess would change letters. It opens no
device and no named pipe, which could block, and reads up to a size limit.
"""

import codecs
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from warmflow.errors import UserError
from warmflow.runtime.input_files import add_input
from warmflow.runtime.json_text import BadJson, parse_json
from warmflow.runtime.text import printable

LIMIT_BYTES = 16_000_000
TOML_BYTES = 1_000_000  # of lessons, scenarios and settings: a hundred times the longest supplied file
SECRET_BYTES = 10_000
DATA_BYTES = 2_000_000_000  # of a file with readings
OPEN_ALREADY = re.compile(r"/dev/stdin|(?:/dev/fd|/proc/(?:self|\d+)/fd)/\d{1,6}")
REMEDY = "save it as UTF-8"
AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
UTF_16 = ((codecs.BOM_UTF32_LE, ""), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class TextFileError(UserError):
    """A text file cannot be read. `file` and `why` are the two parts of the text; `line` is 0 if it has none."""

    def __init__(self, file: Path | str, why: str, line: int = 0) -> None:
        super().__init__(f"{file}:{line}: {why}" if line else f"{file}: {why}")
        self.file, self.why, self.line = str(file), why, line


class NoSuchFile(TextFileError):
    """There is no file of that name."""


class NotParsed(TextFileError):
    """The text was read; it is no TOML, or no JSON."""


def read_text(path: Path | str, limit_bytes: int = LIMIT_BYTES) -> str:
    """The text, with `\\n` at the end of each line and no byte order mark. Raises TextFileError."""
    return decoded(read_bytes(path, limit_bytes), path)


def read_bytes(path: Path | str, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Raises TextFileError."""
    add_input(path)
    try:
        # a name may have become a pipe since anybody looked: it is opened without waiting, and looked at then
        with open(path, "rb", opener=_without_waiting) as file:
            found = os.fstat(file.fileno())
            if stat.S_ISDIR(found.st_mode):
                raise IsADirectoryError
            if not stat.S_ISREG(found.st_mode) and not OPEN_ALREADY.fullmatch(str(path)):
                raise TextFileError(path, "it is a device or a pipe; name a file")
            if found.st_size > limit_bytes:
                raise TextFileError(path, _too_large(limit_bytes))
            os.set_blocking(file.fileno(), True)
            data = file.read(limit_bytes + 1)
    except IsADirectoryError:
        raise TextFileError(path, "it is a folder; name a file in it") from None
    except FileNotFoundError:
        raise NoSuchFile(path, "no such file") from None
    except (OSError, ValueError) as error:
        raise TextFileError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > limit_bytes:
        raise TextFileError(path, _too_large(limit_bytes))
    return data


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _too_large(limit_bytes: int) -> str:
    limit = f"{limit_bytes // 1_000_000} MB" if limit_bytes >= 1_000_000 else f"{limit_bytes} bytes"
    return f"it has more than {limit}; is it the right file?"


def decoded(data: bytes, path: Path | str) -> str:
    """The bytes of a file as text; `path` is for errors. Raises TextFileError."""
    for mark, encoding in UTF_16:
        if data.startswith(mark):
            return _line_ends(_utf_16(data[len(mark) :], encoding, path))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextFileError(path, *_not_utf_8(data, error.start)) from None
    if "\0" in text:
        where = text.index("\0")
        raise TextFileError(path, f"contains a NUL character: not a text file, or UTF-16; {REMEDY}", _line(text, where))
    return _line_ends(text)


def read_toml(path: Path | str) -> dict[str, Any]:
    """Raises TextFileError."""
    return parse_toml(read_text(path, TOML_BYTES), path)


def parse_toml(text: str, path: Path | str) -> dict[str, Any]:
    """Raises TextFileError; its line is that of the fault, as far as it is known."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError, OverflowError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise NotParsed(path, f"not TOML: {printable(why)}", _line_of(why, text)) from None


def read_json(path: Path | str) -> Any:
    """Raises TextFileError."""
    text = read_text(path)
    try:
        return parse_json(text)
    except BadJson as error:
        raise NotParsed(path, f"not JSON: {printable(str(error))}", error.line) from None


def _utf_16(data: bytes, encoding: str, path: Path | str) -> str:
    try:
        text = data.decode(encoding) if encoding else ""
    except UnicodeDecodeError:
        encoding = ""
    if not encoding:
        raise TextFileError(path, f"damaged UTF-16, or UTF-32; {REMEDY}")
    return text


def _not_utf_8(data: bytes, at: int) -> tuple[str, int]:
    """What stands there, as Windows-1252 has it, and the line."""
    char = data[at : at + 1].decode("cp1252", "replace")
    shown = f" (in Windows-1252: {char})" if char.isprintable() and char != "\ufffd" else ""
    return f"not UTF-8: byte 0x{data[at]:02X}{shown}; {REMEDY}", data.count(b"\n", 0, at) + 1


def _line_ends(text: str) -> str:
    """Also without the marks of programs that put one before the mark that was there."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _line_of(why: str, text: str) -> int:
    found = AT_LINE.search(why)
    return int(found[1]) if found and found[1] else max(1, len(text.splitlines())) if found else 0
