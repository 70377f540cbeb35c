"""`warmflow dump`: what passes the wire, frame by frame, each byte beside its field. Reads a port or a recording.

A recording of commands (host to board) is known by a good command line in its first bytes. Refuses to send anything:
a board streams by itself, and a dump must not change what it looks at.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import Annotated, BinaryIO, NamedTuple

import typer

from pumplink.decoder import SAMPLE_BYTES, Decoder, Event, Received, Rejected, is_text, read
from pumplink.framing import MAX_LINE, unline
from warmflow.cli.dump_format import Style, event_lines, words
from warmflow.device.transport import recording
from warmflow.device.transport.recording import SUFFIX, Kind
from warmflow.device.transport.serial_port import PortError, find_port, lost_reason, open_exclusive
from warmflow.errors import UserError
from warmflow.runtime.console import TextOut, flush, standard_output

CHUNK_BYTES = 4096


class DumpError(UserError):
    """The source cannot be read; the text says which and what to do."""


class Waiting(NamedTuple):
    """Text after the last frame: a board at its prompt sends no more zero bytes."""

    data: bytes


def dump(
    source: Annotated[str, typer.Argument(help="Serial port, USB serial number, recording, or - for standard input.")],
    brief: Annotated[bool, typer.Option(help="One line per frame: names and values.")] = False,
    raw: Annotated[bool, typer.Option(help="One line per frame: the bytes of its payload.")] = False,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after this many frames.")] = None,
) -> None:
    """Decode a port or a recording: each frame with its bytes explained, and why other bytes were rejected."""
    style = Style.RAW if raw else Style.BRIEF if brief else Style.FIELDS
    dump_stream(open_chunks(source), standard_output(), style, count)


def dump_file(path: Path, out: TextOut, style: Style = Style.FIELDS, count: int | None = None) -> None:
    """Explains a recording of either direction. Raises DumpError if the file cannot be read."""
    dump_stream(_file_chunks(path), out, style, count)


def dump_stream(chunks: Iterable[bytes], out: TextOut, style: Style = Style.FIELDS, count: int | None = None) -> None:
    """Explains bytes as they come, to their end, to Ctrl-C or for `count` good frames; then sums up.

    An empty chunk means that nothing came for a moment: words that wait for a frame's end are then shown.
    """
    good: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    bad_bytes: Counter[str] = Counter()
    number = 0
    try:
        for event in _events(chunks):
            if isinstance(event, Waiting):
                out.write(f"(text, no frame yet) {words(event.data)}\n")
                continue
            number += 1
            for line in event_lines(number, event, style):
                out.write(line + "\n")
            flush()
            if isinstance(event, Received):
                good[type(event.message).__name__] += 1
            else:
                bad[event.cause] += 1
                bad_bytes[event.cause] += event.size
            if good.total() == count:
                break
    except KeyboardInterrupt:
        out.write("\n")
    out.write(f"{_frames(good)}\n")
    out.write(f"{_rejects(bad, bad_bytes)}\n")


def _frames(good: Counter[str]) -> str:
    kinds = ", ".join(f"{name} {number}" for name, number in good.most_common())
    return f"{good.total()} frames" + (f": {kinds}" if kinds else "")


def _rejects(bad: Counter[str], bad_bytes: Counter[str]) -> str:
    causes = ", ".join(f"{cause} {number} ({bad_bytes[cause]} bytes)" for cause, number in bad.most_common())
    return f"{bad.total()} rejected" + (f": {causes}" if causes else "")


def open_chunks(source: str) -> Iterator[bytes]:
    """The bytes of a port, a file or, for "-", stdin. Raises DumpError, at the latest with the first chunk."""
    path = Path(source)
    if source == "-":
        return _read_chunks(sys.stdin.buffer)
    if path.is_file() or path.is_fifo():
        return _file_chunks(path)
    if path.is_dir():
        raise DumpError(f"{source}: this is a folder; name a port or a file")
    return _port_chunks(source)


def _events(chunks: Iterable[bytes]) -> Iterator[Event | Waiting]:
    source = iter(chunks)
    first = next((chunk for chunk in source if chunk), b"")
    commands = any(unline(line.strip())[0] for line in first.split(b"\n"))
    return (_command_events if commands else _frame_events)(chain([first], source))


def _frame_events(chunks: Iterable[bytes]) -> Iterator[Event | Waiting]:
    decoder, shown = Decoder(), b""
    for chunk in chunks:
        yield from decoder.feed(chunk)
        if not chunk and decoder.pending != shown and is_text(decoder.pending):
            shown = decoder.pending
            yield Waiting(shown)
    yield from decoder.feed(b"\0")  # what was cut off by the end is rejected, and so counted


def _command_events(chunks: Iterable[bytes]) -> Iterator[Event]:
    rest, cut = b"", 0
    for chunk in chain(chunks, [b"\n"]):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if cut or line.strip():
                yield _command_event(line.strip(), cut)
            cut = 0
        if len(rest) > 2 * MAX_LINE:
            rest, cut = rest[:MAX_LINE], cut + len(rest) - MAX_LINE


def _command_event(line: bytes, cut: int) -> Event:
    if len(line) + cut > MAX_LINE:
        return Rejected("oversize", len(line) + cut, line[:SAMPLE_BYTES])
    payload, cause = unline(line)
    message = str(cause) if payload is None else read(payload)
    if payload is None or isinstance(message, str):
        return Rejected(str(message), len(line), line[:SAMPLE_BYTES])
    return Received(message, payload)


def _file_chunks(path: Path) -> Iterator[bytes]:
    try:
        if path.suffix == SUFFIX:
            yield from (entry.data for entry in recording.read(path) if entry.kind in (Kind.BYTES, Kind.HELLO))
            return
        with path.open("rb") as file:
            yield from _read_chunks(file)
    except OSError as error:
        raise DumpError(f"{path}: {error.strerror or error}") from error


def _read_chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read1(CHUNK_BYTES) if isinstance(file, BufferedReader) else file.read(CHUNK_BYTES):
        yield chunk


def _port_chunks(source: str) -> Iterator[bytes]:
    try:
        with open_exclusive(find_port(source)) as port:
            while True:
                try:
                    yield port.read(max(1, port.in_waiting))
                except (OSError, TypeError) as error:  # SerialException is an OSError
                    raise DumpError(f"{source}: {lost_reason(port, error)}") from error
    except PortError as error:
        raise DumpError(str(error)) from error
