"""The board's end of the wire: what is sent, in which order, and what is kept until it is acknowledged.

One cursor runs over the ring; a live reading and a repeated one take the same way. The host sets the cursor and frees
the ring. Answers and other frames that are not sequenced go first, through a short queue. A port that takes nothing
stalls nothing: what it does not take stays here.
"""

from micropython import const

from pump import codec
from pump.ring import Ring
from pump.slim import slim, whole
from pumplink.framing import MAX_LINE, frame, unline

_SMALLEST_RING_BYTES = const(4096)
_URGENT = const(12)  # frames that may wait; the oldest gives way (a HELLO or an answer is asked for again)
_SHARE_MS = const(5)  # of sending, then commands and readings have their turn


class Link:
    def __init__(self, board, boot, ring_bytes):
        self._port = board
        self._boot_count, self._boot_random = boot
        self.ring = _ring(ring_bytes)
        self._following = 1
        self._sent_through = 0
        self._last = self._reading = b""  # payload of the newest record, and of the newest that is a reading
        self._urgent = []
        self._begun = b""
        self._line = b""
        self._skip = False
        self.lines_bad = 0
        self.urgent_dropped = 0

    def record(self, payload):
        """Keeps a sequenced payload until it is acknowledged; `service` sends it."""
        self.ring.push(slim(payload))
        self._last = payload
        if payload[0] == codec.TELEMETRY:
            self._reading = payload

    def send(self, payload):
        """Sends a payload that nobody will ask for again."""
        if len(self._urgent) >= _URGENT:
            self._urgent.pop(0)
            self.urgent_dropped += 1
        self._urgent.append(frame(payload))

    def service(self):
        """Writes what the port takes now, for some milliseconds. True if something may be left to write."""
        board = self._port
        started = board.ticks_ms()
        while True:
            out = self._begun or self._next_frame()
            if not out:
                return False
            taken = board.write(out)
            self._begun = out[taken:]
            if not taken or board.ticks_diff(board.ticks_ms(), started) >= _SHARE_MS:
                return True

    def sent_through(self):
        """The last sequence that was sent, or said in a GAP to be lost."""
        return max(self._sent_through, self._following - 1)

    def acknowledge(self, through):
        self.ring.release(through)

    def rewind(self, sequence):
        """The next record sent is this one, or the oldest held after a GAP that says what is lost."""
        if sequence < self.ring.oldest:
            last = min(self.ring.oldest, self.ring.next) - 1
            self.send(self._gap(sequence, last, codec.GAP_REASON_NOT_IN_RING))
        self._following = min(max(sequence, self.ring.oldest), self.ring.next)

    def receive(self, data):
        """Payloads of the whole command lines in `data`; noise is counted."""
        payloads = []
        lines = (self._line + data).split(b"\n")
        self._line = lines.pop()
        for line in lines:
            if self._skip or len(line) > MAX_LINE:
                self._skip = False
                self.lines_bad += 1
            elif line:
                payload, _ = unline(line)
                if payload:
                    payloads.append(payload)
                else:
                    self.lines_bad += 1
        if self._skip or len(self._line) > MAX_LINE:
            self._skip, self._line = True, b""
        return payloads

    def _next_frame(self):
        if self._urgent:
            return self._urgent.pop(0)
        ring = self.ring
        if self._following < ring.oldest:
            gap = self._gap(self._following, ring.oldest - 1, codec.GAP_REASON_RING_OVERFLOW)
            self._following = ring.oldest
            return frame(gap)
        if self._following >= ring.next:
            return b""
        cursor = self._following
        live = cursor > self._sent_through and cursor == ring.next - 1
        self._sent_through = max(self._sent_through, cursor)
        self._following = cursor + 1
        return frame(self._last if live else whole(ring.get(cursor), cursor, 1, self._reading))

    def _gap(self, first, last, reason):
        return codec.encode_gap(self._boot_count, self._boot_random, first, last, reason)


def _ring(size):
    """As large a ring as there is memory in one piece: a heap in many pieces must not end in a boot loop."""
    while True:
        try:
            return Ring(size)
        except MemoryError:
            if size < _SMALLEST_RING_BYTES:
                raise
            size //= 2
