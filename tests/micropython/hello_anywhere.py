"""Runs in any MicroPython, at a board's prompt: the firmware that was installed there, on a board of memory, for three
seconds of its own time. Every module is loaded, whether a board has its part or not: byte code that does not fit raises
before a line of it runs. Prints the interpreter's version, its `_mpy`, the number of modules and what was sent, as hex.
"""

import os
import sys

RUN_MS = 3000


class Board:
    platform = 2
    board_id = bytes(range(8))
    reset_cause = 1
    reset_words = "power on"
    powered_on = True
    unattended = True
    ring_percent = 20

    def __init__(self):
        self.files = {}
        self.now_ms = 0
        self.sent = bytearray()

    def ticks_ms(self):
        return self.now_ms

    def ticks_diff(self, later, earlier):
        return later - earlier

    def random_u32(self):
        return 77

    def read(self):
        return b""

    def write(self, data):
        self.sent.extend(data)
        return len(data)

    def wait(self, ms, to_write):
        self.now_ms += max(1, ms)

    def free_heap(self):
        return 200000

    def load(self, name):
        return self.files.get(name)

    def save(self, name, data):
        self.files[name] = bytes(data)

    def append(self, name, data):
        self.save(name, self.files.get(name, b"") + data)

    def read_at(self, name, offset, size):
        return self.files.get(name, b"")[offset : offset + size]

    def size(self, name):
        return len(self.files.get(name, b""))

    def held(self):
        return False

    def nothing(self, *_):
        return None

    watch = feed = unwatch = die_temp_c = led = use_pins = one_wire = i2c = adc = switch = pwm = pulse = nothing


def modules():
    for folder in ("board", "parts", "pump", "pumplink", "pumpmodel"):
        for name in os.listdir("/" + folder):
            stem, _, kind = name.rpartition(".")
            if kind in ("py", "mpy"):
                yield folder if stem == "__init__" else folder + "." + stem


count = 0
for module in modules():
    try:
        __import__(module)
    except ImportError as error:
        if "machine" not in str(error) and "onewire" not in str(error):
            raise
    count += 1

from pump.app import App  # noqa: E402

board = Board()
app = App(board)
while board.now_ms < RUN_MS:
    app.turn()
*numbers, phase = sys.implementation.version
print(".".join(str(part) for part in numbers) + (" " + phase if phase else ""))
print(sys.implementation._mpy)
print(count)
print(bytes(board.sent).hex())
