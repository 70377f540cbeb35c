"""A board without hardware: standard input and output are the port, the working folder is the flash.

Runs in MicroPython's unix port, and on CPython where there is none. Whoever starts it makes the port non-blocking.
"""

import sys
import time

try:
    import os
    import select
except ImportError:  # a MicroPython built without them cannot be a virtual board
    raise SystemExit("this MicroPython has no os or select module")

from board.files import Files
from pump import codec

_MICROPYTHON = sys.implementation.name == "micropython"


class Board(Files):
    platform = codec.PLATFORM_UNIX if _MICROPYTHON else codec.PLATFORM_CPYTHON
    reset_cause = 0
    reset_words = ""
    heap_share = 5

    def __init__(self):
        self._in = sys.stdin.buffer if _MICROPYTHON else open(0, "rb", 0, closefd=False)
        self._out = sys.stdout.buffer if _MICROPYTHON else open(1, "wb", 0, closefd=False)
        self._readable = select.poll()
        self._readable.register(self._in, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(self._out, select.POLLOUT)
        self.board_id = self._identity()

    def ticks_ms(self):
        if _MICROPYTHON:
            return time.ticks_ms()
        return time.monotonic_ns() // 1000000  # type: ignore[attr-defined]  # CPython's

    def ticks_diff(self, later, earlier):
        return time.ticks_diff(later, earlier) if _MICROPYTHON else later - earlier

    def random_u32(self):
        return int.from_bytes(os.urandom(4), "little")

    def read(self):
        """What has arrived, b"" if nothing. Ends the program when the port is gone."""
        if not self._readable.poll(0):
            return b""
        try:
            data = self._in.read(4096)
        except OSError:
            raise SystemExit
        if data == b"":
            raise SystemExit
        return data or b""

    def write(self, data):
        """Gives the port what it takes now; the number of bytes."""
        if not self._writable.poll(0):
            return 0
        try:
            return self._out.write(data) or 0
        except OSError as error:
            if error.args[0] == 11:  # EAGAIN: full since the poll
                return 0
            raise SystemExit  # the port is gone, and the program with it

    def wait(self, ms, to_write):
        """Sleeps until input arrives or `ms` are over; with `to_write`, until the port takes bytes again."""
        if to_write:
            self._writable.poll(min(ms, 20))
        else:
            self._readable.poll(ms)

    def free_heap(self):
        if not _MICROPYTHON:
            return 240000  # as on a Pico, so that the ring has its size
        import gc

        gc.collect()
        return gc.mem_free()

    def save(self, name, data):
        """Whole or not at all: here a file that is written over is empty for a moment."""
        Files.save(self, name + ".new", data)
        os.rename(name + ".new", name)

    def watch(self):
        """No watchdog: whoever runs this computer sees the program hang."""

    def feed(self):
        pass

    def unwatch(self):
        pass

    def die_temp_c(self):
        return None

    def led(self, on):
        pass

    def use_pins(self, given):
        """It has none: no part can be wired to it."""

    def one_wire(self):
        return None

    def i2c(self):
        return None

    def adc(self):
        return None

    def switch(self, name):
        return None

    def pwm(self, name):
        return None

    def pulse(self, step, direction):
        return None

    def reset(self):
        raise SystemExit(3)

    def _identity(self):
        kept = self.load("board_id")
        if kept is None or len(kept) != 8:
            kept = os.urandom(8)
            self.save("board_id", kept)
        return kept
