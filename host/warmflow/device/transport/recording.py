"""Raw bytes of a port with the times of their arrival, on disk, to be replayed. The format is in docs/recordings.md.

Crash-safe: every entry carries its length and a CRC-32, and what a crash left half-written at the end is not read.
Bounded: a file that is full is followed by another, and the oldest of a port go. A disk error is logged once; the
daemon goes on without a recording and tries again. A disk that is slow holds nobody up: a thread writes, and what does
not fit before it is counted, said, and marked where it is missing.
"""

import contextlib
import itertools
import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from warmflow.device.host_clock import Stamp
from warmflow.errors import UserError
from warmflow.runtime.background_writer import BackgroundWriter
from warmflow.runtime.input_files import add_input
from warmflow.runtime.output_file import new_file

MAGIC = b"WARMFLOW RECORDING 1\n"
SUFFIX = ".wfrec"
FILE_BYTES = 32_000_000
FILES = 32  # of one port: 1 GB, 10 days at 10 Hz
FLUSH_S = 1.0
AGAIN_S = 60.0
WAITING_BYTES = 8_000_000  # before a slow disk: minutes of the fastest board
CLOSE_S = 1.0  # a stop waits so long for a slow disk
HEAD = struct.Struct("<BddI")  # kind, steady clock in s, wall clock in s since 1970, bytes that follow before the CRC
NUMBERS = itertools.count(1)  # of files: two that begin at one moment have two names
CRC = struct.Struct("<I")
MAX_BYTES = 1_000_000  # of one entry: a longer one is damage


class Kind(IntEnum):
    OPENED = 1  # the port was opened; the text says which
    BYTES = 2
    LOST = 3  # the port was lost; the text says why
    HELLO = 4  # who the board is, again at the head of a file: for a reader who has not the files before it
    MISSED = 5  # bytes came that are not here, for the disk was too slow; the text says how many


class Entry(NamedTuple):
    kind: Kind
    at: Stamp
    data: bytes


class RecordingError(UserError):
    """No recording, or a damaged one; the text names the file."""


