"""The summaries in flash: a ring of small files, oldest dropped, each record with its CRC.

Records are numbered in one row and all of one size, so a number is a place: no index is kept, and a boot reads two or
three records. A number whose record was torn by a power cut is given again: the row has no holes. Files are not deleted
when their summaries are acknowledged: they are used again, and the space is spoken for. Refuses to send what its CRC
does not vouch for.
"""

from binascii import crc32
from struct import pack, unpack_from

from micropython import const

from pump.codec import MINUTE_SUMMARY_BYTES, MINUTE_SUMMARY_MINUTE_AT

FOLDER = "minutes"
RECORD_BYTES = MINUTE_SUMMARY_BYTES + 4  # a payload and its CRC
PER_FILE = 59  # fill one block of 4096 bytes
FILES = 26  # 25 whole ones hold 1475 minutes, the last is being written
CAPACITY = PER_FILE * (FILES - 1)
_NOT_ASKED = const(0x3FFFFFFF)  # a cursor beyond all numbers: nothing is sent before a host has asked


class Shelf:
    """`next` is the number that the next summary gets, `oldest` the first that is held; equal: none is."""

    def __init__(self, board, following, acknowledged):
        self._files = board
        while self._read(following):  # written after the totals were
            following += 1
        while following > acknowledged + 1 and self._torn(following - 1):
            following -= 1
        self.next = following
        self.oldest = min(max(acknowledged + 1, following - CAPACITY), following)
        self._cursor = _NOT_ASKED
        self.sent = self.oldest - 1  # the highest number that a host has been given

    def put(self, payload):
        """Keeps a payload that carries number `next`. Raises OSError if the flash refuses; then it has no number."""
        record = payload + pack("<I", crc32(payload))
        if len(record) != RECORD_BYTES:
            raise ValueError("a summary of %d bytes, not %d" % (len(record), RECORD_BYTES))
        name, at = _place(self.next)
        if at == 0:
            self._files.save(name, record)
        elif self._files.size(name) == at:
            self._files.append(name, record)
        else:  # a power cut on a file system that tears writes: what is whole stays in its place, and before it are
            # at most records that the host has
            whole = (self._files.load(name) or b"")[:at]
            self._files.save(name, whole + bytes(at - len(whole)) + record)
        self.next += 1
        self.oldest = max(self.oldest, self.next - CAPACITY)

    def seek(self, minute):
        """The next one that is taken is this, or the oldest held; its number, `next` if there is none yet."""
        self._cursor = min(max(minute, self.oldest), self.next)
        return self._cursor

    def waiting(self):
        """True if `take` may have one."""
        return self._cursor < self.next

    def take(self):
        """The payload at the cursor, which moves on; None where there is none or it is damaged."""
        if self._cursor >= self.next:
            return None
        minute = max(self._cursor, self.oldest)
        self._cursor = minute + 1
        self.sent = max(self.sent, minute)
        return self._read(minute)

    def release(self, through):
        """Forgets all up to this number."""
        self.oldest = min(max(self.oldest, through + 1), self.next)

    def _torn(self, minute):
        """True if its file ends before it does. It was never sent: that comes after the whole record."""
        name, at = _place(minute)
        return self._files.size(name) < at + RECORD_BYTES

    def _read(self, minute):
        name, at = _place(minute)
        record = self._files.read_at(name, at, RECORD_BYTES)
        if len(record) != RECORD_BYTES:
            return None
        payload = record[:MINUTE_SUMMARY_BYTES]
        good = unpack_from("<I", record, MINUTE_SUMMARY_BYTES)[0] == crc32(payload)
        return payload if good and unpack_from("<I", payload, MINUTE_SUMMARY_MINUTE_AT)[0] == minute else None


def _place(minute):
    """(file, offset) of a number, which counts from 1."""
    file, index = divmod(minute - 1, PER_FILE)
    return "%s/%02d" % (FOLDER, file % FILES), index * RECORD_BYTES
