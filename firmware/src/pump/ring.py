"""Records that the host has not acknowledged, in one preallocated buffer. The oldest give way, and are counted.

Each stands in one piece as its length (u8) and its bytes, lap after lap round the buffer. They are numbered in one
row, so a sequence number is a position: the ring stores no index.
"""

from micropython import const

_MOST_BYTES = const(255)


class Ring:
    def __init__(self, size, first_sequence=1):
        self._buffer = bytearray(size)
        self._view = memoryview(self._buffer)
        self._head = self._tail = 0  # where the next record goes, where the oldest stands
        self._lap_end = 0  # where the lap before the present one ends; 0 when nothing of it is held
        self.size = size
        self.oldest = self.next = first_sequence
        self.dropped = 0
        self._at = (first_sequence, 0)  # a place found before: sequence and its offset

    def push(self, record):
        """Keeps the record with sequence number `next`."""
        size = len(record)
        if size > _MOST_BYTES:
            raise ValueError("a record of %d bytes" % size)
        if self._head + size + 1 > self.size:
            while self._lap_end:
                self._drop()
            self._lap_end, self._head = self._head, 0
        buffer, head = self._buffer, self._head
        end = head + size + 1
        while self._lap_end and self._tail < end:
            self._drop()
        buffer[head] = size
        self._view[head + 1 : end][:] = record  # into the buffer itself, MicroPython would move all that stands behind
        self._head = end
        self.next += 1

    def get(self, sequence):
        """The record with this number; it must be held."""
        buffer = self._buffer
        known, offset = self._at
        if not self.oldest <= known <= sequence:
            known, offset = self.oldest, self._tail
        while known < sequence:
            offset += 1 + buffer[offset]
            if offset == self._lap_end:
                offset = 0
            known += 1
        self._at = (sequence, offset)
        return buffer[offset + 1 : offset + 1 + buffer[offset]]

    def release(self, through):
        """Forgets all records up to this number. A host that was away frees a thousand at once: the loop is tight."""
        count = min(through + 1, self.next) - self.oldest
        if count <= 0:
            return
        buffer, tail, lap_end = self._buffer, self._tail, self._lap_end
        for _ in range(count):
            tail += 1 + buffer[tail]
            if tail == lap_end:
                tail = lap_end = 0
        self.oldest += count
        if self.oldest == self.next:
            self._head = tail = lap_end = 0
        self._tail, self._lap_end = tail, lap_end

    def _drop(self):
        self.release(self.oldest)
        self.dropped += 1
