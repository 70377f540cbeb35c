"""Bytes in, events out: the host's end of the wire. No I/O, no clock, bounded memory.

A bad frame is an event with a cause, never an exception: noise is normal on a wire, and the frame after it counts. What
was rejected is kept in part for diagnosis (a board at its prompt talks in words) and counted in full. The decoder
judges single frames only; whether a sequence has holes is the session's business.
"""

import struct
from collections import Counter
from typing import NamedTuple

from pumplink.fastcodec import DECODERS
from pumplink.framing import MAX_FRAME, unframe
from pumplink.heads import Head, head_of
from pumplink.messages import PROTOCOL_MAJOR, TYPES, Hello, Message

SAMPLE_BYTES = 256  # of a rejected chunk that an event carries
_HELLO = TYPES[Hello]


class Received(NamedTuple):
    """A good frame."""

    message: Message
    payload: bytes


class Rejected(NamedTuple):
    """Bytes that were no frame, or a good frame that cannot be read. Causes: see `CAUSES`.

    head: what can be read of the latter.
    """

    cause: str
    size: int
    sample: bytes
    head: Head | None = None


Event = Received | Rejected
CAUSES = {
    "text": "readable words where a frame should be: boot text, a traceback, a prompt",
    "cobs": "not COBS: bytes were lost or added",
    "crc": "CRC-32 does not fit: bytes were changed",
    "short": "too short to hold a message",
    "oversize": "longer than any frame",
    "unknown": "a message type that this version does not know: counted, otherwise ignored",
    "length": "fewer bytes than this message's fields need",
    "version": "a HELLO of another major version of the protocol",
    "value": "a text that is not UTF-8, or shorter than announced",
}


class Decoder:
    """Feed it what the port gives; it gives what that means. `counts` and `dropped_bytes` are by cause."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipped = 0  # bytes of a chunk that is already too long; its first ones are in `_sample`
        self._sample = b""
        self.frames = 0
        self.counts: Counter[str] = Counter()
        self.dropped_bytes: Counter[str] = Counter()

    @property
    def pending(self) -> bytes:
        """Bytes after the last zero, at most one frame: a board at its prompt sends no zero any more."""
        return self._rest

    def feed(self, data: bytes) -> list[Event]:
        """Events of all frames that `data` completes, in order."""
        chunks = (self._rest + data).split(b"\0")
        self._rest = chunks.pop()
        events: list[Event] = []
        for chunk in chunks:
            if self._skipped:
                events.append(self._reject("oversize", self._skipped + len(chunk), self._sample))
                self._skipped = 0
            elif chunk:
                events.append(self._decode(chunk))
        if self._skipped or len(self._rest) > MAX_FRAME:
            self._skip()
        return events

    def _skip(self) -> None:
        if not self._skipped:
            self._sample = self._rest[:SAMPLE_BYTES]
        self._skipped += len(self._rest)
        self._rest = b""

    def _decode(self, chunk: bytes) -> Event:
        if len(chunk) > MAX_FRAME:
            return self._reject("oversize", len(chunk), chunk)
        payload, cause = unframe(chunk)
        if payload is None:
            return self._reject("text" if is_text(chunk) else str(cause), len(chunk), chunk)
        message = read(payload)
        if isinstance(message, str):
            return self._reject(message, len(chunk), payload, head_of(payload))
        self.frames += 1
        return Received(message, payload)

    def _reject(self, cause: str, size: int, sample: bytes, head: Head | None = None) -> Rejected:
        self.counts[cause] += 1
        self.dropped_bytes[cause] += size
        return Rejected(cause, size, sample[:SAMPLE_BYTES], head)


def read(payload: bytes) -> Message | str:
    """The message in a payload whose CRC was good, or the cause why there is none.

    The version comes before the length: a HELLO of another version may be of any length.
    """
    decode = DECODERS.get(payload[0])
    if decode is None:
        return "unknown"
    if payload[0] == _HELLO and len(payload) > 1 and payload[1] != PROTOCOL_MAJOR:
        return "version"
    try:
        return decode(payload)
    except struct.error:
        return "length"
    except ValueError:
        return "value"


def is_text(data: bytes) -> bool:
    """True for words rather than noise: at least 95 % printable ASCII, as boot text and tracebacks are."""
    readable = sum(32 <= byte < 127 or byte in b"\r\n\t" for byte in data)
    return len(data) >= 4 and readable >= 0.95 * len(data)