class Recorder:
    """Writes the recordings of one port into a folder. Never raises for what a disk does, and never waits for it but at
    its `close`. `missed_bytes` could not be recorded.
    """

    def __init__(
        self,
        folder: Path,
        port: str,
        log: Callable[[str], None],
        file_bytes: int = FILE_BYTES,
        files: int = FILES,
        waiting_bytes: int = WAITING_BYTES,
    ) -> None:
        self.missed_bytes = 0
        self._missing = 0  # bytes since the last one that was taken
        self._waiting_bytes = waiting_bytes
        self._background_writer = BackgroundWriter(waiting_bytes, f"recording {port}")
        self._folder, self._port, self._log = folder, port, log
        self._file_bytes, self._files = file_bytes, files
        self._stem = re.sub(r"[^A-Za-z0-9]+", "-", port).strip("-") or "port"
        self._file: BinaryIO | None = None
        self._size = 0
        self._flushed_s = self._failed_s = -1e18
        self._hello = b""

    def opened(self, path: str, at: Stamp) -> None:
        self.hello(b"")
        self._put(Entry(Kind.OPENED, at, path.encode()))

    def received(self, data: bytes, at: Stamp) -> None:
        self._put(Entry(Kind.BYTES, at, data))

    def lost(self, reason: str, at: Stamp) -> None:
        self._put(Entry(Kind.LOST, at, reason.encode()))

    def hello(self, frame: bytes) -> None:
        """The frame that each further file begins with."""
        self._background_writer.enqueue(partial(setattr, self, "_hello", frame), 0)

    def close(self) -> None:
        """With all of it on disk, unless the disk takes longer than CLOSE_S."""
        self._background_writer.enqueue(self._end_file, 0)
        if not self._background_writer.close(CLOSE_S):
            self._log(f"recording {self._folder}: its end is cut off: the disk did not take it within {CLOSE_S:.0f} s")

    def _put(self, entry: Entry) -> None:
        """To the thread that writes. Behind a loss nothing is taken until there is room again for a while."""
        if self._missing and self._background_writer.waiting_bytes <= self._waiting_bytes / 2:
            self._log(f"recording {self._folder}: goes on; {self._missing} bytes are missing")
            text = f"{self._missing} bytes were not recorded: the disk was too slow"
            self._missing = 0
            self._background_writer.enqueue(
                partial(self._write, Entry(Kind.MISSED, entry.at, text.encode())), len(text)
            )
        if not self._missing and self._background_writer.enqueue(
            partial(self._write, entry), HEAD.size + len(entry.data)
        ):
            return
        if not self._missing:
            self._log(f"recording {self._folder}: the disk is too slow: what comes now is left out")
        self._missing += len(entry.data)
        self.missed_bytes += len(entry.data)

    def _end_file(self) -> None:
        if self._file:
            with contextlib.suppress(OSError):
                self._file.close()
        self._file = None

    def _write(self, entry: Entry) -> None:
        at = entry.at
        if self._file is None and at.steady_s - self._failed_s < AGAIN_S:
            return
        try:
            file = self._file or self._next_file(at)
            self._size += file.write(packed(entry))
            if at.steady_s - self._flushed_s > FLUSH_S:
                file.flush()
                self._flushed_s = at.steady_s
            if self._size > self._file_bytes:
                self._end_file()
        except OSError as error:
            self._log(f"recording {self._folder}: {error.strerror or error}; tried again in {AGAIN_S:.0f} s")
            self._failed_s = at.steady_s
            self._end_file()

    def _next_file(self, at: Stamp) -> BinaryIO:
        began = at.utc
        path = self._folder / f"{self._stem}_{began:%Y%m%dT%H%M%S}_{began.microsecond:06d}{next(NUMBERS):07d}{SUFFIX}"
        self._file = new_file(path)
        head = MAGIC + json.dumps({"port": self._port, "began": began.isoformat()}).encode() + b"\n"
        self._size = self._file.write(head)
        if self._hello:
            self._size += self._file.write(packed(Entry(Kind.HELLO, at, self._hello)))
        for old in sorted(self._folder.glob(f"{self._stem}_*{SUFFIX}"))[: -self._files]:
            old.unlink()
        return self._file


def packed(entry: Entry) -> bytes:
    body = HEAD.pack(entry.kind, *entry.at, len(entry.data)) + entry.data
    return body + CRC.pack(zlib.crc32(body))


def files(path: Path) -> list[Path]:
    """The recordings that a path names: one file, or all files of a folder, oldest first, all of one port. Raises
    RecordingError.
    """
    if not path.is_dir():
        return [path]
    found = sorted(path.glob(f"*{SUFFIX}"))
    stems = sorted({each.name.split("_")[0] for each in found})
    if len(stems) != 1:
        names = ", ".join(f"{stem}_*" for stem in stems) or f"no file *{SUFFIX}"
        raise RecordingError(f"{path}: recordings of one port are needed, and there is: {names}. Name a file")
    return found


def read(path: Path, first: bool = True) -> Iterator[Entry]:
    """The entries of a file, up to its end or to where it was cut off. `first`: with the HELLO at its head.

    Raises: RecordingError for what is no recording, or is damaged before its end.
    """
    add_input(path)
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise RecordingError(f"{path}: not a recording of warmflow (it does not begin with {MAGIC!r})")
            file.readline(10_000)
            for entry in _entries(file, path):
                if entry.kind is not Kind.HELLO or first:
                    yield entry
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from error


def _entries(file: BinaryIO, path: Path) -> Iterator[Entry]:
    while len(head := file.read(HEAD.size)) == HEAD.size:
        kind, steady_s, wall_s, size = HEAD.unpack(head)
        data, crc = (file.read(size), file.read(CRC.size)) if size <= MAX_BYTES else (b"", b"")
        if len(crc) == CRC.size and crc == CRC.pack(zlib.crc32(head + data)) and kind in list(Kind):
            yield Entry(Kind(kind), Stamp(steady_s, wall_s), data)
        elif len(crc) == CRC.size or size > MAX_BYTES:
            raise RecordingError(f"{path}: damaged at byte {file.tell()}; the part before it was read")
        else:
            return  # cut off by a crash
