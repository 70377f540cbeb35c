"""Records that the host has not acknowledged, in one preallocated buffer. The oldest give way, and are counted.

Records follow each other as u16 length and bytes; a length of 0xFFFF says that the next one stands at the start. They
are numbered in one row, so a sequence number is a position: the ring stores no index.
"""

_WRAP = 0xFFFF


class Ring:
    def __init__(self, size, first_sequence=1):
        self._buffer = bytearray(size)
        self._head = self._tail = self._used = 0  # head: where the next record goes; tail: the oldest
        self.size = size
        self.oldest = self.next = first_sequence
        self.dropped = 0
        self._at = (first_sequence, 0)  # a place found before: sequence and its offset

    def push(self, record):
        """Keeps the record with sequence number `next`."""
        need = len(record) + 2
        if self._head + need > self.size:
            while self.oldest < self.next and self._tail >= self._head and self._used:
                self._drop()
            if self.size - self._head >= 2:
                self._buffer[self._head : self._head + 2] = b"\xff\xff"
            self._used += self.size - self._head
            self._head = 0
            if self.oldest == self.next:
                self._tail = self._used = 0
        while self._used + need > self.size:
            self._drop()
        head = self._head
        self._buffer[head] = len(record) & 0xFF
        self._buffer[head + 1] = len(record) >> 8
        self._buffer[head + 2 : head + need] = record
        self._head = head + need
        self._used += need
        self.next += 1

    def get(self, sequence):
        """The record with this number; it must be held."""
        known, offset = self._at
        if not self.oldest <= known <= sequence:
            known, offset = self.oldest, self._tail
        while True:
            offset = self._unwrapped(offset)
            if known == sequence:
                break
            offset += 2 + self._length(offset)
            known += 1
        self._at = (sequence, offset)
        return self._buffer[offset + 2 : offset + 2 + self._length(offset)]

    def release(self, through):
        """Forgets all records up to this number."""
        while self.oldest <= through and self.oldest < self.next:
            self._forget()

    def _drop(self):
        self._forget()
        self.dropped += 1

    def _forget(self):
        start = self._unwrapped(self._tail)
        if start != self._tail:
            self._used -= self.size - self._tail
        size = 2 + self._length(start)
        self._used -= size
        self._tail = start + size
        self.oldest += 1
        if self.oldest == self.next:
            self._head = self._tail = self._used = 0

    def _length(self, offset):
        return self._buffer[offset] | self._buffer[offset + 1] << 8

    def _unwrapped(self, offset):
        return 0 if self.size - offset < 2 or self._length(offset) == _WRAP else offset
